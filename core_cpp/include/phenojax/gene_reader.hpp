#pragma once
// The gene annotations of the Human Phenotype Ontology (genes_to_phenotype.txt). One pass, O(bytes).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace phenojax {

// One row per line of the file, in its order; strings are views into the file, each given once.
struct GeneRows {
  std::vector<std::string_view> symbols;  // as written, so "-" for what NCBI gives no symbol
  std::vector<std::int64_t> ncbi_ids;     // of each symbol; -1 when it stands for several genes
  std::vector<std::string_view> disease_ids;

  std::vector<std::int32_t> gene;         // in symbols
  std::vector<std::int64_t> ncbi_id;      // of the row's own gene, which one symbol may stand for several of
  std::vector<std::int32_t> term_number;  // of the HP id
  std::vector<std::int32_t> disease;      // in disease_ids; -1 when not given
};

// `text` must outlive the result. Throws FormatError with the line.
[[nodiscard]] GeneRows read_genes(const std::string& source, std::string_view text);

}  // namespace phenojax
