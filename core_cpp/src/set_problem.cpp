#include "set_problem.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "lane_table.hpp"

namespace phenojax {
namespace {

void check_sets(const TermSets& sets, std::int64_t limit, const char* what) {
  if (sets.terms.rows() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    throw std::invalid_argument(std::string(what) + ": more than 2^31 - 1 sets");
  }
  check_csr(sets.terms, limit, what);
  if (sets.weights.empty()) return;
  if (sets.weights.size() != sets.terms.indices.size()) {
    throw std::invalid_argument(std::string(what) + " has " + std::to_string(sets.terms.indices.size()) +
                                " terms and " + std::to_string(sets.weights.size()) + " weights");
  }
  for (const auto weight : sets.weights) {
    if (!(weight >= 0.0F && weight <= 1e30F)) {
      throw std::invalid_argument(std::string(what) + ": weights must be from 0 to 1e30, and one is " +
                                  std::to_string(weight));
    }
  }
}

void check_exclusions(const SetProblem& problem, const Exclusions& exclusions) {
  const auto limit = exclusions.graph.n_terms();
  const auto check = [&](CsrView sets, std::size_t rows, const char* what) {
    check_csr(sets, limit, what);
    if (sets.rows() == rows) return;
    throw std::invalid_argument(std::string(what) + " has " + std::to_string(sets.rows()) + " sets, where there are " +
                                std::to_string(rows));
  };
  check(exclusions.observed, problem.a.terms.rows(), "the observed terms of a");
  check(exclusions.excluded, problem.a.terms.rows(), "the excluded terms of a");
  if (exclusions.other_observed.has_value() != problem.b.has_value() ||
      exclusions.other_excluded.has_value() != problem.b.has_value()) {
    throw std::invalid_argument("excluded terms of b belong to a problem with b, and to no other");
  }
  if (problem.b) {
    check(*exclusions.other_observed, problem.b->terms.rows(), "the observed terms of b");
    check(*exclusions.other_excluded, problem.b->terms.rows(), "the excluded terms of b");
  }
  if (!(exclusions.strength >= 0.0F && exclusions.strength <= 1.0F)) {
    throw std::invalid_argument("the strength of excluded terms must be from 0 to 1, not " +
                                std::to_string(exclusions.strength));
  }
}

std::vector<float> transposed(const ByTermMatrix& matrix) {
  constexpr std::size_t kTile = 64;
  std::vector<float> out(matrix.values.size());
  for (std::size_t first_row = 0; first_row < matrix.rows; first_row += kTile) {
    for (std::size_t first_column = 0; first_column < matrix.columns; first_column += kTile) {
      for (auto r = first_row; r < std::min(matrix.rows, first_row + kTile); ++r) {
        for (auto c = first_column; c < std::min(matrix.columns, first_column + kTile); ++c) {
          out[c * matrix.rows + r] = matrix.values[r * matrix.columns + c];
        }
      }
    }
  }
  return out;
}

}  // namespace

void check_problem(const SetProblem& problem) {
  if (const auto* by_ancestor = std::get_if<ByCommonAncestor>(&problem.scores)) {
    const auto& values = by_ancestor->values;
    if (values.measure == TermMeasure::hrss || values.measure == TermMeasure::hpo3_jiang_conrath ||
        problem.combine == Combine::mean || (values.measure != TermMeasure::resnik && !values.never_falls)) {
      throw std::invalid_argument("this measure, combiner or information content needs a term matrix");
    }
    if (values.ic.size() != static_cast<std::size_t>(by_ancestor->graph.n_terms())) {
      throw std::invalid_argument("the values are of another graph");
    }
    check_sets(problem.a, by_ancestor->graph.n_terms(), "a");
    if (problem.b) check_sets(*problem.b, by_ancestor->graph.n_terms(), "b");
  } else {
    const auto& matrix = std::get<ByTermMatrix>(problem.scores);
    const auto most = static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
    if (matrix.rows > most || matrix.columns > most || matrix.values.size() != matrix.rows * matrix.columns) {
      throw std::invalid_argument("the term matrix must have rows x columns values");
    }
    if (!problem.b && matrix.rows != matrix.columns) {
      throw std::invalid_argument("without b the term matrix must be square");
    }
    check_sets(problem.a, static_cast<std::int64_t>(matrix.rows), "a");
    if (problem.b) check_sets(*problem.b, static_cast<std::int64_t>(matrix.columns), "b");
  }
  if (problem.exclusions) check_exclusions(problem, *problem.exclusions);
}

SetEngine::SetEngine(const SetProblem& problem, const Parallel& parallel)
    : parallel_(parallel),
      rows_(problem.a.terms.rows()),
      columns_(problem.b ? problem.b->terms.rows() : rows_),
      mirrored_(!problem.b && !problem.exclusions) {
  const auto& kernels = active_kernels();
  const auto workers = worker_count(blocks_of_lanes(std::max(rows_, columns_)), parallel);
  const auto& b = problem.b ? *problem.b : problem.a;
  const auto needs_forward = problem.b && problem.combine != Combine::b_to_a;
  const auto needs_backward = !problem.b || problem.combine != Combine::a_to_b;
  std::unique_ptr<BestMatches> forward, backward;
  if (const auto* by_ancestor = std::get_if<ByCommonAncestor>(&problem.scores)) {
    const auto matches = [&](CsrView queries, CsrView sources) {
      return best_by_common_ancestor(kernels, by_ancestor->graph, by_ancestor->values, queries, sources, workers);
    };
    if (needs_backward) backward = matches(b.terms, problem.a.terms);
    if (needs_forward) forward = matches(problem.a.terms, b.terms);
  } else {
    const auto& matrix = std::get<ByTermMatrix>(problem.scores);
    const auto mean = problem.combine == Combine::mean;
    if (needs_backward) {
      backward = best_by_matrix(kernels, matrix.values, matrix.columns, b.terms, problem.a.terms, mean,
                                problem.a.weights, workers);
    }
    if (needs_forward) {
      transposed_ = transposed(matrix);
      forward = best_by_matrix(kernels, transposed_, matrix.rows, problem.a.terms, b.terms, mean, b.weights, workers);
    }
  }
  similarity_ = std::make_unique<PairEngine>(kernels, problem.combine, Side{problem.a.terms, problem.a.weights},
                                             problem.b ? std::optional(Side{b.terms, b.weights}) : std::nullopt,
                                             std::move(forward), std::move(backward));
  if (!problem.exclusions) return;
  const auto& exclusions = *problem.exclusions;
  const auto other_observed = exclusions.other_observed.value_or(exclusions.observed);
  const auto other_excluded = exclusions.other_excluded.value_or(exclusions.excluded);
  strength_ = exclusions.strength;
  contradicted_ = std::make_unique<PairEngine>(
      kernels, Combine::bma, Side{exclusions.observed, {}}, Side{other_observed, {}},
      at_or_below(kernels, exclusions.graph, exclusions.observed, other_excluded, workers),
      at_or_below(kernels, exclusions.graph, other_observed, exclusions.excluded, workers));
}

void SetEngine::fill(Range rows, Range columns, Tile out) {
  similarity_->fill(rows, columns, parallel_, out);
  if (!contradicted_) return;
  for (auto first = rows.begin; first < rows.end; first += PairEngine::kWindow) {
    const Range band{first, std::min(rows.end, first + PairEngine::kWindow)};
    share_.resize(band.size() * columns.size());
    contradicted_->fill(band, columns, parallel_, {share_.data(), columns.size()});
    for (std::size_t r = 0; r < band.size(); ++r) {
      auto* row = out.row(first - rows.begin + r);
      const auto* share = share_.data() + r * columns.size();
      for (std::size_t c = 0; c < columns.size(); ++c) row[c] *= 1.0F - strength_ * share[c];
    }
  }
}

void SetEngine::fill_mirrored(Range rows, Range columns, Tile out, Tile mirror) {
  similarity_->fill_mirrored(rows, columns, parallel_, out, mirror);
}

}  // namespace phenojax
