#pragma once
// One function per export_*.cpp; module.cpp is the list of them.

#include <pybind11/pybind11.h>

namespace phenojax::bindings {

void register_graph(pybind11::module_& m);
void register_closures(pybind11::module_& m);
void register_similarity(pybind11::module_& m);
void register_matches(pybind11::module_& m);
void register_shapley(pybind11::module_& m);
void register_release(pybind11::module_& m);

}  // namespace phenojax::bindings
