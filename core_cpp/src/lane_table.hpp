#pragma once
// What the two matrix computations share: scratch tables of 16 lanes, and the in-place walk over mirrored pairs.

#include <algorithm>
#include <cstddef>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "lane_kernels.hpp"
#include "phenojax/csr.hpp"
#include "phenojax/parallel.hpp"

namespace phenojax {

// rows x 16 floats, each row on its own cache line, all 0.
class LaneTable {
 public:
  explicit LaneTable(std::size_t rows)
      : data_(static_cast<float*>(::operator new(rows * kLanes * sizeof(float), kAlignment))) {
    std::fill_n(data_, rows * kLanes, 0.0F);
  }
  LaneTable(const LaneTable&) = delete;
  LaneTable& operator=(const LaneTable&) = delete;
  LaneTable(LaneTable&& other) noexcept : data_(other.data_) { other.data_ = nullptr; }
  LaneTable& operator=(LaneTable&&) = delete;
  ~LaneTable() { ::operator delete(data_, kAlignment); }

  [[nodiscard]] float* data() noexcept { return data_; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  float* data_;
};

// A task writes a strip of 16 columns, and only this many rows of it: so that the strip stays in cache from one block
// to the next, and no task is long (the first one to touch a page also has it zeroed by the system).
inline constexpr std::size_t kStripRows = 2048;

[[nodiscard]] constexpr std::size_t strips(std::size_t rows) { return (rows + kStripRows - 1) / kStripRows; }
[[nodiscard]] constexpr std::size_t blocks_of_lanes(std::size_t rows) { return (rows + kLanes - 1) / kLanes; }

inline void check_values(std::span<const double> values, std::int32_t n_terms, const char* what) {
  if (values.size() != static_cast<std::size_t>(n_terms)) {
    throw std::invalid_argument(std::string(what) + " must have " + std::to_string(n_terms) + " values, not " +
                                std::to_string(values.size()));
  }
  for (const auto value : values) {
    if (!(value >= 0.0 && value <= 1e30)) {
      throw std::invalid_argument(std::string(what) + " must be finite and not negative, and holds " +
                                  std::to_string(value));
    }
  }
}

inline void check_output(std::span<const float> out, std::size_t rows, std::size_t columns) {
  if (out.size() != rows * columns) {
    throw std::invalid_argument("the output must have " + std::to_string(rows) + " x " + std::to_string(columns) +
                                " values, not " + std::to_string(out.size()));
  }
}

// Calls visit(i, j) once for every i >= j of an n x n matrix, tile by tile so that both (i, j) and (j, i) stay in
// cache.
template <class Visit>
void for_mirrored_pairs(std::size_t n, const Parallel& parallel, const Visit& visit) {
  constexpr std::size_t kTile = 32;
  const auto tiles = (n + kTile - 1) / kTile;
  parallel_for(tiles, parallel, [&](std::size_t row_tile, std::size_t) {
    for (std::size_t column_tile = 0; column_tile <= row_tile; ++column_tile) {
      for (auto i = row_tile * kTile; i < std::min(n, (row_tile + 1) * kTile); ++i) {
        const auto end = std::min(i + 1, (column_tile + 1) * kTile);
        for (auto j = column_tile * kTile; j < end; ++j) visit(i, j);
      }
    }
  });
}

}  // namespace phenojax
