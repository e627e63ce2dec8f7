#pragma once
// A graph with information content out of bytes, and a measure: what the similarity targets share.

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "bytes.hpp"
#include "harness.hpp"
#include "phenojax/term_measure.hpp"

namespace phenojax::fuzz {

struct Ontology {
  OntologyGraph graph;
  std::vector<double> ic;
  bool is_tame;  // of numbers so small that float32 keeps the answers near those in double precision

  explicit Ontology(Bytes& bytes) : graph(dag(bytes, bytes.below(24)).view()), is_tame(true) {
    const auto n = static_cast<std::size_t>(graph.n_terms());
    const auto kind = bytes.below(8);
    ic.resize(kind == 0 ? bytes.below(26) : n);
    for (std::size_t t = 0; t < ic.size(); ++t) {
      if (kind == 0) {
        ic[t] = bytes.take<double>();
        continue;
      }
      ic[t] = bytes.take<std::uint8_t>() / 64.0;
      if (kind == 1) continue;  // else it never falls from parent to child
      for (const auto parent : graph.parents().row(t)) ic[t] = std::max(ic[t], ic[static_cast<std::size_t>(parent)]);
    }
    is_tame = kind != 0;
  }

  [[nodiscard]] std::size_t n_terms() const { return static_cast<std::size_t>(graph.n_terms()); }
  [[nodiscard]] bool is_good() const {
    if (ic.size() != n_terms()) return false;
    return std::ranges::all_of(ic, [](auto v) { return v >= 0.0 && v <= 1e30; });
  }
};

inline void call_lin(std::int64_t n, const float* mica, float a, const float* b, float* out) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = a + b[i] > 0.0F ? 2.0F * mica[i] / (a + b[i]) : 0.0F;
}

inline TermMeasure any_measure(Bytes& bytes) { return static_cast<TermMeasure>(bytes.below(8)); }

// Nothing exactly where the information content is refused.
inline std::optional<TermValues> values_of(const Ontology& ontology, TermMeasure measure) {
  try {
    auto values =
        term_values(ontology.graph, ontology.ic, measure, measure == TermMeasure::custom ? &call_lin : nullptr);
    require(ontology.is_good(), "information content that is no number was taken");
    return values;
  } catch (const std::invalid_argument&) {
    require(!ontology.is_good(), "good information content was refused");
    return std::nullopt;
  }
}

inline bool is_near(double value, double expected) {
  return std::isfinite(value) && std::abs(value - expected) <= 2e-5 * (1.0 + std::abs(expected));
}

}  // namespace phenojax::fuzz
