#include "phenojax/information_content.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>

namespace phenojax {
namespace {

void check_range(std::span<const std::int32_t> values, std::int32_t limit, const char* what) {
  for (const auto value : values) {
    if (value < 0 || value >= limit) {
      throw std::invalid_argument(std::string(what) + ": index " + std::to_string(value) + " is outside 0.." +
                                  std::to_string(limit - 1));
    }
  }
}

// The terms of each item, by counting sort.
Csr group_by_item(std::span<const std::int32_t> items, std::span<const std::int32_t> terms, std::int32_t n_items) {
  Csr out;
  out.offsets.assign(static_cast<std::size_t>(n_items) + 1, 0);
  out.indices.resize(terms.size());
  for (const auto item : items) ++out.offsets[static_cast<std::size_t>(item) + 1];
  for (std::size_t i = 1; i < out.offsets.size(); ++i) out.offsets[i] += out.offsets[i - 1];
  auto next = out.offsets;
  for (std::size_t r = 0; r < items.size(); ++r) {
    out.indices[static_cast<std::size_t>(next[static_cast<std::size_t>(items[r])]++)] = terms[r];
  }
  return out;
}

}  // namespace

std::vector<std::int32_t> annotation_counts(const OntologyGraph& graph, std::span<const std::int32_t> items,
                                            std::span<const std::int32_t> terms, std::int32_t n_items) {
  if (items.size() != terms.size()) {
    throw std::invalid_argument("items and terms must have one length, not " + std::to_string(items.size()) + " and " +
                                std::to_string(terms.size()));
  }
  if (n_items < 0) throw std::invalid_argument("n_items must not be negative, and is " + std::to_string(n_items));
  check_range(items, n_items, "items");
  check_range(terms, graph.n_terms(), "terms");

  const auto by_item = group_by_item(items, terms, n_items);
  const auto parents = graph.parents();
  std::vector<std::int32_t> counts(static_cast<std::size_t>(graph.n_terms()), 0);
  // last_item[t] is the item that counted t last, so that nothing has to be cleared between items.
  std::vector<std::int32_t> last_item(counts.size(), -1);
  std::vector<std::int32_t> reached;
  for (std::int32_t item = 0; item < n_items; ++item) {
    reached.clear();
    const auto visit = [&](std::int32_t term) {
      const auto t = static_cast<std::size_t>(term);
      if (last_item[t] == item) return;
      last_item[t] = item;
      ++counts[t];
      reached.push_back(term);
    };
    for (const auto term : by_item.view().row(static_cast<std::size_t>(item))) visit(term);
    for (std::size_t at = 0; at < reached.size(); ++at) {
      for (const auto parent : parents.row(static_cast<std::size_t>(reached[at]))) visit(parent);
    }
  }
  return counts;
}

}  // namespace phenojax
