// Any sets, terms, weights and sizes for what compares whole closures: what is well formed gives the numbers of plain
// loops and never leaves 0 to 1, the rest is refused before anything is written.

#include <array>
#include <functional>
#include <iterator>

#include "harness.hpp"
#include "phenojax/closure_overlap.hpp"
#include "phenojax/wang.hpp"
#include "plain.hpp"
#include "values.hpp"

namespace {

using namespace phenojax;
using fuzz::require;
using fuzz::Terms;
using Score = std::function<double(std::size_t i, std::size_t j)>;

// The matrix of `compute`, compared with plain loops where `is_tame`.
void check_matrix(bool is_good, bool is_tame, std::size_t rows, std::size_t columns, std::size_t n_out,
                  const std::function<void(std::span<float>)>& compute, const Score& plain) {
  constexpr auto kUntouched = -7.0F;
  std::vector<float> out(n_out, kUntouched);
  try {
    compute(out);
  } catch (const std::invalid_argument&) {
    require(!is_good || n_out != rows * columns, "what is well formed was refused");
    require(std::ranges::all_of(out, [](auto v) { return v == kUntouched; }), "a refused call has written");
    return;
  }
  require(is_good && n_out == rows * columns, "what is malformed was taken");
  require(std::ranges::all_of(out, [](auto v) { return v >= 0.0F && v <= 1.0F; }), "a value is not from 0 to 1");
  if (!is_tame) return;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      require(fuzz::is_near(double{out[i * columns + j]}, plain(i, j)), "a value is not that of plain loops");
    }
  }
}

class Plain {
 public:
  explicit Plain(const fuzz::Ontology& ontology) : ontology_(ontology) {}

  [[nodiscard]] double overlap(Overlap kind, Terms a, Terms b) const {
    const auto of_a = ontology_.graph.ancestors(a);
    const auto of_b = ontology_.graph.ancestors(b);
    const auto common = weight(shared(of_a, of_b));
    const auto s = weight(of_a);
    const auto t = weight(of_b);
    switch (kind) {
      case Overlap::jaccard:
        return fuzz::ratio(common, s + t - common);
      case Overlap::dice:
        return fuzz::ratio(2.0 * common, s + t);
      case Overlap::overlap:
        return fuzz::ratio(common, std::min(s, t));
      case Overlap::cosine:
        return fuzz::ratio(common, std::sqrt(s * t));
    }
    return -1.0;
  }

  [[nodiscard]] double graph_ic(std::int32_t s, std::int32_t t) const {
    if (s == t) return 1.0;
    std::vector<std::int32_t> proper;
    for (const auto term : {s, t}) {
      for (const auto above : closure(term)) {
        if (above != term) proper.push_back(above);
      }
    }
    std::ranges::sort(proper);
    proper.erase(std::unique(proper.begin(), proper.end()), proper.end());
    return fuzz::ratio(weight(shared(closure(s), closure(t))), weight(proper));
  }

  [[nodiscard]] double wang(double edge_weight, std::int32_t s, std::int32_t t) const {
    const auto of_s = contributions(edge_weight, s);
    const auto of_t = contributions(edge_weight, t);
    double common = 0.0;
    double all = 0.0;
    for (std::size_t term = 0; term < of_s.size(); ++term) {
      all += of_s[term] + of_t[term];
      if (of_s[term] > 0.0 && of_t[term] > 0.0) common += of_s[term] + of_t[term];
    }
    return fuzz::ratio(common, all);
  }

 private:
  [[nodiscard]] std::vector<std::int32_t> closure(std::int32_t term) const {
    return ontology_.graph.ancestors(std::array<std::int32_t, 1>{term});
  }
  [[nodiscard]] static std::vector<std::int32_t> shared(const std::vector<std::int32_t>& a,
                                                        const std::vector<std::int32_t>& b) {
    std::vector<std::int32_t> out;
    std::ranges::set_intersection(a, b, std::back_inserter(out));
    return out;
  }
  [[nodiscard]] double weight(Terms terms) const {
    double sum = 0.0;
    for (const auto term : terms) sum += ontology_.ic[static_cast<std::size_t>(term)];
    return sum;
  }
  // Parents have smaller numbers, so that one walk down the numbers meets each term after all of its children.
  [[nodiscard]] std::vector<double> contributions(double edge_weight, std::int32_t from) const {
    std::vector<double> out(ontology_.n_terms(), 0.0);
    out[static_cast<std::size_t>(from)] = 1.0;
    for (auto term = static_cast<std::size_t>(from) + 1; term-- > 0;) {
      for (const auto parent : ontology_.graph.parents().row(term)) {
        auto& above = out[static_cast<std::size_t>(parent)];
        above = std::max(above, edge_weight * out[term]);
      }
    }
    return out;
  }

  const fuzz::Ontology& ontology_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Bytes bytes(data, size);
  const fuzz::Ontology ontology(bytes);
  const auto n = ontology.n_terms();
  const auto& graph = ontology.graph;
  const Plain plain(ontology);
  const Parallel parallel{static_cast<int>(bytes.below(8)) - 1};
  const auto kind = static_cast<Overlap>(bytes.below(4));
  const auto size_of = [&](std::size_t right) { return bytes.below(16) == 15 ? bytes.below(250) : right; };

  const auto a = fuzz::sets(bytes, 20, n);
  std::optional<Csr> b;
  if (bytes.below(2) == 1) b = fuzz::sets(bytes, 36, n);
  const auto rows = a.view();
  const auto columns = b ? b->view() : rows;
  const auto sets_are_good = fuzz::is_well_formed(rows, n) && fuzz::is_well_formed(columns, n) && parallel.threads >= 1;
  check_matrix(
      ontology.is_good() && sets_are_good, ontology.is_tame, rows.rows(), columns.rows(),
      size_of(rows.rows() * columns.rows()),
      [&](auto out) {
        closure_overlap(graph, ontology.ic, rows, b ? std::optional(columns) : std::nullopt, kind, parallel, out);
      },
      [&](auto i, auto j) { return plain.overlap(kind, rows.row(i), columns.row(j)); });

  const auto s = fuzz::terms(bytes, 40, n);
  const auto t = bytes.below(2) == 1 ? fuzz::terms(bytes, 40, n) : s;
  const auto terms_are_good = fuzz::in_range(s, n) && fuzz::in_range(t, n) && parallel.threads >= 1;
  const auto check_terms = [&](bool is_good, bool is_tame, const auto& compute, const Score& score) {
    check_matrix(terms_are_good && is_good, is_tame, s.size(), t.size(), size_of(s.size() * t.size()), compute, score);
  };
  check_terms(
      ontology.is_good(), ontology.is_tame,
      [&](auto out) { term_overlap(graph, ontology.ic, s, t, kind, parallel, out); },
      [&](auto i, auto j) { return plain.overlap(kind, Terms(s).subspan(i, 1), Terms(t).subspan(j, 1)); });
  check_terms(
      ontology.is_good(), ontology.is_tame, [&](auto out) { graph_ic(graph, ontology.ic, s, t, parallel, out); },
      [&](auto i, auto j) { return plain.graph_ic(s[i], t[j]); });
  const auto any_weight = bytes.below(8) == 0;
  const auto edge_weight = any_weight ? bytes.take<double>() : static_cast<double>(1 + bytes.below(16)) / 16.0;
  check_terms(
      edge_weight > 0.0 && edge_weight <= 1.0, !any_weight,
      [&](auto out) { wang(graph, edge_weight, s, t, parallel, out); },
      [&](auto i, auto j) { return plain.wang(edge_weight, s[i], t[j]); });
  return 0;
}
