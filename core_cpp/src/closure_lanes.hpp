#pragma once
// The walk that all measures on closures share: 16 columns side by side, sums of gathered rows, one formula at the end.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <vector>

#include "lane_kernels.hpp"
#include "lane_table.hpp"
#include "phenojax/csr.hpp"
#include "phenojax/parallel.hpp"

namespace phenojax {

// Replaces term indices by dense rows, ascending, over the terms that stand in either side; gives the term of each row.
inline std::vector<std::int32_t> compact_rows(std::size_t n_terms, Csr& a, Csr* b) {
  std::vector<std::int32_t> row_of(n_terms, -1);
  const auto mark = [&](const Csr& side) {
    for (const auto term : side.indices) row_of[static_cast<std::size_t>(term)] = 0;
  };
  mark(a);
  if (b != nullptr) mark(*b);
  std::vector<std::int32_t> term_of_row;
  for (std::size_t t = 0; t < n_terms; ++t) {
    if (row_of[t] < 0) continue;
    row_of[t] = static_cast<std::int32_t>(term_of_row.size());
    term_of_row.push_back(static_cast<std::int32_t>(t));
  }
  const auto apply = [&](Csr& side) {
    for (auto& term : side.indices) term = row_of[static_cast<std::size_t>(term)];
  };
  apply(a);
  if (b != nullptr) apply(*b);
  return term_of_row;
}

// Fills one value per column, and then some: reads of whole blocks of 16 stay inside.
template <class T>
void pad_to_lanes(std::vector<T>& values) {
  values.resize(blocks_of_lanes(values.size()) * kLanes);
}

// A task writes a strip of 16 columns, and only this many rows of it: so that the strip stays in cache from one block
// to the next, and no task is long (the first one to touch a page also has it zeroed by the system).
inline constexpr std::size_t kStripRows = 2048;

[[nodiscard]] constexpr std::size_t strips(std::size_t rows) { return (rows + kStripRows - 1) / kStripRows; }

inline constexpr std::size_t kWindowRows = 256;
static_assert(kStripRows % kWindowRows == 0 && kWindowRows % kLanes == 0);

// The sets of each window by their length: the loop over a set then ends where the processor expects it.
inline std::vector<std::int32_t> order_by_length(CsrView sets) {
  if (sets.rows() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    throw std::invalid_argument("a: more than 2^31 - 1 sets");
  }
  std::vector<std::int32_t> order(sets.rows());
  std::iota(order.begin(), order.end(), 0);
  const auto length = [&](std::int32_t set) { return sets.row(static_cast<std::size_t>(set)).size(); };
  for (std::size_t begin = 0; begin < order.size(); begin += kWindowRows) {
    const auto end = std::min(order.size(), begin + kWindowRows);
    std::stable_sort(order.begin() + static_cast<std::ptrdiff_t>(begin),
                     order.begin() + static_cast<std::ptrdiff_t>(end),
                     [&](auto x, auto y) { return length(x) < length(y); });
  }
  return order;
}

// Shared: what two closures have in common.
//   table_rows()                                 rows of the table below
//   rows(), columns()                            the closures, as rows of the table
//   spread(table, lane, column, clear)           writes one column into its lane; `clear` makes it 0 again
//   sum(kernels, table, order, n, base, out)     out[set - base][l] for the n sets of `order`
// Formula: operator()(shared, row, column, out) makes 16 values of out[l] = f(shared[l], row, column + l).
//
// Without a side of its own for the columns (`mirrored`) both must treat i and j alike, bit for bit, and one of (i, j)
// and (j, i) is computed.
template <class Shared, class Formula>
void closure_matrix(const Shared& shared, const Formula& formula, bool mirrored, const Parallel& parallel,
                    std::span<float> out) {
  const auto& kernels = active_kernels();
  const auto rows = shared.rows().rows();
  const auto columns = shared.columns().rows();
  const auto order = order_by_length(shared.rows());
  const auto blocks = blocks_of_lanes(columns);
  const auto tasks = strips(rows) * blocks;
  std::vector<LaneTable> tables, sums;
  for (std::size_t w = 0; w < worker_count(tasks, parallel); ++w) {
    tables.emplace_back(shared.table_rows());
    sums.emplace_back(kWindowRows);
  }

  const auto join = [&](const float* sum, std::size_t row, std::size_t begin) {
    const auto height = std::min(kLanes, rows - row);
    const auto lanes = std::min(kLanes, columns - begin);
    alignas(64) float tile[kLanes * kLanes];
    for (std::size_t r = 0; r < height; ++r) formula(sum + r * kLanes, row + r, begin, tile + r * kLanes);
    for (std::size_t r = 0; r < height; ++r) {
      std::copy_n(tile + r * kLanes, lanes, out.data() + (row + r) * columns + begin);
    }
    if (!mirrored) return;
    auto* mirror = out.data() + begin * columns + row;
    if (height == kLanes && lanes == kLanes) return kernels.transpose(tile, kLanes, mirror, columns);
    for (std::size_t l = 0; l < lanes; ++l) {
      for (std::size_t r = 0; r < height; ++r) mirror[l * columns + r] = tile[r * kLanes + l];
    }
  };

  parallel_for(tasks, parallel, [&](std::size_t task, std::size_t worker) {
    const auto strip = task / blocks * kStripRows;
    const auto end = std::min(rows, strip + kStripRows);
    const auto begin = task % blocks * kLanes;
    if (mirrored && begin >= end) return;  // all above the diagonal
    const auto lanes = std::min(kLanes, columns - begin);
    auto* table = tables[worker].data();
    auto* sum = sums[worker].data();
    for (std::size_t l = 0; l < lanes; ++l) shared.spread(table, l, begin + l, false);
    for (auto window = strip; window < end; window += kWindowRows) {
      const auto stop = std::min(end, window + kWindowRows);
      const auto from = mirrored ? std::max(window, begin) : window;
      if (from >= stop) continue;
      std::int32_t below[kWindowRows];  // the window's sets from `from` on
      const auto* last = std::copy_if(order.data() + window, order.data() + stop, below,
                                      [&](auto set) { return static_cast<std::size_t>(set) >= from; });
      shared.sum(kernels, table, below, static_cast<std::size_t>(last - below), static_cast<std::int32_t>(from), sum);
      for (auto row = from; row < stop; row += kLanes) join(sum + (row - from) * kLanes, row, begin);
    }
    for (std::size_t l = 0; l < lanes; ++l) shared.spread(table, l, begin + l, true);
  });
}

}  // namespace phenojax
