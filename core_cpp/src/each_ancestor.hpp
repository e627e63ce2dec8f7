#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "phenojax/ontology_graph.hpp"

namespace phenojax {

// Calls reach(row, term) for every ancestor in play of every term of a set, and for row 0 in place of one that is not;
// row_of has the row of each term.
template <class Reach>
void each_ancestor(const OntologyGraph& graph, const std::vector<std::int32_t>& row_of,
                   std::span<const std::int32_t> set, const Reach& reach) {
  const auto above = graph.ancestor_lists();
  for (const auto term : set) {
    for (const auto ancestor : above.row(static_cast<std::size_t>(term))) {
      reach(static_cast<std::size_t>(row_of[static_cast<std::size_t>(ancestor)]), term);
    }
  }
}

}  // namespace phenojax
