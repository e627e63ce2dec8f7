#if defined(__GNUC__) && !defined(__clang__)
// gcc 12 takes the deliberately undefined registers inside its own intrinsics for a bug (gcc PR 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "lane_kernels_body.hpp"

namespace phenojax {

const LaneKernels& avx512_kernels() {
  static constexpr LaneKernels kernels = kernels_named("avx512");
  return kernels;
}

}  // namespace phenojax
