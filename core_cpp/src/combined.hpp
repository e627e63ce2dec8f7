#pragma once
// The arithmetic of Combine for one pair of sets.

#include <algorithm>
#include <type_traits>

#include "phenojax/combine.hpp"

namespace phenojax {

// forward: what the terms of a find in b, added up (max, hausdorff: the largest, the smallest); backward: the reverse.
// total: how many terms a set has, or the sum of their weights. A set without terms has 0 for all three.
template <Combine combine>
inline float combined(float forward, float backward, float total_a, float total_b) {
  const auto per = [](float sum, float total) { return sum / (total > 0.0F ? total : 1.0F); };
  if constexpr (combine == Combine::bma) {
    return per(forward + backward, total_a + total_b);
  } else if constexpr (combine == Combine::max) {
    return std::max(forward, backward);
  } else if constexpr (combine == Combine::hausdorff) {
    return std::min(forward, backward);
  } else if constexpr (combine == Combine::a_to_b) {
    return per(forward, total_a);
  } else if constexpr (combine == Combine::b_to_a) {
    return per(backward, total_b);
  } else {
    const auto a_to_b = per(forward, total_a);
    const auto b_to_a = per(backward, total_b);
    // mean: each term finds the mean instead of the best, so that both directions are the mean over all pairs
    return combine == Combine::funsim_max ? std::max(a_to_b, b_to_a) : (a_to_b + b_to_a) * 0.5F;
  }
}

// Calls run(std::integral_constant<Combine, combine>), so that the choice is made outside of the loops.
template <class Run>
void with_combine(Combine combine, const Run& run) {
  switch (combine) {
    case Combine::bma:
      return run(std::integral_constant<Combine, Combine::bma>{});
    case Combine::funsim_avg:
      return run(std::integral_constant<Combine, Combine::funsim_avg>{});
    case Combine::funsim_max:
      return run(std::integral_constant<Combine, Combine::funsim_max>{});
    case Combine::a_to_b:
      return run(std::integral_constant<Combine, Combine::a_to_b>{});
    case Combine::b_to_a:
      return run(std::integral_constant<Combine, Combine::b_to_a>{});
    case Combine::mean:
      return run(std::integral_constant<Combine, Combine::mean>{});
    case Combine::max:
      return run(std::integral_constant<Combine, Combine::max>{});
    case Combine::hausdorff:
      return run(std::integral_constant<Combine, Combine::hausdorff>{});
  }
}

}  // namespace phenojax
