#include "lane_kernels_body.hpp"

namespace phenojax {

const LaneKernels& avx2_kernels() {
  static constexpr LaneKernels kernels{"avx2", best_matches, gather_sums};
  return kernels;
}

}  // namespace phenojax
