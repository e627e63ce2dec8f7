#include "phenojax/term_measure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>

#include "lane_table.hpp"

namespace phenojax {
namespace {

// in the order of TermMeasure
constexpr std::array<std::string_view, 7> kNames{
    "resnik", "lin", "relevance", "information_coefficient", "jiang_conrath", "hpo3_jiang_conrath", "hrss"};

double numerator(TermMeasure measure, double ic) {
  switch (measure) {
    case TermMeasure::lin:
    case TermMeasure::jiang_conrath:
    case TermMeasure::hpo3_jiang_conrath:
      return 2.0 * ic;
    case TermMeasure::relevance:
      return 2.0 * ic * (1.0 - std::exp(-ic));
    case TermMeasure::information_coefficient:
      return 2.0 * ic * (1.0 - 1.0 / (1.0 + ic));
    default:
      return ic;
  }
}

// Of each term, the largest information content of a leaf at or below it.
std::vector<float> most_informative_leaf(const OntologyGraph& graph, const std::vector<float>& ic) {
  std::vector<float> leaf(ic.size(), 0.0F);
  const auto order = graph.topological_order();
  const auto children = graph.children();
  for (auto at = order.size(); at-- > 0;) {
    const auto term = static_cast<std::size_t>(order[at]);
    const auto below = children.row(term);
    if (below.empty()) leaf[term] = ic[term];
    for (const auto child : below) leaf[term] = std::max(leaf[term], leaf[static_cast<std::size_t>(child)]);
  }
  return leaf;
}

}  // namespace

TermMeasure term_measure_from_name(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found != kNames.end()) return static_cast<TermMeasure>(found - kNames.begin());
  std::string names;
  for (const auto known : kNames) names += (names.empty() ? "" : ", ") + std::string(known);
  throw std::invalid_argument("measure must be one of " + names + ", not \"" + std::string(name) + "\"");
}

TermValues term_values(const OntologyGraph& graph, std::span<const double> ic, TermMeasure measure, BatchScore score) {
  check_values(ic, graph.n_terms(), "ic");
  if ((measure == TermMeasure::custom) != (score != nullptr)) {
    throw std::invalid_argument("a custom measure, and no other, has a function");
  }
  TermValues out{measure, score, {}, {}, never_falls(graph, ic), {}};
  out.ic.reserve(ic.size());
  for (const auto value : ic) {
    out.ic.push_back(static_cast<float>(value));
    // from the rounded value, so that equal float32 contents give equal numerators
    out.common.push_back(static_cast<float>(numerator(measure, static_cast<double>(out.ic.back()))));
  }
  if (measure == TermMeasure::hrss) out.leaf = most_informative_leaf(graph, out.ic);
  return out;
}

bool never_falls(const OntologyGraph& graph, std::span<const double> ic) {
  check_values(ic, graph.n_terms(), "ic");
  const auto parents = graph.parents();
  for (std::size_t term = 0; term < parents.rows(); ++term) {
    for (const auto parent : parents.row(term)) {
      if (static_cast<float>(ic[static_cast<std::size_t>(parent)]) > static_cast<float>(ic[term])) return false;
    }
  }
  return true;
}

}  // namespace phenojax
