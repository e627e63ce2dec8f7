#pragma once
// How much two ancestor closures overlap, every term weighing what the caller says.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "phenojax/csr.hpp"
#include "phenojax/ontology_graph.hpp"
#include "phenojax/parallel.hpp"

namespace phenojax {

// With c the weight of what is common to both closures, and s and t that of each:
enum class Overlap : std::uint8_t {
  jaccard,  // c / (s + t - c)
  dice,     // 2 c / (s + t)
  overlap,  // c / min(s, t)
  cosine,   // c / sqrt(s t): of the vectors with the square root of the weight on every term of the closure
};

// Throws std::invalid_argument, naming those there are.
[[nodiscard]] Overlap overlap_from_name(std::string_view name);

// out is row-major (rows of a, rows of b); without `b` a against itself, exactly symmetric and exactly 1 on the
// diagonal. All values are in [0, 1]; 0 where a closure weighs nothing, as that of an empty set. Closures that are
// equal score 1: exactly, and for cosine up to rounding unless they are one row of a. Weights below the smallest normal
// float count as 0.
//
// For 16 sets side by side the weights of their closures are spread over a table of 64 bytes per term in play; each set
// of the other side then costs one 64-byte row read per term of its closure. Scratch per thread: the table and 16 KiB.
//
// Throws std::invalid_argument on malformed sets, weights or sizes before anything is computed.
void closure_overlap(const OntologyGraph& graph, std::span<const double> weights, CsrView a, std::optional<CsrView> b,
                     Overlap overlap, const Parallel& parallel, std::span<float> out);

// The same for single terms, in any order and with repeats: out is (a.size(), b.size()), exactly 1 where a term that
// weighs anything meets itself, and exactly symmetric where a and b hold the same.
void term_overlap(const OntologyGraph& graph, std::span<const double> weights, std::span<const std::int32_t> a,
                  std::span<const std::int32_t> b, Overlap overlap, const Parallel& parallel, std::span<float> out);

// Information content common to the closures of two terms / that of the union of their *proper* ancestors; 1 where a
// term meets itself, 0 where no ancestor has any. A term is therefore as like its only parent as itself.
void graph_ic(const OntologyGraph& graph, std::span<const double> ic, std::span<const std::int32_t> a,
              std::span<const std::int32_t> b, const Parallel& parallel, std::span<float> out);

}  // namespace phenojax
