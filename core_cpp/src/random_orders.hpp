#pragma once
// Random orders of a few players, the same everywhere.

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace phenojax {

// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a counter and a mixing function, so that a stream can begin at any
// number.
class SplitMix {
 public:
  explicit SplitMix(std::uint64_t state) : state_(state) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    auto x = state_;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31U);
  }

 private:
  std::uint64_t state_;
};

// A new stream for one thing more.
inline std::uint64_t mixed(std::uint64_t seed, std::uint64_t with) {
  return SplitMix(seed ^ SplitMix(with).next()).next();
}

// Every order alike, but for 1 part in 2^32 / order.size().
inline void shuffle(std::span<std::uint32_t> order, SplitMix& random) {
  for (auto left = order.size(); left > 1; --left) {
    const auto drawn = static_cast<std::size_t>((random.next() >> 32U) * left >> 32U);
    std::swap(order[left - 1], order[drawn]);
  }
}

}  // namespace phenojax
