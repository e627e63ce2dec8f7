#pragma once
// Lists of terms, where each stands for itself.

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

#include "phenojax/csr.hpp"

namespace phenojax {

inline void check_terms(std::span<const std::int32_t> terms, std::int32_t limit, const char* what) {
  for (const auto term : terms) {
    if (term >= 0 && term < limit) continue;
    throw std::invalid_argument(std::string(what) + ": index " + std::to_string(term) + " is outside 0.." +
                                std::to_string(limit - 1));
  }
}

// Terms as sets of one.
inline Csr singletons(std::span<const std::int32_t> terms) {
  Csr out;
  out.indices.assign(terms.begin(), terms.end());
  out.offsets.resize(terms.size() + 1);
  for (std::size_t t = 0; t <= terms.size(); ++t) out.offsets[t] = static_cast<std::int64_t>(t);
  return out;
}

}  // namespace phenojax
