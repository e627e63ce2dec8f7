#include "phenojax/closure_overlap.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "closure_lanes.hpp"
#include "term_list.hpp"

namespace phenojax {
namespace {

constexpr std::array<std::string_view, 4> kOverlapNames{"jaccard", "dice", "overlap", "cosine"};

constexpr auto kSmallest = std::numeric_limits<float>::min();

enum class Formula : std::uint8_t { jaccard, dice, overlap, cosine, graph_ic };

// Closures without their weightless terms. Sums run over ascending terms in float32, as the kernels' do: the sum over
// what a closure shares with itself or with a larger one is then its own, bit for bit, and that with a smaller one is
// never more. No ratio below can leave [0, 1].
struct Closures {
  Csr sets;
  std::vector<float> total;
  std::vector<float> scale;        // 1 / sqrt(total), and 0 for 0
  std::vector<float> proper;       // total without the terms of the set themselves
  std::vector<std::int32_t> same;  // equal numbers are the same set or term; -1: equal to none, not even itself
};

Closures weighted_closures(const OntologyGraph& graph, std::span<const double> weights, CsrView sets) {
  const auto full = graph.closures(sets);
  Closures out;
  out.sets.offsets.reserve(sets.rows() + 1);
  out.sets.indices.reserve(full.indices.size());
  for (std::size_t r = 0; r < sets.rows(); ++r) {
    const auto own = sets.row(r);
    double total = 0.0;
    float sum = 0.0F, proper = 0.0F;
    for (const auto term : full.view().row(r)) {
      const auto weight = weights[static_cast<std::size_t>(term)];
      if (weight < kSmallest) continue;  // its reciprocal would be infinite
      total += weight;
      sum += static_cast<float>(weight);
      if (std::find(own.begin(), own.end(), term) == own.end()) proper += static_cast<float>(weight);
      out.sets.indices.push_back(term);
    }
    out.sets.end_row();
    out.total.push_back(sum);
    out.proper.push_back(proper);
    out.scale.push_back(total > 0.0 ? static_cast<float>(1.0 / std::sqrt(total)) : 0.0F);
  }
  return out;
}

class SharedWeight {
 public:
  SharedWeight(const Closures& a, const Closures& b, std::vector<float> weight)
      : rows_(a.sets.view()), columns_(b.sets.view()), weight_(std::move(weight)) {}

  [[nodiscard]] std::size_t table_rows() const { return weight_.size(); }
  [[nodiscard]] CsrView rows() const { return rows_; }
  [[nodiscard]] CsrView columns() const { return columns_; }

  void spread(float* table, std::size_t lane, std::size_t column, bool clear) const {
    for (const auto row : columns_.row(column)) {
      const auto r = static_cast<std::size_t>(row);
      table[r * kLanes + lane] = clear ? 0.0F : weight_[r];
    }
  }
  void sum(const LaneKernels& kernels, const float* table, const std::int32_t* order, std::size_t n, std::int32_t base,
           float* out) const {
    kernels.gather_sum(table, {rows_.offsets.data(), rows_.indices.data(), nullptr, order, n}, base, out);
  }

 private:
  CsrView rows_, columns_;
  std::vector<float> weight_;
};

// By value, so that the loop below has no branch.
constexpr float larger(float x, float y) { return x > y ? x : y; }
constexpr float smaller(float x, float y) { return x < y ? x : y; }

template <Formula formula>
struct Ratio {
  const Closures& rows;
  const Closures& columns;

  void operator()(const float* shared, std::size_t row, std::size_t column, float* out) const {
    const auto total = rows.total[row];
    const auto scale = rows.scale[row];
    const auto proper = rows.proper[row];
    const auto same = rows.same[row] < 0 ? -2 : rows.same[row];
    const auto* totals = columns.total.data() + column;
    const auto* scales = columns.scale.data() + column;
    const auto* propers = columns.proper.data() + column;
    const auto* sames = columns.same.data() + column;
    for (std::size_t l = 0; l < kLanes; ++l) {
      const auto c = shared[l];
      if constexpr (formula == Formula::jaccard) out[l] = c / larger(total + totals[l] - c, kSmallest);
      if constexpr (formula == Formula::dice) out[l] = 2.0F * c / larger(total + totals[l], kSmallest);
      if constexpr (formula == Formula::overlap) out[l] = c / larger(smaller(total, totals[l]), kSmallest);
      if constexpr (formula == Formula::cosine) {
        const auto value = smaller(c * (scale * scales[l]), 1.0F);
        out[l] = same == sames[l] ? 1.0F : value;
      }
      if constexpr (formula == Formula::graph_ic) {
        // Where one is an ancestor of the other, its whole closure is common, and the larger of both unions is that of
        // the lower term; a term that weighs nothing changes neither.
        const auto larger_one = larger(proper, propers[l]);
        const auto either = proper + propers[l] - c;
        const auto from_a = c == total ? larger_one : either;
        const auto all = c == totals[l] ? larger_one : from_a;
        const auto value = c / larger(all, kSmallest);
        out[l] = same == sames[l] ? 1.0F : value;
      }
    }
  }
};

// `b` is null for a against itself.
template <Formula formula>
void fill(std::span<const double> weights, Closures& a, Closures* b, const Parallel& parallel, std::span<float> out) {
  const auto terms = compact_rows(weights.size(), a.sets, b != nullptr ? &b->sets : nullptr);
  std::vector<float> weight;
  weight.reserve(terms.size());
  for (const auto term : terms) weight.push_back(static_cast<float>(weights[static_cast<std::size_t>(term)]));
  auto& columns = b != nullptr ? *b : a;
  pad_to_lanes(columns.total);
  pad_to_lanes(columns.scale);
  pad_to_lanes(columns.proper);
  pad_to_lanes(columns.same);
  closure_matrix(SharedWeight(a, columns, std::move(weight)), Ratio<formula>{a, columns}, b == nullptr, parallel, out);
}

void fill(Formula formula, std::span<const double> weights, Closures& a, Closures* b, const Parallel& parallel,
          std::span<float> out) {
  switch (formula) {
    case Formula::jaccard:
      return fill<Formula::jaccard>(weights, a, b, parallel, out);
    case Formula::dice:
      return fill<Formula::dice>(weights, a, b, parallel, out);
    case Formula::overlap:
      return fill<Formula::overlap>(weights, a, b, parallel, out);
    case Formula::cosine:
      return fill<Formula::cosine>(weights, a, b, parallel, out);
    case Formula::graph_ic:
      return fill<Formula::graph_ic>(weights, a, b, parallel, out);
  }
}

void fill_terms(Formula formula, const OntologyGraph& graph, std::span<const double> weights,
                std::span<const std::int32_t> a, std::span<const std::int32_t> b, const Parallel& parallel,
                std::span<float> out) {
  check_terms(a, graph.n_terms(), "a");
  check_terms(b, graph.n_terms(), "b");
  check_output(out, a.size(), b.size());
  const auto side = [&](std::span<const std::int32_t> terms) {
    auto closures = weighted_closures(graph, weights, singletons(terms).view());
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const auto counts = closures.total[i] > 0.0F || formula == Formula::graph_ic;
      closures.same.push_back(counts ? terms[i] : -1);
    }
    return closures;
  };
  auto rows = side(a);
  if (std::equal(a.begin(), a.end(), b.begin(), b.end())) return fill(formula, weights, rows, nullptr, parallel, out);
  auto columns = side(b);
  fill(formula, weights, rows, &columns, parallel, out);
}

}  // namespace

Overlap overlap_from_name(std::string_view name) {
  const auto found = std::find(kOverlapNames.begin(), kOverlapNames.end(), name);
  if (found != kOverlapNames.end()) return static_cast<Overlap>(found - kOverlapNames.begin());
  std::string names;
  for (const auto known : kOverlapNames) names += (names.empty() ? "" : ", ") + std::string(known);
  throw std::invalid_argument("overlap must be one of " + names + ", not \"" + std::string(name) + "\"");
}

void closure_overlap(const OntologyGraph& graph, std::span<const double> weights, CsrView a, std::optional<CsrView> b,
                     Overlap overlap, const Parallel& parallel, std::span<float> out) {
  check_values(weights, graph.n_terms(), "weights");
  check_csr(a, graph.n_terms(), "a");
  if (b) check_csr(*b, graph.n_terms(), "b");
  check_output(out, a.rows(), b ? b->rows() : a.rows());
  const auto formula = static_cast<Formula>(overlap);
  auto rows = weighted_closures(graph, weights, a);
  rows.same.assign(a.rows(), -1);
  if (b) {
    auto columns = weighted_closures(graph, weights, *b);
    columns.same.assign(b->rows(), -1);
    return fill(formula, weights, rows, &columns, parallel, out);
  }
  for (std::size_t i = 0; i < a.rows(); ++i) {
    if (rows.total[i] > 0.0F) rows.same[i] = static_cast<std::int32_t>(i);
  }
  fill(formula, weights, rows, nullptr, parallel, out);
}

void term_overlap(const OntologyGraph& graph, std::span<const double> weights, std::span<const std::int32_t> a,
                  std::span<const std::int32_t> b, Overlap overlap, const Parallel& parallel, std::span<float> out) {
  check_values(weights, graph.n_terms(), "weights");
  fill_terms(static_cast<Formula>(overlap), graph, weights, a, b, parallel, out);
}

void graph_ic(const OntologyGraph& graph, std::span<const double> ic, std::span<const std::int32_t> a,
              std::span<const std::int32_t> b, const Parallel& parallel, std::span<float> out) {
  check_values(ic, graph.n_terms(), "ic");
  fill_terms(Formula::graph_ic, graph, ic, a, b, parallel, out);
}

}  // namespace phenojax
