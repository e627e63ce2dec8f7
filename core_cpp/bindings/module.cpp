#include <pybind11/pybind11.h>

#include "register.hpp"

PYBIND11_MODULE(_core, m) {
  m.doc() = "The compiled core of phenojax. Private: use phenojax.ontology and phenojax.similarity.";
  phenojax::bindings::register_graph(m);
  phenojax::bindings::register_closures(m);
  phenojax::bindings::register_closures(m);
  phenojax::bindings::register_similarity(m);
  phenojax::bindings::register_matches(m);
  phenojax::bindings::register_shapley(m);
  phenojax::bindings::register_release(m);
}
