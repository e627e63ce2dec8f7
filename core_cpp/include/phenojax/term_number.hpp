#pragma once
// "HP:0001250" as the integer 1250: what the readers and the release use in place of strings.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace phenojax {

inline constexpr std::int32_t kMaxTermNumber = 9'999'999;

namespace detail {

inline std::optional<std::int32_t> seven_digits(std::string_view text) noexcept {
  if (text.size() != 7) return std::nullopt;
  std::int32_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace detail

// The number of "HP:" followed by exactly seven digits; nothing for any other text.
[[nodiscard]] inline std::optional<std::int32_t> parse_term_id(std::string_view text) noexcept {
  if (!text.starts_with("HP:")) return std::nullopt;
  return detail::seven_digits(text.substr(3));
}

// The same for the last part of an IRI, "HP_0001250".
[[nodiscard]] inline std::optional<std::int32_t> parse_term_iri_tail(std::string_view text) noexcept {
  if (!text.starts_with("HP_")) return std::nullopt;
  return detail::seven_digits(text.substr(3));
}

[[nodiscard]] inline std::string term_id(std::int32_t number) {
  std::string text = "HP:0000000";
  for (std::size_t at = 9; number > 0 && at >= 3; --at, number /= 10) text[at] = static_cast<char>('0' + number % 10);
  return text;
}

}  // namespace phenojax
