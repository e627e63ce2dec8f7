// Every measure on closures against loops over sets; under the sanitizers also that lanes, windows and strips meet.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "check.hpp"
#include "phenojax/closure_overlap.hpp"
#include "phenojax/dispatch.hpp"
#include "phenojax/wang.hpp"
#include "term_sets.hpp"

namespace {

using namespace phenojax;
using namespace phenojax::test;

using Values = std::vector<double>;
using Matrix = std::vector<float>;
using Terms = std::vector<std::int32_t>;
using TermSet = std::set<std::int32_t>;

constexpr std::size_t kTerms = 300;
constexpr std::size_t kSets = 53;  // not a multiple of 16
constexpr Overlap kAll[] = {Overlap::jaccard, Overlap::dice, Overlap::overlap, Overlap::cosine};

struct Problem {
  OntologyGraph graph{random_rows(kTerms, 3, 1, [](auto r) { return r; }).view()};
  Csr sets = random_rows(kSets, 9, 2, [](auto) { return kTerms; });
  Csr others = random_rows(21, 9, 3, [](auto) { return kTerms; });
  Values weights = Values(kTerms, 0.0);  // a tenth of them is 0
  Terms terms = Terms(kTerms);
  Problem() {
    for (std::size_t t = 0; t < kTerms; ++t) weights[t] = static_cast<double>(t * 7919 % 1000 / 100);
    std::iota(terms.begin(), terms.end(), 0);
  }
  [[nodiscard]] TermSet closure(std::span<const std::int32_t> some) const {
    const auto all = graph.ancestors(some);
    return {all.begin(), all.end()};
  }
  [[nodiscard]] double weight(const TermSet& some) const {
    return std::accumulate(some.begin(), some.end(), 0.0,
                           [&](double sum, auto t) { return sum + weights[static_cast<std::size_t>(t)]; });
  }
};

TermSet both(const TermSet& a, const TermSet& b) {
  TermSet out;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
  return out;
}
TermSet either(const TermSet& a, const TermSet& b) {
  auto out = a;
  out.insert(b.begin(), b.end());
  return out;
}
TermSet without(TermSet a, std::int32_t term) {
  a.erase(term);
  return a;
}

double ratio(double numerator, double denominator) { return denominator > 0 ? numerator / denominator : 0.0; }

double plain(Overlap overlap, const Problem& p, std::span<const std::int32_t> x, std::span<const std::int32_t> y) {
  const auto a = p.closure(x), b = p.closure(y);
  const auto c = p.weight(both(a, b)), s = p.weight(a), t = p.weight(b);
  switch (overlap) {
    case Overlap::jaccard:
      return ratio(c, p.weight(either(a, b)));
    case Overlap::dice:
      return ratio(2 * c, s + t);
    case Overlap::overlap:
      return ratio(c, std::min(s, t));
    case Overlap::cosine:
      return ratio(c, std::sqrt(s * t));
  }
  return -1;
}

double plain_graph_ic(const Problem& p, std::int32_t x, std::int32_t y) {
  if (x == y) return 1.0;
  const auto a = p.closure({&x, 1}), b = p.closure({&y, 1});
  return ratio(p.weight(both(a, b)), p.weight(either(without(a, x), without(b, y))));
}

// Best product of weights over all ways up, children before parents.
std::map<std::int32_t, double> contributions(const Problem& p, double edge, std::int32_t term) {
  std::map<std::int32_t, double> out{{term, 1.0}};
  const std::function<void(std::int32_t)> climb = [&](std::int32_t from) {
    for (const auto parent : p.graph.parents().row(static_cast<std::size_t>(from))) {
      const auto value = out[from] * edge;
      if (const auto known = out.find(parent); known != out.end() && known->second >= value) continue;
      out[parent] = value;
      climb(parent);
    }
  };
  climb(term);
  return out;
}

double plain_wang(const Problem& p, double edge, std::int32_t x, std::int32_t y) {
  const auto a = contributions(p, edge, x), b = contributions(p, edge, y);
  double common = 0.0, total = 0.0;
  for (const auto& [term, s] : a) {
    total += s;
    if (const auto found = b.find(term); found != b.end()) common += s + found->second;
  }
  for (const auto& entry : b) total += entry.second;
  return common / total;
}

void check_close(const Matrix& found, std::size_t rows, std::size_t columns,
                 const std::function<double(std::size_t, std::size_t)>& expected, const std::string& what) {
  double worst = 0.0;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      const auto value = found[i * columns + j];
      worst = std::max(worst, std::abs(static_cast<double>(value) - expected(i, j)));
      check(value >= 0.0F && value <= 1.0F, what + " leaves [0, 1]");
    }
  }
  check(worst < 2e-6, what + ": off by " + std::to_string(worst));
}

void check_kernel_like(const Matrix& found, std::size_t n, const std::string& what,
                       const std::function<bool(std::size_t)>& weighs) {
  for (std::size_t i = 0; i < n; ++i) {
    check(found[i * n + i] == (weighs(i) ? 1.0F : 0.0F), what + ": diagonal");
    for (std::size_t j = 0; j < i; ++j) check(found[i * n + j] == found[j * n + i], what + ": symmetry");
  }
}

using TermMatrix = std::function<void(std::span<const std::int32_t>, std::span<const std::int32_t>, int, Matrix&)>;
std::map<std::string, TermMatrix> term_measures(const Problem& p) {
  std::map<std::string, TermMatrix> out;
  for (const auto overlap : kAll) {
    out["overlap " + std::to_string(static_cast<int>(overlap))] = [&p, overlap](auto a, auto b, int threads, auto& m) {
      term_overlap(p.graph, p.weights, a, b, overlap, {threads}, m);
    };
  }
  out["graph_ic"] = [&p](auto a, auto b, int threads, auto& m) { graph_ic(p.graph, p.weights, a, b, {threads}, m); };
  out["wang"] = [&p](auto a, auto b, int threads, auto& m) { wang(p.graph, 0.8, a, b, {threads}, m); };
  return out;
}

void sets_overlap_as_loops_say() {
  const Problem p;
  for (const auto overlap : kAll) {
    const auto name = "overlap " + std::to_string(static_cast<int>(overlap));
    Matrix alone(kSets * kSets);
    closure_overlap(p.graph, p.weights, p.sets.view(), std::nullopt, overlap, {1}, alone);
    check_close(
        alone, kSets, kSets,
        [&](auto i, auto j) { return plain(overlap, p, p.sets.view().row(i), p.sets.view().row(j)); }, name);
    check_kernel_like(alone, kSets, name, [&](auto i) { return p.weight(p.closure(p.sets.view().row(i))) > 0; });
    Matrix sides(kSets * 21);
    closure_overlap(p.graph, p.weights, p.sets.view(), p.others.view(), overlap, {1}, sides);
    check_close(
        sides, kSets, 21,
        [&](auto i, auto j) { return plain(overlap, p, p.sets.view().row(i), p.others.view().row(j)); }, name);
  }
}

void terms_overlap_as_loops_say() {
  const Problem p;
  for (const auto overlap : kAll) {
    Matrix found(kTerms * kTerms);
    term_overlap(p.graph, p.weights, p.terms, p.terms, overlap, {1}, found);
    check_close(
        found, kTerms, kTerms, [&](auto i, auto j) { return plain(overlap, p, {&p.terms[i], 1}, {&p.terms[j], 1}); },
        "terms");
    check_kernel_like(found, kTerms, "terms", [&](auto i) { return p.weight(p.closure({&p.terms[i], 1})) > 0; });
  }
}

void graph_ic_and_wang_are_what_loops_say() {
  const Problem p;
  Matrix found(kTerms * kTerms);
  graph_ic(p.graph, p.weights, p.terms, p.terms, {1}, found);
  check_close(
      found, kTerms, kTerms, [&](auto i, auto j) { return plain_graph_ic(p, p.terms[i], p.terms[j]); }, "graph_ic");
  check_kernel_like(found, kTerms, "graph_ic", [](auto) { return true; });
  for (const auto edge : {0.8, 0.3, 1.0}) {
    wang(p.graph, edge, p.terms, p.terms, {1}, found);
    check_close(
        found, kTerms, kTerms, [&](auto i, auto j) { return plain_wang(p, edge, p.terms[i], p.terms[j]); }, "wang");
    check_kernel_like(found, kTerms, "wang", [](auto) { return true; });
  }
}

void a_hand_made_pair() {
  // 0 above 1 and 2, both above 3: Wang contributions of 3 are 1, .8, .8, .64; of 1 they are 1, .8
  const OntologyGraph graph(csr_of({{}, {0}, {0}, {1, 2}}).view());
  const Terms a{3}, b{1};
  Matrix out(1);
  wang(graph, 0.8, a, b, {1}, out);
  check(std::abs(out[0] - static_cast<float>((0.8 + 0.64 + 1 + 0.8) / (3.24 + 1.8))) < 1e-6F);
  graph_ic(graph, Values{0, 1, 2, 4}, a, b, {1}, out);
  check_equal(out[0], 1.0F / 3.0F);  // {0, 1} of {0, 1, 2}
  term_overlap(graph, Values{0, 1, 2, 4}, a, b, Overlap::jaccard, {1}, out);
  check_equal(out[0], 1.0F / 7.0F);
}

void every_path_and_any_number_of_threads_give_the_same_bits() {
  const Problem p;
  const auto measures = term_measures(p);
  const Terms some(p.terms.rbegin(), p.terms.rbegin() + 37);
  for (const auto overlap : kAll) {
    setenv("PHENOJAX_ISA", "baseline", 1);
    Matrix expected(kSets * kSets), found(kSets * kSets);
    closure_overlap(p.graph, p.weights, p.sets.view(), std::nullopt, overlap, {1}, expected);
    for (const auto& isa : available_isas()) {
      setenv("PHENOJAX_ISA", isa.c_str(), 1);
      for (const int threads : {1, 4, 7}) {
        closure_overlap(p.graph, p.weights, p.sets.view(), std::nullopt, overlap, {threads}, found);
        check(found == expected, isa);
        closure_overlap(p.graph, p.weights, p.sets.view(), p.sets.view(), overlap, {threads}, found);
        for (std::size_t k = 0; k < found.size(); ++k) check(k % (kSets + 1) == 0 || found[k] == expected[k], isa);
      }
    }
  }
  for (const auto& [name, measure] : measures) {
    setenv("PHENOJAX_ISA", "baseline", 1);
    Matrix expected(kTerms * kTerms), found(kTerms * kTerms), part(some.size() * kTerms);
    measure(p.terms, p.terms, 1, expected);
    for (const auto& isa : available_isas()) {
      setenv("PHENOJAX_ISA", isa.c_str(), 1);
      for (const int threads : {1, 4, 7}) {
        measure(p.terms, p.terms, threads, found);
        check(found == expected, name + " " + isa);
        measure(some, p.terms, threads, part);
        for (std::size_t i = 0; i < some.size(); ++i) {
          const auto row = static_cast<std::ptrdiff_t>(static_cast<std::size_t>(some[i]) * kTerms);
          check(std::equal(part.begin() + static_cast<std::ptrdiff_t>(i * kTerms),
                           part.begin() + static_cast<std::ptrdiff_t>((i + 1) * kTerms), expected.begin() + row),
                name + " " + isa);
        }
      }
    }
  }
  unsetenv("PHENOJAX_ISA");
}

void windows_and_strips_meet() {
  const Problem p;
  constexpr std::size_t kMany = 2100;
  const auto many = random_rows(kMany, 3, 4, [](auto) { return kTerms; });
  Matrix whole(kMany * kMany), part(kSets * kMany);
  for (const auto overlap : kAll) {
    closure_overlap(p.graph, p.weights, many.view(), std::nullopt, overlap, {3}, whole);
    closure_overlap(p.graph, p.weights, many.view(), p.sets.view(), overlap, {3}, part);
    for (std::size_t i = 0; i < kMany; ++i) check(whole[i * kMany + 5] == whole[5 * kMany + i]);
    for (const std::size_t i : {0UL, 255UL, 256UL, 2047UL, 2048UL, kMany - 1}) {
      for (std::size_t j = 0; j < kSets; ++j) {
        const auto expected = plain(overlap, p, many.view().row(i), p.sets.view().row(j));
        check(std::abs(static_cast<double>(part[i * kSets + j]) - expected) < 2e-6);
      }
    }
  }
}

void nothing_is_computed_from_malformed_input() {
  const OntologyGraph graph(csr_of({{}, {0}}).view());
  const auto good = csr_of({{0}, {1}});
  Matrix out(4);
  const std::vector<Csr> broken{{{}, {}},      {{1, 1}, {0}}, {{0, 2, 1, 2}, {0, 0}},
                                {{0, 9}, {0}}, {{0, 1}, {2}}, {{0, 1}, {-1}}};
  for (const auto& bad : broken) {
    const auto with = [&](CsrView a, std::optional<CsrView> b) {
      check_throws<std::invalid_argument>(
          [&] { closure_overlap(graph, Values{1, 1}, a, b, Overlap::jaccard, {1}, out); }, ": ");
    };
    with(bad.view(), std::nullopt);
    with(good.view(), bad.view());
  }
  const Terms fine{0, 1};
  for (const auto& bad : {Terms{0, 2}, Terms{-1, 0}}) {
    check_throws<std::invalid_argument>([&] { wang(graph, 0.8, bad, fine, {1}, out); }, "a: index");
    check_throws<std::invalid_argument>([&] { graph_ic(graph, Values{1, 1}, fine, bad, {1}, out); }, "b: index");
    check_throws<std::invalid_argument>([&] { term_overlap(graph, Values{1, 1}, fine, bad, Overlap::dice, {1}, out); },
                                        "b: index");
  }
  const auto fails = [&](const Values& weights, int threads, std::size_t size, const char* part) {
    Matrix some(size);
    check_throws<std::invalid_argument>(
        [&] { closure_overlap(graph, weights, good.view(), std::nullopt, Overlap::cosine, {threads}, some); }, part);
    check_throws<std::invalid_argument>(
        [&] { term_overlap(graph, weights, fine, fine, Overlap::cosine, {threads}, some); }, part);
  };
  fails({1}, 1, 4, "weights must have 2 values, not 1");
  fails({1, -1}, 1, 4, "from 0 to 1e30");
  fails({1, std::numeric_limits<double>::quiet_NaN()}, 1, 4, "from 0 to 1e30");
  fails({1, 1}, 0, 4, "threads must be at least 1");
  fails({1, 1}, 1, 3, "2 x 2 values, not 3");
  for (const auto edge : {0.0, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    check_throws<std::invalid_argument>([&] { wang(graph, edge, fine, fine, {1}, out); }, "edge_weight must be");
  }
  check_throws<std::invalid_argument>([] { (void)overlap_from_name("tversky"); }, "jaccard, dice, overlap, cosine");
  check(overlap_from_name("cosine") == Overlap::cosine);
}

void weightless_and_empty_sets_are_like_nothing() {
  const OntologyGraph graph(csr_of({{}, {}, {1}}).view());
  const auto sets = csr_of({{}, {0}, {1}, {1, 1, 0}});
  for (const auto overlap : kAll) {
    Matrix out(16);
    closure_overlap(graph, Values{1e-39, 4, 3}, sets.view(), std::nullopt, overlap, {1}, out);
    check(out == Matrix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1});
    Matrix terms(9);
    term_overlap(graph, Values{0, 0, 0}, Terms{0, 1, 2}, Terms{0, 1, 2}, overlap, {1}, terms);
    check(terms == Matrix(9, 0.0F));
  }
  Matrix terms(9);
  graph_ic(graph, Values{0, 0, 0}, Terms{0, 1, 2}, Terms{0, 1, 2}, {1}, terms);
  check(terms == Matrix{1, 0, 0, 0, 1, 0, 0, 0, 1});
}

void nothing_at_all_is_fine() {
  const OntologyGraph empty(csr_of({}).view());
  closure_overlap(empty, {}, csr_of({}).view(), std::nullopt, Overlap::cosine, {4}, {});
  closure_overlap(empty, {}, csr_of({}).view(), csr_of({{}, {}}).view(), Overlap::jaccard, {4}, {});
  wang(empty, 0.8, {}, {}, {4}, {});
  Matrix out(1, 9.0F);
  closure_overlap(empty, {}, csr_of({{}}).view(), std::nullopt, Overlap::cosine, {4}, out);
  check(out == Matrix{0.0F});
}

}  // namespace

int main() {
  return run({
      {"sets overlap as loops say", sets_overlap_as_loops_say},
      {"terms overlap as loops say", terms_overlap_as_loops_say},
      {"graph_ic and Wang are what loops say", graph_ic_and_wang_are_what_loops_say},
      {"a hand-made pair", a_hand_made_pair},
      {"every path and any number of threads give the same bits",
       every_path_and_any_number_of_threads_give_the_same_bits},
      {"windows and strips meet", windows_and_strips_meet},
      {"nothing is computed from malformed input", nothing_is_computed_from_malformed_input},
      {"weightless and empty sets are like nothing", weightless_and_empty_sets_are_like_nothing},
      {"nothing at all is fine", nothing_at_all_is_fine},
  });
}
