// Under the sanitizers: that no kernel reads or writes where it should not, and that threads share nothing.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "check.hpp"
#include "phenojax/dispatch.hpp"
#include "phenojax/similarity.hpp"
#include "phenojax/term_matrix.hpp"
#include "term_scores.hpp"
#include "term_sets.hpp"

namespace {

using namespace phenojax;
using namespace phenojax::test;

using Values = std::vector<double>;
using Matrix = std::vector<float>;

constexpr std::size_t kTerms = 300;
constexpr std::size_t kSets = 53;  // not a multiple of 16

struct Problem {
  OntologyGraph graph{random_rows(kTerms, 4, 1, [](auto r) { return r; }).view()};
  Csr sets = random_rows(kSets, 9, 2, [](auto) { return kTerms; });
  Csr denied = random_rows(kSets, 3, 3, [](auto) { return kTerms; });
  Values ic = Values(kTerms, 0.0);
  std::vector<float> weights;
  Problem() {
    for (const auto ordered : graph.topological_order()) {
      const auto term = static_cast<std::size_t>(ordered);
      for (const auto parent : graph.parents().row(term)) {
        ic[term] = std::max(ic[term], ic[static_cast<std::size_t>(parent)]);
      }
      ic[term] += static_cast<double>(term * 7919 % 1000) / 500.0;
    }
    for (std::size_t k = 0; k < sets.indices.size(); ++k) weights.push_back(static_cast<float>(k % 7) / 4.0F);
  }
};

// As numba would give it.
void lin_by_batch(std::int64_t n, const float* ic_mica, float ic_a, const float* ic_b, float* out) {
  for (std::int64_t i = 0; i < n; ++i) {
    const auto both = ic_a + ic_b[i];
    out[i] = both > 0.0F ? 2.0F * ic_mica[i] / both : 0.0F;
  }
}

constexpr std::array kCombiners{Combine::bma,    Combine::funsim_avg, Combine::funsim_max, Combine::a_to_b,
                                Combine::b_to_a, Combine::max,        Combine::hausdorff};
constexpr std::array kFast{TermMeasure::resnik, TermMeasure::lin, TermMeasure::jiang_conrath, TermMeasure::custom};

TermValues values_of(const Problem& p, TermMeasure measure) {
  return term_values(p.graph, p.ic, measure, measure == TermMeasure::custom ? &lin_by_batch : nullptr);
}

Matrix similarity(const Problem& p, TermMeasure measure, Combine combine, int threads, bool both_sides,
                  bool by_matrix = false) {
  const auto values = values_of(p, measure);
  const auto b = both_sides ? std::optional(p.sets.view()) : std::nullopt;
  auto problem = sets_by_ancestor(p.graph, values, p.sets.view(), b, combine);
  problem.a.weights = p.weights;
  if (problem.b) problem.b->weights = p.weights;
  Matrix terms;
  if (by_matrix) {
    terms.resize(kTerms * kTerms);
    std::vector<std::int32_t> every(kTerms);
    std::iota(every.begin(), every.end(), 0);
    term_matrix(p.graph, values, every, every, {threads}, terms);
    problem.scores = ByTermMatrix{terms, kTerms, kTerms};
  }
  Matrix out(kSets * kSets);
  set_similarity(problem, {threads}, out);
  return out;
}

bool close(const Matrix& x, const Matrix& y) {
  return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                    [](auto a, auto b) { return std::abs(a - b) <= 1e-5F * std::max(1.0F, std::abs(a)); });
}

void a_chain_by_hand() {
  const OntologyGraph graph(csr_of({{}, {0}, {1}}).view());
  const auto sets = csr_of({{0}, {1}, {2}, {}});
  Matrix out(16);
  resnik(graph, Values{0.0, 1.5, 4.0}, sets.view(), std::nullopt, Combine::bma, 1, out);
  check(out == Matrix{0, 0, 0, 0, 0, 1.5, 1.5, 0, 0, 1.5, 4, 0, 0, 0, 0, 0});
}

void every_path_and_any_number_of_threads_give_the_same_bits() {
  const Problem problem;
  for (const auto measure : kFast) {
    for (const auto combine : kCombiners) {
      setenv("PHENOJAX_ISA", "baseline", 1);
      const auto expected = similarity(problem, measure, combine, 1, false);
      check(*std::max_element(expected.begin(), expected.end()) > 0);
      check(close(similarity(problem, measure, combine, 1, false, true), expected), "a matrix of terms says the same");
      check(close(similarity(problem, measure, combine, 3, true, true), expected), "on both sides too");
      for (const auto& isa : available_isas()) {
        setenv("PHENOJAX_ISA", isa.c_str(), 1);
        check_equal(active_isa(), isa);
        for (const int threads : {1, 4, 7}) {
          check(similarity(problem, measure, combine, threads, false) == expected, isa);
          check(similarity(problem, measure, combine, threads, true) == expected, isa);
        }
      }
    }
  }
  unsetenv("PHENOJAX_ISA");
}

void a_measure_of_ones_own_that_is_lin_gives_lin() {
  const Problem problem;
  for (const auto by_matrix : {false, true}) {
    const auto lin = similarity(problem, TermMeasure::lin, Combine::bma, 2, false, by_matrix);
    check(similarity(problem, TermMeasure::custom, Combine::bma, 2, false, by_matrix) == lin);
  }
}

void the_nearest_are_those_of_the_matrix() {
  const Problem problem;
  const auto values = values_of(problem, TermMeasure::lin);
  constexpr std::size_t k = 5;
  for (const auto combine : {Combine::bma, Combine::a_to_b}) {
    for (const auto both_sides : {false, true}) {
      const auto b = both_sides ? std::optional(problem.sets.view()) : std::nullopt;
      auto asked = sets_by_ancestor(problem.graph, values, problem.sets.view(), b, combine);
      const auto view = problem.sets.view();
      const auto denied = problem.denied.view();
      asked.exclusions.emplace(
          Exclusions{problem.graph, view, denied, b, b ? std::optional(denied) : std::nullopt, 0.5F});
      Matrix all(kSets * kSets);
      set_similarity(asked, {2}, all);
      std::vector<std::int64_t> ids(kSets * k);
      Matrix scores(kSets * k);
      nearest_sets(asked, k, {2}, {}, ids, scores);
      for (std::size_t i = 0; i < kSets; ++i) {
        std::vector<std::int64_t> order;
        for (std::size_t j = 0; j < kSets; ++j) {
          if (both_sides || j != i) order.push_back(static_cast<std::int64_t>(j));
        }
        const auto* row = all.data() + i * kSets;
        std::stable_sort(order.begin(), order.end(), [&](auto x, auto y) { return row[x] > row[y]; });
        for (std::size_t r = 0; r < k; ++r) {
          check_equal(ids[i * k + r], order[r]);
          check(scores[i * k + r] == row[order[r]]);
        }
      }
    }
  }
}

void windows_of_sets_meet() {
  const Problem problem;
  constexpr std::size_t kMany = 2100;
  const auto many = random_rows(kMany, 3, 4, [](auto) { return kTerms; });
  Matrix out(kMany * kMany);
  resnik(problem.graph, problem.ic, many.view(), std::nullopt, Combine::bma, 3, out);
  Matrix rows(kSets * kMany);
  resnik(problem.graph, problem.ic, problem.sets.view(), many.view(), Combine::bma, 3, rows);
  Matrix columns(kMany * kSets);
  resnik(problem.graph, problem.ic, many.view(), problem.sets.view(), Combine::bma, 3, columns);
  for (std::size_t i = 0; i < kMany; ++i) {
    for (std::size_t j = 0; j < kSets; ++j) check(columns[i * kSets + j] == rows[j * kMany + i]);
    check(out[i * kMany + kMany - 1] == out[(kMany - 1) * kMany + i]);
  }
}

void an_unknown_instruction_set_is_named() {
  setenv("PHENOJAX_ISA", "mmx", 1);
  check_throws<std::invalid_argument>([] { (void)active_isa(); }, "PHENOJAX_ISA is \"mmx\"");
  unsetenv("PHENOJAX_ISA");
  check_equal(active_isa(), available_isas().back());
}

void nothing_is_computed_from_malformed_input() {
  const OntologyGraph graph(csr_of({{}, {0}}).view());
  const auto good = csr_of({{0}, {1}});
  const std::vector<Csr> broken{{{}, {}},      {{1, 1}, {0}}, {{0, 2, 1, 2}, {0, 0}},
                                {{0, 9}, {0}}, {{0, 1}, {2}}, {{0, 1}, {-1}}};
  Matrix out(4);
  for (const auto& bad : broken) {
    const auto with = [&](CsrView a, std::optional<CsrView> b) {
      check_throws<std::invalid_argument>([&] { resnik(graph, Values{1, 1}, a, b, Combine::bma, 1, out); }, ": ");
    };
    with(bad.view(), std::nullopt);
    with(good.view(), bad.view());
  }
  const auto fails = [&](const Values& ic, int threads, std::size_t size, const char* part) {
    Matrix small(size);
    check_throws<std::invalid_argument>(
        [&] { resnik(graph, ic, good.view(), std::nullopt, Combine::bma, threads, small); }, part);
  };
  fails({1}, 1, 4, "ic must have 2 values, not 1");
  fails({1, -1}, 1, 4, "from 0 to 1e30");
  fails({1, std::numeric_limits<double>::quiet_NaN()}, 1, 4, "from 0 to 1e30");
  fails({1, 1}, 0, 4, "threads must be at least 1");
  fails({1, 1}, 1, 3, "2 x 2 values, not 3");
  check_throws<std::invalid_argument>([] { (void)combine_from_name("median"); }, "bma, funsim_avg");
  check_throws<std::invalid_argument>([] { (void)term_measure_from_name("custom"); }, "resnik, lin");
}

void what_a_problem_must_not_hold_is_refused() {
  const OntologyGraph graph(csr_of({{}, {0}}).view());
  const auto sets = csr_of({{0}, {1}});
  const auto values = term_values(graph, Values{0, 1}, TermMeasure::lin);
  const auto good = sets_by_ancestor(graph, values, sets.view(), std::nullopt, Combine::bma);
  const auto fails = [](SetProblem problem, const auto& spoil, const char* part) {
    spoil(problem);
    Matrix out(4);
    check_throws<std::invalid_argument>([&] { set_similarity(problem, {1}, out); }, part);
  };
  const std::vector<float> one{1.0F}, negative{1.0F, -1.0F}, matrix(4, 0.0F);
  const auto falling = term_values(graph, Values{2, 1}, TermMeasure::lin);
  const auto hrss = term_values(graph, Values{0, 1}, TermMeasure::hrss);
  fails(good, [&](auto& p) { p.a.weights = one; }, "2 terms and 1 weights");
  fails(good, [&](auto& p) { p.a.weights = negative; }, "from 0 to 1e30");
  fails(good, [](auto& p) { p.combine = Combine::mean; }, "needs a term matrix");
  fails(good, [&](auto& p) { p.scores.template emplace<ByCommonAncestor>(graph, falling); }, "needs a term matrix");
  fails(good, [&](auto& p) { p.scores.template emplace<ByCommonAncestor>(graph, hrss); }, "needs a term matrix");
  fails(good, [&](auto& p) { p.scores = ByTermMatrix{matrix, 2, 3}; }, "rows x columns");
  fails(good, [&](auto& p) { p.scores = ByTermMatrix{matrix, 1, 4}; }, "square");
  fails(good, [&](auto& p) { p.scores = ByTermMatrix{one, 1, 1}; }, "index");
  const auto exclusions = [&](CsrView excluded, float strength) {
    return Exclusions{graph, sets.view(), excluded, std::nullopt, std::nullopt, strength};
  };
  const auto short_of_one = csr_of({{0}});
  fails(good, [&](auto& p) { p.exclusions.emplace(exclusions(short_of_one.view(), 1)); }, "where there are 2");
  fails(good, [&](auto& p) { p.exclusions.emplace(exclusions(sets.view(), 2)); }, "from 0 to 1");
  std::vector<std::int64_t> ids(4);
  Matrix scores(4);
  check_throws<std::invalid_argument>([&] { nearest_sets(good, 2, {1}, {}, ids, scores); }, "there are 1 candidates");
}

void nothing_at_all_is_fine() {
  const OntologyGraph empty(csr_of({}).view());
  resnik(empty, {}, csr_of({}).view(), std::nullopt, Combine::bma, 4, {});
  Matrix out(1, 9.0F);
  resnik(empty, {}, csr_of({{}}).view(), std::nullopt, Combine::funsim_avg, 4, out);
  check(out == Matrix{0.0F});
}

}  // namespace

int main() {
  return run({
      {"a chain by hand", a_chain_by_hand},
      {"every path and any number of threads give the same bits",
       every_path_and_any_number_of_threads_give_the_same_bits},
      {"a measure of one's own that is lin gives lin", a_measure_of_ones_own_that_is_lin_gives_lin},
      {"the nearest are those of the matrix", the_nearest_are_those_of_the_matrix},
      {"windows of sets meet", windows_of_sets_meet},
      {"an unknown instruction set is named", an_unknown_instruction_set_is_named},
      {"nothing is computed from malformed input", nothing_is_computed_from_malformed_input},
      {"what a problem must not hold is refused", what_a_problem_must_not_hold_is_refused},
      {"nothing at all is fine", nothing_at_all_is_fine},
  });
}
