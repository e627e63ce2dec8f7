#include "phenojax/combine.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace phenojax {
namespace {

// in the order of Combine
constexpr std::array<std::string_view, 8> kNames{"bma",    "funsim_avg", "funsim_max", "a_to_b",
                                                 "b_to_a", "mean",       "max",        "hausdorff"};

}  // namespace

Combine combine_from_name(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found != kNames.end()) return static_cast<Combine>(found - kNames.begin());
  std::string names;
  for (const auto known : kNames) names += (names.empty() ? "" : ", ") + std::string(known);
  throw std::invalid_argument("combine must be one of " + names + ", not \"" + std::string(name) + "\"");
}

}  // namespace phenojax
