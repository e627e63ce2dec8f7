#pragma once
// How much each term of a set adds to a score that is a cosine of closures: Shapley values (Shapley 1953).
//
// Terms T of a set are worth v(T) = (sum of `values` over closure(T)) / sqrt(sum of `weights` over closure(T)), and
// `empty` where that closure weighs nothing, as that of no terms. A term's Shapley value is its mean worth v(T + term)
// - v(T) for those that came before it, over all orders in which the terms may come.

#include <cstdint>
#include <span>
#include <vector>

#include "phenojax/csr.hpp"
#include "phenojax/ontology_graph.hpp"
#include "phenojax/parallel.hpp"

namespace phenojax {

struct ShapleySettings {
  double empty = 0.0;
  int exact_up_to = 14;        // sets of as many terms are computed over all subsets; at most kMostExactTerms
  std::int64_t orders = 2000;  // of larger sets; 4 to 2^24, taken in pairs of an order and its reverse
  std::uint64_t seed = 0;
};

// All subsets of so many terms take 24 MiB a thread.
inline constexpr int kMostExactTerms = 20;

// One per entry of the sets, and one per set.
//
//   value           Shapley value
//   standard_error  of that, over pairs of orders; 0 where all subsets were taken
//   leave_one_out   v(all) - v(all but the term)
//   total           v(all), one per set
struct ShapleyValues {
  std::vector<double> value, standard_error, leave_one_out, total;
};

// A term that stands twice is two players. The values of a set depend on its terms, not on their order, on the other
// sets, or on the threads: the orders are drawn from the seed and the terms.
//
// Terms of the closure that the same players bring are one. All subsets of k terms: k 2^k / 2 additions of pairs. An
// order: one addition for each such class of ancestors, and a root and a quotient for each term. Scratch per thread: 24
// bytes per subset, 4 bytes per term of the ontology.
//
// Throws std::invalid_argument on malformed sets, weights (0 to 1e30), values (-1e30 to 1e30) or settings, before
// anything is computed.
[[nodiscard]] ShapleyValues closure_shapley(const OntologyGraph& graph, std::span<const double> weights,
                                            std::span<const double> values, CsrView sets,
                                            const ShapleySettings& settings, const Parallel& parallel);

}  // namespace phenojax
