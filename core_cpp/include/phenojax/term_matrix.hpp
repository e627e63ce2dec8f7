#pragma once
// Similarity of every term of one list to every term of another.

#include <cstdint>
#include <span>

#include "phenojax/ontology_graph.hpp"
#include "phenojax/parallel.hpp"
#include "phenojax/term_measure.hpp"

namespace phenojax {

// out is row-major (a.size(), b.size()). `a` and `b` are term indices, in any order and with repeats. 0 for terms
// without a common ancestor. One pass over the ancestors of `b` per 16 terms of `a`, then one 64-byte row read per 16
// values.
//
// Throws std::invalid_argument on an index out of range or an output of another size, and std::domain_error when a
// custom measure gives what is not finite, or negative.
void term_matrix(const OntologyGraph& graph, const TermValues& values, std::span<const std::int32_t> a,
                 std::span<const std::int32_t> b, const Parallel& parallel, std::span<float> out);

}  // namespace phenojax
