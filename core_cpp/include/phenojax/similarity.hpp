#pragma once
// Exact Resnik similarity between sets of terms.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "phenojax/csr.hpp"
#include "phenojax/ontology_graph.hpp"
#include "phenojax/parallel.hpp"

namespace phenojax {

// How the best matches of the terms of two sets, a (the row) and b (the column), become one number.
enum class Combine : std::uint8_t {
  bma,         // (sum over a + sum over b) / (terms in a + terms in b)
  funsim_avg,  // mean of the two directed means
  funsim_max,  // the larger directed mean
  a_to_b,      // mean over the terms of a of their best match in b
  b_to_a,      // mean over the terms of b of their best match in a
};

// Throws std::invalid_argument, naming those there are.
[[nodiscard]] Combine combine_from_name(std::string_view name);

// out is row-major (a.rows(), b.rows()); without `b` it is a against itself, and then exactly symmetric for the
// symmetric combiners. Rows are taken as given: a term that stands twice counts twice. A set without terms has
// similarity 0 with everything. `ic` has one value per term, finite and not negative.
//
// Per 16 sets side by side: one pass over the ancestors in play (64 bytes per term), then one 64-byte row read per term
// of each set of the other side. Scratch per thread: 66 bytes per ancestor in play.
//
// Throws std::invalid_argument on malformed sets, sizes or ic, before anything is computed.
void set_similarity(const OntologyGraph& graph, std::span<const double> ic, CsrView a, std::optional<CsrView> b,
                    Combine combine, const Parallel& parallel, std::span<float> out);

// Cosine of ancestor closures: a set is the vector with sqrt(weights[t]) on every term of its closure, L2-normalised.
// 0 where a vector is all 0 (weights below 1.2e-38 count as 0); never above 1; without `b` exactly symmetric with a
// diagonal of exactly 1 (or 0).
void closure_kernel(const OntologyGraph& graph, std::span<const double> weights, CsrView a, std::optional<CsrView> b,
                    const Parallel& parallel, std::span<float> out);

}  // namespace phenojax
