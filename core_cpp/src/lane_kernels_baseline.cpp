#include "lane_kernels_body.hpp"

namespace phenojax {

const LaneKernels& baseline_kernels() {
  static constexpr LaneKernels kernels{"baseline", best_matches, gather_sums};
  return kernels;
}

}  // namespace phenojax
