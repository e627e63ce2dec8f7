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
//   ic             float[rows]  information content, 0 or more
struct PassGraph {
  const std::int32_t* first;
  const std::int32_t* second;
  const std::int32_t* extra_child;
  const std::int32_t* extra_parent;
  const float* ic;
  std::int32_t rows;
};

struct LaneKernels {
  const char* name;

  // masks[t] has bit l set when t is in the closure of set l. best[t][l] = the largest IC among the common ancestors of
  // t and any term of set l. Two rows of 64 bytes read and one written per row of the graph.
  void (*best_matches)(const PassGraph& graph, const std::uint16_t* masks, float* best);

  // out[r * stride + l] = sum over k in offsets[r] .. offsets[r + 1] of table[indices[k]][l], for r < n_rows, l <
  // lanes, added up in that order. One 64-byte row read per index.
  void (*gather_sums)(const float* table, const std::int64_t* offsets, const std::int32_t* indices, std::size_t n_rows,
                      float* out, std::size_t stride, std::size_t lanes);
};

const LaneKernels& baseline_kernels();
const LaneKernels& avx2_kernels();
const LaneKernels& avx512_kernels();

// By `active_isa()`.
const LaneKernels& active_kernels();

}  // namespace phenojax
