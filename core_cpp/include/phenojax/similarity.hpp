#pragma once
// Exact similarity between sets of terms: all pairs as a matrix, or the best few of each. At most 2^31 - 1 sets a side.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <variant>

#include "phenojax/combine.hpp"
#include "phenojax/csr.hpp"
#include "phenojax/ontology_graph.hpp"
#include "phenojax/parallel.hpp"
#include "phenojax/term_measure.hpp"

namespace phenojax {

// The terms are those of `graph`, and the best match of a term in a set is found without looking at the pairs of terms.
// Exact for resnik; for lin, relevance, information_coefficient and jiang_conrath where information content never falls
// from parent to child; for a custom measure besides only if it never falls with ic(mica) and never rises with ic(b),
// which who gives it has made sure of. What else there is, is refused.
struct ByCommonAncestor {
  const OntologyGraph& graph;
  const TermValues& values;
};

// The terms are rows (of a) and columns (of b) of a finished matrix, row-major; without b it is square and symmetric.
struct ByTermMatrix {
  std::span<const float> values;
  std::size_t rows, columns;
};

using TermScores = std::variant<ByCommonAncestor, ByTermMatrix>;

struct TermSets {
  CsrView terms;                   // taken as given: a term that stands twice counts twice
  std::span<const float> weights;  // one per entry of terms.indices, finite and not negative; empty: all 1
};

// What was looked for and not found takes away from what is alike: S * (1 - strength * c), where c is the share of the
// observed terms of both that are, or lie below, an excluded term of the other. Terms are those of `graph`.
struct Exclusions {
  const OntologyGraph& graph;
  CsrView observed, excluded;                             // of a
  std::optional<CsrView> other_observed, other_excluded;  // of b
  float strength;                                         // 0 to 1
};

struct SetProblem {
  TermScores scores;
  TermSets a;
  std::optional<TermSets> b;  // without it a against itself
  Combine combine;
  std::optional<Exclusions> exclusions;
};

// out is row-major (a.rows(), b.rows()); without `b` exactly symmetric for the symmetric combiners. A set without terms
// has similarity 0 with everything.
//
// Per 16 sets side by side: one pass over the ancestors in play (64 bytes per term), then one 64-byte row read per term
// of each set of the other side. Scratch per thread: 66 bytes per ancestor in play and 64 KiB; by a measure other than
// resnik besides 64 bytes per distinct term, and by a term matrix 64 bytes per column.
//
// Throws std::invalid_argument on malformed sets, weights or sizes before anything is computed.
void set_similarity(const SetProblem& problem, const Parallel& parallel, std::span<float> out);

// For each set of a the k best of b, or without b of the others of a: ids (a.rows(), k) and scores (a.rows(), k), by
// falling score and then by rising id. k must not exceed the number of candidates. Never more than one tile of
// 8192 x 8192 scores is held. `progress(done, total)` is called on the calling thread.
void nearest_sets(const SetProblem& problem, std::size_t k, const Parallel& parallel,
                  const std::function<void(std::size_t done, std::size_t total)>& progress, std::span<std::int64_t> ids,
                  std::span<float> scores);

}  // namespace phenojax
