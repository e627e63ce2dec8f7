// Any bytes as genes_to_phenotype.txt, joined with a small ontology and its disease annotations.

#include "../tests/small_release.hpp"
#include "harness.hpp"
#include "phenojax/errors.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phenojax;
  static const Release kOntology = make_release(read_obo("hp.obo", test::kObo));
  static const HpoaRows kDiseases = read_hpoa("phenotype.hpoa", test::kHpoa);
  try {
    const auto rows = read_genes("genes_to_phenotype.txt", fuzz::as_text(data, size));
    auto release = kOntology;
    set_annotations(release, &kDiseases, &rows);
    fuzz::require(release.genes.term.size() <= rows.gene.size(), "no row is made up");
    fuzz::use_release(release);
  } catch (const FormatError&) {
    return 0;
  }
  return 0;
}
