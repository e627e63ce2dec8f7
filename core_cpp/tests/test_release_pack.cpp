#include <cstring>
#include <random>
#include <string>

#include "check.hpp"
#include "phenojax/errors.hpp"
#include "phenojax/release_pack.hpp"
#include "small_release.hpp"

namespace {

using namespace phenojax;
using namespace phenojax::test;

void rejects(const std::string& bytes, std::string_view part = "x.pack",
             const std::source_location& where = std::source_location::current()) {
  check_throws<FormatError>([&] { (void)read_pack("x.pack", bytes); }, part, where);
}

void roundtrip() {
  const auto bytes = write_pack(small_release());
  const auto release = read_pack("x.pack", bytes);
  check_equal(release.version, "2024-03-06");
  check_equal(release.terms.labels[1], "Tall \"so to say\"");
  check_equal(release.counts.annotation_unknown, std::int64_t{2});
  check(write_pack(release) == bytes, "what is read is written alike");
}

void every_truncation_is_an_error() {
  const auto bytes = write_pack(small_release());
  for (std::size_t size = 0; size < bytes.size(); ++size) rejects(bytes.substr(0, size));
  rejects(bytes + std::string(8, '\0'), "appended");
}

void every_flipped_byte_is_an_error() {
  const auto bytes = write_pack(small_release());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    rejects(damaged);
  }
}

void other_formats_are_named() {
  rejects("", "not a phenojax release pack");
  rejects("format-version: 1.2\n", "not a phenojax release pack");
  auto newer = write_pack(small_release());
  newer[8] = 9;
  rejects(newer, "pack format 9, this phenojax reads format 2");
}

// Damage with a checksum that fits: what a writer with a bug, or ill will, could make. It may be a valid release, but
// never a crash; the sanitizers watch.
void bad_content_is_never_trusted() {
  const auto bytes = write_pack(small_release());
  std::mt19937_64 random(7);
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto damaged = bytes;
    const auto at = kPackChecksumFrom + random() % (damaged.size() - kPackChecksumFrom);
    if (round % 2 == 0) {
      damaged[at] = static_cast<char>(random());
    } else {
      const std::uint64_t extreme = round % 4 == 1 ? ~std::uint64_t{0} : std::uint64_t{1} << (random() % 64);
      std::memcpy(damaged.data() + at / 8 * 8, &extreme, sizeof(extreme));
    }
    const auto checksum = pack_checksum(std::string_view(damaged).substr(kPackChecksumFrom));
    std::memcpy(damaged.data() + kPackChecksumAt, &checksum, sizeof(checksum));
    try {
      check_release(read_pack("x.pack", damaged));
    } catch (const FormatError&) {
      ++refused;
    }
  }
  check(refused > 10'000, "most damage is noticed");
}

}  // namespace

int main() {
  return run({{"a pack gives back what was written", roundtrip},
              {"every truncation is an error", every_truncation_is_an_error},
              {"every flipped byte is an error", every_flipped_byte_is_an_error},
              {"other files and formats are named", other_formats_are_named},
              {"bad content is never trusted", bad_content_is_never_trusted}});
}
