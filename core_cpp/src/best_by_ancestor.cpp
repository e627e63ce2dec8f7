#include <algorithm>

#include "active_graph.hpp"
#include "best_matches.hpp"
#include "each_ancestor.hpp"
#include "lane_table.hpp"

namespace phenojax {
namespace {

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
        each_ancestor(graph_, active_.position, set, [&](std::size_t row, std::int32_t) { masks[row] |= bit; });
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

}  // namespace

std::unique_ptr<BestMatches> best_by_common_ancestor(const LaneKernels& kernels, const OntologyGraph& graph,
                                                     const TermValues& values, CsrView queries, CsrView sources,
                                                     std::size_t workers) {
  if (values.measure == TermMeasure::resnik) {
    return largest_common_value(kernels, graph, values.common, queries, sources, workers);
  }
  return best_by_score(kernels, graph, values, queries, sources, workers);
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
