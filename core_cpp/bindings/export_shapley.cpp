#include <string>
#include <utility>

#include "arrays.hpp"
#include "phenojax/closure_shapley.hpp"
#include "phenojax/match_shapley.hpp"
#include "register.hpp"
#include "threads.hpp"

namespace phenojax::bindings {
namespace {

using Values = Array<double>;
using CsrArg = std::pair<Array<std::int64_t>, Array<std::int32_t>>;

py::tuple of_closures(const OntologyGraph& graph, const Values& weights, const Values& values, const CsrArg& sets,
                      double empty, std::int64_t orders, int exact_up_to, std::uint64_t seed, int threads) {
  ShapleyValues found;
  {
    const auto weight_span = as_span(weights);
    const auto value_span = as_span(values);
    const auto rows = as_csr(sets.first, sets.second);
    const ShapleySettings settings{empty, exact_up_to, orders, seed};
    const py::gil_scoped_release release;
    found = closure_shapley(graph, weight_span, value_span, rows, settings, on_threads(threads));
  }
  return py::make_tuple(to_array(std::move(found.value)), to_array(std::move(found.standard_error)),
                        to_array(std::move(found.leave_one_out)), to_array(std::move(found.total)));
}

py::tuple of_matches(const Array<float>& matrix, const CsrArg& a, const CsrArg& b, const Values& coefficients,
                     const std::string& combine, int threads) {
  MatchShapley found;
  {
    const auto cells = as_span(matrix, 2);
    const ByTermMatrix scores{cells, static_cast<std::size_t>(matrix.shape(0)),
                              static_cast<std::size_t>(matrix.shape(1))};
    const auto rows = as_csr(a.first, a.second);
    const auto columns = as_csr(b.first, b.second);
    const auto weights = as_span(coefficients, coefficients.ndim() == 2 ? 2 : 1);
    const auto combiner = combine_from_name(combine);
    const py::gil_scoped_release release;
    found = match_shapley(scores, rows, columns, weights, combiner, on_threads(threads));
  }
  return py::make_tuple(to_array(std::move(found.value)), to_array(std::move(found.leave_one_out)),
                        to_array(std::move(found.total)));
}

}  // namespace

void register_shapley(py::module_& m) {
  m.attr("MOST_EXACT_TERMS") = kMostExactTerms;
  m.def("closure_shapley", &of_closures, py::arg("graph"), py::arg("weights").noconvert(),
        py::arg("values").noconvert(), py::arg("sets").noconvert(), py::arg("empty"), py::arg("orders"),
        py::arg("exact_up_to"), py::arg("seed"), py::arg("threads"));
  m.def("match_shapley", &of_matches, py::arg("matrix").noconvert(), py::arg("a").noconvert(), py::arg("b").noconvert(),
        py::arg("coefficients").noconvert(), py::arg("combine"), py::arg("threads"));
}

}  // namespace phenojax::bindings
