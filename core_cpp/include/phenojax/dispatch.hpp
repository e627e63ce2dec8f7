#pragma once
// Which instruction set the lane kernels use. Every path gives the same bits; only the speed differs.

#include <string>
#include <vector>

namespace phenojax {

// What this machine can run out of what was compiled in, slowest first: "baseline", "avx2", "avx512".
[[nodiscard]] std::vector<std::string> available_isas();

// The one in use: the last of `available_isas()`, or the one that the environment variable PHENOJAX_ISA names. Throws
// std::invalid_argument when that is no known name or cannot run here.
[[nodiscard]] std::string active_isa();

}  // namespace phenojax
