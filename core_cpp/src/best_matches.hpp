#pragma once
// One direction of a comparison: what the terms of the query sets find in each of 16 source sets side by side.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "lane_kernels.hpp"
#include "phenojax/csr.hpp"
#include "phenojax/ontology_graph.hpp"
#include "phenojax/term_measure.hpp"

namespace phenojax {

// Keeps what it is given below: graph, values and the spans of the sets must outlive it.
class BestMatches {
 public:
  BestMatches() = default;
  BestMatches(const BestMatches&) = delete;
  BestMatches& operator=(const BestMatches&) = delete;
  virtual ~BestMatches() = default;

  // One row of 16 lanes per row of the numbering below; lane l is what is found in source set begin + l, and 0 for
  // l >= lanes. Valid until the next call for this worker; workers do not share anything that changes.
  virtual const float* table(std::size_t begin, std::size_t lanes, std::size_t worker) = 0;

  // For each entry of the query sets' indices, its row in the tables.
  [[nodiscard]] const std::vector<std::int32_t>& query_rows() const { return query_rows_; }

 protected:
  std::vector<std::int32_t> query_rows_;
};

// The best match by a measure other than hrss; exact under the conditions of ByCommonAncestor.
[[nodiscard]] std::unique_ptr<BestMatches> best_by_common_ancestor(const LaneKernels& kernels,
                                                                   const OntologyGraph& graph, const TermValues& values,
                                                                   CsrView queries, CsrView sources,
                                                                   std::size_t workers);

// The same for the measures other than resnik, see best_by_score.cpp.
[[nodiscard]] std::unique_ptr<BestMatches> best_by_score(const LaneKernels& kernels, const OntologyGraph& graph,
                                                         const TermValues& values, CsrView queries, CsrView sources,
                                                         std::size_t workers);

// The largest value among the common ancestors of a query term and the terms of a source set (both among their own
// ancestors); `value` has one entry per term, 0 or more.
[[nodiscard]] std::unique_ptr<BestMatches> largest_common_value(const LaneKernels& kernels, const OntologyGraph& graph,
                                                                std::span<const float> value, CsrView queries,
                                                                CsrView sources, std::size_t workers);

// 1 where a query term is a term of the source set or lies below one, else 0.
[[nodiscard]] std::unique_ptr<BestMatches> at_or_below(const LaneKernels& kernels, const OntologyGraph& graph,
                                                       CsrView queries, CsrView sources, std::size_t workers);

// Terms of sources are rows, terms of queries columns of `matrix`, row-major with `columns` of them. A term finds the
// best of the set, or with `mean` the mean by `weights`, one per entry of sources.indices (empty: all 1).
[[nodiscard]] std::unique_ptr<BestMatches> best_by_matrix(const LaneKernels& kernels, std::span<const float> matrix,
                                                          std::size_t columns, CsrView queries, CsrView sources,
                                                          bool mean, std::span<const float> weights,
                                                          std::size_t workers);

}  // namespace phenojax
