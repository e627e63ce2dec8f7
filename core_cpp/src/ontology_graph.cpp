#include "phenojax/ontology_graph.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <queue>
#include <stdexcept>
#include <string>

#include "phenojax/errors.hpp"

namespace phenojax {
namespace {

Csr transpose(CsrView csr, std::int32_t columns) {
  Csr out;
  out.offsets.assign(static_cast<std::size_t>(columns) + 1, 0);
  out.indices.resize(csr.indices.size());
  for (const auto column : csr.indices) ++out.offsets[static_cast<std::size_t>(column) + 1];
  for (std::size_t c = 1; c < out.offsets.size(); ++c) out.offsets[c] += out.offsets[c - 1];
  auto next = out.offsets;
  for (std::size_t r = 0; r < csr.rows(); ++r) {
    for (const auto column : csr.row(r)) {
      out.indices[static_cast<std::size_t>(next[static_cast<std::size_t>(column)]++)] = static_cast<std::int32_t>(r);
    }
  }
  return out;
}

// Kahn's algorithm with the smallest ready index first.
std::vector<std::int32_t> sort_topologically(CsrView parents, CsrView children) {
  const auto n = parents.rows();
  std::vector<std::int32_t> waiting_for(n);
  std::priority_queue<std::int32_t, std::vector<std::int32_t>, std::greater<>> ready;
  for (std::size_t t = 0; t < n; ++t) {
    waiting_for[t] = static_cast<std::int32_t>(parents.row(t).size());
    if (waiting_for[t] == 0) ready.push(static_cast<std::int32_t>(t));
  }
  std::vector<std::int32_t> order;
  order.reserve(n);
  while (!ready.empty()) {
    const auto term = ready.top();
    ready.pop();
    order.push_back(term);
    for (const auto child : children.row(static_cast<std::size_t>(term))) {
      if (--waiting_for[static_cast<std::size_t>(child)] == 0) ready.push(child);
    }
  }
  if (order.size() != n) {
    // Every term left over waits for a parent that is left over too, so a walk up ends on the cycle itself.
    auto term = static_cast<std::size_t>(
        std::find_if(waiting_for.begin(), waiting_for.end(), [](auto w) { return w > 0; }) - waiting_for.begin());
    for (std::size_t step = 0; step < n; ++step) {
      for (const auto parent : parents.row(term)) {
        if (waiting_for[static_cast<std::size_t>(parent)] > 0) {
          term = static_cast<std::size_t>(parent);
          break;
        }
      }
    }
    throw CycleError(static_cast<std::int32_t>(term));
  }
  return order;
}

// Marks everything reachable from `start` along `edges` and appends it, ascending, to `out`.
// `seen` is all zero on entry and on return, so that many calls share one buffer.
void append_reachable(CsrView edges, std::span<const std::int32_t> start, std::vector<char>& seen,
                      std::vector<std::int32_t>& out) {
  const auto begin = out.size();
  const auto visit = [&](std::int32_t term) {
    auto& mark = seen[static_cast<std::size_t>(term)];
    if (mark == 0) {
      mark = 1;
      out.push_back(term);
    }
  };
  for (const auto term : start) visit(term);
  for (auto at = begin; at < out.size(); ++at) {
    for (const auto next : edges.row(static_cast<std::size_t>(out[at]))) visit(next);
  }
  for (auto at = begin; at < out.size(); ++at) seen[static_cast<std::size_t>(out[at])] = 0;
  std::sort(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end());
}

std::vector<std::int32_t> reachable(CsrView edges, std::span<const std::int32_t> terms, std::int32_t n_terms,
                                    const char* what) {
  for (const auto term : terms) {
    if (term < 0 || term >= n_terms) {
      throw std::invalid_argument(std::string(what) + ": term index " + std::to_string(term) + " is outside 0.." +
                                  std::to_string(n_terms - 1));
    }
  }
  std::vector<char> seen(static_cast<std::size_t>(n_terms), 0);
  std::vector<std::int32_t> out;
  append_reachable(edges, terms, seen, out);
  return out;
}

}  // namespace

void check_csr(CsrView csr, std::int64_t limit, const char* what) {
  const auto fail = [&](const std::string& message) {
    throw std::invalid_argument(std::string(what) + ": " + message);
  };
  if (csr.offsets.empty() || csr.offsets.front() != 0) fail("offsets must start with 0");
  for (std::size_t r = 1; r < csr.offsets.size(); ++r) {
    if (csr.offsets[r] < csr.offsets[r - 1]) fail("offsets decrease at row " + std::to_string(r - 1));
  }
  if (csr.offsets.back() != static_cast<std::int64_t>(csr.indices.size())) {
    fail("offsets end at " + std::to_string(csr.offsets.back()) + ", but there are " +
         std::to_string(csr.indices.size()) + " indices");
  }
  for (const auto index : csr.indices) {
    if (index < 0 || index >= limit) {
      fail("index " + std::to_string(index) + " is outside 0.." + std::to_string(limit - 1));
    }
  }
}

OntologyGraph::OntologyGraph(CsrView parents) : n_terms_(0) {
  constexpr auto kMost = static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
  if (parents.rows() > kMost) throw std::invalid_argument("parents: more than 2^31 - 1 terms");
  if (parents.indices.size() > kMost) throw std::invalid_argument("parents: more than 2^31 - 1 edges");
  n_terms_ = static_cast<std::int32_t>(parents.rows());
  check_csr(parents, n_terms_, "parents");
  parents_.offsets.assign(parents.offsets.begin(), parents.offsets.end());
  parents_.indices.assign(parents.indices.begin(), parents.indices.end());
  children_ = transpose(parents_.view(), n_terms_);
  order_ = sort_topologically(parents_.view(), children_.view());
}

std::vector<std::int32_t> OntologyGraph::ancestors(std::span<const std::int32_t> terms) const {
  return reachable(parents(), terms, n_terms_, "ancestors");
}

std::vector<std::int32_t> OntologyGraph::descendants(std::span<const std::int32_t> terms) const {
  return reachable(children(), terms, n_terms_, "descendants");
}

Csr OntologyGraph::closures(CsrView sets) const {
  check_csr(sets, n_terms_, "sets");
  Csr out;
  out.offsets.reserve(sets.rows() + 1);
  std::vector<char> seen(static_cast<std::size_t>(n_terms_), 0);
  for (std::size_t r = 0; r < sets.rows(); ++r) {
    append_reachable(parents(), sets.row(r), seen, out.indices);
    out.end_row();
  }
  return out;
}

}  // namespace phenojax
