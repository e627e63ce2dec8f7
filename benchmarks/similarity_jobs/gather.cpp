// How fast this core gathers: the sum of the 64-byte rows of a table at random places, and nothing else.

#include <cstdint>

namespace {
using Row = float __attribute__((vector_size(64)));
}

extern "C" void gather(const float* table, const std::int32_t* places, std::int64_t n, float* out) {
  const auto* rows = reinterpret_cast<const Row*>(table);
  Row even{};
  Row odd{};
  for (std::int64_t i = 0; i + 1 < n; i += 2) {
    even += rows[places[i]];
    odd += rows[places[i + 1]];
  }
  *reinterpret_cast<Row*>(out) = even + odd;
}
