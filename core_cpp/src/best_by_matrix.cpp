#include <algorithm>
#include <array>

#include "best_matches.hpp"
#include "lane_table.hpp"

namespace phenojax {
namespace {

constexpr std::size_t kChunk = 1024;  // columns at a time, so that their sources stay in cache

class BestByMatrix : public BestMatches {
 public:
  BestByMatrix(const LaneKernels& kernels, std::span<const float> matrix, std::size_t columns, CsrView queries,
               CsrView sources, bool mean, std::span<const float> weights, std::size_t workers)
      : kernels_(kernels),
        matrix_(matrix),
        columns_(columns),
        sources_(sources),
        mean_(mean),
        weights_(weights),
        scratch_(workers) {
    query_rows_.assign(queries.indices.begin(), queries.indices.end());
  }

  const float* table(std::size_t begin, std::size_t lanes, std::size_t worker) override {
    auto& scratch = scratch_[worker];
    const auto padded = blocks_of_lanes(columns_) * kLanes;
    if (!scratch) scratch = std::make_unique<Scratch>(Scratch{LaneTable(padded), LaneTable(kChunk)});
    auto* out = scratch->table.data();
    auto* found = scratch->found.data();  // [lane][column of the chunk]
    for (std::size_t first = 0; first < columns_; first += kChunk) {
      const auto width = std::min(kChunk, columns_ - first);
      for (std::size_t l = 0; l < kLanes; ++l) {
        auto* row = found + l * kChunk;
        std::fill_n(row, kChunk, 0.0F);
        if (l >= lanes) continue;
        if (mean_) {
          add_up(begin + l, first, width, row);
        } else {
          find_best(begin + l, first, width, row);
        }
      }
      for (std::size_t c = 0; c < width; c += kLanes) {
        kernels_.transpose(found + c, kChunk, out + (first + c) * kLanes, kLanes);
      }
    }
    return out;
  }

 private:
  struct Scratch {
    LaneTable table, found;
  };

  const float* matrix_row(std::int32_t term, std::size_t first) const {
    return matrix_.data() + static_cast<std::size_t>(term) * columns_ + first;
  }

  void find_best(std::size_t set, std::size_t first, std::size_t width, float* row) const {
    for (const auto term : sources_.row(set)) {
      const auto* scores = matrix_row(term, first);
      for (std::size_t c = 0; c < width; ++c) row[c] = std::max(row[c], scores[c]);
    }
  }

  void add_up(std::size_t set, std::size_t first, std::size_t width, float* row) const {
    auto total = 0.0F;
    const auto begin = static_cast<std::size_t>(sources_.offsets[set]);
    const auto end = static_cast<std::size_t>(sources_.offsets[set + 1]);
    for (auto k = begin; k < end; ++k) {
      const auto weight = weights_.empty() ? 1.0F : weights_[k];
      const auto* scores = matrix_row(sources_.indices[k], first);
      for (std::size_t c = 0; c < width; ++c) row[c] += weight * scores[c];
      total += weight;
    }
    if (total <= 0.0F) return;
    for (std::size_t c = 0; c < width; ++c) row[c] /= total;
  }

  const LaneKernels& kernels_;
  std::span<const float> matrix_;
  std::size_t columns_;
  CsrView sources_;
  bool mean_;
  std::span<const float> weights_;
  std::vector<std::unique_ptr<Scratch>> scratch_;
};

}  // namespace

std::unique_ptr<BestMatches> best_by_matrix(const LaneKernels& kernels, std::span<const float> matrix,
                                            std::size_t columns, CsrView queries, CsrView sources, bool mean,
                                            std::span<const float> weights, std::size_t workers) {
  return std::make_unique<BestByMatrix>(kernels, matrix, columns, queries, sources, mean, weights, workers);
}

}  // namespace phenojax
