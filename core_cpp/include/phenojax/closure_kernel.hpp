#pragma once

#include <optional>
#include <span>

#include "phenojax/csr.hpp"
#include "phenojax/ontology_graph.hpp"
#include "phenojax/parallel.hpp"

namespace phenojax {

// Cosine of ancestor closures: a set is the vector with sqrt(weights[t]) on every term of its closure, L2-normalised.
// 0 where a vector is all 0 (weights below 1.2e-38 count as 0); never above 1; without `b` exactly symmetric with a
// diagonal of exactly 1 (or 0).
void closure_kernel(const OntologyGraph& graph, std::span<const double> weights, CsrView a, std::optional<CsrView> b,
                    const Parallel& parallel, std::span<float> out);

}  // namespace phenojax
