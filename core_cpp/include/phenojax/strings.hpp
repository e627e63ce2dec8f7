#pragma once
// Many short strings in one block of bytes: string i is bytes[offsets[i] .. offsets[i + 1]).

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace phenojax {

struct Strings {
  std::string bytes;
  std::vector<std::int64_t> offsets{0};

  [[nodiscard]] std::size_t size() const noexcept { return offsets.size() - 1; }
  [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
    const auto begin = static_cast<std::size_t>(offsets[i]);
    const auto end = static_cast<std::size_t>(offsets[i + 1]);
    return std::string_view(bytes).substr(begin, end - begin);
  }
  void push(std::string_view text) {
    bytes.append(text);
    offsets.push_back(static_cast<std::int64_t>(bytes.size()));
  }
};

// Gives equal strings one index, in the order of first sight. Keys are views into the caller's buffer.
class Interner {
 public:
  std::int32_t index(std::string_view text) {
    const auto [at, is_new] = index_of_.try_emplace(text, static_cast<std::int32_t>(seen_.size()));
    if (is_new) seen_.push_back(text);
    return at->second;
  }
  [[nodiscard]] const std::vector<std::string_view>& seen() const noexcept { return seen_; }

 private:
  std::unordered_map<std::string_view, std::int32_t> index_of_;
  std::vector<std::string_view> seen_;
};

// The order of `texts` by their bytes: position r of the result holds the index of the r-th smallest.
[[nodiscard]] std::vector<std::int32_t> sorted_order(const std::vector<std::string_view>& texts);

// rank[order[r]] = r
[[nodiscard]] std::vector<std::int32_t> inverse(const std::vector<std::int32_t>& order);

}  // namespace phenojax
