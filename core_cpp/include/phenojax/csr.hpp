#pragma once
// Lists of term indices, one list per row, in the compressed-sparse-row layout.
//
//   offsets  int64[rows + 1]   offsets[0] = 0, never decreasing, offsets[rows] = indices.size()
//   indices  int32[total]      row r is indices[offsets[r] .. offsets[r + 1])

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace phenojax {

struct CsrView {
  std::span<const std::int64_t> offsets;
  std::span<const std::int32_t> indices;

  [[nodiscard]] std::size_t rows() const noexcept { return offsets.empty() ? 0 : offsets.size() - 1; }
  [[nodiscard]] std::span<const std::int32_t> row(std::size_t r) const noexcept {
    const auto begin = static_cast<std::size_t>(offsets[r]);
    const auto end = static_cast<std::size_t>(offsets[r + 1]);
    return indices.subspan(begin, end - begin);
  }
};

struct Csr {
  std::vector<std::int64_t> offsets{0};
  std::vector<std::int32_t> indices;

  [[nodiscard]] CsrView view() const noexcept { return {offsets, indices}; }
  void end_row() { offsets.push_back(static_cast<std::int64_t>(indices.size())); }
};

// Throws std::invalid_argument, naming `what`, unless offsets are well formed and every index is in [0, limit).
void check_csr(CsrView csr, std::int64_t limit, const char* what);

}  // namespace phenojax
