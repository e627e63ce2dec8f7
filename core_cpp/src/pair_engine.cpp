#include "pair_engine.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <utility>

#include "combined.hpp"
#include "lane_table.hpp"

namespace phenojax {
namespace {

constexpr std::size_t kBlock = kLanes * kLanes;

// One buffer a worker.
std::vector<LaneTable> windows(std::size_t workers, std::size_t sets) {
  std::vector<LaneTable> out;
  out.reserve(workers);
  for (std::size_t w = 0; w < workers; ++w)
    out.emplace_back(blocks_of_lanes(std::min(sets, PairEngine::kWindow)) * kLanes);
  return out;
}

// The sets of a range by length, as far as it matters.
void sort_by_length(CsrView sets, Range range, std::int32_t* order) {
  constexpr std::size_t kLongest = 255;
  const auto length = [&](std::size_t set) { return std::min(sets.row(set).size(), kLongest); };
  std::array<std::int32_t, kLongest + 2> next{};
  for (auto set = range.begin; set < range.end; ++set) ++next[length(set) + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  for (auto set = range.begin; set < range.end; ++set) {
    order[next[length(set)]++] = static_cast<std::int32_t>(set);
  }
}

// 16 x 16 of a matrix and of its mirror. A block at the edge is copied, so that all have one size.
class BlockPair {
 public:
  BlockPair(const LaneKernels& kernels, Tile out, Tile mirror, Range rows, Range columns)
      : kernels_(kernels), out_(out), mirror_(mirror), rows_(rows), columns_(columns) {
    if (is_whole()) return;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      for (std::size_t c = 0; c < columns.size(); ++c) {
        edge_[r * kLanes + c] = out.row(rows.begin + r)[columns.begin + c];
        mirror_edge_[c * kLanes + r] = mirror.row(columns.begin + c)[rows.begin + r];
      }
    }
  }

  template <Combine combine>
  void join(const float* row_totals, const float* column_totals) {
    const auto at = block();
    const auto across = mirror_block();
    alignas(64) std::array<float, kBlock> forward, joined;
    kernels_.transpose(across.at, across.stride, forward.data(), kLanes);
    for (std::size_t r = 0; r < kLanes; ++r) {
      for (std::size_t c = 0; c < kLanes; ++c) {
        joined[r * kLanes + c] =
            combined<combine>(forward[r * kLanes + c], at.row(r)[c], row_totals[r], column_totals[c]);
      }
    }
    if constexpr (!is_symmetric(combine)) {
      if (at.at != across.at) join_mirror<combine>(at, across, row_totals, column_totals);
    } else {
      if (at.at != across.at) kernels_.transpose(joined.data(), kLanes, across.at, across.stride);
    }
    for (std::size_t r = 0; r < kLanes; ++r) std::memcpy(at.row(r), joined.data() + r * kLanes, kLanes * sizeof(float));
    if (!is_whole()) copy_back();
  }

 private:
  [[nodiscard]] bool is_whole() const { return rows_.size() == kLanes && columns_.size() == kLanes; }
  [[nodiscard]] bool is_diagonal() const { return out_.at == mirror_.at && rows_.begin == columns_.begin; }
  Tile block() {
    return is_whole() ? Tile{out_.row(rows_.begin) + columns_.begin, out_.stride} : Tile{edge_.data(), kLanes};
  }
  Tile mirror_block() {
    if (is_diagonal()) return block();
    return is_whole() ? Tile{mirror_.row(columns_.begin) + rows_.begin, mirror_.stride}
                      : Tile{mirror_edge_.data(), kLanes};
  }

  template <Combine combine>
  void join_mirror(Tile at, Tile across, const float* row_totals, const float* column_totals) {
    alignas(64) std::array<float, kBlock> forward;
    kernels_.transpose(at.at, at.stride, forward.data(), kLanes);
    for (std::size_t c = 0; c < kLanes; ++c) {
      for (std::size_t r = 0; r < kLanes; ++r) {
        across.row(c)[r] =
            combined<combine>(forward[c * kLanes + r], across.row(c)[r], column_totals[c], row_totals[r]);
      }
    }
  }

  void copy_back() {
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        out_.row(rows_.begin + r)[columns_.begin + c] = edge_[r * kLanes + c];
        if (!is_diagonal()) mirror_.row(columns_.begin + c)[rows_.begin + r] = mirror_edge_[c * kLanes + r];
      }
    }
  }

  const LaneKernels& kernels_;
  Tile out_, mirror_;
  Range rows_, columns_;  // at most 16 each
  alignas(64) std::array<float, kBlock> edge_{}, mirror_edge_{};
};

}  // namespace

PairEngine::PairEngine(const LaneKernels& kernels, Combine combine, Side a, std::optional<Side> b,
                       std::unique_ptr<BestMatches> forward, std::unique_ptr<BestMatches> backward)
    : kernels_(kernels), combine_(combine), forward_(std::move(forward)), backward_(std::move(backward)) {
  b_ = query_sets(b.value_or(a), backward_.get());
  a_ = b ? query_sets(a, forward_.get()) : b_;
}

PairEngine::QuerySets PairEngine::query_sets(Side side, const BestMatches* matches) const {
  QuerySets out;
  out.sets = side.sets;
  out.weights = side.weights;
  if (matches != nullptr) out.rows = matches->query_rows().data();
  const auto n = side.sets.rows();
  out.order.resize(n);
  for (std::size_t first = 0; first < n; first += kWindow) {
    sort_by_length(side.sets, {first, std::min(n, first + kWindow)}, out.order.data() + first);
  }
  // one block more than needed, so that the last block reads no further
  out.total.assign(blocks_of_lanes(n) * kLanes, 0.0F);
  for (std::size_t set = 0; set < n; ++set) {
    if (side.weights.empty()) {
      out.total[set] = static_cast<float>(side.sets.row(set).size());
      continue;
    }
    for (auto k = side.sets.offsets[set]; k < side.sets.offsets[set + 1]; ++k) {
      out.total[set] += side.weights[static_cast<std::size_t>(k)];
    }
  }
  out.gather = side.weights.empty() ? kernels_.gather_sum : kernels_.gather_weighted_sum;
  if (combine_ == Combine::max) out.gather = kernels_.gather_max;
  if (combine_ == Combine::hausdorff) out.gather = kernels_.gather_min;
  return out;
}

// Calls take(first, n) when the window holds what the query sets first .. first + n have: [set - first][lane].
template <class Take>
void PairEngine::gather_windows(const QuerySets& queries, Range range, const float* table, float* window,
                                const Take& take) const {
  for (auto first = range.begin; first < range.end; first += kWindow) {
    const auto n = std::min(kWindow, range.end - first);
    queries.gather(table,
                   {queries.sets.offsets.data(), queries.rows, queries.weights.data(), queries.order.data() + first, n},
                   static_cast<std::int32_t>(first), window);
    take(first, n);
  }
}

// out = the backward sums, 16 rows side by side.
void PairEngine::sums_by_row(Range rows, Range columns, const Parallel& parallel, Tile out) {
  const auto blocks = blocks_of_lanes(rows.size());
  auto buffers = windows(worker_count(blocks, parallel), columns.size());
  parallel_for(blocks, parallel, [&](std::size_t block, std::size_t worker) {
    const auto begin = rows.begin + block * kLanes;
    const auto lanes = std::min(kLanes, rows.end - begin);
    const auto* table = backward_->table(begin, lanes, worker);
    const auto* window = buffers[worker].data();
    gather_windows(b_, columns, table, buffers[worker].data(), [&](std::size_t first, std::size_t n) {
      for (std::size_t c = 0; c < n; c += kLanes) {
        const auto width = std::min(kLanes, n - c);
        const Tile to{out.row(begin - rows.begin) + (first + c - columns.begin), out.stride};
        if (lanes == kLanes && width == kLanes) {
          kernels_.transpose(window + c * kLanes, kLanes, to.at, to.stride);
          continue;
        }
        for (std::size_t l = 0; l < lanes; ++l) {
          for (std::size_t w = 0; w < width; ++w) to.row(l)[w] = window[(c + w) * kLanes + l];
        }
      }
    });
  });
}

// Joins the backward sums in `out` with the forward sums, 16 columns side by side.
template <Combine combine>
void PairEngine::join_by_column(Range rows, Range columns, const Parallel& parallel, Tile out) {
  auto& matches = forward_ ? *forward_ : *backward_;
  const auto blocks = blocks_of_lanes(columns.size());
  auto buffers = windows(worker_count(blocks, parallel), rows.size());
  parallel_for(blocks, parallel, [&](std::size_t block, std::size_t worker) {
    const auto begin = columns.begin + block * kLanes;
    const auto lanes = std::min(kLanes, columns.end - begin);
    const auto* table = matches.table(begin, lanes, worker);
    const auto* window = buffers[worker].data();
    gather_windows(a_, rows, table, buffers[worker].data(), [&](std::size_t first, std::size_t n) {
      for (std::size_t r = 0; r < n; ++r) {
        auto* to = out.row(first + r - rows.begin) + (begin - columns.begin);
        const auto join = [&](std::size_t width) {
          for (std::size_t l = 0; l < width; ++l) {
            const auto backward = combine == Combine::a_to_b ? 0.0F : to[l];  // else not written yet
            to[l] = combined<combine>(window[r * kLanes + l], backward, a_.total[first + r], b_.total[begin + l]);
          }
        };
        if (lanes == kLanes) {
          join(kLanes);
        } else {
          join(lanes);
        }
      }
    });
  });
}

template <Combine combine>
void PairEngine::join_without_forward(Range rows, Range columns, Tile out) const {
  for (std::size_t r = 0; r < rows.size(); ++r) {
    auto* row = out.row(r);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      row[c] = combined<combine>(0.0F, row[c], a_.total[rows.begin + r], b_.total[columns.begin + c]);
    }
  }
}

void PairEngine::fill(Range rows, Range columns, const Parallel& parallel, Tile out) {
  with_combine(combine_, [&](auto chosen) {
    constexpr auto combine = decltype(chosen)::value;
    if constexpr (combine != Combine::a_to_b) sums_by_row(rows, columns, parallel, out);
    if constexpr (combine == Combine::b_to_a) {
      join_without_forward<combine>(rows, columns, out);
    } else {
      join_by_column<combine>(rows, columns, parallel, out);
    }
  });
}

template <Combine combine>
void PairEngine::join_mirrored(Range rows, Range columns, const Parallel& parallel, Tile out, Tile mirror) const {
  constexpr std::size_t kBand = 64;  // rows a task: neighbouring lines of the mirror are then read together
  const auto on_diagonal = out.at == mirror.at;
  const auto bands = (rows.size() + kBand - 1) / kBand;
  parallel_for(bands, parallel, [&](std::size_t band, std::size_t) {
    const auto band_begin = band * kBand;
    const auto band_end = std::min(rows.size(), band_begin + kBand);
    const auto end = on_diagonal ? band_end : columns.size();
    for (std::size_t c = 0; c < end; c += kLanes) {
      for (auto r = band_begin; r < band_end; r += kLanes) {
        if (on_diagonal && c > r) continue;
        BlockPair block(kernels_, out, mirror, {r, std::min(r + kLanes, rows.size())},
                        {c, std::min(c + kLanes, columns.size())});
        block.join<combine>(a_.total.data() + rows.begin + r, b_.total.data() + columns.begin + c);
      }
    }
  });
}

void PairEngine::fill_mirrored(Range rows, Range columns, const Parallel& parallel, Tile out, Tile mirror) {
  sums_by_row(rows, columns, parallel, out);
  if (out.at != mirror.at) sums_by_row(columns, rows, parallel, mirror);
  with_combine(combine_,
               [&](auto chosen) { join_mirrored<decltype(chosen)::value>(rows, columns, parallel, out, mirror); });
}

}  // namespace phenojax
