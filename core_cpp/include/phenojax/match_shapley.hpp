#pragma once
// How much each term of a set adds to a weighted sum of its similarities to other sets, where similarities are averages
// of best matches: Shapley values, exact for any number of terms.

#include <span>
#include <vector>

#include "phenojax/combine.hpp"
#include "phenojax/csr.hpp"
#include "phenojax/parallel.hpp"
#include "phenojax/similarity.hpp"

namespace phenojax {

// One per entry of the sets, and one per set: see ShapleyValues. No terms are worth 0.
struct MatchShapley {
  std::vector<double> value, leave_one_out, total;
};

// Terms T of a set are worth v(T) = sum over the sets j of `b` of coefficients[j] * similarity(T, j), with `combine`
// one of bma, funsim_avg, a_to_b, b_to_a. `a` holds rows and `b` columns of the matrix, none of whose values is
// negative. `coefficients` are one per set of b, or a.rows() x b.rows(), row-major: those of each set of a.
//
// Where no orders need to be drawn: the best match of a column is a sum over levels, each of which is reached as soon
// as one of the q terms that are so alike is there, and is scaled by the number of terms alone. A game of that form is
// the same to all who are among the q, and to all who are not, so that both get what a formula says.
//
// Of k terms: k log k per distinct column, k per column of each set of b, and k^2 per distinct size of these.
//
// Throws std::invalid_argument on malformed sets, sizes or another combiner, before anything is computed.
[[nodiscard]] MatchShapley match_shapley(const ByTermMatrix& matrix, CsrView a, CsrView b,
                                         std::span<const double> coefficients, Combine combine,
                                         const Parallel& parallel);

}  // namespace phenojax
