#pragma once
// How many distinct items (diseases, genes, individuals) are annotated to each term or to anything below it.

#include <cstdint>
#include <span>
#include <vector>

#include "phenojax/ontology_graph.hpp"

namespace phenojax {

// items[r] is annotated to terms[r]; repeated rows count once. Returns one count per term: a child's count never
// exceeds its parent's. Throws std::invalid_argument on unequal lengths or an index out of range.
// O(terms + rows + sum over items of the edges in the closure of its terms).
[[nodiscard]] std::vector<std::int32_t> annotation_counts(const OntologyGraph& graph,
                                                          std::span<const std::int32_t> items,
                                                          std::span<const std::int32_t> terms, std::int32_t n_items);

}  // namespace phenojax
