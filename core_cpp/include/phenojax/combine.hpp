#pragma once
// How the similarities of the terms of two sets, a (the row) and b (the column), become one number.

#include <cstdint>
#include <string_view>

namespace phenojax {

enum class Combine : std::uint8_t {
  bma,         // (sum over a + sum over b) / (terms in a + terms in b)
  funsim_avg,  // mean of the two directed means
  funsim_max,  // the larger directed mean
  a_to_b,      // mean over the terms of a of their best match in b
  b_to_a,      // mean over the terms of b of their best match in a
  mean,        // mean over all pairs of terms; not a best match
  max,         // the best match of all
  hausdorff,   // the worst of all best matches
};

// Throws std::invalid_argument, naming those there are.
[[nodiscard]] Combine combine_from_name(std::string_view name);

// Whether (a, b) and (b, a) are one number.
[[nodiscard]] constexpr bool is_symmetric(Combine combine) {
  return combine != Combine::a_to_b && combine != Combine::b_to_a;
}

}  // namespace phenojax
