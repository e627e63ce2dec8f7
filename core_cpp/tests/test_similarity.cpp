// Under the sanitizers: that no kernel reads or writes where it should not, and that threads share nothing.

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <vector>

#include "check.hpp"
#include "phenojax/dispatch.hpp"
#include "phenojax/similarity.hpp"
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
  Values ic = Values(kTerms, 0.0);
  Problem() {
    for (std::size_t t = 0; t < kTerms; ++t) ic[t] = static_cast<double>(t * 7919 % 1000) / 100.0;
  }
};

Matrix similarity(const Problem& p, Combine combine, int threads, bool both_sides) {
  Matrix out(kSets * kSets);
  const auto b = both_sides ? std::optional(p.sets.view()) : std::nullopt;
  set_similarity(p.graph, p.ic, p.sets.view(), b, combine, {threads}, out);
  return out;
}

Matrix kernel(const Problem& p, int threads, bool both_sides) {
  Matrix out(kSets * kSets);
  const auto b = both_sides ? std::optional(p.sets.view()) : std::nullopt;
  closure_kernel(p.graph, p.ic, p.sets.view(), b, {threads}, out);
  return out;
}

void a_chain_by_hand() {
  const OntologyGraph graph(csr_of({{}, {0}, {1}}).view());
  const auto sets = csr_of({{0}, {1}, {2}, {}});
  Matrix out(16);
  set_similarity(graph, Values{0.0, 1.5, 4.0}, sets.view(), std::nullopt, Combine::bma, {1}, out);
  check(out == Matrix{0, 0, 0, 0, 0, 1.5, 1.5, 0, 0, 1.5, 4, 0, 0, 0, 0, 0});
}

void every_path_and_any_number_of_threads_give_the_same_bits() {
  const Problem problem;
  for (const auto combine :
       {Combine::bma, Combine::funsim_avg, Combine::funsim_max, Combine::a_to_b, Combine::b_to_a}) {
    setenv("PHENOJAX_ISA", "baseline", 1);
    const auto expected = similarity(problem, combine, 1, false);
    const auto expected_kernel = kernel(problem, 1, false);
    check(*std::max_element(expected.begin(), expected.end()) > 0);
    for (const auto& isa : available_isas()) {
      setenv("PHENOJAX_ISA", isa.c_str(), 1);
      check_equal(active_isa(), isa);
      for (const int threads : {1, 4, 7}) {
        check(similarity(problem, combine, threads, false) == expected, isa);
        check(similarity(problem, combine, threads, true) == expected, isa);
        check(kernel(problem, threads, false) == expected_kernel, isa);
        kernel(problem, threads, true);
      }
    }
  }
  unsetenv("PHENOJAX_ISA");
}

void strips_of_rows_meet() {
  const Problem problem;
  constexpr std::size_t kMany = 2100;
  const auto many = random_rows(kMany, 3, 4, [](auto) { return kTerms; });
  Matrix out(kMany * kMany);
  set_similarity(problem.graph, problem.ic, many.view(), std::nullopt, Combine::bma, {3}, out);
  Matrix rows(kSets * kMany);
  set_similarity(problem.graph, problem.ic, problem.sets.view(), many.view(), Combine::bma, {3}, rows);
  Matrix columns(kMany * kSets);
  set_similarity(problem.graph, problem.ic, many.view(), problem.sets.view(), Combine::bma, {3}, columns);
  for (std::size_t i = 0; i < kMany; ++i) {
    for (std::size_t j = 0; j < kSets; ++j) check(columns[i * kSets + j] == rows[j * kMany + i]);
    check(out[i * kMany + kMany - 1] == out[(kMany - 1) * kMany + i]);
  }
  closure_kernel(problem.graph, problem.ic, many.view(), std::nullopt, {3}, out);
  for (std::size_t i = 0; i < kMany; ++i) check(out[i * kMany] == out[i]);
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
      check_throws<std::invalid_argument>([&] { set_similarity(graph, Values{1, 1}, a, b, Combine::bma, {1}, out); },
                                          ": ");
      check_throws<std::invalid_argument>([&] { closure_kernel(graph, Values{1, 1}, a, b, {1}, out); }, ": ");
    };
    with(bad.view(), std::nullopt);
    with(good.view(), bad.view());
  }
  const auto fails = [&](const Values& ic, int threads, std::size_t size, const char* part) {
    Matrix small(size);
    check_throws<std::invalid_argument>(
        [&] { set_similarity(graph, ic, good.view(), std::nullopt, Combine::bma, {threads}, small); }, part);
  };
  fails({1}, 1, 4, "ic must have 2 values, not 1");
  fails({1, -1}, 1, 4, "not negative");
  fails({1, std::numeric_limits<double>::quiet_NaN()}, 1, 4, "finite");
  fails({1, 1}, 0, 4, "threads must be at least 1");
  fails({1, 1}, 1, 3, "2 x 2 values, not 3");
  check_throws<std::invalid_argument>([] { (void)combine_from_name("mean"); }, "bma, funsim_avg");
}

void nothing_at_all_is_fine() {
  const OntologyGraph empty(csr_of({}).view());
  set_similarity(empty, {}, csr_of({}).view(), std::nullopt, Combine::bma, {4}, {});
  closure_kernel(empty, {}, csr_of({}).view(), std::nullopt, {4}, {});
  Matrix out(1, 9.0F);
  set_similarity(empty, {}, csr_of({{}}).view(), std::nullopt, Combine::funsim_avg, {4}, out);
  check(out == Matrix{0.0F});
}

}  // namespace

int main() {
  return run({
      {"a chain by hand", a_chain_by_hand},
      {"every path and any number of threads give the same bits",
       every_path_and_any_number_of_threads_give_the_same_bits},
      {"strips of rows meet", strips_of_rows_meet},
      {"an unknown instruction set is named", an_unknown_instruction_set_is_named},
      {"nothing is computed from malformed input", nothing_is_computed_from_malformed_input},
      {"nothing at all is fine", nothing_at_all_is_fine},
  });
}
