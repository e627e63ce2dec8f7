// Any sets, rows and information content for the matched terms: what is well formed is matched as plain loops match it,
// the rest is refused.

#include <array>

#include "harness.hpp"
#include "phenojax/matched_terms.hpp"
#include "values.hpp"

namespace {

using namespace phenojax;
using fuzz::require;

struct Match {
  std::int32_t term = -1;
  std::int32_t mica = -1;
  double ic = 0.0;
};

class Plain {
 public:
  explicit Plain(const fuzz::Ontology& ontology) : ontology_(ontology), place_(ontology.n_terms()) {
    const auto order = ontology.graph.topological_order();
    for (std::size_t i = 0; i < order.size(); ++i) place_[static_cast<std::size_t>(order[i])] = i;
  }

  [[nodiscard]] Match match(std::int32_t term, std::span<const std::int32_t> others) const {
    Match best;
    for (const auto other : others) {
      for (const auto common : closure(other)) {
        if (std::ranges::binary_search(closure(term), common) && is_better(common, best.mica)) best.mica = common;
      }
    }
    if (best.mica < 0) return best;
    best.ic = ic(best.mica);
    for (const auto other : others) {
      if (!std::ranges::binary_search(closure(other), best.mica)) continue;
      if (best.term < 0 || other == best.mica || (best.term != best.mica && other < best.term)) best.term = other;
    }
    return best;
  }

 private:
  [[nodiscard]] std::vector<std::int32_t> closure(std::int32_t term) const {
    return ontology_.graph.ancestors(std::array<std::int32_t, 1>{term});
  }
  [[nodiscard]] double ic(std::int32_t term) const { return ontology_.ic[static_cast<std::size_t>(term)]; }
  [[nodiscard]] bool is_better(std::int32_t term, std::int32_t than) const {
    if (than < 0 || ic(term) != ic(than)) return than < 0 || ic(term) > ic(than);
    return place_[static_cast<std::size_t>(term)] > place_[static_cast<std::size_t>(than)];
  }

  const fuzz::Ontology& ontology_;
  std::vector<std::size_t> place_;
};

std::vector<std::int64_t> rows(fuzz::Bytes& bytes, std::size_t n, std::size_t limit) {
  std::vector<std::int64_t> out(n);
  const auto anything = bytes.below(8) == 0 || limit == 0;
  for (auto& row : out) row = anything ? bytes.number<std::int64_t>() : static_cast<std::int64_t>(bytes.below(limit));
  return out;
}

bool in_range(const std::vector<std::int64_t>& rows, std::size_t limit) {
  return std::ranges::all_of(rows, [&](auto r) { return r >= 0 && static_cast<std::size_t>(r) < limit; });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Bytes bytes(data, size);
  const fuzz::Ontology ontology(bytes);
  const auto n = ontology.n_terms();
  const auto a = fuzz::sets(bytes, 12, n);
  const auto b = fuzz::sets(bytes, 12, n);
  const auto n_pairs = bytes.below(12);
  const auto rows_a = rows(bytes, n_pairs, a.view().rows());
  const auto rows_b = rows(bytes, bytes.below(16) == 15 ? bytes.below(12) : n_pairs, b.view().rows());
  const auto threads = static_cast<int>(bytes.below(8)) - 1;
  const auto is_good = ontology.is_good() && fuzz::is_well_formed(a.view(), n) && fuzz::is_well_formed(b.view(), n) &&
                       rows_a.size() == rows_b.size() && in_range(rows_a, a.view().rows()) &&
                       in_range(rows_b, b.view().rows()) && threads >= 1;
  TermMatches found;
  try {
    found = matched_terms(ontology.graph, ontology.ic, a.view(), b.view(), rows_a, rows_b, {threads});
  } catch (const std::invalid_argument&) {
    require(!is_good, "what is well formed was refused");
    return 0;
  }
  require(is_good, "what is malformed was taken");
  require(found.offsets.size() == n_pairs + 1, "one list for each pair");
  const Plain plain(ontology);
  std::size_t entry = 0;
  for (std::size_t p = 0; p < n_pairs; ++p) {
    require(found.offsets[p] == static_cast<std::int64_t>(entry), "lists follow each other");
    for (const auto term : a.view().row(static_cast<std::size_t>(rows_a[p]))) {
      const auto expected = plain.match(term, b.view().row(static_cast<std::size_t>(rows_b[p])));
      require(found.term_a[entry] == term, "terms stand in their order");
      require(found.mica[entry] == expected.mica && found.term_b[entry] == expected.term, "another term was met");
      require(found.ic[entry] == static_cast<float>(expected.ic), "with another information content");
      ++entry;
    }
  }
  require(found.term_a.size() == entry, "nothing follows the last list");
  return 0;
}
