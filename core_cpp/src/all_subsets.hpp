#pragma once
// Shapley values over all subsets of the players.

#include <span>
#include <vector>

#include "coverage_game.hpp"

namespace phenojax {

class AllSubsets {
 public:
  // shapley has one place per player, of whom there are at most 32.
  void operator()(const CoverageGame& game, std::span<double> shapley);

 private:
  void cover(const CoverageGame& game);
  void share(const CoverageGame& game, std::span<double> shapley);

  std::vector<double> covered_;  // value and weight of subset T: 2 T and 2 T + 1
  std::vector<double> scaled_;   // per subset
};

}  // namespace phenojax
