#include "lane_kernels_body.hpp"

namespace phenojax {

const LaneKernels& avx2_kernels() {
  static constexpr LaneKernels kernels = kernels_named("avx2");
  return kernels;
}

}  // namespace phenojax
