#include "active_graph.hpp"

#include <cstddef>

namespace phenojax {

ActiveGraph activate(const OntologyGraph& graph, std::span<const float> value, std::span<const std::int32_t> terms) {
  ActiveGraph out;
  out.position.assign(static_cast<std::size_t>(graph.n_terms()), 0);
  for (const auto term : terms) out.position[static_cast<std::size_t>(term)] = 1;
  const auto order = graph.topological_order();
  const auto parents = graph.parents();
  for (auto at = order.size(); at-- > 0;) {
    const auto term = static_cast<std::size_t>(order[at]);
    if (out.position[term] == 0) continue;
    for (const auto parent : parents.row(term)) out.position[static_cast<std::size_t>(parent)] = 1;
  }
  out.parents.end_row();
  for (const auto ordered : order) {
    const auto term = static_cast<std::size_t>(ordered);
    if (out.position[term] == 0) continue;
    const auto row = static_cast<std::int32_t>(out.rows());
    out.position[term] = row;
    out.term.push_back(ordered);
    const auto above = parents.row(term);
    const auto parent = [&](std::size_t p) { return out.position[static_cast<std::size_t>(above[p])]; };
    out.first.push_back(above.empty() ? 0 : parent(0));
    out.second.push_back(above.size() < 2 ? out.first.back() : parent(1));
    for (std::size_t p = 0; p < above.size(); ++p) {
      out.parents.indices.push_back(parent(p));
      if (p < 2) continue;
      out.extra_child.push_back(row);
      out.extra_parent.push_back(parent(p));
    }
    out.parents.end_row();
    out.value.push_back(value[term]);
  }
  out.extra_child.push_back(-1);
  return out;
}

namespace {

// The walk up from a term that is not in play; `seen` holds the number of the walk that came by last.
class EntryWalk {
 public:
  EntryWalk(const OntologyGraph& graph, const ActiveGraph& active)
      : parents_(graph.parents()), active_(active), seen_(static_cast<std::size_t>(graph.n_terms()), 0) {}

  void append(std::int32_t term, std::vector<std::int32_t>& out) {
    ++walk_;
    waiting_.assign(1, term);
    while (!waiting_.empty()) {
      const auto next = static_cast<std::size_t>(waiting_.back());
      waiting_.pop_back();
      for (const auto parent : parents_.row(next)) {
        auto& seen = seen_[static_cast<std::size_t>(parent)];
        if (seen == walk_) continue;
        seen = walk_;
        const auto row = active_.position[static_cast<std::size_t>(parent)];
        if (row != 0) {
          out.push_back(row);
        } else {
          waiting_.push_back(parent);
        }
      }
    }
  }

 private:
  CsrView parents_;
  const ActiveGraph& active_;
  std::vector<std::size_t> seen_;
  std::vector<std::int32_t> waiting_;
  std::size_t walk_ = 0;
};

}  // namespace

Csr entries(const OntologyGraph& graph, const ActiveGraph& active, std::span<const std::int32_t> terms) {
  EntryWalk walk(graph, active);
  Csr found;  // of each term once; row 0 is empty
  found.end_row();
  std::vector<std::int32_t> row_of(static_cast<std::size_t>(graph.n_terms()), 0);
  Csr out;
  out.offsets.reserve(terms.size() + 1);
  out.indices.reserve(terms.size());
  for (const auto term : terms) {
    const auto t = static_cast<std::size_t>(term);
    if (active.position[t] != 0) {
      out.indices.push_back(active.position[t]);
    } else {
      if (row_of[t] == 0) {
        row_of[t] = static_cast<std::int32_t>(found.offsets.size()) - 1;
        walk.append(term, found.indices);
        found.end_row();
      }
      const auto known = found.view().row(static_cast<std::size_t>(row_of[t]));
      out.indices.insert(out.indices.end(), known.begin(), known.end());
    }
    out.end_row();
  }
  return out;
}

}  // namespace phenojax
