#pragma once
// Similarity of two terms as a function of three numbers: the information content of their most informative common
// ancestor (the MICA) and their own.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "phenojax/ontology_graph.hpp"

namespace phenojax {

// out[i] = f(ic_mica[i], ic_a, ic_b[i]) for i < n. Called from several threads at once.
using BatchScore = void (*)(std::int64_t n, const float* ic_mica, float ic_a, const float* ic_b, float* out);

// All but resnik are 0 where the quotient would be 0 / 0.
enum class TermMeasure : std::uint8_t {
  resnik,                   // ic(mica)
  lin,                      // 2 ic(mica) / (ic(a) + ic(b))
  relevance,                // lin * (1 - exp(-ic(mica)))
  information_coefficient,  // lin * (1 - 1 / (1 + ic(mica)))
  jiang_conrath,            // 1 / (1 + max(ic(a) + ic(b) - 2 ic(mica), 0))
  hpo3_jiang_conrath,       // as hpo3 has it: besides, 1 where a is b, and else 0 where ic(a) or ic(b) is 0
  // 1 / (1 + gamma) * alpha / (alpha + beta) with alpha = ic(mica), gamma = ic(a) + ic(b) - 2 ic(mica) and beta the
  // mean over a and b of how much further down the most informative leaf below it lies; gamma and beta are never
  // negative
  hrss,
  custom,  // a BatchScore, which is symmetric in a and b
};

// Throws std::invalid_argument, naming those there are; "custom" has no name.
[[nodiscard]] TermMeasure term_measure_from_name(std::string_view name);

// What a measure reads of each term, in float32.
struct TermValues {
  TermMeasure measure;
  BatchScore score;  // of TermMeasure::custom
  std::vector<float> ic;
  // Grows with ic, so that the common ancestor with the largest value is the MICA: the numerator of lin, relevance and
  // information_coefficient; 2 ic for jiang_conrath; else ic.
  std::vector<float> common;
  bool never_falls;         // no term has less ic than a parent of it
  std::vector<float> leaf;  // of TermMeasure::hrss: the largest ic of a leaf at or below the term
};

// Throws std::invalid_argument unless `ic` has one finite value per term, none negative.
[[nodiscard]] TermValues term_values(const OntologyGraph& graph, std::span<const double> ic, TermMeasure measure,
                                     BatchScore score = nullptr);

// Whether, in float32, no term has less information content than a parent of it. One value per term.
[[nodiscard]] bool never_falls(const OntologyGraph& graph, std::span<const double> ic);

}  // namespace phenojax
