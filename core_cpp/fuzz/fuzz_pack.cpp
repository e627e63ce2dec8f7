// Any bytes as a release pack: as they are, and with a header and a table of sections that fit, so that not the
// checksum but the check of the content decides.

#include <algorithm>
#include <bit>
#include <cstring>

#include "harness.hpp"
#include "phenojax/errors.hpp"

namespace {

using namespace phenojax;

// docs/release-pack.md: the header, then one entry for each section.
constexpr std::size_t kHeaderSize = kPackChecksumFrom;
constexpr std::size_t kEntrySize = 48;
constexpr std::size_t kWidthAt = 24;  // in an entry, followed by its begin and its count
constexpr std::size_t kLargest = 1U << 16;

std::uint64_t load(const std::string& pack, std::size_t at) {
  std::uint64_t value = 0;
  std::memcpy(&value, pack.data() + at, sizeof(value));
  return value;
}

void store(std::string& pack, std::size_t at, std::uint64_t value) {
  std::memcpy(pack.data() + at, &value, sizeof(value));
}

std::string repaired(std::string_view bytes) {
  std::string pack(bytes.substr(0, kLargest));
  if (pack.size() < kHeaderSize) pack.resize(kHeaderSize);
  std::uint32_t n_sections = 0;
  std::memcpy(&n_sections, pack.data() + 12, sizeof(n_sections));
  n_sections %= 64;
  std::uint64_t at = kHeaderSize + n_sections * kEntrySize;
  if (pack.size() < at) pack.resize(at);
  for (std::size_t s = 0; s < n_sections; ++s) {
    const auto entry = kHeaderSize + s * kEntrySize + kWidthAt;
    const auto width = load(pack, entry);
    const auto count = load(pack, entry + 16) % 4096;
    store(pack, entry + 8, at);
    store(pack, entry + 16, count);
    at = std::min<std::uint64_t>((at + width % 16 * count + 7) / 8 * 8, kLargest);
  }
  pack.resize(at);
  std::memcpy(pack.data(), kPackMagic.data(), kPackMagic.size());
  const auto format = kPackFormat;
  std::memcpy(pack.data() + 8, &format, sizeof(format));
  std::memcpy(pack.data() + 12, &n_sections, sizeof(n_sections));
  store(pack, 16, pack.size());
  store(pack, kPackChecksumAt, pack_checksum(std::string_view(pack).substr(kPackChecksumFrom)));
  return pack;
}

void try_pack(std::string_view bytes) {
  try {
    fuzz::use_release(read_pack("x.pack", bytes));
  } catch (const FormatError&) {
    return;
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::as_text(data, size);
  try_pack(bytes);
  try_pack(repaired(bytes));
  return 0;
}
