#pragma once
// Similarity of terms by the graph alone: what an ancestor contributes to a term fades with every edge between them.

#include <cstdint>
#include <span>

#include "phenojax/ontology_graph.hpp"
#include "phenojax/parallel.hpp"

namespace phenojax {

// S_x(t) = edge_weight ^ (edges on the shortest way up from x to its ancestor t), 1 at x itself.
//
//   out[i][j] = sum over the common ancestors t of (S_a(t) + S_b(t)) / (sum of all S_a + sum of all S_b)
//
// out is row-major (a.size(), b.size()), in [0, 1]: exactly 1 where a term meets itself, 0 where no ancestor is common,
// and exactly symmetric where a and b hold the same. Two 64-byte row reads per 16 values and ancestor.
//
// Throws std::invalid_argument on an index out of range, an output of another size, or a weight outside (0, 1].
void wang(const OntologyGraph& graph, double edge_weight, std::span<const std::int32_t> a,
          std::span<const std::int32_t> b, const Parallel& parallel, std::span<float> out);

}  // namespace phenojax
