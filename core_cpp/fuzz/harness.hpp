#pragma once
// What the fuzz targets share. A target is one function of arbitrary bytes: libFuzzer calls it in a loop, replay.cpp
// calls it once for each file of a corpus. It may refuse its input with the exception that the header promises and
// nothing else: any other exception, a failed require(), or what a sanitizer sees is a finding.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "phenojax/ontology_graph.hpp"
#include "phenojax/release.hpp"
#include "phenojax/release_pack.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace phenojax::fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "finding: %s\n", what);
  std::abort();
}

// Not copied: the sanitizers know where the buffer of libFuzzer ends.
inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};  // NOLINT: bytes are characters
}

// A release that a reader let through is whole: every index is in range, it survives its pack, and its graph can be
// walked from every term.
inline void use_release(const Release& release) {
  check_release(release);
  const auto pack = write_pack(release);
  require(write_pack(read_pack("again.pack", pack)) == pack, "a pack that is read and written again differs");
  const OntologyGraph graph(release.terms.parents.view());
  require(static_cast<std::size_t>(graph.n_terms()) == release.terms.labels.size(), "one label for each term");
  for (std::int32_t term = 0; term < graph.n_terms(); ++term) {
    const std::vector<std::int32_t> start{term};
    require(!graph.ancestors(start).empty() && !graph.descendants(start).empty(), "a term is in its own closure");
    const auto found = release.lookup(release.terms.numbers[static_cast<std::size_t>(term)]);
    require(found.term == term && found.status == TermStatus::kCurrent, "a term is found by its id");
  }
  std::vector<std::string> cited;
  for (std::size_t r = 0; r < release.references.size(); r += 2) cited.emplace_back(release.references[r]);
  check_release(without_references(release, cited));
}

}  // namespace phenojax::fuzz
