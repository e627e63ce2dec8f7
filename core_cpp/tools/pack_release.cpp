// phenojax_pack_release ONTOLOGY ANNOTATIONS GENES OUT: the release pack that is installed with the package.
// ONTOLOGY is hp.obo or hp.json, ANNOTATIONS phenotype.hpoa, GENES genes_to_phenotype.txt.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>

#include "phenojax/gene_reader.hpp"
#include "phenojax/hpoa_reader.hpp"
#include "phenojax/obo_reader.hpp"
#include "phenojax/obographs_reader.hpp"
#include "phenojax/release.hpp"
#include "phenojax/release_pack.hpp"

namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) throw std::runtime_error("cannot read " + path);
  return text;
}

void write_file(const std::string& path, const std::string& bytes) {
  const std::string temporary = path + ".part";
  {
    std::ofstream file(temporary, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) throw std::runtime_error("cannot write " + temporary);
  }
  std::filesystem::rename(temporary, path);
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
  if (argc != 5) {
    std::cerr << "usage: phenojax_pack_release ONTOLOGY ANNOTATIONS GENES OUT\n";
    return 2;
  }
  try {
    const std::string ontology_path = arguments[1];
    const std::string annotation_path = arguments[2];
    const std::string gene_path = arguments[3];
    const auto ontology = read_file(ontology_path);
    const auto annotations = read_file(annotation_path);
    const auto genes = read_file(gene_path);
    auto release =
        phenojax::make_release(ontology_path.ends_with(".json") ? phenojax::read_obographs(ontology_path, ontology)
                                                                : phenojax::read_obo(ontology_path, ontology));
    const auto hpoa_rows = phenojax::read_hpoa(annotation_path, annotations);
    const auto gene_rows = phenojax::read_genes(gene_path, genes);
    phenojax::set_annotations(release, &hpoa_rows, &gene_rows);
    write_file(arguments[4], phenojax::write_pack(release));
    std::cout << "release " << release.version << ": " << release.terms.numbers.size() << " terms, "
              << release.annotations.term.size() << " annotation rows, " << release.genes.term.size() << " gene rows\n";
  } catch (const std::exception& error) {
    std::cerr << "phenojax_pack_release: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
