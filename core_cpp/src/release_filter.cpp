#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "phenojax/release.hpp"

namespace phenojax {
namespace {

std::uint64_t pair_key(std::int32_t disease, std::int32_t term) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(disease)) << 32) | static_cast<std::uint32_t>(term);
}

// Every (disease, term) that a table asserts, ascending.
std::vector<std::uint64_t> asserted_pairs(const AnnotationTable& table) {
  std::vector<std::uint64_t> keys;
  for (std::size_t r = 0; r < table.term.size(); ++r) {
    if (table.negated[r] == 0) keys.push_back(pair_key(table.disease[r], table.term[r]));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

std::vector<char> mark(const Strings& all, std::span<const std::string> given) {
  std::vector<std::string_view> sorted(given.begin(), given.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<char> marked(all.size(), 0);
  for (std::size_t i = 0; i < all.size(); ++i) {
    marked[i] = std::binary_search(sorted.begin(), sorted.end(), all[i]) ? 1 : 0;
  }
  return marked;
}

AnnotationTable filter_annotations(const AnnotationTable& table, const std::vector<char>& left_out) {
  AnnotationTable out;
  for (std::size_t r = 0; r < table.term.size(); ++r) {
    const auto cited = table.references.view().row(r);
    const auto begin = out.references.indices.size();
    for (const auto reference : cited) {
      if (left_out[static_cast<std::size_t>(reference)] == 0) out.references.indices.push_back(reference);
    }
    if (!cited.empty() && out.references.indices.size() == begin) continue;
    out.references.end_row();
    out.disease.push_back(table.disease[r]);
    out.term.push_back(table.term[r]);
    out.negated.push_back(table.negated[r]);
    out.evidence.push_back(table.evidence[r]);
    out.onset.push_back(table.onset[r]);
    out.frequency.push_back(table.frequency[r]);
    out.numerator.push_back(table.numerator[r]);
    out.denominator.push_back(table.denominator[r]);
    out.sex.push_back(table.sex[r]);
    out.aspect.push_back(table.aspect[r]);
  }
  return out;
}

GeneTable filter_genes(const GeneTable& table, const std::vector<std::uint64_t>& before,
                       const std::vector<std::uint64_t>& after) {
  std::vector<std::uint64_t> lost;
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(lost));
  GeneTable out;
  for (std::size_t r = 0; r < table.term.size(); ++r) {
    if (std::binary_search(lost.begin(), lost.end(), pair_key(table.disease[r], table.term[r]))) continue;
    out.gene.push_back(table.gene[r]);
    out.ncbi_id.push_back(table.ncbi_id[r]);
    out.term.push_back(table.term[r]);
    out.disease.push_back(table.disease[r]);
  }
  return out;
}

}  // namespace

Release without_references(const Release& release, std::span<const std::string> references) {
  Release out = release;
  out.annotations = filter_annotations(release.annotations, mark(release.references, references));
  out.genes = filter_genes(release.genes, asserted_pairs(release.annotations), asserted_pairs(out.annotations));
  return out;
}

}  // namespace phenojax
