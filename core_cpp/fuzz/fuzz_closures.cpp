// Any sets, lists of terms, weights and sizes for the measures on closures: what is well formed gives the numbers of
// plain loops, the rest is refused before anything is written.

#include <functional>
#include <iterator>
#include <set>

#include "harness.hpp"
#include "phenojax/closure_overlap.hpp"
#include "phenojax/wang.hpp"
#include "values.hpp"

namespace {

using namespace phenojax;
using fuzz::Bytes;
using fuzz::require;

using TermSet = std::set<std::int32_t>;
using Terms = std::span<const std::int32_t>;

constexpr auto kUntouched = -7.0F;

double ratio(double numerator, double denominator) { return denominator > 0.0 ? numerator / denominator : 0.0; }

struct Plain {
  const fuzz::Ontology& ontology;

  [[nodiscard]] TermSet closure(Terms terms) const {
    const auto all = ontology.graph.ancestors(terms);
    return {all.begin(), all.end()};
  }
  [[nodiscard]] double weight(const TermSet& terms) const {
    double sum = 0.0;
    for (const auto term : terms) sum += ontology.ic[static_cast<std::size_t>(term)];
    return sum;
  }
  [[nodiscard]] double overlap(Overlap kind, Terms x, Terms y) const {
    const auto a = closure(x);
    const auto b = closure(y);
    TermSet both;
    std::ranges::set_intersection(a, b, std::inserter(both, both.end()));
    const auto c = weight(both);
    const auto s = weight(a);
    const auto t = weight(b);
    switch (kind) {
      case Overlap::jaccard:
        return ratio(c, s + t - c);
      case Overlap::dice:
        return ratio(2.0 * c, s + t);
      case Overlap::overlap:
        return ratio(c, std::min(s, t));
      case Overlap::cosine:
        return ratio(c, std::sqrt(s * t));
    }
    return -1.0;
  }
};

// One call: whether it must go through, its output and what that must be.
void check_call(bool is_good, std::size_t rows, std::size_t columns, std::size_t n_out,
                const std::function<void(std::span<float>)>& call,
                const std::function<double(std::size_t, std::size_t)>& expected) {
  std::vector<float> out(n_out, kUntouched);
  try {
    call(out);
  } catch (const std::invalid_argument&) {
    require(!is_good, "what is well formed was refused");
    require(std::ranges::all_of(out, [](auto v) { return v == kUntouched; }), "a refused call has written");
    return;
  }
  require(is_good, "what is malformed was taken");
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      const auto value = out[i * columns + j];
      require(value >= 0.0F && value <= 1.0F, "an overlap outside [0, 1]");
      require(!expected || fuzz::is_near(double{value}, expected(i, j)), "a pair scores not as plain loops say");
    }
  }
}

void check_sets(Bytes& bytes, const fuzz::Ontology& ontology, Overlap kind) {
  const auto n = ontology.n_terms();
  const auto a = fuzz::sets(bytes, 40, n);
  const auto b = bytes.below(2) == 0 ? std::optional(fuzz::sets(bytes, 40, n)) : std::nullopt;
  const auto& columns = b ? *b : a;
  const auto threads = static_cast<int>(bytes.below(8)) - 1;
  const auto size = a.view().rows() * columns.view().rows();
  const auto n_out = bytes.below(16) == 15 ? bytes.below(250) : size;
  const auto is_good = ontology.is_good() && fuzz::is_well_formed(a.view(), n) &&
                       fuzz::is_well_formed(columns.view(), n) && threads >= 1 && n_out == size;
  const Plain plain{ontology};
  const auto expected = [&](std::size_t i, std::size_t j) {
    return plain.overlap(kind, a.view().row(i), columns.view().row(j));
  };
  check_call(
      is_good, a.view().rows(), columns.view().rows(), n_out,
      [&](auto out) {
        closure_overlap(ontology.graph, ontology.ic, a.view(), b ? std::optional(b->view()) : std::nullopt, kind,
                        {threads}, out);
      },
      ontology.is_tame ? std::function<double(std::size_t, std::size_t)>(expected) : nullptr);
}

void check_terms(Bytes& bytes, const fuzz::Ontology& ontology, Overlap kind) {
  const auto a = bytes.numbers<std::int32_t>(40);
  const auto b = bytes.below(4) == 0 ? a : bytes.numbers<std::int32_t>(40);
  const auto threads = static_cast<int>(bytes.below(8)) - 1;
  const auto edge = bytes.below(8) == 0 ? bytes.take<double>() : static_cast<double>(1 + bytes.below(16)) / 16.0;
  const auto n_out = bytes.below(16) == 15 ? bytes.below(250) : a.size() * b.size();
  const auto in_range = [&](Terms terms) {
    return std::ranges::all_of(terms,
                               [&](auto t) { return t >= 0 && static_cast<std::size_t>(t) < ontology.n_terms(); });
  };
  const auto fits = in_range(a) && in_range(b) && threads >= 1 && n_out == a.size() * b.size();
  const Plain plain{ontology};
  const auto expected = [&](std::size_t i, std::size_t j) { return plain.overlap(kind, {&a[i], 1}, {&b[j], 1}); };
  check_call(
      fits && ontology.is_good(), a.size(), b.size(), n_out,
      [&](auto out) { term_overlap(ontology.graph, ontology.ic, a, b, kind, {threads}, out); },
      ontology.is_tame ? std::function<double(std::size_t, std::size_t)>(expected) : nullptr);
  check_call(
      fits && ontology.is_good(), a.size(), b.size(), n_out,
      [&](auto out) { graph_ic(ontology.graph, ontology.ic, a, b, {threads}, out); }, nullptr);
  check_call(
      fits && edge > 0.0 && edge <= 1.0, a.size(), b.size(), n_out,
      [&](auto out) { wang(ontology.graph, edge, a, b, {threads}, out); }, nullptr);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  const fuzz::Ontology ontology(bytes);
  const auto kind = static_cast<Overlap>(bytes.below(4));
  if (bytes.below(2) == 0) {
    check_sets(bytes, ontology, kind);
  } else {
    check_terms(bytes, ontology, kind);
  }
  return 0;
}
