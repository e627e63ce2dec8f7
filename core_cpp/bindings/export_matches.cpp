#include "arrays.hpp"
#include "phenojax/matched_terms.hpp"
#include "register.hpp"

namespace phenojax::bindings {

void register_matches(py::module_& m) {
  using Values = Array<double>;
  using Offsets = Array<std::int64_t>;
  using Indices = Array<std::int32_t>;
  m.def(
      "matched_terms",
      [](const OntologyGraph& graph, const Values& ic, const Offsets& a_offsets, const Indices& a_indices,
         const Offsets& b_offsets, const Indices& b_indices, const Offsets& rows_a, const Offsets& rows_b,
         int threads) {
        TermMatches found;
        {
          const auto ic_span = as_span(ic);
          const auto a = as_csr(a_offsets, a_indices);
          const auto b = as_csr(b_offsets, b_indices);
          const auto a_span = as_span(rows_a);
          const auto b_span = as_span(rows_b);
          const Parallel parallel{threads, [] {
                                    const py::gil_scoped_acquire acquire;
                                    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
                                  }};
          const py::gil_scoped_release release;
          found = matched_terms(graph, ic_span, a, b, a_span, b_span, parallel);
        }
        return py::make_tuple(to_array(std::move(found.offsets)), to_array(std::move(found.term_a)),
                              to_array(std::move(found.term_b)), to_array(std::move(found.mica)),
                              to_array(std::move(found.ic)));
      },
      py::arg("graph"), py::arg("ic").noconvert(), py::arg("a_offsets").noconvert(), py::arg("a_indices").noconvert(),
      py::arg("b_offsets").noconvert(), py::arg("b_indices").noconvert(), py::arg("rows_a").noconvert(),
      py::arg("rows_b").noconvert(), py::arg("threads"));
}

}  // namespace phenojax::bindings
