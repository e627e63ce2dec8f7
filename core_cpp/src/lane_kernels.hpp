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

// The ancestors of each query term, itself among them, as rows of the graph: row q is rows[offsets[q] .. offsets[q +
// 1]).
struct Candidates {
  const std::int64_t* offsets;
  const std::int32_t* rows;
  const float* ic;  // of each query term
  std::size_t n_queries;
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

  // best[q][l] = the largest score among the ancestors c of q with masks[c] != 0, where lowest[c][l] is the smallest
  // information content of a term of set l below c, infinite when there is none: its score is then 0.
  //   best_ratio     common[c] / (ic[q] + lowest[c][l])
  //   best_distance  1 / (1 + max(ic[q] + lowest[c][l] - common[c], 0))
  void (*best_ratio)(const Candidates& candidates, const std::uint16_t* masks, const float* lowest, const float* common,
                     float* best);
  void (*best_distance)(const Candidates& candidates, const std::uint16_t* masks, const float* lowest,
                        const float* common, float* best);

  // best[l] = the largest scores[k][l], k < n, with bit l of masks[k] set; 0 when there is none.
  void (*best_found)(const float* scores, const std::uint16_t* masks, std::size_t n, float* best);

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
