#pragma once
// Rows to CSR, and a graph with sets that is large enough for several blocks of 16.

#include <cstdint>
#include <random>
#include <vector>

#include "phenojax/csr.hpp"

namespace phenojax::test {

inline Csr csr_of(const std::vector<std::vector<std::int32_t>>& rows) {
  Csr out;
  for (const auto& row : rows) {
    out.indices.insert(out.indices.end(), row.begin(), row.end());
    out.end_row();
  }
  return out;
}

// rows[r] holds up to `most` numbers below limit(r).
template <class Limit>
Csr random_rows(std::size_t n_rows, unsigned most, std::uint32_t seed, const Limit& limit) {
  std::minstd_rand random(seed);
  Csr out;
  for (std::size_t r = 0; r < n_rows; ++r) {
    const auto below = static_cast<std::uint32_t>(limit(r));
    const auto size = below == 0 ? 0 : random() % (most + 1);
    for (std::uint32_t k = 0; k < size; ++k) out.indices.push_back(static_cast<std::int32_t>(random() % below));
    out.end_row();
  }
  return out;
}

}  // namespace phenojax::test
