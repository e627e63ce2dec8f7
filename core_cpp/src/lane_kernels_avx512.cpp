#include "lane_kernels_body.hpp"

namespace phenojax {

const LaneKernels& avx512_kernels() {
  static constexpr LaneKernels kernels{"avx512", best_matches, gather_sums};
  return kernels;
}

}  // namespace phenojax
