#include "lane_kernels_body.hpp"

namespace phenojax {

const LaneKernels& baseline_kernels() {
  static constexpr LaneKernels kernels = kernels_named("baseline");
  return kernels;
}

}  // namespace phenojax
