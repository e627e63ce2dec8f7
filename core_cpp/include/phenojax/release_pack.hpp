#pragma once
// A release as one flat little-endian buffer: written once, read with a copy per array and no parsing.
// docs/release-pack.md gives the layout.

#include <cstdint>
#include <string>
#include <string_view>

#include "phenojax/release.hpp"

namespace phenojax {

inline constexpr std::string_view kPackMagic = "PHENOJAX";
inline constexpr std::uint32_t kPackFormat = 2;
inline constexpr std::size_t kPackChecksumAt = 24;    // where the checksum stands
inline constexpr std::size_t kPackChecksumFrom = 32;  // the first byte that it covers

[[nodiscard]] std::string write_pack(const Release& release);

// Throws FormatError naming `source` unless `bytes` is a whole, undamaged pack of this format. Every length and index
// is checked, so no buffer, whatever it holds, is read past its end.
[[nodiscard]] Release read_pack(const std::string& source, std::string_view bytes);

// 64 bits over `bytes`: each step is a bijection of the state, so that one changed word always changes the result.
[[nodiscard]] std::uint64_t pack_checksum(std::string_view bytes) noexcept;

}  // namespace phenojax
