#include "all_subsets.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace phenojax {
namespace {

// at[c] becomes the sum over all supersets of c, for pairs of numbers.
void sum_supersets(double* at, std::size_t bits) {
  const auto size = std::size_t{2} << bits;
  for (std::size_t stride = 2; stride < size; stride *= 2) {
    for (std::size_t block = 0; block < size; block += 2 * stride) {
      auto* without = at + block;
      const auto* with = without + stride;
      for (std::size_t i = 0; i < stride; ++i) without[i] += with[i];
    }
  }
}

}  // namespace

void AllSubsets::operator()(const CoverageGame& game, std::span<double> shapley) {
  cover(game);
  share(game, shapley);
}

// Player j adds to a subset T of those before it the groups that it brings and nobody of T does: those where all of T
// is among the players without the group. No difference is taken, so that what weighs nothing is exactly 0.
void AllSubsets::cover(const CoverageGame& game) {
  const auto k = game.players();
  covered_.assign(std::size_t{2} << k, 0.0);
  for (std::size_t j = 0; j < k; ++j) {
    const auto half = std::size_t{1} << j;
    auto* upper = covered_.data() + 2 * half;
    for (std::size_t g = 0; g < game.groups(); ++g) {
      const auto mask = game.mask(g);
      if ((mask >> j & 1U) == 0) continue;
      const auto without = ~mask & (half - 1);
      const auto sum = game.sum(g);
      upper[2 * without] += sum.value;
      upper[2 * without + 1] += sum.weight;
    }
    sum_supersets(upper, j);
    const auto* lower = covered_.data();
    for (std::size_t i = 0; i < 2 * half; ++i) upper[i] += lower[i];
  }
}

// With s players in T and c = C(k, s): a player of T gets v(T) / (s c), all others lose v(T) / ((k - s) c).
void AllSubsets::share(const CoverageGame& game, std::span<double> shapley) {
  const auto k = game.players();
  const auto subsets = std::size_t{1} << k;
  std::vector<double> gain(k + 1, 0.0), loss(k + 1, 0.0);
  double choices = 1.0;
  for (std::size_t s = 0; s <= k; ++s) {
    if (s > 0) gain[s] = 1.0 / (static_cast<double>(s) * choices);
    if (s < k) loss[s] = 1.0 / (static_cast<double>(k - s) * choices);
    choices *= static_cast<double>(k - s) / static_cast<double>(s + 1);
  }
  scaled_.resize(subsets);
  double lost = 0.0;
  for (std::size_t subset = 0; subset < subsets; ++subset) {
    const auto s = static_cast<std::size_t>(std::popcount(subset));
    const auto worth = game.worth(covered_[2 * subset], covered_[2 * subset + 1]);
    scaled_[subset] = (gain[s] + loss[s]) * worth;
    lost += loss[s] * worth;
  }
  // Player by player from the last: the sum over the subsets with it, then both halves are joined.
  for (auto player = k; player-- > 0;) {
    const auto half = std::size_t{1} << player;
    auto* lower = scaled_.data();
    const auto* upper = lower + half;
    double sum = 0.0;
    for (std::size_t i = 0; i < half; ++i) {
      sum += upper[i];
      lower[i] += upper[i];
    }
    shapley[player] = sum - lost;
  }
}

}  // namespace phenojax
