#include "active_graph.hpp"

#include <algorithm>
#include <cstddef>

namespace phenojax {

ActiveGraph activate(const OntologyGraph& graph, std::span<const float> value, std::span<const std::int32_t> terms) {
  ActiveGraph out;
  out.position.assign(static_cast<std::size_t>(graph.n_terms()), 0);
  const auto above = graph.ancestor_lists();
  for (const auto term : terms) {
    if (out.position[static_cast<std::size_t>(term)] != 0) continue;
    for (const auto ancestor : above.row(static_cast<std::size_t>(term))) {
      out.position[static_cast<std::size_t>(ancestor)] = 1;
    }
  }
  const auto rows = static_cast<std::size_t>(std::count(out.position.begin(), out.position.end(), 1)) + 1;
  for (auto* column : {&out.term, &out.first, &out.second}) column->reserve(rows);
  out.value.reserve(rows);
  const auto parents = graph.parents();
  for (const auto ordered : graph.topological_order()) {
    const auto term = static_cast<std::size_t>(ordered);
    if (out.position[term] == 0) continue;
    const auto row = static_cast<std::int32_t>(out.rows());
    out.position[term] = row;
    const auto over = parents.row(term);
    const auto parent = [&](std::size_t p) { return out.position[static_cast<std::size_t>(over[p])]; };
    out.term.push_back(ordered);
    out.first.push_back(over.empty() ? 0 : parent(0));
    out.second.push_back(over.size() < 2 ? out.first.back() : parent(1));
    for (std::size_t p = 2; p < over.size(); ++p) {
      out.extra_child.push_back(row);
      out.extra_parent.push_back(parent(p));
    }
    out.value.push_back(value[term]);
  }
  out.extra_child.push_back(-1);
  return out;
}

}  // namespace phenojax
