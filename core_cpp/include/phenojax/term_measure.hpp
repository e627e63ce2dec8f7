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

enum class TermMeasure : std::uint8_t {
  resnik,                   // ic(mica)
  lin,                      // 2 ic(mica) / (ic(a) + ic(b))
  relevance,                // lin * (1 - exp(-ic(mica)))
  information_coefficient,  // lin * (1 - 1 / (1 + ic(mica)))
  jiang_conrath,            // 1 / (1 + ic(a) + ic(b) - 2 ic(mica))
  hrss,                     // 1 / (1 + gamma) * alpha / (alpha + beta), see term_matrix.cpp
  custom,                   // a BatchScore
};

// Throws std::invalid_argument, naming those there are; "custom" has no name.
[[nodiscard]] TermMeasure term_measure_from_name(std::string_view name);

// What a measure reads of each term, in float32.
struct TermValues {
  TermMeasure measure;
  BatchScore score = nullptr;  // of TermMeasure::custom
  std::vector<float> ic;
  // Grows with ic, so that the common ancestor with the largest value is the MICA: ic, or the numerator of lin,
  // relevance, information_coefficient; 2 ic for jiang_conrath.
  std::vector<float> common;
};

// Throws std::invalid_argument unless `ic` has one finite value per term, none negative.
[[nodiscard]] TermValues term_values(const OntologyGraph& graph, std::span<const double> ic, TermMeasure measure,
                                     BatchScore score = nullptr);

// Whether no term has less information content than a parent of it.
[[nodiscard]] bool never_falls(const OntologyGraph& graph, std::span<const double> ic);

}  // namespace phenojax
