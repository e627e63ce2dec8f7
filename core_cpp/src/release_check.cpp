#include <cmath>
#include <stdexcept>
#include <string>

#include "phenojax/errors.hpp"
#include "phenojax/ontology_graph.hpp"
#include "phenojax/release.hpp"
#include "phenojax/term_number.hpp"

namespace phenojax {
namespace {

[[noreturn]] void fail(const char* what, const std::string& message) {
  throw std::invalid_argument(std::string(what) + ": " + message);
}

void check_size(std::size_t size, std::size_t expected, const char* what) {
  if (size != expected) fail(what, std::to_string(size) + " entries, expected " + std::to_string(expected));
}

template <class T>
void check_range(const std::vector<T>& values, std::int64_t low, std::int64_t high, const char* what) {
  for (const auto value : values) {
    const auto wide = std::int64_t{value};
    if (wide < low || wide > high) {
      fail(what, "value " + std::to_string(value) + " is outside " + std::to_string(low) + ".." + std::to_string(high));
    }
  }
}

void check_offsets(const std::vector<std::int64_t>& offsets, std::size_t total, const char* what) {
  if (offsets.empty() || offsets.front() != 0) fail(what, "offsets must start with 0");
  for (std::size_t i = 1; i < offsets.size(); ++i) {
    if (offsets[i] < offsets[i - 1]) fail(what, "offsets decrease");
  }
  if (offsets.back() != static_cast<std::int64_t>(total)) fail(what, "offsets do not end at the number of entries");
}

void check_strings(const Strings& strings, const char* what) {
  check_offsets(strings.offsets, strings.bytes.size(), what);
}

void check_numbers(const std::vector<std::int32_t>& numbers, const char* what) {
  check_range(numbers, 0, kMaxTermNumber, what);
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    if (numbers[i] <= numbers[i - 1]) fail(what, "ids do not ascend");
  }
}

void check_rows(const Csr& csr, std::size_t rows, std::int64_t limit, const char* what) {
  check_csr(csr.view(), limit, what);
  check_size(csr.view().rows(), rows, what);
}

void check_terms(const Release& release) {
  const auto& terms = release.terms;
  const auto n = terms.numbers.size();
  check_numbers(terms.numbers, "terms");
  check_strings(terms.labels, "labels");
  check_size(terms.labels.size(), n, "labels");
  check_strings(terms.synonyms, "synonyms");
  check_offsets(terms.synonym_offsets, terms.synonyms.size(), "synonyms of terms");
  check_size(terms.synonym_offsets.size(), n + 1, "synonyms of terms");
  check_rows(terms.parents, n, static_cast<std::int64_t>(n), "parents");
  try {
    const OntologyGraph graph(terms.parents.view());
  } catch (const CycleError& error) {
    fail("parents", error.what());
  }
}

void check_other_ids(const Release& release) {
  const auto& other = release.other_ids;
  const auto n = other.numbers.size();
  const auto last_term = static_cast<std::int64_t>(release.terms.numbers.size()) - 1;
  check_numbers(other.numbers, "other ids");
  check_size(other.status.size(), n, "status of other ids");
  check_range(other.status, 1, 3, "status of other ids");
  check_size(other.targets.size(), n, "targets of other ids");
  check_range(other.targets, -1, last_term, "targets of other ids");
  check_rows(other.consider, n, last_term + 1, "consider");
  for (std::size_t i = 0; i < n; ++i) {
    const bool is_obsolete = other.status[i] == static_cast<std::uint8_t>(TermStatus::kObsolete);
    if (is_obsolete != (other.targets[i] < 0)) fail("targets of other ids", "target and status disagree");
  }
}

void check_annotations(const Release& release) {
  const auto& table = release.annotations;
  const auto rows = table.term.size();
  const auto last_term = static_cast<std::int64_t>(release.terms.numbers.size()) - 1;
  check_size(table.disease.size(), rows, "annotation diseases");
  check_range(table.disease, 0, static_cast<std::int64_t>(release.disease_ids.size()) - 1, "annotation diseases");
  check_range(table.term, 0, last_term, "annotation terms");
  check_size(table.negated.size(), rows, "negated");
  check_range(table.negated, 0, 1, "negated");
  check_rows(table.references, rows, static_cast<std::int64_t>(release.references.size()), "annotation references");
  check_size(table.evidence.size(), rows, "evidence");
  check_range(table.evidence, 0, static_cast<std::int64_t>(release.evidence_codes.size()) - 1, "evidence");
  check_size(table.onset.size(), rows, "onset");
  check_range(table.onset, -1, last_term, "onset");
  check_size(table.frequency.size(), rows, "frequency");
  for (const auto value : table.frequency) {
    const bool in_range = value >= 0.0F && value <= 1.0F;
    if (!in_range && !std::isnan(value)) fail("frequency", "a value is outside 0..1");
  }
  check_size(table.numerator.size(), rows, "frequency numerators");
  check_range(table.numerator, -1, INT32_MAX, "frequency numerators");
  check_size(table.denominator.size(), rows, "frequency denominators");
  check_range(table.denominator, -1, INT32_MAX, "frequency denominators");
  check_size(table.sex.size(), rows, "sex");
  check_range(table.sex, 0, 2, "sex");
  check_size(table.aspect.size(), rows, "aspect");
  for (const auto aspect : table.aspect) {
    if (std::string_view("PICMH").find(static_cast<char>(aspect)) == std::string_view::npos) {
      fail("aspect", "a value is none of P, I, C, M, H");
    }
  }
}

void check_genes(const Release& release) {
  const auto& table = release.genes;
  const auto rows = table.term.size();
  check_size(table.gene.size(), rows, "gene rows");
  check_range(table.gene, 0, static_cast<std::int64_t>(release.gene_symbols.size()) - 1, "gene rows");
  check_size(table.ncbi_id.size(), rows, "NCBI ids of gene rows");
  check_range(table.term, 0, static_cast<std::int64_t>(release.terms.numbers.size()) - 1, "gene terms");
  check_size(table.disease.size(), rows, "gene diseases");
  check_range(table.disease, -1, static_cast<std::int64_t>(release.disease_ids.size()) - 1, "gene diseases");
}

}  // namespace

void check_release(const Release& release) {
  check_strings(release.disease_ids, "disease ids");
  check_strings(release.disease_names, "disease names");
  check_size(release.disease_names.size(), release.disease_ids.size(), "disease names");
  check_strings(release.gene_symbols, "gene symbols");
  check_size(release.gene_ncbi_ids.size(), release.gene_symbols.size(), "NCBI gene ids");
  check_strings(release.references, "references");
  check_strings(release.evidence_codes, "evidence codes");
  check_terms(release);
  check_other_ids(release);
  check_annotations(release);
  check_genes(release);
  check_numbers(release.unknown_numbers, "unknown ids");
}

}  // namespace phenojax
