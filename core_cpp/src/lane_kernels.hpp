#pragma once
// The inner loops, over tables of 16 float32 lanes (one 64-byte row per term, one lane per term set). They are compiled
// once per instruction set from lane_kernels_body.hpp and chosen at run time by dispatch.cpp.
//
// Raw pointers on purpose: a translation unit built for AVX-512 must not hold an inline function of the standard
// library that the linker could then pick for the whole program.

#include <cstddef>
#include <cstdint>

namespace phenojax {

inline constexpr std::size_t kLanes = 16;

// The ancestors in play, in topological order. Row 0 is a sentinel above all roots whose best match is 0, rows 1.. are
// terms. Nearly all terms have one or two parents: those are read without a branch.
//
//   first, second  int32[rows]  two parents; equal when there is one, 0 when there is none
//   extra_child    int32[e + 1] terms with further parents, ascending, one entry a parent; ends with -1
//   extra_parent   int32[e]
//   value          float[rows]  what a common ancestor is worth, 0 or more
struct PassGraph {
  const std::int32_t* first;
  const std::int32_t* second;
  const std::int32_t* extra_child;
  const std::int32_t* extra_parent;
  const float* value;
  std::int32_t rows;
};

// Ancestors that may give some lane its best score, by falling information content: n rows of 16 lanes.
struct Staged {
  float* common;  // of each: what it is worth as the common ancestor
  float* lowest;  // of each and lane: the smallest information content of a term of the set below it, or infinity
  std::uint16_t* lower;  // of each: the lanes where no ancestor before has as low a term
};

// Sets of query terms: set r is indices[offsets[r] .. offsets[r + 1]), with one weight per index where a kernel reads
// it.
struct Queries {
  const std::int64_t* offsets;
  const std::int32_t* indices;
  const float* weights;
  const std::int32_t* order;  // the n_sets sets to visit
  std::size_t n_sets;
};

struct LaneKernels {
  const char* name;

  // masks[t] has bit l set when t is in the closure of set l. best[t][l] = the largest value among the common ancestors
  // of t and any term of set l. Two rows of 64 bytes read and one written per row of the graph.
  void (*best_common)(const PassGraph& graph, const std::uint16_t* masks, float* best);

  // Stages those of `rows` (by falling information content) that have a lower term in some lane than any before: the
  // score of the others is no larger. lowest[row][l] is infinite where lane l has no term below. Returns n; `out` needs
  // room for n_rows + 1.
  std::size_t (*stage)(const std::int32_t* rows, std::size_t n_rows, const float* lowest, const float* common,
                       const Staged& out);

  // best[q][l] = the largest score of query term q with the staged ancestors, 0 when there is none:
  //   best_ratio     common / (ic[q] + lowest[l])
  //   best_distance  1 / (1 + max(ic[q] + lowest[l] - common, 0))
  using BestStaged = void (*)(const Staged& staged, std::size_t n, const float* ic, std::size_t n_queries, float* best);
  BestStaged best_ratio;
  BestStaged best_distance;

  // best[l] = the largest scores[i][l], i < n, with bit l of lower[i] set; 0 when there is none.
  void (*best_of)(const float* scores, const std::uint16_t* lower, std::size_t n, float* best);

  // out[i][l], where i = order[r] - order_base, reduces table[t][l] over the terms t of set order[r], first to last; 0
  // for an empty set. One 64-byte row read per term.
  using Gather = void (*)(const float* table, const Queries& queries, std::int32_t order_base, float* out);
  Gather gather_sum;
  Gather gather_weighted_sum;
  Gather gather_max;
  Gather gather_min;

  // The first position from `from` on with values[position] > threshold; n when there is none.
  std::size_t (*first_above)(const float* values, std::size_t from, std::size_t n, float threshold);

  // out[c * stride + r] = in[r * in_stride + c] for a block of 16 x 16.
  void (*transpose)(const float* in, std::size_t in_stride, float* out, std::size_t stride);
};

const LaneKernels& baseline_kernels();
const LaneKernels& avx2_kernels();
const LaneKernels& avx512_kernels();

// By `active_isa()`.
const LaneKernels& active_kernels();

}  // namespace phenojax
