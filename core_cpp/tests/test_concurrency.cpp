// Many threads ask one ontology at once. Each must get what it gets alone; the thread sanitizer sees what is shared.

#include <functional>
#include <latch>
#include <thread>
#include <vector>

#include "check.hpp"
#include "phenojax/closure_overlap.hpp"
#include "phenojax/information_content.hpp"
#include "phenojax/release_pack.hpp"
#include "phenojax/similarity.hpp"
#include "phenojax/term_matrix.hpp"
#include "phenojax/wang.hpp"
#include "small_release.hpp"
#include "term_sets.hpp"

namespace {

using namespace phenojax;
using namespace phenojax::test;

constexpr int kThreads = 8;
constexpr int kRounds = 3;
constexpr std::int32_t kTerms = 200;

// All threads start together and call `ask` with their number; what they throw or fail is reported after they joined.
void at_once(const std::function<bool(int thread)>& ask) {
  std::latch start(kThreads);
  std::vector<int> right(kThreads, 0);
  {
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        start.arrive_and_wait();
        for (int round = 0; round < kRounds; ++round) right[static_cast<std::size_t>(t)] += ask(t) ? 1 : 0;
      });
    }
  }
  for (const auto count : right) check_equal(count, kRounds);
}

OntologyGraph make_graph() {
  return OntologyGraph(random_rows(kTerms, 4, 1, [](std::size_t r) { return r; }).view());
}

Csr make_sets(std::uint32_t seed) {
  return random_rows(40, 12, seed, [](std::size_t) { return kTerms; });
}

// The parents of a term have smaller numbers, so that it never falls.
std::vector<double> make_ic() {
  std::vector<double> ic(kTerms);
  for (std::size_t t = 0; t < ic.size(); ++t) ic[t] = static_cast<double>(t) / 16.0;
  return ic;
}

void closures_and_counts() {
  const auto graph = make_graph();
  const auto sets = make_sets(2);
  const auto items = random_rows(1, 300, 3, [](std::size_t) { return 50; }).indices;
  const auto terms = std::vector<std::int32_t>(items.size(), 7);
  const auto ancestors = graph.ancestors(sets.indices);
  const auto descendants = graph.descendants(sets.indices);
  const auto closures = graph.closures(sets.view());
  const auto counts = annotation_counts(graph, items, terms, 50);
  at_once([&](int) {
    return graph.ancestors(sets.indices) == ancestors && graph.descendants(sets.indices) == descendants &&
           graph.closures(sets.view()).indices == closures.indices &&
           annotation_counts(graph, items, terms, 50) == counts;
  });
}

// Every caller brings threads of its own, so that pools of several calls run side by side.
void matrices() {
  const auto graph = make_graph();
  const auto ic = make_ic();
  const auto a = make_sets(2);
  const auto b = make_sets(3);
  const auto resnik = term_values(graph, ic, TermMeasure::resnik);
  const auto lin = term_values(graph, ic, TermMeasure::lin);
  using Matrix = std::vector<float>;
  const auto square = [&](int threads) {
    Matrix out(a.view().rows() * a.view().rows());
    set_similarity({ByCommonAncestor{graph, resnik}, {a.view(), {}}, {}, Combine::bma, {}}, {threads}, out);
    return out;
  };
  const auto rectangle = [&](int threads) {
    Matrix out(a.view().rows() * b.view().rows());
    const TermSets columns{b.view(), {}};
    set_similarity({ByCommonAncestor{graph, lin}, {a.view(), {}}, columns, Combine::funsim_max, {}}, {threads}, out);
    return out;
  };
  const auto nearest = [&](int threads) {
    std::vector<std::int64_t> ids(a.view().rows() * 5);
    Matrix out(ids.size());
    nearest_sets({ByCommonAncestor{graph, resnik}, {a.view(), {}}, {}, Combine::bma, {}}, 5, {threads}, {}, ids, out);
    return ids;
  };
  const auto terms = [&](int threads) {
    Matrix out(a.indices.size() * b.indices.size());
    term_matrix(graph, lin, a.indices, b.indices, {threads}, out);
    return out;
  };
  const auto closures = [&](int threads) {
    Matrix out(a.view().rows() * a.view().rows());
    closure_overlap(graph, ic, a.view(), std::nullopt, Overlap::jaccard, {threads}, out);
    return out;
  };
  const auto faded = [&](int threads) {
    Matrix out(a.indices.size() * b.indices.size());
    wang(graph, 0.8, a.indices, b.indices, {threads}, out);
    return out;
  };
  const auto square_alone = square(1);
  const auto rectangle_alone = rectangle(1);
  const auto nearest_alone = nearest(1);
  const auto terms_alone = terms(1);
  const auto closures_alone = closures(1);
  const auto faded_alone = faded(1);
  at_once([&](int thread) {
    const auto threads = 1 + thread % 3;
    return square(threads) == square_alone && rectangle(threads) == rectangle_alone &&
           nearest(threads) == nearest_alone && terms(threads) == terms_alone && closures(threads) == closures_alone &&
           faded(threads) == faded_alone;
  });
}

void releases() {
  const auto release = small_release();
  const auto pack = write_pack(release);
  at_once([&](int) {
    const auto found = release.lookup(20);
    return write_pack(release) == pack && write_pack(read_pack("x.pack", pack)) == pack &&
           write_pack(small_release()) == pack && found.term >= 0 && found.status == TermStatus::kAlternate;
  });
}

}  // namespace

int main() {
  return run({{"closures and counts", closures_and_counts}, {"matrices", matrices}, {"releases", releases}});
}
