#pragma once
// What the computations of matrices share: scratch tables of 16 lanes, and checks of what they are given.

#include <algorithm>
#include <cstddef>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "lane_kernels.hpp"
#include "phenojax/csr.hpp"

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

[[nodiscard]] constexpr std::size_t blocks_of_lanes(std::size_t rows) { return (rows + kLanes - 1) / kLanes; }

inline void check_values(std::span<const double> values, std::int32_t n_terms, const char* what) {
  if (values.size() != static_cast<std::size_t>(n_terms)) {
    throw std::invalid_argument(std::string(what) + " must have " + std::to_string(n_terms) + " values, not " +
                                std::to_string(values.size()));
  }
  for (const auto value : values) {
    if (!(value >= 0.0 && value <= 1e30)) {
      throw std::invalid_argument(std::string(what) + " must be from 0 to 1e30, and holds " + std::to_string(value));
    }
  }
}

inline void check_output(std::span<const float> out, std::size_t rows, std::size_t columns) {
  if (out.size() != rows * columns) {
    throw std::invalid_argument("the output must have " + std::to_string(rows) + " x " + std::to_string(columns) +
                                " values, not " + std::to_string(out.size()));
  }
}

}  // namespace phenojax
