// Shapley values: by the definition over all orders, along drawn orders, and under the sanitizers for threads and
// malformed input.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "check.hpp"
#include "phenojax/closure_shapley.hpp"
#include "phenojax/match_shapley.hpp"
#include "term_sets.hpp"

namespace {

using namespace phenojax;
using namespace phenojax::test;

using Values = std::vector<double>;
using Terms = std::vector<std::int32_t>;

constexpr std::size_t kTerms = 200;

OntologyGraph make_graph() {
  return OntologyGraph(random_rows(kTerms, 3, 1, [](auto r) { return r; }).view());
}
Csr make_sets(std::size_t rows, unsigned most, std::uint32_t seed) {
  return random_rows(rows, most, seed, [](auto) { return kTerms; });
}

// 31 and 7 are prime to what they are taken by, so that all values occur.
Values make_values(std::size_t by, std::size_t modulus, double shift) {
  Values out(kTerms);
  for (std::size_t t = 0; t < kTerms; ++t) out[t] = static_cast<double>(t * by % modulus) + shift;
  return out;
}

bool near(double a, double b) { return std::abs(a - b) <= 1e-9 * (1.0 + std::abs(b)); }

// The mean over all orders of what each adds to worth(those before it).
template <class Worth>
Values along_all_orders(std::size_t n, const Worth& worth) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  Values out(n, 0.0);
  double orders = 0.0;
  do {
    ++orders;
    std::vector<std::size_t> some;
    auto before = worth(some);
    for (const auto player : order) {
      some.push_back(player);
      const auto now = worth(some);
      out[player] += now - before;
      before = now;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  for (auto& value : out) value /= orders;
  return out;
}

template <class Worth>
double without(std::size_t n, std::size_t left_out, const Worth& worth) {
  std::vector<std::size_t> some;
  for (std::size_t player = 0; player < n; ++player) {
    if (player != left_out) some.push_back(player);
  }
  return worth(some);
}

void closures_are_shared_as_all_orders_say() {
  const auto graph = make_graph();
  const auto weights = make_values(31, 5, 0.0);
  const auto values = make_values(7, 11, -5.0);
  const auto sets = make_sets(30, 6, 2);
  const auto found = closure_shapley(graph, weights, values, sets.view(), {.empty = 0.5}, {2});
  for (std::size_t r = 0; r < sets.view().rows(); ++r) {
    const auto terms = sets.view().row(r);
    const auto worth = [&](const std::vector<std::size_t>& players) {
      Terms some;
      for (const auto p : players) some.push_back(terms[p]);
      double value = 0.0, weight = 0.0;
      for (const auto t : graph.ancestors(some)) {
        value += values[static_cast<std::size_t>(t)];
        weight += weights[static_cast<std::size_t>(t)];
      }
      return weight > 0.0 ? value / std::sqrt(weight) : 0.5;
    };
    const auto expected = along_all_orders(terms.size(), worth);
    check(near(found.total[r], without(terms.size(), terms.size(), worth)));
    for (std::size_t p = 0; p < terms.size(); ++p) {
      const auto at = static_cast<std::size_t>(sets.offsets[r]) + p;
      check(near(found.value[at], expected[p]));
      check(near(found.leave_one_out[at], found.total[r] - without(terms.size(), p, worth)));
      check_equal(found.standard_error[at], 0.0);
    }
  }
}

// Sets of 0 to 80 terms, so that masks have more than a word; the draws are those of one thread.
void drawn_orders_are_near_and_do_not_depend_on_threads() {
  const auto graph = make_graph();
  const auto weights = make_values(31, 5, 0.5);
  const auto values = make_values(7, 11, -5.0);
  auto sets = make_sets(30, 12, 3);
  for (std::int32_t t = 0; t < 80; ++t) sets.indices.push_back(t * 2);
  sets.end_row();
  const ShapleySettings drawn{.exact_up_to = 0, .orders = 301, .seed = 4};
  const auto alone = closure_shapley(graph, weights, values, sets.view(), drawn, {1});
  for (const int threads : {2, 7}) {
    const auto again = closure_shapley(graph, weights, values, sets.view(), drawn, {threads});
    check(again.value == alone.value && again.standard_error == alone.standard_error);
    check(again.leave_one_out == alone.leave_one_out && again.total == alone.total);
  }
  const auto exact = closure_shapley(graph, weights, values, sets.view(), {}, {1});
  for (std::size_t r = 0; r < sets.view().rows(); ++r) {
    double sum = 0.0;
    for (auto e = static_cast<std::size_t>(sets.offsets[r]); e < static_cast<std::size_t>(sets.offsets[r + 1]); ++e) {
      sum += alone.value[e];
      if (sets.view().row(r).size() > 14) continue;
      check(std::abs(alone.value[e] - exact.value[e]) <= 5.0 * alone.standard_error[e] + 1e-9);
      check(near(alone.leave_one_out[e], exact.leave_one_out[e]));
    }
    check(near(sum, alone.total[r]));
  }
  check(closure_shapley(graph, weights, values, sets.view(), {.exact_up_to = 0, .orders = 301, .seed = 5}, {1}).value !=
        alone.value);
}

// bma by its definition, on a matrix of plain numbers.
void matches_are_shared_as_all_orders_say() {
  constexpr std::size_t kRows = 20, kColumns = 30;
  std::vector<float> cells(kRows * kColumns);
  for (std::size_t c = 0; c < cells.size(); ++c) cells[c] = static_cast<float>(c * 37 % 23) / 4.0F;
  const ByTermMatrix matrix{cells, kRows, kColumns};
  const auto a = random_rows(20, 6, 5, [](auto) { return kRows; });
  const auto b = random_rows(9, 7, 6, [](auto) { return kColumns; });
  Values coefficients(b.view().rows());
  for (std::size_t j = 0; j < coefficients.size(); ++j) coefficients[j] = static_cast<double>(j) - 3.5;
  const auto found = match_shapley(matrix, a.view(), b.view(), coefficients, Combine::bma, {3});
  for (std::size_t r = 0; r < a.view().rows(); ++r) {
    const auto terms = a.view().row(r);
    const auto cell = [&](std::size_t player, std::int32_t column) {
      return cells[static_cast<std::size_t>(terms[player]) * kColumns + static_cast<std::size_t>(column)];
    };
    const auto worth = [&](const std::vector<std::size_t>& players) {
      double out = 0.0;
      for (std::size_t j = 0; j < b.view().rows() && !players.empty(); ++j) {
        const auto columns = b.view().row(j);
        if (columns.empty()) continue;
        double sum = 0.0;
        for (const auto p : players) {
          auto best = 0.0F;
          for (const auto c : columns) best = std::max(best, cell(p, c));
          sum += best;
        }
        for (const auto c : columns) {
          auto best = 0.0F;
          for (const auto p : players) best = std::max(best, cell(p, c));
          sum += best;
        }
        out += coefficients[j] * sum / static_cast<double>(players.size() + columns.size());
      }
      return out;
    };
    const auto expected = along_all_orders(terms.size(), worth);
    check(near(found.total[r], without(terms.size(), terms.size(), worth)));
    for (std::size_t p = 0; p < terms.size(); ++p) {
      const auto at = static_cast<std::size_t>(a.offsets[r]) + p;
      check(near(found.value[at], expected[p]));
      check(near(found.leave_one_out[at], found.total[r] - without(terms.size(), p, worth)));
    }
  }
}

void coefficients_of_each_set_count_for_it_alone() {
  const std::vector<float> cells{3, 1, 2, 5};
  const ByTermMatrix matrix{cells, 2, 2};
  const auto a = csr_of({{0, 1}, {1}});
  const auto b = csr_of({{0}, {0, 1}});
  const auto each = match_shapley(matrix, a.view(), b.view(), Values{1, 0, 0, 2}, Combine::b_to_a, {2});
  const auto first = match_shapley(matrix, a.view(), b.view(), Values{1, 0}, Combine::b_to_a, {1});
  const auto second = match_shapley(matrix, a.view(), b.view(), Values{0, 2}, Combine::b_to_a, {1});
  check_equal(each.total[0], first.total[0]);
  check_equal(each.total[1], second.total[1]);
  check_equal(each.value[0], first.value[0]);
  check_equal(each.value[2], second.value[2]);
  check(near(each.total[1], 2.0 * (2.0 + 5.0) / 2.0));
}

void an_interrupt_ends_the_work() {
  const auto graph = make_graph();
  const auto values = make_values(7, 11, -5.0);
  const auto sets = make_sets(400, 20, 8);
  const Parallel interrupted{2, [] { throw std::runtime_error("Ctrl-C"); }};
  const ShapleySettings slow{.exact_up_to = 0, .orders = 100'000};
  check_throws<std::runtime_error>(
      [&] { (void)closure_shapley(graph, Values(kTerms, 1.0), values, sets.view(), slow, interrupted); }, "Ctrl-C");
}

void nothing_is_shared_from_malformed_input() {
  const auto graph = make_graph();
  const Values ones(kTerms, 1.0), few(3, 1.0);
  const auto good = csr_of({{0}, {4}});
  const Csr broken{{0, 1}, {200}};
  const auto fails = [&](const Values& weights, const Values& values, const Csr& sets, const ShapleySettings& settings,
                         const char* part) {
    check_throws<std::invalid_argument>(
        [&] { (void)closure_shapley(graph, weights, values, sets.view(), settings, {1}); }, part);
  };
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  fails(few, ones, good, {}, "weights must have 200 values");
  fails(ones, few, good, {}, "values must have 200 values");
  fails(Values(kTerms, -1.0), ones, good, {}, "weights must be from 0");
  fails(ones, Values(kTerms, nan), good, {}, "from -1e30 to 1e30");
  fails(ones, ones, good, {.empty = nan}, "from -1e30 to 1e30");
  fails(ones, ones, broken, {}, "sets");
  fails(ones, ones, good, {.exact_up_to = 21}, "exact_up_to must be from 0 to 20");
  fails(ones, ones, good, {.orders = 3}, "orders must be from 4");
  const std::vector<float> cells(6);
  const auto one = csr_of({{0}});
  const auto refuses = [&](const ByTermMatrix& matrix, const Csr& a, const Csr& b, const Values& coefficients,
                           Combine combine, const char* part) {
    check_throws<std::invalid_argument>(
        [&] { (void)match_shapley(matrix, a.view(), b.view(), coefficients, combine, {1}); }, part);
  };
  refuses({cells, 2, 2}, one, one, {1}, Combine::bma, "2 x 2 values, not 6");
  refuses({cells, 2, 3}, broken, one, {1}, Combine::bma, "a");
  refuses({cells, 2, 3}, one, broken, {1}, Combine::bma, "b");
  refuses({cells, 2, 3}, one, one, {1, 2}, Combine::bma, "one per set of b, 1,");
  refuses({cells, 2, 3}, one, one, {nan}, Combine::bma, "finite");
  refuses({cells, 2, 3}, one, one, {1}, Combine::max, "bma, funsim_avg, a_to_b, b_to_a");
}

void nothing_at_all_is_fine() {
  const auto graph = make_graph();
  const Values ones(kTerms, 1.0);
  check(closure_shapley(graph, ones, ones, csr_of({}).view(), {}, {4}).total.empty());
  const auto empty = closure_shapley(graph, ones, ones, csr_of({{}}).view(), {.empty = 2.0, .exact_up_to = 0}, {4});
  check(empty.total == Values{2.0} && empty.value.empty());
  check(match_shapley({{}, 0, 0}, csr_of({}).view(), csr_of({}).view(), {}, Combine::bma, {4}).total.empty());
}

}  // namespace

int main() {
  return run({
      {"closures are shared as all orders say", closures_are_shared_as_all_orders_say},
      {"drawn orders are near, and do not depend on threads", drawn_orders_are_near_and_do_not_depend_on_threads},
      {"matches are shared as all orders say", matches_are_shared_as_all_orders_say},
      {"coefficients of each set count for it alone", coefficients_of_each_set_count_for_it_alone},
      {"an interrupt ends the work", an_interrupt_ends_the_work},
      {"nothing is shared from malformed input", nothing_is_shared_from_malformed_input},
      {"nothing at all is fine", nothing_at_all_is_fine},
  });
}
