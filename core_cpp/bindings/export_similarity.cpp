#include <pybind11/stl.h>

#include <optional>
#include <string>

#include "arrays.hpp"
#include "phenojax/dispatch.hpp"
#include "phenojax/information_content.hpp"
#include "phenojax/similarity.hpp"
#include "register.hpp"

namespace phenojax::bindings {
namespace {

using Offsets = Array<std::int64_t>;
using Indices = Array<std::int32_t>;
using Values = Array<double>;

Parallel on_threads(int threads) {
  return {threads, [] {
            const py::gil_scoped_acquire acquire;
            if (PyErr_CheckSignals() != 0) throw py::error_already_set();
          }};
}

// Allocates (rows of a, rows of b or a), then calls compute(a, b, out) without the GIL.
template <class Compute>
Array<float> matrix(const Offsets& a_offsets, const Indices& a_indices, const std::optional<Offsets>& b_offsets,
                    const std::optional<Indices>& b_indices, const Compute& compute) {
  if (b_offsets.has_value() != b_indices.has_value()) {
    throw std::invalid_argument("b_offsets and b_indices go together: give both or neither");
  }
  const auto a = as_csr(a_offsets, a_indices);
  std::optional<CsrView> b;
  if (b_offsets) b = as_csr(*b_offsets, *b_indices);
  Array<float> out({static_cast<py::ssize_t>(a.rows()), static_cast<py::ssize_t>(b ? b->rows() : a.rows())});
  const std::span<float> values(out.mutable_data(), static_cast<std::size_t>(out.size()));
  const py::gil_scoped_release release;
  compute(a, b, values);
  return out;
}

}  // namespace

void register_similarity(py::module_& m) {
  m.def("available_isas", &available_isas);
  m.def("active_isa", &active_isa);
  m.def(
      "annotation_counts",
      [](const OntologyGraph& graph, const Indices& items, const Indices& terms, std::int32_t n_items) {
        std::vector<std::int32_t> counts;
        {
          const auto item_span = as_span(items);
          const auto term_span = as_span(terms);
          const py::gil_scoped_release release;
          counts = annotation_counts(graph, item_span, term_span, n_items);
        }
        return to_array(std::move(counts));
      },
      py::arg("graph"), py::arg("items").noconvert(), py::arg("terms").noconvert(), py::arg("n_items"));
  m.def(
      "set_similarity",
      [](const OntologyGraph& graph, const Values& ic, const Offsets& a_offsets, const Indices& a_indices,
         const std::optional<Offsets>& b_offsets, const std::optional<Indices>& b_indices, const std::string& combine,
         int threads) {
        const auto combiner = combine_from_name(combine);
        const auto ic_span = as_span(ic);
        return matrix(a_offsets, a_indices, b_offsets, b_indices, [&](auto a, auto b, auto out) {
          set_similarity(graph, ic_span, a, b, combiner, on_threads(threads), out);
        });
      },
      py::arg("graph"), py::arg("ic").noconvert(), py::arg("a_offsets").noconvert(), py::arg("a_indices").noconvert(),
      py::arg("b_offsets").noconvert(), py::arg("b_indices").noconvert(), py::arg("combine"), py::arg("threads"));
  m.def(
      "closure_kernel",
      [](const OntologyGraph& graph, const Values& weights, const Offsets& a_offsets, const Indices& a_indices,
         const std::optional<Offsets>& b_offsets, const std::optional<Indices>& b_indices, int threads) {
        const auto weight_span = as_span(weights);
        return matrix(a_offsets, a_indices, b_offsets, b_indices, [&](auto a, auto b, auto out) {
          closure_kernel(graph, weight_span, a, b, on_threads(threads), out);
        });
      },
      py::arg("graph"), py::arg("weights").noconvert(), py::arg("a_offsets").noconvert(),
      py::arg("a_indices").noconvert(), py::arg("b_offsets").noconvert(), py::arg("b_indices").noconvert(),
      py::arg("threads"));
}

}  // namespace phenojax::bindings
