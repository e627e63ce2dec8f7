#include <stdexcept>
#include <vector>

#include "check.hpp"
#include "phenojax/errors.hpp"
#include "phenojax/ontology_graph.hpp"

namespace {

using namespace phenojax;
using namespace phenojax::test;

using Terms = std::vector<std::int32_t>;

Csr csr(const std::vector<Terms>& rows) {
  Csr out;
  for (const auto& row : rows) {
    out.indices.insert(out.indices.end(), row.begin(), row.end());
    out.end_row();
  }
  return out;
}

void diamond() {
  const auto parents = csr({{}, {0}, {0}, {1, 2}});
  const OntologyGraph graph(parents.view());
  check(graph.ancestors(Terms{3}) == Terms{0, 1, 2, 3});
  check(graph.descendants(Terms{1}) == Terms{1, 3});
  check(graph.descendants(Terms{}).empty());
  const auto closures = graph.closures(csr({{1}, {}, {2, 1}}).view());
  check(closures.indices == Terms{0, 1, 0, 1, 2});
}

void parents_may_have_larger_indices() {
  const OntologyGraph graph(csr({{2}, {0}, {}}).view());
  const auto order = graph.topological_order();
  check(Terms(order.begin(), order.end()) == Terms{2, 0, 1});
}

void errors() {
  check_throws<CycleError>([] { const OntologyGraph graph(csr({{1}, {2}, {1}}).view()); }, "cycle");
  check_throws<CycleError>([] { const OntologyGraph graph(csr({{0}}).view()); }, "cycle");
  check_throws<std::invalid_argument>([] { const OntologyGraph graph(csr({{1}}).view()); }, "parents: index 1");
  const OntologyGraph graph(csr({{}}).view());
  check_throws<std::invalid_argument>([&] { (void)graph.ancestors(Terms{1}); }, "outside 0..0");
}

}  // namespace

int main() {
  return run({{"a diamond", diamond},
              {"parents may have larger indices", parents_may_have_larger_indices},
              {"cycles and bad indices are errors", errors}});
}
