#pragma once
// Two directions of best matches, joined pair by pair: all of a matrix or a tile of it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "best_matches.hpp"
#include "phenojax/combine.hpp"
#include "phenojax/csr.hpp"
#include "phenojax/parallel.hpp"
#include "tile.hpp"

namespace phenojax {

struct Side {
  CsrView sets;
  std::span<const float> weights;  // one per entry of sets.indices; empty: all 1
};

class PairEngine {
 public:
  static constexpr std::size_t kWindow = 1024;

  // `forward` answers what the terms of a find in b, `backward` the reverse. a_to_b needs no backward and b_to_a no
  // forward; a against itself, without b, has `backward` alone. Both have scratch for as many workers as are used
  // below.
  PairEngine(const LaneKernels& kernels, Combine combine, Side a, std::optional<Side> b,
             std::unique_ptr<BestMatches> forward, std::unique_ptr<BestMatches> backward);

  // out[i - rows.begin][j - columns.begin] for all pairs. Ranges begin at a multiple of kWindow and end at one or with
  // the sets.
  void fill(Range rows, Range columns, const Parallel& parallel, Tile out);

  // The same for a against itself, with (j, i) in `mirror` besides (i, j) in `out`: each sum is made once. The mirror
  // of a range against itself is `out`.
  void fill_mirrored(Range rows, Range columns, const Parallel& parallel, Tile out, Tile mirror);

 private:
  // The query sets of a direction, as the kernels read them.
  struct QuerySets {
    CsrView sets;
    std::span<const float> weights;
    const std::int32_t* rows = nullptr;
    std::vector<std::int32_t> order;  // each window of sets by length: the loop over a set is then predicted
    std::vector<float> total;
    LaneKernels::Gather gather = nullptr;
  };

  [[nodiscard]] QuerySets query_sets(Side side, const BestMatches* matches) const;
  template <class Take>
  void gather_windows(const QuerySets& queries, Range range, const float* table, float* window, const Take& take) const;
  void sums_by_row(Range rows, Range columns, const Parallel& parallel, Tile out);
  template <Combine combine>
  void join_by_column(Range rows, Range columns, const Parallel& parallel, Tile out);
  template <Combine combine>
  void join_without_forward(Range rows, Range columns, Tile out) const;
  template <Combine combine>
  void join_mirrored(Range rows, Range columns, const Parallel& parallel, Tile out, Tile mirror) const;

  const LaneKernels& kernels_;
  Combine combine_;
  std::unique_ptr<BestMatches> forward_, backward_;
  QuerySets a_, b_;
};

}  // namespace phenojax
