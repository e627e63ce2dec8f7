// Any sets, values and sizes for the similarity matrices: what is well formed gives the numbers of plain loops, the
// rest is refused before anything is read or written.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

#include "bytes.hpp"
#include "harness.hpp"
#include "phenojax/similarity.hpp"

namespace {

using namespace phenojax;
using fuzz::require;

struct Input {
  const OntologyGraph& graph;
  std::vector<double> ic;
  Csr a;
  std::optional<Csr> b;
  std::size_t n_out;
  int threads;

  [[nodiscard]] std::optional<CsrView> view_b() const { return b ? std::optional(b->view()) : std::nullopt; }
  [[nodiscard]] CsrView columns() const { return b ? b->view() : a.view(); }
  [[nodiscard]] bool is_good() const {
    const auto n = static_cast<std::size_t>(graph.n_terms());
    const bool values = ic.size() == n && std::ranges::all_of(ic, [](auto v) { return v >= 0.0 && v <= 1e30; });
    return values && threads >= 1 && fuzz::is_well_formed(a.view(), n) && fuzz::is_well_formed(columns(), n) &&
           n_out == a.view().rows() * columns().rows();
  }
};

double resnik(const Input& in, std::int32_t s, std::int32_t t) {
  const std::array<std::int32_t, 1> first{s};
  const std::array<std::int32_t, 1> second{t};
  const auto of_s = in.graph.ancestors(first);
  const auto of_t = in.graph.ancestors(second);
  double best = 0.0;
  for (const auto term : of_s) {
    if (std::ranges::binary_search(of_t, term)) best = std::max(best, in.ic[static_cast<std::size_t>(term)]);
  }
  return best;
}

double bma(const Input& in, std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
  double sum = 0.0;
  const auto add_best = [&](auto from, auto to) {
    for (const auto s : from) {
      double best = 0.0;
      for (const auto t : to) best = std::max(best, resnik(in, s, t));
      sum += best;
    }
  };
  add_best(a, b);
  add_best(b, a);
  return sum / static_cast<double>(std::max<std::size_t>(a.size() + b.size(), 1));
}

template <class Compute>
std::optional<std::vector<float>> matrix(const Input& in, const Compute& compute) {
  std::vector<float> out(in.n_out, std::numeric_limits<float>::quiet_NaN());
  try {
    compute(std::span<float>(out));
  } catch (const std::invalid_argument&) {
    require(!in.is_good(), "what is well formed was refused");
    require(std::ranges::all_of(out, [](auto v) { return std::isnan(v); }), "a refused call has written");
    return std::nullopt;
  }
  require(in.is_good(), "what is malformed was taken");
  require(std::ranges::all_of(out, [](auto v) { return std::isfinite(v) && v >= 0.0F; }), "a value is no similarity");
  return out;
}

void check_bma(const Input& in, const std::vector<float>& found) {
  const auto columns = in.columns();
  for (std::size_t i = 0; i < in.a.view().rows(); ++i) {
    for (std::size_t j = 0; j < columns.rows(); ++j) {
      const auto expected = bma(in, in.a.view().row(i), columns.row(j));
      const auto value = double{found[i * columns.rows() + j]};
      require(std::abs(value - expected) <= 1e-5 * expected + 1e-30, "bma is not that of plain loops");
    }
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Bytes bytes(data, size);
  const OntologyGraph graph(fuzz::dag(bytes, bytes.below(24)).view());
  const auto n = static_cast<std::size_t>(graph.n_terms());
  Input in{graph, std::vector<double>(n), {}, std::nullopt, 0, bytes.number<int>() % 4};
  const bool any_ic = bytes.below(8) == 0;
  if (any_ic) in.ic.resize(bytes.below(26));
  for (auto& value : in.ic) value = any_ic ? bytes.take<double>() : bytes.take<std::uint8_t>() / 16.0;
  in.a = fuzz::sets(bytes, 20, n);
  if (bytes.below(2) == 1) in.b = fuzz::sets(bytes, 36, n);
  const auto n_out = in.a.view().rows() * in.columns().rows();
  in.n_out = bytes.below(16) == 15 ? bytes.below(250) : n_out;

  const Parallel parallel{in.threads};
  for (const auto combine :
       {Combine::bma, Combine::funsim_avg, Combine::funsim_max, Combine::a_to_b, Combine::b_to_a}) {
    const auto found =
        matrix(in, [&](auto out) { set_similarity(graph, in.ic, in.a.view(), in.view_b(), combine, parallel, out); });
    if (found && combine == Combine::bma) check_bma(in, *found);
  }
  (void)matrix(in, [&](auto out) { closure_kernel(graph, in.ic, in.a.view(), in.view_b(), parallel, out); });
  return 0;
}
