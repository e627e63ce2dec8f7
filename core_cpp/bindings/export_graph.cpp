#include "arrays.hpp"
#include "phenojax/errors.hpp"
#include "phenojax/ontology_graph.hpp"
#include "register.hpp"

namespace phenojax::bindings {
namespace {

Csr copy(CsrView csr) { return {{csr.offsets.begin(), csr.offsets.end()}, {csr.indices.begin(), csr.indices.end()}}; }

}  // namespace

void register_graph(py::module_& m) {
  py::register_exception<CycleError>(m, "CycleError", PyExc_ValueError);
  py::register_exception<FormatError>(m, "FormatError", PyExc_ValueError);

  using Offsets = Array<std::int64_t>;
  using Indices = Array<std::int32_t>;
  py::class_<OntologyGraph>(m, "OntologyGraph")
      .def(py::init([](const Offsets& offsets, const Indices& indices) {
             const auto parents = as_csr(offsets, indices);
             const py::gil_scoped_release release;
             return std::make_unique<OntologyGraph>(parents);
           }),
           py::arg("offsets").noconvert(), py::arg("indices").noconvert())
      .def_property_readonly("n_terms", &OntologyGraph::n_terms)
      .def_property_readonly("topological_order",
                             [](const OntologyGraph& graph) {
                               const auto order = graph.topological_order();
                               return to_array(std::vector<std::int32_t>(order.begin(), order.end()));
                             })
      .def_property_readonly("parents", [](const OntologyGraph& graph) { return to_tuple(copy(graph.parents())); })
      .def_property_readonly("children", [](const OntologyGraph& graph) { return to_tuple(copy(graph.children())); })
      .def(
          "ancestors",
          [](const OntologyGraph& graph, const Indices& terms) { return to_array(graph.ancestors(as_span(terms))); },
          py::arg("terms").noconvert())
      .def(
          "descendants",
          [](const OntologyGraph& graph, const Indices& terms) { return to_array(graph.descendants(as_span(terms))); },
          py::arg("terms").noconvert())
      .def(
          "closures",
          [](const OntologyGraph& graph, const Offsets& offsets, const Indices& indices) {
            Csr out;
            {
              const auto sets = as_csr(offsets, indices);
              const py::gil_scoped_release release;
              out = graph.closures(sets);
            }
            return to_tuple(std::move(out));
          },
          py::arg("offsets").noconvert(), py::arg("indices").noconvert());
}

}  // namespace phenojax::bindings
