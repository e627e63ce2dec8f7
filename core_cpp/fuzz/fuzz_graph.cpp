// Any parents, sets and annotations for the graph: it takes what is well formed and refuses the rest, and what it
// answers is what a walk one edge at a time answers.

#include <algorithm>
#include <set>
#include <stdexcept>

#include "bytes.hpp"
#include "harness.hpp"
#include "phenojax/errors.hpp"
#include "phenojax/information_content.hpp"

namespace {

using namespace phenojax;
using fuzz::in_range;
using fuzz::require;
using Terms = std::vector<std::int32_t>;

Terms walk(CsrView edges, std::span<const std::int32_t> start) {
  std::set<std::int32_t> seen(start.begin(), start.end());
  Terms waiting(start.begin(), start.end());
  while (!waiting.empty()) {
    const auto term = static_cast<std::size_t>(waiting.back());
    waiting.pop_back();
    for (const auto next : edges.row(term)) {
      if (seen.insert(next).second) waiting.push_back(next);
    }
  }
  return {seen.begin(), seen.end()};
}

// Whether `action` went through; it may refuse by std::invalid_argument alone.
template <class Action>
bool accepted(const Action& action) {
  try {
    action();
  } catch (const std::invalid_argument&) {
    return false;
  }
  return true;
}

void check_order(const OntologyGraph& graph) {
  const auto order = graph.topological_order();
  require(order.size() == static_cast<std::size_t>(graph.n_terms()), "the order holds every term");
  std::vector<std::size_t> place(order.size(), order.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[static_cast<std::size_t>(order[i])] = i;
  for (std::size_t t = 0; t < place.size(); ++t) {
    require(place[t] < order.size(), "each term stands in the order once");
    for (const auto parent : graph.parents().row(t)) {
      require(place[static_cast<std::size_t>(parent)] < place[t], "a term stands after its parents");
    }
  }
}

void check_closures(const OntologyGraph& graph, const Csr& sets) {
  const auto n = static_cast<std::size_t>(graph.n_terms());
  Csr closures;
  const bool good = accepted([&] { closures = graph.closures(sets.view()); });
  require(good == fuzz::is_well_formed(sets.view(), n), "closures takes exactly the well-formed sets");
  for (std::size_t r = 0; good && r < sets.view().rows(); ++r) {
    const auto row = sets.view().row(r);
    const auto expected = walk(graph.parents(), row);
    require(std::ranges::equal(closures.view().row(r), expected), "closures are those of a plain walk");
    require(graph.ancestors(row) == expected, "ancestors are those of a plain walk");
    require(graph.descendants(row) == walk(graph.children(), row), "descendants are those of a plain walk");
  }
  Terms found;
  require(accepted([&] { found = graph.ancestors(sets.indices); }) == in_range(sets.indices, n),
          "ancestors takes exactly the terms there are");
  require(accepted([&] { found = graph.descendants(sets.indices); }) == in_range(sets.indices, n),
          "descendants takes exactly the terms there are");
}

void check_counts(const OntologyGraph& graph, const Terms& items, const Terms& terms, std::int32_t n_items) {
  const auto n = static_cast<std::size_t>(graph.n_terms());
  Terms counts;
  const bool good = accepted([&] { counts = annotation_counts(graph, items, terms, n_items); });
  const bool expected = items.size() == terms.size() && n_items >= 0 && in_range(terms, n) &&
                        in_range(items, static_cast<std::size_t>(std::max(n_items, 0)));
  require(good == expected, "annotation_counts takes exactly what is in range");
  if (!good) return;
  Terms plain(n, 0);
  for (std::int32_t item = 0; item < n_items; ++item) {
    Terms start;
    for (std::size_t r = 0; r < items.size(); ++r) {
      if (items[r] == item) start.push_back(terms[r]);
    }
    for (const auto term : walk(graph.parents(), start)) ++plain[static_cast<std::size_t>(term)];
  }
  require(counts == plain, "counts are of distinct items at or below each term");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Bytes bytes(data, size);
  const auto n_terms = bytes.below(40);
  const auto kind = bytes.below(4);
  const auto parents = kind == 0   ? fuzz::anything(bytes, 40)
                       : kind == 1 ? fuzz::well_formed(bytes, n_terms, 4, n_terms)
                                   : fuzz::dag(bytes, n_terms);
  try {
    const OntologyGraph graph(parents.view());
    require(fuzz::is_well_formed(parents.view(), parents.view().rows()), "malformed parents were taken");
    check_order(graph);
    check_closures(graph, fuzz::sets(bytes, 20, static_cast<std::size_t>(graph.n_terms())));
    const auto items = bytes.numbers<std::int32_t>(24);
    const auto terms = bytes.numbers<std::int32_t>(24);
    check_counts(graph, items, terms, bytes.take<std::int8_t>());
  } catch (const CycleError& error) {
    require(kind < 2 && fuzz::is_well_formed(parents.view(), parents.view().rows()), "there is no cycle in a DAG");
    const Terms above = walk(parents.view(), parents.view().row(static_cast<std::size_t>(error.term())));
    require(std::ranges::binary_search(above, error.term()), "the named term is on the cycle");
  } catch (const std::invalid_argument&) {
    require(!fuzz::is_well_formed(parents.view(), parents.view().rows()), "well-formed parents were refused");
  }
  return 0;
}
