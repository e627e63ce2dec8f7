#include "phenojax/dispatch.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "lane_kernels.hpp"

namespace phenojax {
namespace {

constexpr const char* kVariable = "PHENOJAX_ISA";

std::vector<const LaneKernels*> available_kernels() {
  std::vector<const LaneKernels*> out{&baseline_kernels()};
#ifdef PHENOJAX_X86_64
  // Reads cpuid, and for AVX also whether the operating system saves the wide registers.
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") != 0) out.push_back(&avx2_kernels());
  if (__builtin_cpu_supports("avx512f") != 0) out.push_back(&avx512_kernels());
#endif
  return out;
}

}  // namespace

const LaneKernels& active_kernels() {
  const auto available = available_kernels();
  const char* wanted = std::getenv(kVariable);
  if (wanted == nullptr || *wanted == '\0') return *available.back();
  const auto found =
      std::find_if(available.begin(), available.end(), [&](const auto* k) { return k->name == std::string(wanted); });
  if (found != available.end()) return **found;
  std::string names;
  for (const auto* kernels : available) names += (names.empty() ? "" : ", ") + std::string(kernels->name);
  throw std::invalid_argument(std::string("the environment variable ") + kVariable + " is \"" + wanted +
                              "\"; this machine and build can run " + names);
}

std::vector<std::string> available_isas() {
  std::vector<std::string> names;
  for (const auto* kernels : available_kernels()) names.emplace_back(kernels->name);
  return names;
}

std::string active_isa() { return active_kernels().name; }

}  // namespace phenojax
