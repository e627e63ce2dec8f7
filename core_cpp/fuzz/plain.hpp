#pragma once
// The similarities as their definitions say them, by loops over pairs of terms and in double precision.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "phenojax/combine.hpp"
#include "phenojax/ontology_graph.hpp"
#include "phenojax/term_measure.hpp"

namespace phenojax::fuzz {

using Terms = std::span<const std::int32_t>;

inline double ratio(double numerator, double denominator) { return denominator > 0.0 ? numerator / denominator : 0.0; }

// A table of what every term is worth to every term.
class PlainTable {
 public:
  PlainTable(const OntologyGraph& graph, const std::vector<double>& ic, TermMeasure measure)
      : columns_(ic.size()), graph_(graph), ic_(ic), measure_(measure) {
    for (std::int32_t s = 0; s < graph.n_terms(); ++s) {
      for (std::int32_t t = 0; t < graph.n_terms(); ++t) values_.push_back(pair(s, t));
    }
  }

  [[nodiscard]] double operator()(std::int32_t s, std::int32_t t) const {
    return values_[static_cast<std::size_t>(s) * columns_ + static_cast<std::size_t>(t)];
  }

 private:
  [[nodiscard]] std::vector<std::int32_t> closure(std::int32_t term) const {
    return graph_.ancestors(std::array<std::int32_t, 1>{term});
  }

  [[nodiscard]] double ic(std::int32_t term) const { return ic_[static_cast<std::size_t>(term)]; }

  // How much further down the most informative leaf lies.
  [[nodiscard]] double to_leaf(std::int32_t term) const {
    double best = 0.0;
    for (const auto below : graph_.descendants(std::array<std::int32_t, 1>{term})) {
      if (graph_.children().row(static_cast<std::size_t>(below)).empty()) best = std::max(best, ic(below));
    }
    return best - ic(term);
  }

  [[nodiscard]] double pair(std::int32_t s, std::int32_t t) const {
    const auto of_s = closure(s);
    double mica = -1.0;
    for (const auto term : closure(t)) {
      if (std::ranges::binary_search(of_s, term)) mica = std::max(mica, ic(term));
    }
    return mica < 0.0 ? 0.0 : formula(mica, s, t);
  }

  [[nodiscard]] double formula(double mica, std::int32_t s, std::int32_t t) const {
    const auto lin = ratio(2.0 * mica, ic(s) + ic(t));
    const auto distance = std::max(ic(s) + ic(t) - 2.0 * mica, 0.0);
    switch (measure_) {
      case TermMeasure::resnik:
        return mica;
      case TermMeasure::lin:
      case TermMeasure::custom:  // the one that the target gives
        return lin;
      case TermMeasure::relevance:
        return lin * (1.0 - std::exp(-mica));
      case TermMeasure::information_coefficient:
        return lin * (1.0 - 1.0 / (1.0 + mica));
      case TermMeasure::jiang_conrath:
        return 1.0 / (1.0 + distance);
      case TermMeasure::hpo3_jiang_conrath:
        return s == t ? 1.0 : ic(s) > 0.0 && ic(t) > 0.0 ? 1.0 / (1.0 + distance) : 0.0;
      case TermMeasure::hrss:
        return ratio(mica, mica + std::max((to_leaf(s) + to_leaf(t)) / 2.0, 0.0)) / (1.0 + distance);
    }
    return 0.0;
  }

  std::vector<double> values_;
  std::size_t columns_;
  const OntologyGraph& graph_;
  const std::vector<double>& ic_;
  TermMeasure measure_;
};

// The terms of a set and how much each counts.
struct PlainSet {
  Terms terms;
  std::span<const float> weights;
  [[nodiscard]] double weight(std::size_t k) const { return weights.empty() ? 1.0 : double{weights[k]}; }
  [[nodiscard]] double total() const {
    double sum = 0.0;
    for (std::size_t k = 0; k < terms.size(); ++k) sum += weight(k);
    return sum;
  }
};

// What the terms of one set find in the other.
struct Direction {
  double sum = 0.0;
  double total = 0.0;
  double largest = 0.0;
  double smallest = std::numeric_limits<double>::infinity();
};

template <class Score>
Direction direction(const PlainSet& from, const PlainSet& to, const Score& score) {
  Direction out;
  out.total = from.total();
  for (std::size_t k = 0; k < from.terms.size(); ++k) {
    double best = 0.0;
    for (const auto t : to.terms) best = std::max(best, double{score(from.terms[k], t)});
    out.sum += from.weight(k) * best;
    out.largest = std::max(out.largest, best);
    out.smallest = std::min(out.smallest, best);
  }
  return out;
}

// score(s, t) for s of `a` and t of `b`.
template <class Score>
double plain_similarity(const PlainSet& a, const PlainSet& b, Combine combine, const Score& score) {
  if (a.terms.empty() || b.terms.empty()) return 0.0;
  const auto forward = direction(a, b, score);
  const auto backward = direction(b, a, [&](auto t, auto s) { return score(s, t); });
  const auto a_to_b = ratio(forward.sum, forward.total);
  const auto b_to_a = ratio(backward.sum, backward.total);
  switch (combine) {
    case Combine::bma:
      return ratio(forward.sum + backward.sum, forward.total + backward.total);
    case Combine::funsim_avg:
      return (a_to_b + b_to_a) / 2.0;
    case Combine::funsim_max:
      return std::max(a_to_b, b_to_a);
    case Combine::a_to_b:
      return a_to_b;
    case Combine::b_to_a:
      return b_to_a;
    case Combine::max:
      return std::max(forward.largest, backward.largest);
    case Combine::hausdorff:
      return std::min(forward.smallest, backward.smallest);
    case Combine::mean:
      break;
  }
  double sum = 0.0;
  for (std::size_t i = 0; i < a.terms.size(); ++i) {
    for (std::size_t j = 0; j < b.terms.size(); ++j) sum += a.weight(i) * b.weight(j) * score(a.terms[i], b.terms[j]);
  }
  return ratio(sum, a.total() * b.total());
}

// How many of `observed` are, or lie below, one of `excluded`.
inline std::size_t contradicted(const OntologyGraph& graph, Terms observed, Terms excluded) {
  std::size_t n = 0;
  for (const auto term : observed) {
    const auto above = graph.ancestors(std::array<std::int32_t, 1>{term});
    n += std::ranges::any_of(excluded, [&](auto e) { return std::ranges::binary_search(above, e); }) ? 1U : 0U;
  }
  return n;
}

}  // namespace phenojax::fuzz
