#pragma once
// One release of the ontology with its annotations, joined over dense indices; facts only, no definitions.
// docs/release-pack.md shows every array as a table.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "phenojax/csr.hpp"
#include "phenojax/gene_reader.hpp"
#include "phenojax/hpoa_reader.hpp"
#include "phenojax/ontology_document.hpp"
#include "phenojax/strings.hpp"

namespace phenojax {

// What an id is in a release. The values are part of the pack's format.
enum class TermStatus : std::uint8_t {
  kCurrent = 0,
  kAlternate = 1,  // another id of a current term
  kReplaced = 2,   // obsolete, and the release says what to use instead
  kObsolete = 3,   // obsolete without a replacement
  kUnknown = 4,    // not in the release
};

struct TermLookup {
  std::int32_t term = -1;  // index of the current term; -1 when there is none
  TermStatus status = TermStatus::kUnknown;
};

struct TermTable {  // terms that are not obsolete, ascending by id; the position is the term index
  std::vector<std::int32_t> numbers;
  Strings labels;
  std::vector<std::int64_t> synonym_offsets{0};  // term t has synonyms[synonym_offsets[t] .. synonym_offsets[t + 1])
  Strings synonyms;
  Csr parents;  // ascending, each once
};

struct OtherIdTable {  // alternate and obsolete ids, ascending
  std::vector<std::int32_t> numbers;
  std::vector<std::uint8_t> status;   // TermStatus
  std::vector<std::int32_t> targets;  // term index; -1 for kObsolete
  Csr consider;                       // term indices that the release suggests to consider
};

struct AnnotationTable {  // one row per kept line of phenotype.hpoa, in its order; columns as in HpoaRows
  std::vector<std::int32_t> disease;
  std::vector<std::int32_t> term;
  std::vector<std::uint8_t> negated;
  Csr references;
  std::vector<std::uint8_t> evidence;
  std::vector<std::int32_t> onset;  // term index or -1
  std::vector<float> frequency;
  std::vector<std::int32_t> numerator;
  std::vector<std::int32_t> denominator;
  std::vector<std::uint8_t> sex;
  std::vector<std::uint8_t> aspect;
};

struct GeneTable {  // one row per kept line of genes_to_phenotype.txt, in its order
  std::vector<std::int32_t> gene;
  std::vector<std::int64_t> ncbi_id;  // tells apart the genes of one symbol
  std::vector<std::int32_t> term;
  std::vector<std::int32_t> disease;  // -1 when not given
};

struct ReadCounts {
  std::int64_t annotation_rows = 0;      // lines read
  std::int64_t annotation_remapped = 0;  // of them with an alternate or replaced id
  std::int64_t annotation_unknown = 0;   // of them left out: obsolete without replacement, or not in the release
  std::int64_t gene_rows = 0;
  std::int64_t gene_remapped = 0;
  std::int64_t gene_unknown = 0;
  std::int64_t onset_unknown = 0;       // onset left empty for the same reason
  std::int64_t frequency_unusable = 0;  // such as 0/0 or 112/16: kept as written, fraction NaN
};

struct Release {
  std::string version;
  std::string annotation_version;
  std::string licence;
  std::string citation;
  TermTable terms;
  OtherIdTable other_ids;
  Strings disease_ids;  // ascending; the position is the disease index
  Strings disease_names;
  Strings gene_symbols;                     // ascending; the position is the gene index
  std::vector<std::int64_t> gene_ncbi_ids;  // -1 when the symbol stands for several genes
  Strings references;                       // ascending
  Strings evidence_codes;
  AnnotationTable annotations;
  GeneTable genes;
  std::vector<std::int32_t> unknown_numbers;  // ids of annotation rows that were left out, ascending
  ReadCounts counts;

  // O(log terms).
  [[nodiscard]] TermLookup lookup(std::int32_t number) const noexcept;
};

// Checks the document across terms and gives the terms dense indices. Throws FormatError (with the line) on two terms
// of one id, an unknown or obsolete parent, an alternate id that is also a term, and a cycle.
[[nodiscard]] Release make_release(const OntologyDocument& document);

// Replaces the annotations of `release`; null leaves that table empty.
void set_annotations(Release& release, const HpoaRows* annotations, const GeneRows* genes);

// Leaves out what is known from `references` alone: annotation rows that cite at least one reference, all of them among
// those given (other rows only lose the mention), and gene rows whose disease had the term (not negated) before and has
// it no longer. Diseases, genes and their indices stay.
[[nodiscard]] Release without_references(const Release& release, std::span<const std::string> references);

// Throws std::invalid_argument, naming the array, unless every index, offset and code in `release` is in its range.
void check_release(const Release& release);

}  // namespace phenojax
