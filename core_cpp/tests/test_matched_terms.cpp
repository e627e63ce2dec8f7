// Which term met which: by hand, against plain loops, and under the sanitizers for threads and malformed input.

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <vector>

#include "check.hpp"
#include "phenojax/matched_terms.hpp"
#include "term_sets.hpp"

namespace {

using namespace phenojax;
using namespace phenojax::test;

using Values = std::vector<double>;
using Rows = std::vector<std::int64_t>;
using Terms = std::vector<std::int32_t>;

// 0 above 1 and 2; 3 below 1; 4 below both 1 and 2; 5 stands alone.
OntologyGraph diamond() { return OntologyGraph(csr_of({{}, {0}, {0}, {1}, {1, 2}, {}}).view()); }

void a_diamond_by_hand() {
  const auto graph = diamond();
  const Values ic{0.0, 1.0, 2.0, 4.0, 5.0, 6.0};
  const auto a = csr_of({{4, 5}, {3}, {}});
  const auto b = csr_of({{3, 2}, {1, 4, 3}, {}});
  const auto found = matched_terms(graph, ic, a.view(), b.view(), Rows{0, 0, 1, 1, 2, 1}, Rows{0, 1, 0, 1, 1, 2}, {1});
  check(found.offsets == Rows{0, 2, 4, 5, 6, 6, 7});
  check(found.term_a == Terms{4, 5, 4, 5, 3, 3, 3});
  check(found.term_b == Terms{2, -1, 4, -1, 3, 3, -1});
  check(found.mica == Terms{2, -1, 4, -1, 3, 3, -1});
  check(found.ic == std::vector<float>{2, 0, 5, 0, 4, 4, 0});
}

void ties_are_settled_by_the_graph_and_then_by_the_index() {
  const auto graph = diamond();
  const auto one = csr_of({{4}});
  // All ancestors weigh the same: the lowest shared one. Below term 1 stand 3 and 4: the smaller; but 1 itself first.
  const auto meets = [&](const Values& ic, const Csr& a, const Csr& b) {
    const auto found = matched_terms(graph, ic, a.view(), b.view(), Rows{0}, Rows{0}, {1});
    return Terms{found.term_b[0], found.mica[0]};
  };
  const Values flat(6, 1.0);
  check(meets(flat, one, csr_of({{3}})) == Terms{3, 1});
  check(meets(flat, csr_of({{1}}), csr_of({{4, 3}})) == Terms{3, 1});
  check(meets(flat, csr_of({{1}}), csr_of({{4, 3, 1}})) == Terms{1, 1});
  check(meets(flat, one, csr_of({{4, 4}})) == Terms{4, 4});
}

void large_sets_are_matched_as_plain_loops_match_them() {
  constexpr std::size_t kTerms = 200;
  const OntologyGraph graph(random_rows(kTerms, 3, 1, [](auto r) { return r; }).view());
  const auto a = random_rows(40, 6, 2, [](auto) { return kTerms; });
  const auto b = random_rows(60, 6, 3, [](auto) { return kTerms; });
  Values ic(kTerms);
  for (std::size_t t = 0; t < kTerms; ++t) ic[t] = static_cast<double>(t * 31 % 7);
  Rows rows_a, rows_b;
  for (std::int64_t p = 0; p < 3000; ++p) {
    rows_a.push_back(p * 17 % 40);
    rows_b.push_back(p * 29 % 60);
  }
  const auto found = matched_terms(graph, ic, a.view(), b.view(), rows_a, rows_b, {1});
  for (std::size_t p = 0; p < rows_a.size(); ++p) {
    const auto others = b.view().row(static_cast<std::size_t>(rows_b[p]));
    const auto shared = graph.ancestors(others);
    for (auto e = static_cast<std::size_t>(found.offsets[p]); e < static_cast<std::size_t>(found.offsets[p + 1]); ++e) {
      double best = -1;
      for (const auto t : graph.ancestors(std::vector{found.term_a[e]})) {
        if (std::binary_search(shared.begin(), shared.end(), t)) best = std::max(best, ic[static_cast<std::size_t>(t)]);
      }
      check_equal(found.mica[e] == -1, best < 0);
      if (best < 0) continue;
      check_equal(static_cast<double>(found.ic[e]), best);
      check(std::find(others.begin(), others.end(), found.term_b[e]) != others.end());
      for (const auto term : {found.term_a[e], found.term_b[e]}) {
        const auto above = graph.ancestors(std::vector{term});
        check(std::binary_search(above.begin(), above.end(), found.mica[e]));
      }
    }
  }
  for (const int threads : {4, 7}) {
    const auto again = matched_terms(graph, ic, a.view(), b.view(), rows_a, rows_b, {threads});
    check(again.term_b == found.term_b && again.mica == found.mica && again.ic == found.ic);
  }
}

void nothing_is_matched_from_malformed_input() {
  const auto graph = diamond();
  const Values flat(6, 1.0);
  const auto good = csr_of({{0}, {4}});
  const auto fails = [&](const Values& ic, const Csr& a, const Csr& b, const Rows& x, const Rows& y, const char* part) {
    check_throws<std::invalid_argument>([&] { (void)matched_terms(graph, ic, a.view(), b.view(), x, y, {1}); }, part);
  };
  const Csr broken{{0, 1}, {6}};
  fails(flat, broken, good, {0}, {0}, "a: ");
  fails(flat, good, broken, {0}, {0}, "b: ");
  fails(flat, good, good, {0, 1}, {0}, "one length, not 2 and 1");
  fails(flat, good, good, {2}, {0}, "rows_a: row 2 at position 0");
  fails(flat, good, good, {0, 0}, {0, -1}, "rows_b: row -1 at position 1");
  fails({1.0}, good, good, {0}, {0}, "ic must have 6 values");
  fails(Values(6, std::numeric_limits<double>::quiet_NaN()), good, good, {0}, {0}, "from 0 to 1e30");
}

void nothing_at_all_is_fine() {
  const OntologyGraph empty(csr_of({}).view());
  const auto found = matched_terms(empty, {}, csr_of({}).view(), csr_of({}).view(), {}, {}, {4});
  check(found.offsets == Rows{0});
  check(found.term_a.empty());
}

}  // namespace

int main() {
  return run({
      {"a diamond by hand", a_diamond_by_hand},
      {"ties are settled by the graph and then by the index", ties_are_settled_by_the_graph_and_then_by_the_index},
      {"large sets are matched as plain loops match them", large_sets_are_matched_as_plain_loops_match_them},
      {"nothing is matched from malformed input", nothing_is_matched_from_malformed_input},
      {"nothing at all is fine", nothing_at_all_is_fine},
  });
}
