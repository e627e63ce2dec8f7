#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <utility>

#include "arrays.hpp"
#include "phenojax/closure_overlap.hpp"
#include "phenojax/wang.hpp"
#include "register.hpp"
#include "threads.hpp"

namespace phenojax::bindings {
namespace {

using Terms = Array<std::int32_t>;
using Values = Array<double>;
using CsrArg = std::pair<Array<std::int64_t>, Terms>;

// Allocates (rows, columns), then calls compute(out) without the GIL.
template <class Compute>
Array<float> matrix(std::size_t rows, std::size_t columns, const Compute& compute) {
  Array<float> out({static_cast<py::ssize_t>(rows), static_cast<py::ssize_t>(columns)});
  const std::span<float> values(out.mutable_data(), static_cast<std::size_t>(out.size()));
  const py::gil_scoped_release release;
  compute(values);
  return out;
}

// compute(a, b, out) on the spans of two lists of terms
template <class Compute>
Array<float> term_matrix(const Terms& a, const Terms& b, const Compute& compute) {
  const auto rows = as_span(a);
  const auto columns = as_span(b);
  return matrix(rows.size(), columns.size(), [&](auto out) { compute(rows, columns, out); });
}

}  // namespace

void register_closures(py::module_& m) {
  m.def(
      "closure_overlap",
      [](const OntologyGraph& graph, const Values& weights, const CsrArg& a, const std::optional<CsrArg>& b,
         const std::string& overlap, int threads) {
        const auto kind = overlap_from_name(overlap);
        const auto weight_span = as_span(weights);
        const auto rows = as_csr(a.first, a.second);
        std::optional<CsrView> columns;
        if (b) columns = as_csr(b->first, b->second);
        return matrix(rows.rows(), columns.value_or(rows).rows(), [&](auto out) {
          closure_overlap(graph, weight_span, rows, columns, kind, on_threads(threads), out);
        });
      },
      py::arg("graph"), py::arg("weights").noconvert(), py::arg("a").noconvert(), py::arg("b").noconvert(),
      py::arg("overlap"), py::arg("threads"));
  m.def(
      "term_overlap",
      [](const OntologyGraph& graph, const Values& weights, const Terms& a, const Terms& b, const std::string& overlap,
         int threads) {
        const auto kind = overlap_from_name(overlap);
        const auto weight_span = as_span(weights);
        return term_matrix(a, b, [&](auto rows, auto columns, auto out) {
          term_overlap(graph, weight_span, rows, columns, kind, on_threads(threads), out);
        });
      },
      py::arg("graph"), py::arg("weights").noconvert(), py::arg("a").noconvert(), py::arg("b").noconvert(),
      py::arg("overlap"), py::arg("threads"));
  m.def(
      "graph_ic",
      [](const OntologyGraph& graph, const Values& ic, const Terms& a, const Terms& b, int threads) {
        const auto ic_span = as_span(ic);
        return term_matrix(a, b, [&](auto rows, auto columns, auto out) {
          graph_ic(graph, ic_span, rows, columns, on_threads(threads), out);
        });
      },
      py::arg("graph"), py::arg("ic").noconvert(), py::arg("a").noconvert(), py::arg("b").noconvert(),
      py::arg("threads"));
  m.def(
      "wang",
      [](const OntologyGraph& graph, double edge_weight, const Terms& a, const Terms& b, int threads) {
        return term_matrix(a, b, [&](auto rows, auto columns, auto out) {
          wang(graph, edge_weight, rows, columns, on_threads(threads), out);
        });
      },
      py::arg("graph"), py::arg("edge_weight"), py::arg("a").noconvert(), py::arg("b").noconvert(), py::arg("threads"));
}

}  // namespace phenojax::bindings
