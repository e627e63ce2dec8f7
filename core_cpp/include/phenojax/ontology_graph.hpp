#pragma once
// The is_a graph of one ontology: a DAG over dense term indices, frozen once built.

#include <cstdint>
#include <span>
#include <vector>

#include "phenojax/csr.hpp"

namespace phenojax {

class OntologyGraph {
 public:
  // `parents` has one row per term. Throws std::invalid_argument on an index out of range, on more than 2^31 - 1 terms
  // or edges, and on a graph so deep that terms have more than 2^28 ancestors in all (HPO: 3.3e5), and CycleError when
  // the edges do not form a DAG.
  explicit OntologyGraph(CsrView parents);

  [[nodiscard]] std::int32_t n_terms() const noexcept { return n_terms_; }
  [[nodiscard]] CsrView parents() const noexcept { return parents_.view(); }
  [[nodiscard]] CsrView children() const noexcept { return children_.view(); }
  // Every term after all of its parents; ties by index, so that the order is a function of the graph alone.
  [[nodiscard]] std::span<const std::int32_t> topological_order() const noexcept { return order_; }

  // Of each term, itself and all of its ancestors, in no particular order.
  [[nodiscard]] CsrView ancestor_lists() const noexcept { return ancestors_.view(); }

  // The given terms and all of their ancestors (descendants): ascending, each once.
  [[nodiscard]] std::vector<std::int32_t> ancestors(std::span<const std::int32_t> terms) const;
  [[nodiscard]] std::vector<std::int32_t> descendants(std::span<const std::int32_t> terms) const;
  // The same for every row of `sets`.
  [[nodiscard]] Csr closures(CsrView sets) const;

 private:
  std::int32_t n_terms_;
  Csr parents_;
  Csr children_;
  Csr ancestors_;
  std::vector<std::int32_t> order_;
};

}  // namespace phenojax
