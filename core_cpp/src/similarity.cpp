#include "phenojax/similarity.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include "lane_kernels.hpp"
#include "lane_table.hpp"

namespace phenojax {
namespace {

constexpr std::array<std::string_view, 5> kCombineNames{"bma", "funsim_avg", "funsim_max", "a_to_b", "b_to_a"};

// The ancestors of both sides, compacted in topological order; see PassGraph for the layout.
struct ActiveGraph {
  std::vector<std::int32_t> position;  // of each term of the ontology; 0 when not in play
  std::vector<std::int32_t> first{0}, second{0}, extra_child, extra_parent;
  std::vector<float> ic{0.0F};
  Csr parents;  // the same edges by row, for walks upwards; row 0 is the sentinel

  [[nodiscard]] PassGraph view() const {
    return {first.data(),        second.data(), extra_child.data(),
            extra_parent.data(), ic.data(),     static_cast<std::int32_t>(ic.size())};
  }
};

ActiveGraph activate(const OntologyGraph& graph, std::span<const double> ic, CsrView a, CsrView b) {
  ActiveGraph out;
  out.position.assign(static_cast<std::size_t>(graph.n_terms()), 0);
  for (const auto term : a.indices) out.position[static_cast<std::size_t>(term)] = 1;
  for (const auto term : b.indices) out.position[static_cast<std::size_t>(term)] = 1;
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
    const auto row = static_cast<std::int32_t>(out.ic.size());
    out.position[term] = row;
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
    out.ic.push_back(static_cast<float>(ic[term]));
  }
  out.extra_child.push_back(-1);
  return out;
}

std::vector<std::int32_t> compact(CsrView sets, const ActiveGraph& active) {
  std::vector<std::int32_t> out(sets.indices.size());
  std::transform(sets.indices.begin(), sets.indices.end(), out.begin(),
                 [&](auto term) { return active.position[static_cast<std::size_t>(term)]; });
  return out;
}

std::vector<float> lengths(CsrView sets) {
  std::vector<float> out(sets.rows());
  for (std::size_t r = 0; r < out.size(); ++r) out[r] = static_cast<float>(sets.row(r).size());
  return out;
}

// For blocks of 16 source sets: the best match in each of them of every active term.
class BestMatches {
 public:
  BestMatches(const LaneKernels& kernels, const ActiveGraph& active, std::size_t workers)
      : kernels_(kernels), active_(active), scratch_(workers) {
    tables_.reserve(workers);
    for (std::size_t w = 0; w < workers; ++w) tables_.emplace_back(active.ic.size());
  }

  // Lane l of the returned table is row begin + l of `sources` (compact indices), for l < lanes.
  const float* operator()(CsrView sources, std::size_t begin, std::size_t lanes, std::size_t worker) {
    auto& scratch = scratch_[worker];
    scratch.masks.assign(active_.ic.size(), 0);
    for (std::size_t l = 0; l < lanes; ++l) mark_closure(sources.row(begin + l), 1U << l, scratch);
    kernels_.best_matches(active_.view(), scratch.masks.data(), tables_[worker].data());
    return tables_[worker].data();
  }

 private:
  struct Scratch {
    std::vector<std::uint16_t> masks;
    std::vector<std::int32_t> waiting;
  };

  void mark_closure(std::span<const std::int32_t> terms, unsigned bit, Scratch& scratch) const {
    const auto visit = [&](std::int32_t term) {
      auto& mask = scratch.masks[static_cast<std::size_t>(term)];
      if ((mask & bit) != 0) return;
      mask = static_cast<std::uint16_t>(mask | bit);
      scratch.waiting.push_back(term);
    };
    const auto parents = active_.parents.view();
    for (const auto term : terms) {
      visit(term);
      while (!scratch.waiting.empty()) {
        const auto next = static_cast<std::size_t>(scratch.waiting.back());
        scratch.waiting.pop_back();
        for (const auto parent : parents.row(next)) visit(parent);
      }
    }
  }

  const LaneKernels& kernels_;
  const ActiveGraph& active_;
  std::vector<LaneTable> tables_;
  std::vector<Scratch> scratch_;
};

// forward: sum over the terms of a of their best match in b; backward: the reverse.
template <Combine combine>
float combined(float forward, float backward, float length_a, float length_b) {
  if constexpr (combine == Combine::bma) {
    return (forward + backward) / std::max(length_a + length_b, 1.0F);
  } else {
    const auto a_to_b = forward / std::max(length_a, 1.0F);
    const auto b_to_a = backward / std::max(length_b, 1.0F);
    if constexpr (combine == Combine::funsim_avg) return (a_to_b + b_to_a) * 0.5F;
    if constexpr (combine == Combine::funsim_max) return std::max(a_to_b, b_to_a);
    if constexpr (combine == Combine::a_to_b) return a_to_b;
    if constexpr (combine == Combine::b_to_a) return b_to_a;
  }
}

struct Sides {
  CsrView a, b;
  std::vector<float> length_a, length_b;
};

// out[i][j] = sum over the terms of a_i of their best match in b_j.
void sum_forward(const LaneKernels& kernels, const ActiveGraph& active, const Sides& sides, const Parallel& parallel,
                 float* out) {
  const auto rows = sides.a.rows();
  const auto columns = sides.b.rows();
  const auto blocks = blocks_of_lanes(columns);
  const auto tasks = strips(rows) * blocks;
  BestMatches best_matches(kernels, active, worker_count(tasks, parallel));
  parallel_for(tasks, parallel, [&](std::size_t task, std::size_t worker) {
    const auto first_row = task / blocks * kStripRows;
    const auto begin = task % blocks * kLanes;
    const auto lanes = std::min(kLanes, columns - begin);
    const auto* best = best_matches(sides.b, begin, lanes, worker);
    kernels.gather_sums(best, sides.a.offsets.data() + first_row, sides.a.indices.data(),
                        std::min(kStripRows, rows - first_row), out + first_row * columns + begin, columns, lanes);
  });
}

// Joins the forward sums in `out` with the backward sums, computed here 16 rows by 16 columns at a time.
template <Combine combine>
void join_backward(const LaneKernels& kernels, const ActiveGraph& active, const Sides& sides, const Parallel& parallel,
                   float* out) {
  const auto rows = sides.a.rows();
  const auto columns = sides.b.rows();
  const auto blocks = blocks_of_lanes(rows);
  BestMatches best_matches(kernels, active, worker_count(blocks, parallel));
  parallel_for(blocks, parallel, [&](std::size_t block, std::size_t worker) {
    const auto begin = block * kLanes;
    const auto lanes = std::min(kLanes, rows - begin);
    const auto* best = best_matches(sides.a, begin, lanes, worker);
    std::array<float, kLanes * kLanes> tile;  // [column][row]
    for (std::size_t column = 0; column < columns; column += kLanes) {
      const auto width = std::min(kLanes, columns - column);
      kernels.gather_sums(best, sides.b.offsets.data() + column, sides.b.indices.data(), width, tile.data(), kLanes,
                          kLanes);
      for (std::size_t l = 0; l < lanes; ++l) {
        auto* row = out + (begin + l) * columns + column;
        for (std::size_t c = 0; c < width; ++c) {
          row[c] =
              combined<combine>(row[c], tile[c * kLanes + l], sides.length_a[begin + l], sides.length_b[column + c]);
        }
      }
    }
  });
}

template <Combine combine>
void join_mirrored(const std::vector<float>& length, const Parallel& parallel, float* out) {
  const auto n = length.size();
  for_mirrored_pairs(n, parallel, [&](std::size_t i, std::size_t j) {
    const auto forward = out[i * n + j];
    const auto backward = out[j * n + i];
    out[i * n + j] = combined<combine>(forward, backward, length[i], length[j]);
    out[j * n + i] = combined<combine>(backward, forward, length[j], length[i]);
  });
}

template <Combine combine>
void run(const OntologyGraph& graph, std::span<const double> ic, CsrView a, std::optional<CsrView> b,
         const Parallel& parallel, float* out) {
  const auto& kernels = active_kernels();
  const auto active = activate(graph, ic, a, b.value_or(CsrView{}));
  const auto compact_a = compact(a, active);
  const CsrView sets_a{a.offsets, compact_a};
  if (!b) {
    const Sides sides{sets_a, sets_a, lengths(a), {}};
    sum_forward(kernels, active, sides, parallel, out);
    join_mirrored<combine>(sides.length_a, parallel, out);
    return;
  }
  const auto compact_b = compact(*b, active);
  const Sides sides{sets_a, {b->offsets, compact_b}, lengths(a), lengths(*b)};
  if constexpr (combine != Combine::b_to_a) sum_forward(kernels, active, sides, parallel, out);
  join_backward<combine>(kernels, active, sides, parallel, out);
}

}  // namespace

Combine combine_from_name(std::string_view name) {
  const auto found = std::find(kCombineNames.begin(), kCombineNames.end(), name);
  if (found != kCombineNames.end()) return static_cast<Combine>(found - kCombineNames.begin());
  std::string names;
  for (const auto known : kCombineNames) names += (names.empty() ? "" : ", ") + std::string(known);
  throw std::invalid_argument("combine must be one of " + names + ", not \"" + std::string(name) + "\"");
}

void set_similarity(const OntologyGraph& graph, std::span<const double> ic, CsrView a, std::optional<CsrView> b,
                    Combine combine, const Parallel& parallel, std::span<float> out) {
  check_values(ic, graph.n_terms(), "ic");
  check_csr(a, graph.n_terms(), "a");
  if (b) check_csr(*b, graph.n_terms(), "b");
  check_output(out, a.rows(), b ? b->rows() : a.rows());
  switch (combine) {
    case Combine::bma:
      return run<Combine::bma>(graph, ic, a, b, parallel, out.data());
    case Combine::funsim_avg:
      return run<Combine::funsim_avg>(graph, ic, a, b, parallel, out.data());
    case Combine::funsim_max:
      return run<Combine::funsim_max>(graph, ic, a, b, parallel, out.data());
    case Combine::a_to_b:
      return run<Combine::a_to_b>(graph, ic, a, b, parallel, out.data());
    case Combine::b_to_a:
      return run<Combine::b_to_a>(graph, ic, a, b, parallel, out.data());
  }
}

}  // namespace phenojax
