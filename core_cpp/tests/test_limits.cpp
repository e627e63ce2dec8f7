// What is larger than its indices can count is refused by its size, before anything of it is read: the spans here claim
// more than there is.

#include <stdexcept>
#include <vector>

#include "check.hpp"
#include "phenojax/similarity.hpp"
#include "term_sets.hpp"

namespace {

using namespace phenojax;
using namespace phenojax::test;

constexpr std::size_t kTooMany = std::size_t{1} << 31;
const std::vector<std::int64_t> kOffsets{0, 0};
const std::vector<std::int32_t> kIndices{0};
const CsrView kManyRows{{kOffsets.data(), kTooMany + 1}, {}};

void terms_and_edges() {
  const auto build = [](CsrView parents) { const OntologyGraph graph(parents); };
  check_throws<std::invalid_argument>([&] { build(kManyRows); }, "2^31 - 1 terms");
  check_throws<std::invalid_argument>([&] { build({kOffsets, {kIndices.data(), kTooMany}}); }, "2^31 - 1 edges");
}

void sets() {
  const OntologyGraph graph(csr_of({{}}).view());
  const auto values = term_values(graph, std::vector<double>{1.0}, TermMeasure::resnik);
  const auto one = csr_of({{0}});
  std::vector<float> out(1);
  std::vector<std::int64_t> ids(1);
  const auto refused = [&](CsrView a, std::optional<TermSets> b, const char* part) {
    const SetProblem problem{ByCommonAncestor{graph, values}, {a, {}}, b, Combine::bma, {}};
    check_throws<std::invalid_argument>([&] { set_similarity(problem, {1}, out); }, part);
    check_throws<std::invalid_argument>([&] { nearest_sets(problem, 1, {1}, {}, ids, out); }, part);
  };
  refused(kManyRows, std::nullopt, "a: more than 2^31 - 1 sets");
  refused(one.view(), TermSets{kManyRows, {}}, "b: more than 2^31 - 1 sets");
}

void a_term_matrix() {
  const auto one = csr_of({{0}});
  std::vector<float> out(1);
  const auto refused = [&](std::size_t rows, std::size_t columns) {
    const SetProblem problem{ByTermMatrix{out, rows, columns}, {one.view(), {}}, {}, Combine::bma, {}};
    check_throws<std::invalid_argument>([&] { set_similarity(problem, {1}, out); }, "rows x columns");
  };
  refused(kTooMany, kTooMany);
  refused(std::size_t{1} << 32, std::size_t{1} << 32);  // their product is 2^64, which counts as 0
  refused(2, 1);
}

}  // namespace

int main() {
  return run({{"terms and edges of a graph", terms_and_edges},
              {"sets on a side", sets},
              {"rows and columns of a term matrix", a_term_matrix}});
}
