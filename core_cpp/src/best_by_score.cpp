// The best match by a measure that looks at the information content of both terms.
//
// What a query term q scores with a set is the largest score over its ancestors c, with the lowest term that the set
// has below c: a larger common ancestor or a lower term never scores less. So each block of 16 sets spreads the lowest
// terms upwards, and each q looks at its ancestors that are common to some set. A term that is in no closure sees what
// its parents see: the ancestors are staged once for a run of such terms.

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>

#include "best_matches.hpp"
#include "each_ancestor.hpp"
#include "lane_table.hpp"

namespace phenojax {
namespace {

// The ancestors of the query terms, as rows 1, 2, ... by rising information content, which is a topological order.
struct RankedTerms {
  std::vector<std::int32_t> row_of;    // of each term of the ontology; 0 when not in play
  std::vector<std::int32_t> term{-1};  // of each row
  std::vector<float> common{0.0F};
  std::vector<std::int32_t> parent{0};  // of a row with one parent; else 0
  Csr parents;
  Csr ancestors;  // of each row, itself among them: rows, falling
  std::size_t most_ancestors = 0;
};

// The row, and what stands above its parents.
void append_ancestors(std::size_t row, RankedTerms& terms) {
  auto& rows = terms.ancestors.indices;
  const auto begin = static_cast<std::ptrdiff_t>(rows.size());
  rows.push_back(static_cast<std::int32_t>(row));
  const auto parents = terms.parents.view().row(row);
  for (const auto parent : parents) {
    const auto from = static_cast<std::size_t>(terms.ancestors.offsets[static_cast<std::size_t>(parent)]);
    const auto to = static_cast<std::size_t>(terms.ancestors.offsets[static_cast<std::size_t>(parent) + 1]);
    for (auto k = from; k < to; ++k) rows.push_back(rows[k]);
  }
  if (parents.size() > 1) {
    std::sort(rows.begin() + begin, rows.end(), std::greater<>());
    rows.erase(std::unique(rows.begin() + begin, rows.end()), rows.end());
  }
  terms.ancestors.end_row();
}

RankedTerms rank_terms(const OntologyGraph& graph, const TermValues& values, CsrView queries) {
  RankedTerms out;
  out.row_of.assign(static_cast<std::size_t>(graph.n_terms()), 0);
  const auto above = graph.ancestor_lists();
  for (const auto term : queries.indices) {
    if (out.row_of[static_cast<std::size_t>(term)] != 0) continue;
    for (const auto ancestor : above.row(static_cast<std::size_t>(term))) {
      out.row_of[static_cast<std::size_t>(ancestor)] = 1;
    }
  }
  for (const auto term : graph.topological_order()) {
    if (out.row_of[static_cast<std::size_t>(term)] != 0) out.term.push_back(term);
  }
  const auto ic = [&](std::int32_t term) { return values.ic[static_cast<std::size_t>(term)]; };
  std::stable_sort(out.term.begin() + 1, out.term.end(), [&](auto x, auto y) { return ic(x) < ic(y); });
  out.parents.end_row();
  out.ancestors.end_row();
  for (std::size_t row = 1; row < out.term.size(); ++row) {
    const auto term = static_cast<std::size_t>(out.term[row]);
    out.row_of[term] = static_cast<std::int32_t>(row);
    out.common.push_back(values.common[term]);
    for (const auto parent : graph.parents().row(term)) {
      out.parents.indices.push_back(out.row_of[static_cast<std::size_t>(parent)]);
    }
    out.parents.end_row();
    const auto over = out.parents.view().row(row);
    out.parent.push_back(over.size() == 1 ? over[0] : 0);
    append_ancestors(row, out);
    out.most_ancestors = std::max(out.most_ancestors, above.row(term).size());
  }
  return out;
}

// Rows so that those below one (first) parent stand together, parents first.
std::vector<std::int32_t> family_order(const RankedTerms& terms) {
  const auto rows = terms.term.size();
  std::vector<std::int32_t> first_child(rows, 0);
  std::vector<std::int32_t> next_sibling(rows, 0);
  std::vector<std::int32_t> waiting;
  for (auto row = rows; row-- > 1;) {
    const auto parents = terms.parents.view().row(row);
    if (parents.empty()) {
      waiting.push_back(static_cast<std::int32_t>(row));
      continue;
    }
    const auto parent = static_cast<std::size_t>(parents[0]);
    next_sibling[row] = first_child[parent];
    first_child[parent] = static_cast<std::int32_t>(row);
  }
  std::vector<std::int32_t> out;
  out.reserve(rows);
  while (!waiting.empty()) {
    const auto row = waiting.back();
    waiting.pop_back();
    out.push_back(row);
    for (auto child = first_child[static_cast<std::size_t>(row)]; child != 0;
         child = next_sibling[static_cast<std::size_t>(child)]) {
      waiting.push_back(child);
    }
  }
  return out;
}

class BestByScore : public BestMatches {
 public:
  BestByScore(const LaneKernels& kernels, const OntologyGraph& graph, const TermValues& values, CsrView queries,
              CsrView sources, std::size_t workers)
      : kernels_(kernels),
        graph_(graph),
        values_(values),
        sources_(sources),
        terms_(rank_terms(graph, values, queries)),
        scratch_(workers) {
    std::vector<std::int32_t> number(terms_.term.size(), -1);  // of the query terms, by row
    const auto row_of = [&](std::int32_t term) {
      return static_cast<std::size_t>(terms_.row_of[static_cast<std::size_t>(term)]);
    };
    for (const auto term : queries.indices) number[row_of(term)] = 0;
    for (const auto row : family_order(terms_)) {
      const auto r = static_cast<std::size_t>(row);
      if (number[r] < 0) continue;
      number[r] = static_cast<std::int32_t>(row_of_query_.size());
      row_of_query_.push_back(row);
      query_ic_.push_back(ic_of(terms_.term[r]));
    }
    query_rows_.reserve(queries.indices.size());
    for (const auto term : queries.indices) query_rows_.push_back(number[row_of(term)]);
  }

  const float* table(std::size_t begin, std::size_t lanes, std::size_t worker) override {
    auto& slot = scratch_[worker];
    if (!slot) slot = std::make_unique<Scratch>(terms_, row_of_query_.size());
    auto& scratch = *slot;
    mark(begin, lanes, scratch);
    find_who_sees_the_same(scratch);
    const auto n_queries = row_of_query_.size();
    const auto seen_by = [&](std::size_t q) { return scratch.same[static_cast<std::size_t>(row_of_query_[q])]; };
    const Staged staged{scratch.common.data(), scratch.staged.data(), scratch.lower.data()};
    for (std::size_t q = 0; q < n_queries;) {
      const auto row = seen_by(q);
      auto end = q + 1;
      while (end < n_queries && seen_by(end) == row) ++end;
      const auto ancestors = terms_.ancestors.view().row(static_cast<std::size_t>(row));
      const auto n =
          kernels_.stage(ancestors.data(), ancestors.size(), scratch.lowest.data(), terms_.common.data(), staged);
      score(staged, n, q, end, scratch);
      q = end;
    }
    return scratch.best.data();
  }

 private:
  struct Scratch {
    Scratch(const RankedTerms& terms, std::size_t n_queries)
        : is_common(terms.term.size()),
          same(terms.term.size()),
          best(n_queries),
          lowest(terms.term.size()),
          staged(terms.most_ancestors + 1),
          common(terms.most_ancestors + 1),
          lower(terms.most_ancestors + 1),
          mica(terms.most_ancestors),
          scores(terms.most_ancestors) {
      std::fill_n(lowest.data(), terms.term.size() * kLanes, std::numeric_limits<float>::infinity());
    }

    std::vector<std::uint8_t> is_common;  // of each row, whether some set has a term below it
    std::vector<std::size_t> touched;     // the rows of which it is so
    std::vector<std::int32_t> same;       // of each row, the row that sees the same common ancestors
    LaneTable best, lowest, staged;
    std::vector<float> common;
    std::vector<std::uint16_t> lower;
    LaneTable mica, scores;  // of a custom measure
  };

  [[nodiscard]] float ic_of(std::int32_t term) const { return values_.ic[static_cast<std::size_t>(term)]; }

  void mark(std::size_t begin, std::size_t lanes, Scratch& scratch) const {
    constexpr auto kNone = std::numeric_limits<float>::infinity();
    auto* lowest = scratch.lowest.data();
    for (const auto row : scratch.touched) {
      std::fill_n(lowest + row * kLanes, kLanes, kNone);
      scratch.is_common[row] = 0;
    }
    scratch.touched.clear();
    for (std::size_t l = 0; l < lanes; ++l) {
      each_ancestor(graph_, terms_.row_of, sources_.row(begin + l), [&](std::size_t row, std::int32_t term) {
        if (scratch.is_common[row] == 0) {
          scratch.is_common[row] = 1;
          scratch.touched.push_back(row);
        }
        auto& low = lowest[row * kLanes + l];
        low = std::min(low, ic_of(term));
      });
    }
  }

  void find_who_sees_the_same(Scratch& scratch) const {
    auto* same = scratch.same.data();
    const auto* parent = terms_.parent.data();
    for (std::size_t row = 1; row < terms_.parent.size(); ++row) {
      const auto itself = scratch.is_common[row] != 0 || parent[row] == 0;
      same[row] = itself ? static_cast<std::int32_t>(row) : same[parent[row]];
    }
  }

  void score(const Staged& staged, std::size_t n, std::size_t q, std::size_t end, Scratch& scratch) const {
    auto* best = scratch.best.data() + q * kLanes;
    if (values_.measure == TermMeasure::jiang_conrath) {
      return kernels_.best_distance(staged, n, query_ic_.data() + q, end - q, best);
    }
    if (values_.measure != TermMeasure::custom) {
      return kernels_.best_ratio(staged, n, query_ic_.data() + q, end - q, best);
    }
    // Lanes without a term below an ancestor hold whatever the measure makes of infinity, and are not looked at.
    for (std::size_t i = 0; i < n; ++i) std::fill_n(scratch.mica.data() + i * kLanes, kLanes, staged.common[i]);
    const auto count = static_cast<std::int64_t>(n * kLanes);
    const auto first = q;
    for (; q < end; ++q, best += kLanes) {
      if (q > first && query_ic_[q] == query_ic_[q - 1]) {  // leaves of one parent that are equally rare
        std::memcpy(best, best - kLanes, kLanes * sizeof(float));
        continue;
      }
      values_.score(count, scratch.mica.data(), query_ic_[q], staged.lowest, scratch.scores.data());
      kernels_.best_of(scratch.scores.data(), staged.lower, n, best);
    }
  }

  const LaneKernels& kernels_;
  const OntologyGraph& graph_;
  const TermValues& values_;
  CsrView sources_;
  RankedTerms terms_;
  std::vector<std::int32_t> row_of_query_;
  std::vector<float> query_ic_;
  std::vector<std::unique_ptr<Scratch>> scratch_;
};

}  // namespace

std::unique_ptr<BestMatches> best_by_score(const LaneKernels& kernels, const OntologyGraph& graph,
                                           const TermValues& values, CsrView queries, CsrView sources,
                                           std::size_t workers) {
  return std::make_unique<BestByScore>(kernels, graph, values, queries, sources, workers);
}

}  // namespace phenojax
