// Many threads ask one ontology at once. Each must get what it gets alone; the thread sanitizer sees what is shared.

#include <functional>
#include <latch>
#include <random>
#include <thread>
#include <vector>

#include "check.hpp"
#include "phenojax/information_content.hpp"
#include "phenojax/release_pack.hpp"
#include "phenojax/similarity.hpp"
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

std::vector<double> make_ic() {
  std::minstd_rand random(5);
  std::vector<double> ic(kTerms);
  for (auto& value : ic) value = static_cast<double>(random() % 1000) / 100.0;
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
  using Matrix = std::vector<float>;
  const auto square = [&](int threads) {
    Matrix out(a.view().rows() * a.view().rows());
    set_similarity(graph, ic, a.view(), std::nullopt, Combine::bma, {threads}, out);
    return out;
  };
  const auto rectangle = [&](int threads) {
    Matrix out(a.view().rows() * b.view().rows());
    set_similarity(graph, ic, a.view(), b.view(), Combine::funsim_max, {threads}, out);
    return out;
  };
  const auto kernel = [&](int threads) {
    Matrix out(a.view().rows() * a.view().rows());
    closure_kernel(graph, ic, a.view(), std::nullopt, {threads}, out);
    return out;
  };
  const auto square_alone = square(1);
  const auto rectangle_alone = rectangle(1);
  const auto kernel_alone = kernel(1);
  at_once([&](int thread) {
    const auto threads = 1 + thread % 3;
    return square(threads) == square_alone && rectangle(threads) == rectangle_alone && kernel(threads) == kernel_alone;
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
