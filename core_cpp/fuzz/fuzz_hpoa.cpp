// Any bytes as phenotype.hpoa, joined with a small ontology.

#include "../tests/small_release.hpp"
#include "harness.hpp"
#include "phenojax/errors.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phenojax;
  static const Release kOntology = make_release(read_obo("hp.obo", test::kObo));
  try {
    const auto rows = read_hpoa("phenotype.hpoa", fuzz::as_text(data, size));
    auto release = kOntology;
    set_annotations(release, &rows, nullptr);
    fuzz::require(release.annotations.term.size() <= rows.disease.size(), "no row is made up");
    fuzz::use_release(release);
  } catch (const FormatError&) {
    return 0;
  }
  return 0;
}
