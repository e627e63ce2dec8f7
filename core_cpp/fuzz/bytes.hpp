#pragma once
// Numbers, arrays and lists of term indices out of arbitrary bytes. Bytes that have run out are zeros.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "phenojax/csr.hpp"

namespace phenojax::fuzz {

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

  template <class T>
  T take() {
    T value{};
    const auto n = left_ < sizeof(T) ? left_ : sizeof(T);
    if (n > 0) std::memcpy(&value, data_, n);
    data_ += n;
    left_ -= n;
    return value;
  }

  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : take<std::uint8_t>() % limit; }

  // Small numbers of either sign around what an index may be, and now and then any number at all.
  template <class T>
  T number() {
    const auto byte = take<std::int8_t>();
    return byte == 127 ? take<T>() : static_cast<T>(byte);
  }

  template <class T>
  std::vector<T> numbers(std::size_t most) {
    std::vector<T> out(below(most + 1));
    for (auto& value : out) value = number<T>();
    return out;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

// Where the vectors have exactly the size that their view says, a sanitizer sees each read past them.
inline Csr well_formed(Bytes& bytes, std::size_t rows, std::size_t longest, std::size_t limit) {
  Csr out;
  for (std::size_t r = 0; r < rows; ++r) {
    const auto length = limit == 0 ? 0 : bytes.below(longest + 1);
    for (std::size_t k = 0; k < length; ++k) out.indices.push_back(static_cast<std::int32_t>(bytes.below(limit)));
    out.end_row();
  }
  out.offsets.shrink_to_fit();
  out.indices.shrink_to_fit();
  return out;
}

inline Csr anything(Bytes& bytes, std::size_t most) {
  Csr out;
  out.offsets = bytes.numbers<std::int64_t>(most);
  out.indices = bytes.numbers<std::int32_t>(most);
  return out;
}

inline Csr sets(Bytes& bytes, std::size_t most_rows, std::size_t limit) {
  if (bytes.take<std::uint8_t>() % 4 == 0) return anything(bytes, most_rows);
  const auto rows = bytes.below(most_rows + 1);
  return well_formed(bytes, rows, 6, limit);
}

// Every term below another one of a smaller index, so that there is no cycle.
inline Csr dag(Bytes& bytes, std::size_t n_terms) {
  Csr out;
  for (std::size_t t = 0; t < n_terms; ++t) {
    const auto n_parents = t == 0 ? 0 : bytes.below(5);
    for (std::size_t k = 0; k < n_parents; ++k) out.indices.push_back(static_cast<std::int32_t>(bytes.below(t)));
    out.end_row();
  }
  out.offsets.shrink_to_fit();
  out.indices.shrink_to_fit();
  return out;
}

// A list of terms, now and then of what is none.
inline std::vector<std::int32_t> terms(Bytes& bytes, std::size_t most, std::size_t limit) {
  if (bytes.below(8) == 0) return bytes.numbers<std::int32_t>(most);
  std::vector<std::int32_t> out(limit == 0 ? 0 : bytes.below(most + 1));
  for (auto& term : out) term = static_cast<std::int32_t>(bytes.below(limit));
  out.shrink_to_fit();
  return out;
}

inline bool in_range(std::span<const std::int32_t> terms, std::size_t limit) {
  return std::ranges::all_of(terms, [&](auto t) { return t >= 0 && static_cast<std::size_t>(t) < limit; });
}

// What check_csr must accept, in other words than its own.
inline bool is_well_formed(CsrView csr, std::size_t limit) {
  if (csr.offsets.empty() || csr.offsets.front() != 0) return false;
  std::int64_t last = 0;
  for (const auto offset : csr.offsets) {
    if (offset < last) return false;
    last = offset;
  }
  if (last < 0 || static_cast<std::size_t>(last) != csr.indices.size()) return false;
  for (const auto index : csr.indices) {
    if (index < 0 || static_cast<std::size_t>(index) >= limit) return false;
  }
  return true;
}

}  // namespace phenojax::fuzz
