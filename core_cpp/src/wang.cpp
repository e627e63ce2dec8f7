#include "phenojax/wang.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "closure_lanes.hpp"
#include "term_list.hpp"

namespace phenojax {
namespace {

// The closures of single terms, and S of each of their entries.
struct Contributions {
  Csr sets;
  std::vector<float> s;
  std::vector<float> total;
};

Contributions contributions(const OntologyGraph& graph, double edge_weight, std::span<const std::int32_t> terms) {
  Contributions out;
  out.sets = graph.closures(singletons(terms).view());
  out.s.reserve(out.sets.indices.size());
  out.total.reserve(terms.size());
  const auto parents = graph.parents();
  std::vector<std::int32_t> depth(static_cast<std::size_t>(graph.n_terms()), -1);
  std::vector<std::int32_t> waiting;
  std::vector<float> power;  // of edge_weight
  for (std::size_t r = 0; r < terms.size(); ++r) {
    // breadth first: a term is met by a shortest way
    waiting.assign(1, terms[r]);
    depth[static_cast<std::size_t>(terms[r])] = 0;
    for (std::size_t at = 0; at < waiting.size(); ++at) {
      const auto term = static_cast<std::size_t>(waiting[at]);
      for (const auto parent : parents.row(term)) {
        auto& known = depth[static_cast<std::size_t>(parent)];
        if (known >= 0) continue;
        known = depth[term] + 1;
        waiting.push_back(parent);
      }
    }
    const auto deepest = static_cast<std::size_t>(depth[static_cast<std::size_t>(waiting.back())]);
    while (power.size() <= deepest) {
      power.push_back(static_cast<float>(std::pow(edge_weight, static_cast<double>(power.size()))));
    }
    auto total = 0.0F;
    for (const auto term : out.sets.view().row(r)) {
      auto& edges = depth[static_cast<std::size_t>(term)];
      out.s.push_back(power[static_cast<std::size_t>(edges)]);
      total += out.s.back();
      edges = -1;
    }
    out.total.push_back(total);
  }
  return out;
}

// The table holds S of each lane's ancestors, and below it 1 for each of them: one gathers the columns' contributions,
// the other, weighted with the row's own S, the row's. Both add up the same numbers in the same order on either side.
class SharedContribution {
 public:
  SharedContribution(const Contributions& a, const Contributions& b, std::size_t terms)
      : rows_(a), columns_(b), terms_(terms) {}

  [[nodiscard]] std::size_t table_rows() const { return 2 * terms_; }
  [[nodiscard]] CsrView rows() const { return rows_.sets.view(); }
  [[nodiscard]] CsrView columns() const { return columns_.sets.view(); }

  void spread(float* table, std::size_t lane, std::size_t column, bool clear) const {
    const auto begin = static_cast<std::size_t>(columns_.sets.offsets[column]);
    const auto end = static_cast<std::size_t>(columns_.sets.offsets[column + 1]);
    for (auto k = begin; k < end; ++k) {
      const auto row = static_cast<std::size_t>(columns_.sets.indices[k]);
      table[row * kLanes + lane] = clear ? 0.0F : columns_.s[k];
      table[(terms_ + row) * kLanes + lane] = clear ? 0.0F : 1.0F;
    }
  }

  void sum(const LaneKernels& kernels, const float* table, const std::int32_t* order, std::size_t n, std::int32_t base,
           float* out) const {
    const Queries queries{rows_.sets.offsets.data(), rows_.sets.indices.data(), rows_.s.data(), order, n};
    alignas(64) float own[kWindowRows * kLanes];
    kernels.gather_sum(table, queries, base, out);
    kernels.gather_weighted_sum(table + terms_ * kLanes, queries, base, own);
    for (std::size_t k = 0; k < n * kLanes; ++k) out[k] += own[k];
  }

 private:
  const Contributions& rows_;
  const Contributions& columns_;
  std::size_t terms_;
};

struct Share {
  std::span<const float> rows, columns;

  void operator()(const float* shared, std::size_t row, std::size_t column, float* out) const {
    for (std::size_t l = 0; l < kLanes; ++l) out[l] = shared[l] / (rows[row] + columns[column + l]);
  }
};

}  // namespace

void wang(const OntologyGraph& graph, double edge_weight, std::span<const std::int32_t> a,
          std::span<const std::int32_t> b, const Parallel& parallel, std::span<float> out) {
  if (!(edge_weight > 0.0 && edge_weight <= 1.0)) {
    throw std::invalid_argument("edge_weight must be above 0 and at most 1, not " + std::to_string(edge_weight));
  }
  check_terms(a, graph.n_terms(), "a");
  check_terms(b, graph.n_terms(), "b");
  check_output(out, a.size(), b.size());
  const auto mirrored = std::equal(a.begin(), a.end(), b.begin(), b.end());
  auto rows = contributions(graph, edge_weight, a);
  Contributions other;
  if (!mirrored) other = contributions(graph, edge_weight, b);
  auto& columns = mirrored ? rows : other;
  const auto terms =
      compact_rows(static_cast<std::size_t>(graph.n_terms()), rows.sets, mirrored ? nullptr : &other.sets);
  pad_to_lanes(columns.total);
  closure_matrix(SharedContribution(rows, columns, terms.size()), Share{rows.total, columns.total}, mirrored, parallel,
                 out);
}

}  // namespace phenojax
