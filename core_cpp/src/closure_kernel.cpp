#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "lane_kernels.hpp"
#include "lane_table.hpp"
#include "phenojax/closure_kernel.hpp"

namespace phenojax {
namespace {

// The closures with their weightless terms left out, and 1 / sqrt(sum of weights) of each (0 when there is none).
struct Closures {
  Csr sets;
  std::vector<float> scale;
};

Closures weighted_closures(const OntologyGraph& graph, std::span<const double> weights, CsrView sets) {
  const auto full = graph.closures(sets);
  Closures out;
  out.sets.offsets.reserve(sets.rows() + 1);
  out.sets.indices.reserve(full.indices.size());
  out.scale.reserve(sets.rows());
  for (std::size_t r = 0; r < sets.rows(); ++r) {
    double total = 0.0;
    for (const auto term : full.view().row(r)) {
      const auto weight = weights[static_cast<std::size_t>(term)];
      if (weight < std::numeric_limits<float>::min()) continue;  // its reciprocal would be infinite
      total += weight;
      out.sets.indices.push_back(term);
    }
    out.sets.end_row();
    out.scale.push_back(total > 0.0 ? static_cast<float>(1.0 / std::sqrt(total)) : 0.0F);
  }
  return out;
}

// Replaces term indices by dense rows, ascending, over the terms that stand in any closure; returns each row's weight.
std::vector<float> compact(std::span<const double> weights, Closures& a, Closures* b) {
  std::vector<std::int32_t> row_of(weights.size(), -1);
  const auto mark = [&](const Closures& side) {
    for (const auto term : side.sets.indices) row_of[static_cast<std::size_t>(term)] = 0;
  };
  mark(a);
  if (b != nullptr) mark(*b);
  std::vector<float> weight_of_row;
  for (std::size_t t = 0; t < row_of.size(); ++t) {
    if (row_of[t] < 0) continue;
    row_of[t] = static_cast<std::int32_t>(weight_of_row.size());
    weight_of_row.push_back(static_cast<float>(weights[t]));
  }
  const auto apply = [&](Closures& side) {
    for (auto& term : side.sets.indices) term = row_of[static_cast<std::size_t>(term)];
  };
  apply(a);
  if (b != nullptr) apply(*b);
  return weight_of_row;
}

}  // namespace

// Sums run over the closure of the row set in ascending order, and terms outside the column's closure add exactly 0: so
// (i, j) and (j, i) are the same sum, bit for bit, and only one of them is computed.
void closure_kernel(const OntologyGraph& graph, std::span<const double> weights, CsrView a, std::optional<CsrView> b,
                    const Parallel& parallel, std::span<float> out) {
  check_values(weights, graph.n_terms(), "weights");
  check_csr(a, graph.n_terms(), "a");
  if (b) check_csr(*b, graph.n_terms(), "b");
  const auto rows = a.rows();
  const auto columns = b ? b->rows() : rows;
  check_output(out, rows, columns);

  const auto& kernels = active_kernels();
  auto closures_a = weighted_closures(graph, weights, a);
  Closures closures_b;
  if (b) closures_b = weighted_closures(graph, weights, *b);
  const auto weight = compact(weights, closures_a, b ? &closures_b : nullptr);
  const auto& sources = b ? closures_b : closures_a;
  const auto sets = closures_a.sets.view();

  const auto blocks = blocks_of_lanes(columns);
  const auto tasks = strips(rows) * blocks;
  std::vector<LaneTable> tables;
  for (std::size_t w = 0; w < worker_count(tasks, parallel); ++w) tables.emplace_back(weight.size());
  std::vector<std::vector<float>> windows(tables.size());
  parallel_for(tasks, parallel, [&](std::size_t task, std::size_t worker) {
    const auto strip = task / blocks * kStripRows;
    const auto end_row = std::min(rows, strip + kStripRows);
    const auto begin = task % blocks * kLanes;
    const auto first_row = b ? strip : std::max(strip, begin);
    if (first_row >= end_row) return;  // all above the diagonal
    const auto lanes = std::min(kLanes, columns - begin);
    auto* table = tables[worker].data();
    const auto scatter = [&](bool clear) {
      for (std::size_t l = 0; l < lanes; ++l) {
        for (const auto term : sources.sets.view().row(begin + l)) {
          const auto t = static_cast<std::size_t>(term);
          table[t * kLanes + l] = clear ? 0.0F : weight[t];
        }
      }
    };
    scatter(false);
    auto& window = windows[worker];
    window.resize((end_row - first_row) * kLanes);
    std::vector<std::int32_t> order(end_row - first_row);
    std::iota(order.begin(), order.end(), static_cast<std::int32_t>(first_row));
    kernels.gather_sum(table, {sets.offsets.data(), sets.indices.data(), nullptr, order.data(), order.size()},
                       static_cast<std::int32_t>(first_row), window.data());
    for (auto i = first_row; i < end_row; ++i) {
      std::copy_n(window.data() + (i - first_row) * kLanes, lanes, out.data() + i * columns + begin);
    }
    scatter(true);
    for (auto i = first_row; i < end_row; ++i) {
      for (auto j = begin; j < begin + lanes; ++j) {
        auto& value = out[i * columns + j];
        value = std::min(value * (closures_a.scale[i] * sources.scale[j]), 1.0F);
      }
    }
  });
  if (b) return;
  for_mirrored_pairs(rows, parallel, [&](std::size_t i, std::size_t j) {
    if (i == j) {
      out[i * rows + i] = closures_a.scale[i] > 0.0F ? 1.0F : 0.0F;
    } else {
      out[j * rows + i] = out[i * rows + j];
    }
  });
}

}  // namespace phenojax
