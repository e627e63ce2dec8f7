#include <pybind11/stl.h>

#include <optional>

#include "arrays.hpp"
#include "phenojax/closure_kernel.hpp"
#include "register.hpp"
#include "threads.hpp"

namespace phenojax::bindings {

void register_closures(py::module_& m) {
  m.def(
      "closure_kernel",
      [](const OntologyGraph& graph, const Array<double>& weights, const Array<std::int64_t>& a_offsets,
         const Array<std::int32_t>& a_indices, const std::optional<Array<std::int64_t>>& b_offsets,
         const std::optional<Array<std::int32_t>>& b_indices, int threads) {
        if (b_offsets.has_value() != b_indices.has_value()) {
          throw std::invalid_argument("b_offsets and b_indices go together: give both or neither");
        }
        const auto weight_span = as_span(weights);
        const auto a = as_csr(a_offsets, a_indices);
        std::optional<CsrView> b;
        if (b_offsets) b = as_csr(*b_offsets, *b_indices);
        Array<float> out({static_cast<py::ssize_t>(a.rows()), static_cast<py::ssize_t>(b ? b->rows() : a.rows())});
        const std::span<float> values(out.mutable_data(), static_cast<std::size_t>(out.size()));
        const py::gil_scoped_release release;
        closure_kernel(graph, weight_span, a, b, on_threads(threads), values);
        return out;
      },
      py::arg("graph"), py::arg("weights").noconvert(), py::arg("a_offsets").noconvert(),
      py::arg("a_indices").noconvert(), py::arg("b_offsets").noconvert(), py::arg("b_indices").noconvert(),
      py::arg("threads"));
}

}  // namespace phenojax::bindings
