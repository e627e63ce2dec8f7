#pragma once
// Problems of the usual kind in one line.

#include <optional>
#include <span>
#include <vector>

#include "phenojax/similarity.hpp"

namespace phenojax::test {

inline SetProblem sets_by_ancestor(const OntologyGraph& graph, const TermValues& values, CsrView a,
                                   std::optional<CsrView> b, Combine combine) {
  const auto other = b ? std::optional(TermSets{*b, {}}) : std::nullopt;
  return {ByCommonAncestor{graph, values}, TermSets{a, {}}, other, combine, std::nullopt};
}

inline void resnik(const OntologyGraph& graph, std::span<const double> ic, CsrView a, std::optional<CsrView> b,
                   Combine combine, int threads, std::span<float> out) {
  const auto values = term_values(graph, ic, TermMeasure::resnik);
  set_similarity(sets_by_ancestor(graph, values, a, b, combine), {threads}, out);
}

}  // namespace phenojax::test
