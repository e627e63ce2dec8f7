#pragma once
// How the core's threads hear of Ctrl-C.

#include <pybind11/pybind11.h>

#include "phenojax/parallel.hpp"

namespace phenojax::bindings {

inline Parallel on_threads(int threads) {
  return {threads, [] {
            const pybind11::gil_scoped_acquire acquire;
            if (PyErr_CheckSignals() != 0) throw pybind11::error_already_set();
          }};
}

}  // namespace phenojax::bindings
