#pragma once
// Parts of a row-major matrix.

#include <cstddef>

namespace phenojax {

struct Range {
  std::size_t begin, end;
  [[nodiscard]] std::size_t size() const { return end - begin; }
};

struct Tile {
  float* at;
  std::size_t stride;
  [[nodiscard]] float* row(std::size_t r) const { return at + r * stride; }
};

}  // namespace phenojax
