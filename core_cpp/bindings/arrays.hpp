#pragma once
// Between numpy arrays and the core's spans. Arrays are never cast or copied on the way in: a wrong dtype or
// layout is a TypeError here, a wrong number of axes a ValueError, and phenojax/_validate.py is the place that casts.
// On the way out a vector is moved into a capsule that the read-only array owns.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "phenojax/csr.hpp"

namespace phenojax::bindings {

namespace py = pybind11;

template <class T>
using Array = py::array_t<T, py::array::c_style>;

template <class T>
std::span<const T> as_span(const Array<T>& array, py::ssize_t axes = 1) {
  // numpy arrays over another buffer may begin anywhere, and "C-contiguous" says nothing of it
  if (reinterpret_cast<std::uintptr_t>(array.data()) % alignof(T) != 0) {
    throw py::type_error("an array is not aligned to its elements; copy it");
  }
  if (array.ndim() != axes) {
    throw py::value_error("an array must have " + std::to_string(axes) + " axes, not " + std::to_string(array.ndim()));
  }
  return {array.data(), static_cast<std::size_t>(array.size())};
}

template <class T>
Array<T> to_array(std::vector<T>&& values) {
  auto owned = std::make_unique<std::vector<T>>(std::move(values));
  const auto* data = owned->data();
  const auto size = static_cast<py::ssize_t>(owned->size());
  py::capsule owner(owned.release(), [](void* pointer) { delete static_cast<std::vector<T>*>(pointer); });
  Array<T> array(size, data, owner);
  array.attr("flags").attr("writeable") = false;
  return array;
}

inline CsrView as_csr(const Array<std::int64_t>& offsets, const Array<std::int32_t>& indices) {
  return {as_span(offsets), as_span(indices)};
}

inline py::tuple to_tuple(Csr&& csr) {
  return py::make_tuple(to_array(std::move(csr.offsets)), to_array(std::move(csr.indices)));
}

}  // namespace phenojax::bindings
