#include "phenojax/matched_terms.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

#include "lane_table.hpp"

namespace phenojax {
namespace {

constexpr std::int32_t kNone = -1;
// Pairs that share a row of b stay together in a task, and tasks are small enough to spread over the threads.
constexpr std::size_t kPairsPerTask = 512;

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }
std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

void check_rows(std::span<const std::int64_t> rows, CsrView sets, const char* what) {
  const auto limit = static_cast<std::int64_t>(sets.rows());
  const auto bad = std::find_if(rows.begin(), rows.end(), [&](auto row) { return row < 0 || row >= limit; });
  if (bad == rows.end()) return;
  throw std::invalid_argument(std::string(what) + ": row " + std::to_string(*bad) + " at position " +
                              std::to_string(bad - rows.begin()) + " is outside 0 to " + std::to_string(limit - 1));
}

// The ancestors of each term that occurs in `a`, the most informative first.
struct RankedAncestors {
  std::vector<std::int32_t> row;  // of each term of the ontology
  Csr ancestors;
};

RankedAncestors rank_ancestors(const OntologyGraph& graph, std::span<const double> ic, CsrView a) {
  const auto n = at(graph.n_terms());
  std::vector<std::int32_t> position(n);
  const auto order = graph.topological_order();
  for (std::size_t k = 0; k < n; ++k) position[at(order[k])] = static_cast<std::int32_t>(k);

  RankedAncestors out{std::vector<std::int32_t>(n, kNone), {}};
  Csr terms;
  for (const auto term : a.indices) {
    if (out.row[at(term)] != kNone) continue;
    out.row[at(term)] = static_cast<std::int32_t>(terms.indices.size());
    terms.indices.push_back(term);
    terms.end_row();
  }
  out.ancestors = graph.closures(terms.view());
  for (std::size_t r = 0; r + 1 < out.ancestors.offsets.size(); ++r) {
    const auto begin = out.ancestors.indices.begin() + out.ancestors.offsets[r];
    const auto end = out.ancestors.indices.begin() + out.ancestors.offsets[r + 1];
    std::sort(begin, end, [&](auto x, auto y) {
      return ic[at(x)] != ic[at(y)] ? ic[at(x)] > ic[at(y)] : position[at(x)] > position[at(y)];
    });
  }
  return out;
}

// For one set at a time: which of its terms stands for each term of its closure.
class Witnesses {
 public:
  explicit Witnesses(std::size_t n_terms) : witness_(n_terms, kNone) {}

  void assign(CsrView parents, std::span<const std::int32_t> terms) {
    for (const auto term : marked_) witness_[at(term)] = kNone;
    marked_.clear();
    own_.assign(terms.begin(), terms.end());
    std::sort(own_.begin(), own_.end());
    // Ascending, so that the first to reach an ancestor has the smallest index.
    for (const auto term : own_) {
      visit(term, term);
      while (!waiting_.empty()) {
        const auto next = waiting_.back();
        waiting_.pop_back();
        for (const auto parent : parents.row(at(next))) visit(parent, term);
      }
    }
    for (const auto term : own_) witness_[at(term)] = term;
  }

  [[nodiscard]] std::int32_t operator[](std::int32_t term) const { return witness_[at(term)]; }

 private:
  void visit(std::int32_t term, std::int32_t from) {
    if (witness_[at(term)] != kNone) return;
    witness_[at(term)] = from;
    marked_.push_back(term);
    waiting_.push_back(term);
  }

  std::vector<std::int32_t> witness_, marked_, own_, waiting_;
};

// Pairs in the order of their row of b, so that its closure is marked once.
std::vector<std::size_t> by_row_of_b(std::span<const std::int64_t> rows_b) {
  std::vector<std::size_t> order(rows_b.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto x, auto y) { return rows_b[x] < rows_b[y]; });
  return order;
}

}  // namespace

TermMatches matched_terms(const OntologyGraph& graph, std::span<const double> ic, CsrView a, CsrView b,
                          std::span<const std::int64_t> rows_a, std::span<const std::int64_t> rows_b,
                          const Parallel& parallel) {
  check_values(ic, graph.n_terms(), "ic");
  check_csr(a, graph.n_terms(), "a");
  check_csr(b, graph.n_terms(), "b");
  if (rows_a.size() != rows_b.size()) {
    throw std::invalid_argument("rows_a and rows_b must have one length, not " + std::to_string(rows_a.size()) +
                                " and " + std::to_string(rows_b.size()));
  }
  check_rows(rows_a, a, "rows_a");
  check_rows(rows_b, b, "rows_b");

  TermMatches out;
  out.offsets.reserve(rows_a.size() + 1);
  for (const auto row : rows_a) {
    out.offsets.push_back(out.offsets.back() + static_cast<std::int64_t>(a.row(at(row)).size()));
  }
  const auto total = at(out.offsets.back());
  out.term_a.resize(total);
  out.term_b.assign(total, kNone);
  out.mica.assign(total, kNone);
  out.ic.assign(total, 0.0F);

  const auto ranked = rank_ancestors(graph, ic, a);
  const auto ancestors = ranked.ancestors.view();
  const auto order = by_row_of_b(rows_b);
  const auto tasks = (order.size() + kPairsPerTask - 1) / kPairsPerTask;
  std::vector<Witnesses> scratch(worker_count(tasks, parallel), Witnesses(at(graph.n_terms())));
  parallel_for(tasks, parallel, [&](std::size_t task, std::size_t worker) {
    auto& witnesses = scratch[worker];
    std::int64_t marked_row = kNone;
    for (auto k = task * kPairsPerTask; k < std::min(order.size(), (task + 1) * kPairsPerTask); ++k) {
      const auto pair = order[k];
      if (rows_b[pair] != marked_row) {
        marked_row = rows_b[pair];
        witnesses.assign(graph.parents(), b.row(at(marked_row)));
      }
      auto entry = at(out.offsets[pair]);
      for (const auto term : a.row(at(rows_a[pair]))) {
        out.term_a[entry] = term;
        const auto above = ancestors.row(at(ranked.row[at(term)]));
        const auto met = std::find_if(above.begin(), above.end(), [&](auto t) { return witnesses[t] != kNone; });
        if (met != above.end()) {
          out.term_b[entry] = witnesses[*met];
          out.mica[entry] = *met;
          out.ic[entry] = static_cast<float>(ic[at(*met)]);
        }
        ++entry;
      }
    }
  });
  return out;
}

}  // namespace phenojax
