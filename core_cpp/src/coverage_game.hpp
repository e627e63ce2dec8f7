#pragma once
// The terms of one set as players, and what their closures bring, by who brings it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "phenojax/ontology_graph.hpp"

namespace phenojax {

// Ancestors that exactly the same players bring count as one group, so that a set has a few dozen of them.
class CoverageGame {
 public:
  // All must outlive it.
  CoverageGame(const OntologyGraph& graph, std::span<const double> weights, std::span<const double> values,
               double empty)
      : graph_(graph),
        weights_(weights),
        values_(values),
        empty_(empty),
        place_(static_cast<std::size_t>(graph.n_terms()), -1) {}

  // Players are the terms by rising index, so that the order of a set changes nothing.
  void assign(std::span<const std::int32_t> terms);

  [[nodiscard]] std::size_t players() const { return terms_.size(); }
  [[nodiscard]] std::span<const std::int32_t> terms() const { return terms_; }
  // Where in the set each player stands.
  [[nodiscard]] std::span<const std::size_t> entries() const { return entries_; }

  [[nodiscard]] double empty() const { return empty_; }
  [[nodiscard]] double worth(double value, double weight) const;
  [[nodiscard]] double total() const { return total_; }
  [[nodiscard]] std::span<const double> leave_one_out() const { return leave_one_out_; }

  struct Sum {
    double value = 0.0, weight = 0.0;
  };
  [[nodiscard]] std::size_t groups() const { return sums_.size(); }
  [[nodiscard]] Sum sum(std::size_t group) const { return sums_[group]; }
  // Bit p of the first word: player p brings the group. The whole mask, where there are no more than 64 players.
  [[nodiscard]] std::uint64_t mask(std::size_t group) const { return masks_[group * words_]; }

  // marginal[p] = what player p adds when all come in this order
  void along(std::span<const std::uint32_t> order, std::span<double> marginal);

 private:
  void sort_players(std::span<const std::int32_t> terms);
  void group_ancestors();
  void list_groups_by_player();
  void leave_each_out();

  const OntologyGraph& graph_;
  std::span<const double> weights_, values_;
  double empty_;
  std::vector<std::int32_t> place_;  // of each term of the ontology in the closure, -1 outside it
  std::vector<std::int32_t> terms_;
  std::vector<std::size_t> entries_;
  std::size_t words_ = 0;
  std::vector<std::uint64_t> masks_;  // words_ per group
  std::vector<Sum> sums_;
  std::size_t group_words_ = 0;
  std::vector<std::uint64_t> groups_of_;  // group_words_ per player
  std::vector<std::uint64_t> seen_;
  double total_ = 0.0;
  std::vector<double> leave_one_out_;
};

}  // namespace phenojax
