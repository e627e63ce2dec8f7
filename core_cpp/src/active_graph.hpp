#pragma once
// The part of an ontology that one side of a comparison can reach: the ancestors of its terms, compacted in topological
// order; see PassGraph for the layout.

#include <cstdint>
#include <span>
#include <vector>

#include "lane_kernels.hpp"
#include "phenojax/csr.hpp"
#include "phenojax/ontology_graph.hpp"

namespace phenojax {

struct ActiveGraph {
  std::vector<std::int32_t> position;  // of each term of the ontology; 0 when not in play
  std::vector<std::int32_t> term{-1};  // of each row; row 0 is the sentinel
  std::vector<std::int32_t> first{0}, second{0}, extra_child, extra_parent;
  std::vector<float> value{0.0F};

  [[nodiscard]] std::size_t rows() const { return value.size(); }
  [[nodiscard]] PassGraph view() const {
    return {first.data(),        second.data(), extra_child.data(),
            extra_parent.data(), value.data(),  static_cast<std::int32_t>(rows())};
  }
};

// `value` has one entry per term of `graph`.
[[nodiscard]] ActiveGraph activate(const OntologyGraph& graph, std::span<const float> value,
                                   std::span<const std::int32_t> terms);

}  // namespace phenojax
