#include <algorithm>
#include <cstring>
#include <limits>

#include "active_graph.hpp"
#include "best_matches.hpp"
#include "lane_table.hpp"

namespace phenojax {
namespace {

// Calls reach(row, term) for every ancestor in play of every term of a set, and for row 0 in place of one that is not.
template <class Reach>
void each_ancestor(const OntologyGraph& graph, const ActiveGraph& active, std::span<const std::int32_t> set,
                   const Reach& reach) {
  const auto above = graph.ancestor_lists();
  for (const auto term : set) {
    for (const auto ancestor : above.row(static_cast<std::size_t>(term))) {
      reach(static_cast<std::size_t>(active.position[static_cast<std::size_t>(ancestor)]), term);
    }
  }
}

// The value of an ancestor alone counts, so that one pass down the graph finds the best.
class BestCommon : public BestMatches {
 public:
  // `closed`: whether the ancestors of a source term count as the term itself.
  BestCommon(const LaneKernels& kernels, const OntologyGraph& graph, std::span<const float> value, bool closed,
             CsrView queries, CsrView sources, std::size_t workers)
      : kernels_(kernels),
        graph_(graph),
        active_(activate(graph, value, queries.indices)),
        sources_(sources),
        closed_(closed),
        scratch_(workers) {
    query_rows_.reserve(queries.indices.size());
    for (const auto term : queries.indices) query_rows_.push_back(active_.position[static_cast<std::size_t>(term)]);
  }

  const float* table(std::size_t begin, std::size_t lanes, std::size_t worker) override {
    auto& slot = scratch_[worker];
    if (!slot) slot = std::make_unique<Scratch>(Scratch{{}, LaneTable(active_.rows())});
    slot->masks.assign(active_.rows(), 0);
    auto* masks = slot->masks.data();
    for (std::size_t l = 0; l < lanes; ++l) {
      const auto bit = static_cast<std::uint16_t>(1U << l);
      const auto set = sources_.row(begin + l);
      if (closed_) {
        each_ancestor(graph_, active_, set, [&](std::size_t row, std::int32_t) { masks[row] |= bit; });
      } else {
        for (const auto term : set) {
          masks[static_cast<std::size_t>(active_.position[static_cast<std::size_t>(term)])] |= bit;
        }
      }
    }
    kernels_.best_common(active_.view(), masks, slot->best.data());
    return slot->best.data();
  }

 private:
  struct Scratch {
    std::vector<std::uint16_t> masks;
    LaneTable best;
  };

  const LaneKernels& kernels_;
  const OntologyGraph& graph_;
  ActiveGraph active_;
  CsrView sources_;
  bool closed_;
  std::vector<std::unique_ptr<Scratch>> scratch_;
};

// The other measures: a query term looks at each of its ancestors, with the lowest term that each set has below it.
class BestScored : public BestMatches {
 public:
  BestScored(const LaneKernels& kernels, const OntologyGraph& graph, const TermValues& values, CsrView queries,
             CsrView sources, std::size_t workers)
      : kernels_(kernels),
        graph_(graph),
        values_(values),
        active_(activate(graph, values.common, queries.indices)),
        sources_(sources),
        scratch_(workers) {
    for (std::size_t row = 1; row < active_.rows(); ++row) ic_.push_back(ic_of(active_.term[row]));
    std::vector<std::int32_t> number(active_.rows(), -1);  // of the query terms, by row
    for (const auto term : queries.indices) {
      const auto row = static_cast<std::size_t>(active_.position[static_cast<std::size_t>(term)]);
      if (number[row] < 0) {
        number[row] = static_cast<std::int32_t>(query_ic_.size());
        query_ic_.push_back(ic_[row]);
        append_ancestors(term);
      }
      query_rows_.push_back(number[row]);
    }
  }

  const float* table(std::size_t begin, std::size_t lanes, std::size_t worker) override {
    auto& slot = scratch_[worker];
    if (!slot) {
      slot = std::make_unique<Scratch>(
          Scratch{{}, LaneTable(query_ic_.size()), LaneTable(active_.rows()), LaneTable(longest_), {}, {}, {}});
    }
    mark(begin, lanes, *slot);
    const Candidates candidates{candidates_.offsets.data(), candidates_.indices.data(), query_ic_.data(),
                                query_ic_.size()};
    const auto* masks = slot->masks.data();
    const auto* lowest = slot->lowest.data();
    const auto* common = active_.value.data();
    if (values_.measure == TermMeasure::custom) {
      call_back(*slot);
    } else if (values_.measure == TermMeasure::jiang_conrath) {
      kernels_.best_distance(candidates, masks, lowest, common, slot->best.data());
    } else {
      kernels_.best_ratio(candidates, masks, lowest, common, slot->best.data());
    }
    return slot->best.data();
  }

 private:
  struct Scratch {
    std::vector<std::uint16_t> masks;
    LaneTable best;
    LaneTable lowest;
    LaneTable scores;  // this and what follows: of a custom measure, for the candidates of one query term
    std::vector<float> mica, low;
    std::vector<std::uint16_t> found;
  };

  [[nodiscard]] float ic_of(std::int32_t term) const { return values_.ic[static_cast<std::size_t>(term)]; }

  void append_ancestors(std::int32_t term) {
    const auto above = graph_.ancestor_lists().row(static_cast<std::size_t>(term));
    for (const auto ancestor : above) {
      candidates_.indices.push_back(active_.position[static_cast<std::size_t>(ancestor)]);
    }
    candidates_.end_row();
    longest_ = std::max(longest_, above.size());
  }

  void mark(std::size_t begin, std::size_t lanes, Scratch& scratch) const {
    scratch.masks.assign(active_.rows(), 0);
    auto* masks = scratch.masks.data();
    auto* lowest = scratch.lowest.data();
    for (std::size_t l = 0; l < lanes; ++l) {
      const auto bit = static_cast<std::uint16_t>(1U << l);
      each_ancestor(graph_, active_, sources_.row(begin + l), [&](std::size_t row, std::int32_t term) {
        auto* lanes_of_row = lowest + row * kLanes;
        if (masks[row] == 0) std::fill_n(lanes_of_row, kLanes, std::numeric_limits<float>::infinity());
        masks[row] |= bit;
        lanes_of_row[l] = std::min(lanes_of_row[l], ic_of(term));
      });
    }
  }

  void call_back(Scratch& scratch) const {
    scratch.mica.resize(longest_ * kLanes);
    scratch.low.resize(longest_ * kLanes);
    scratch.found.resize(longest_);
    for (std::size_t q = 0; q < query_ic_.size(); ++q) {
      std::size_t n = 0;
      for (const auto candidate : candidates_.view().row(q)) {
        const auto row = static_cast<std::size_t>(candidate);
        const auto mask = scratch.masks[row];
        if (mask == 0) continue;
        scratch.found[n] = mask;
        std::fill_n(scratch.mica.data() + n * kLanes, kLanes, ic_[row]);
        std::memcpy(scratch.low.data() + n * kLanes, scratch.lowest.data() + row * kLanes, kLanes * sizeof(float));
        ++n;
      }
      values_.score(static_cast<std::int64_t>(n * kLanes), scratch.mica.data(), query_ic_[q], scratch.low.data(),
                    scratch.scores.data());
      // lanes without a term below the candidate hold whatever the measure makes of infinity, and are not looked at
      kernels_.best_found(scratch.scores.data(), scratch.found.data(), n, scratch.best.data() + q * kLanes);
    }
  }

  const LaneKernels& kernels_;
  const OntologyGraph& graph_;
  const TermValues& values_;
  ActiveGraph active_;
  CsrView sources_;
  std::vector<float> ic_{0.0F};  // by row
  std::vector<float> query_ic_;
  Csr candidates_;           // of each query term, the rows of its ancestors
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
  return std::make_unique<BestScored>(kernels, graph, values, queries, sources, workers);
}

std::unique_ptr<BestMatches> largest_common_value(const LaneKernels& kernels, const OntologyGraph& graph,
                                                  std::span<const float> value, CsrView queries, CsrView sources,
                                                  std::size_t workers) {
  return std::make_unique<BestCommon>(kernels, graph, value, true, queries, sources, workers);
}

std::unique_ptr<BestMatches> at_or_below(const LaneKernels& kernels, const OntologyGraph& graph, CsrView queries,
                                         CsrView sources, std::size_t workers) {
  const std::vector<float> one(static_cast<std::size_t>(graph.n_terms()), 1.0F);
  return std::make_unique<BestCommon>(kernels, graph, one, false, queries, sources, workers);
}

}  // namespace phenojax
