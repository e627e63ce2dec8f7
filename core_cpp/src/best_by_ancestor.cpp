#include <algorithm>
#include <limits>
#include <numeric>

#include "active_graph.hpp"
#include "best_matches.hpp"
#include "lane_table.hpp"

namespace phenojax {
namespace {

// Where the terms of the source sets enter the graph in play; where a measure asks for it, with their ic.
struct Sources {
  std::vector<std::int64_t> offsets{0};
  std::vector<std::int32_t> rows;
  std::vector<float> ic;
};

Sources enter(const OntologyGraph& graph, const ActiveGraph& active, CsrView sets) {
  auto entry = entries(graph, active, sets.indices);
  Sources out;
  out.offsets.resize(sets.offsets.size());
  for (std::size_t set = 0; set < sets.offsets.size(); ++set) {
    out.offsets[set] = entry.offsets[static_cast<std::size_t>(sets.offsets[set])];
  }
  out.rows = std::move(entry.indices);
  return out;
}

// Terms of a set by rising ic: the first to reach an ancestor is then the lowest.
Sources enter_lowest_first(const OntologyGraph& graph, const ActiveGraph& active, std::span<const float> ic,
                           CsrView sets) {
  const auto entry = entries(graph, active, sets.indices);
  Sources out;
  out.offsets.reserve(sets.rows() + 1);
  out.rows.reserve(entry.indices.size());
  out.ic.reserve(entry.indices.size());
  std::vector<std::size_t> order;
  for (std::size_t set = 0; set < sets.rows(); ++set) {
    order.resize(sets.row(set).size());
    std::iota(order.begin(), order.end(), static_cast<std::size_t>(sets.offsets[set]));
    const auto ic_at = [&](std::size_t k) { return ic[static_cast<std::size_t>(sets.indices[k])]; };
    std::stable_sort(order.begin(), order.end(), [&](auto x, auto y) { return ic_at(x) < ic_at(y); });
    for (const auto k : order) {
      for (const auto row : entry.view().row(k)) {
        out.rows.push_back(row);
        out.ic.push_back(ic_at(k));
      }
    }
    out.offsets.push_back(static_cast<std::int64_t>(out.rows.size()));
  }
  return out;
}

// Calls reach(row, k) for the ancestors in play of the entries k of a set. It says whether to go on from there.
template <class Reach>
void walk_up(const ActiveGraph& active, const Sources& sources, std::size_t set, std::vector<std::int32_t>& waiting,
             const Reach& reach) {
  const auto parents = active.parents.view();
  const auto end = static_cast<std::size_t>(sources.offsets[set + 1]);
  for (auto k = static_cast<std::size_t>(sources.offsets[set]); k < end; ++k) {
    if (reach(sources.rows[k], k)) waiting.push_back(sources.rows[k]);
    while (!waiting.empty()) {
      const auto next = static_cast<std::size_t>(waiting.back());
      waiting.pop_back();
      for (const auto parent : parents.row(next)) {
        if (reach(parent, k)) waiting.push_back(parent);
      }
    }
  }
}

// The value of an ancestor alone counts, so that one pass down the graph finds the best.
class BestCommon : public BestMatches {
 public:
  BestCommon(const LaneKernels& kernels, ActiveGraph active, Sources sources, bool closed, CsrView queries,
             std::size_t workers)
      : kernels_(kernels), active_(std::move(active)), sources_(std::move(sources)), closed_(closed), scratch_(workers) {
    query_rows_.reserve(queries.indices.size());
    for (const auto term : queries.indices) query_rows_.push_back(active_.position[static_cast<std::size_t>(term)]);
  }

  const float* table(std::size_t begin, std::size_t lanes, std::size_t worker) override {
    auto& slot = scratch_[worker];
    if (!slot) {
      slot = std::make_unique<Scratch>(Scratch{{}, {}, LaneTable(active_.rows())});
    }
    auto& masks = slot->masks;
    masks.assign(active_.rows(), 0);
    for (std::size_t l = 0; l < lanes; ++l) {
      const auto bit = 1U << l;
      walk_up(active_, sources_, begin + l, slot->waiting, [&](std::int32_t row, std::size_t) {
        auto& mask = masks[static_cast<std::size_t>(row)];
        if ((mask & bit) != 0) return false;
        mask = static_cast<std::uint16_t>(mask | bit);
        return closed_;
      });
    }
    kernels_.best_common(active_.view(), masks.data(), slot->best.data());
    return slot->best.data();
  }

 private:
  struct Scratch {
    std::vector<std::uint16_t> masks;
    std::vector<std::int32_t> waiting;
    LaneTable best;
  };

  const LaneKernels& kernels_;
  ActiveGraph active_;
  Sources sources_;
  bool closed_;  // whether the ancestors of a source term count as the term itself
  std::vector<std::unique_ptr<Scratch>> scratch_;
};

// The other measures: a query term looks at each of its ancestors, with the lowest term that each set has below it.
class BestScored : public BestMatches {
 public:
  BestScored(const LaneKernels& kernels, ActiveGraph active, Sources sources, const TermValues& values, CsrView queries,
             std::size_t workers)
      : kernels_(kernels),
        measure_(values.measure),
        score_(values.score),
        active_(std::move(active)),
        sources_(std::move(sources)),
        scratch_(workers) {
    std::vector<std::int32_t> number(active_.rows(), -1);  // of the query terms, by row
    for (const auto term : queries.indices) {
      number[static_cast<std::size_t>(active_.position[static_cast<std::size_t>(term)])] = 0;
    }
    std::vector<std::int32_t> above;
    std::vector<std::size_t> seen(active_.rows(), 0);
    candidate_offsets_.push_back(0);
    for (std::size_t row = 1; row < active_.rows(); ++row) {
      if (number[row] < 0) continue;
      number[row] = static_cast<std::int32_t>(query_ic_.size());
      query_ic_.push_back(values.ic[static_cast<std::size_t>(active_.term[row])]);
      append_ancestors(row, seen, above);
      candidate_offsets_.push_back(static_cast<std::int64_t>(candidate_rows_.size()));
    }
    for (std::size_t row = 1; row < active_.rows(); ++row) {
      ic_.push_back(values.ic[static_cast<std::size_t>(active_.term[row])]);
    }
    query_rows_.reserve(queries.indices.size());
    for (const auto term : queries.indices) {
      query_rows_.push_back(number[static_cast<std::size_t>(active_.position[static_cast<std::size_t>(term)])]);
    }
  }

  const float* table(std::size_t begin, std::size_t lanes, std::size_t worker) override {
    auto& slot = scratch_[worker];
    if (!slot) {
      slot = std::make_unique<Scratch>(
          Scratch{{}, {}, LaneTable(query_ic_.size()), LaneTable(active_.rows()), LaneTable(longest_), {}, {}, {}});
    }
    mark(begin, lanes, *slot);
    const Candidates candidates{candidate_offsets_.data(), candidate_rows_.data(), query_ic_.data(), query_ic_.size()};
    const auto* masks = slot->masks.data();
    const auto* lowest = slot->lowest.data();
    const auto* common = active_.value.data();
    if (measure_ == TermMeasure::custom) {
      call_back(*slot);
    } else if (measure_ == TermMeasure::jiang_conrath) {
      kernels_.best_distance(candidates, masks, lowest, common, slot->best.data());
    } else {
      kernels_.best_ratio(candidates, masks, lowest, common, slot->best.data());
    }
    return slot->best.data();
  }

 private:
  struct Scratch {
    std::vector<std::uint16_t> masks;
    std::vector<std::int32_t> waiting;
    LaneTable best;
    LaneTable lowest;
    LaneTable scores;  // this and what follows: of a custom measure, for the candidates of one query term
    std::vector<float> mica, low;
    std::vector<std::uint16_t> found;
  };

  void append_ancestors(std::size_t row, std::vector<std::size_t>& seen, std::vector<std::int32_t>& above) {
    const auto before = candidate_rows_.size();
    above.assign(1, static_cast<std::int32_t>(row));
    seen[row] = row;
    while (!above.empty()) {
      const auto next = above.back();
      above.pop_back();
      candidate_rows_.push_back(next);
      for (const auto parent : active_.parents.view().row(static_cast<std::size_t>(next))) {
        auto& by = seen[static_cast<std::size_t>(parent)];
        if (by == row) continue;
        by = row;
        above.push_back(parent);
      }
    }
    longest_ = std::max(longest_, candidate_rows_.size() - before);
  }

  void mark(std::size_t begin, std::size_t lanes, Scratch& scratch) const {
    scratch.masks.assign(active_.rows(), 0);
    auto* lowest = scratch.lowest.data();
    for (std::size_t l = 0; l < lanes; ++l) {
      const auto bit = 1U << l;
      walk_up(active_, sources_, begin + l, scratch.waiting, [&](std::int32_t reached, std::size_t k) {
        const auto row = static_cast<std::size_t>(reached);
        auto& mask = scratch.masks[row];
        if ((mask & bit) != 0) return false;
        // A custom measure never sees the lanes without a term, only numbers that could stand there.
        const auto none = score_ == nullptr ? std::numeric_limits<float>::infinity() : ic_[row];
        if (mask == 0) std::fill_n(lowest + row * kLanes, kLanes, none);
        mask = static_cast<std::uint16_t>(mask | bit);
        lowest[row * kLanes + l] = sources_.ic[k];
        return true;
      });
    }
  }

  void call_back(Scratch& scratch) const {
    const auto n_queries = query_ic_.size();
    scratch.mica.resize(longest_ * kLanes);
    scratch.low.resize(longest_ * kLanes);
    scratch.found.resize(longest_);
    for (std::size_t q = 0; q < n_queries; ++q) {
      std::size_t n = 0;
      for (auto k = candidate_offsets_[q]; k < candidate_offsets_[q + 1]; ++k) {
        const auto row = static_cast<std::size_t>(candidate_rows_[static_cast<std::size_t>(k)]);
        const auto mask = scratch.masks[row];
        if (mask == 0) continue;
        scratch.found[n] = mask;
        std::fill_n(scratch.mica.data() + n * kLanes, kLanes, ic_[row]);
        std::copy_n(scratch.lowest.data() + row * kLanes, kLanes, scratch.low.data() + n * kLanes);
        ++n;
      }
      score_(static_cast<std::int64_t>(n * kLanes), scratch.mica.data(), query_ic_[q], scratch.low.data(),
             scratch.scores.data());
      kernels_.best_found(scratch.scores.data(), scratch.found.data(), n, scratch.best.data() + q * kLanes);
    }
  }

  const LaneKernels& kernels_;
  TermMeasure measure_;
  BatchScore score_;
  ActiveGraph active_;
  Sources sources_;
  std::vector<float> ic_{0.0F};  // by row
  std::vector<float> query_ic_;
  std::vector<std::int64_t> candidate_offsets_;
  std::vector<std::int32_t> candidate_rows_;
  std::size_t longest_ = 0;  // how many candidates a query term has at most
  std::vector<std::unique_ptr<Scratch>> scratch_;
};

}  // namespace

std::unique_ptr<BestMatches> best_by_common_ancestor(const LaneKernels& kernels, const OntologyGraph& graph,
                                                     const TermValues& values, CsrView queries, CsrView sources,
                                                     std::size_t workers) {
  if (values.measure == TermMeasure::resnik) {
    return largest_common_value(kernels, graph, values.common, queries, sources, workers);
  }
  auto active = activate(graph, values.common, queries.indices);
  auto entered = enter_lowest_first(graph, active, values.ic, sources);
  return std::make_unique<BestScored>(kernels, std::move(active), std::move(entered), values, queries, workers);
}

std::unique_ptr<BestMatches> largest_common_value(const LaneKernels& kernels, const OntologyGraph& graph,
                                                  std::span<const float> value, CsrView queries, CsrView sources,
                                                  std::size_t workers) {
  auto active = activate(graph, value, queries.indices);
  auto entered = enter(graph, active, sources);
  return std::make_unique<BestCommon>(kernels, std::move(active), std::move(entered), true, queries, workers);
}

std::unique_ptr<BestMatches> at_or_below(const LaneKernels& kernels, const OntologyGraph& graph, CsrView queries,
                                         CsrView sources, std::size_t workers) {
  const std::vector<float> one(static_cast<std::size_t>(graph.n_terms()), 1.0F);
  auto active = activate(graph, one, queries.indices);
  Sources in_play;  // a term that is no ancestor of a query term has none at or below it
  for (std::size_t set = 0; set < sources.rows(); ++set) {
    for (const auto term : sources.row(set)) {
      const auto row = active.position[static_cast<std::size_t>(term)];
      if (row != 0) in_play.rows.push_back(row);
    }
    in_play.offsets.push_back(static_cast<std::int64_t>(in_play.rows.size()));
  }
  return std::make_unique<BestCommon>(kernels, std::move(active), std::move(in_play), false, queries, workers);
}

}  // namespace phenojax
