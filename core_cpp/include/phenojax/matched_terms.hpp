#pragma once
// Which term of one set met which term of another, and where: the matches behind a Resnik similarity.

#include <cstdint>
#include <span>
#include <vector>

#include "phenojax/csr.hpp"
#include "phenojax/ontology_graph.hpp"
#include "phenojax/parallel.hpp"

namespace phenojax {

// One entry per term of the set of each pair, pair after pair, terms in the order of their row.
//
//   offsets  int64[pairs + 1]   pair p holds the entries offsets[p] .. offsets[p + 1)
//   term_a   int32[total]       the term itself
//   term_b   int32[total]       the term of b that it met; -1 when they have no ancestor in common
//   mica     int32[total]       where: their most informative common ancestor; -1 likewise
//   ic       float32[total]     its information content; 0 likewise
struct TermMatches {
  std::vector<std::int64_t> offsets{0};
  std::vector<std::int32_t> term_a, term_b, mica;
  std::vector<float> ic;
};

// Pair p is row rows_a[p] of `a` with row rows_b[p] of `b`. Of several common ancestors that are equally informative
// the last one in topological order is taken, so never one above another. Several terms of b may lie below it: then
// that very ancestor if b has it, and else the one with the smallest index.
//
// Cost: the closure of each row of b that occurs, once; then for each term of a pair a walk over its ancestors, from
// the most informative on, to the first that b shares. Scratch per thread: 8 bytes per term of the ontology.
//
// Throws std::invalid_argument on malformed sets, rows or ic, before anything is computed.
[[nodiscard]] TermMatches matched_terms(const OntologyGraph& graph, std::span<const double> ic, CsrView a, CsrView b,
                                        std::span<const std::int64_t> rows_a, std::span<const std::int64_t> rows_b,
                                        const Parallel& parallel);

}  // namespace phenojax
