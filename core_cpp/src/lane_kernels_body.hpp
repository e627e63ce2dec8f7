// No include guard: included once by each lane_kernels_<isa>.cpp, which sets the instruction set by its compiler flags.
// Everything here has internal linkage (see lane_kernels.hpp for why).

#include "lane_kernels.hpp"

#if defined(__AVX512F__) || defined(__AVX2__) || defined(__SSE2__)
#include <immintrin.h>
#endif

namespace phenojax {
namespace {

#if defined(__AVX512F__)

struct Lanes {
  __m512 v;
};
inline Lanes zero() { return {_mm512_setzero_ps()}; }
inline Lanes load(const float* p) { return {_mm512_load_ps(p)}; }
inline void store(float* p, Lanes a) { _mm512_storeu_ps(p, a.v); }
inline Lanes add(Lanes a, Lanes b) { return {_mm512_add_ps(a.v, b.v)}; }
inline Lanes max(Lanes a, Lanes b) { return {_mm512_max_ps(a.v, b.v)}; }
inline Lanes where(std::uint16_t mask, float value) { return {_mm512_maskz_mov_ps(mask, _mm512_set1_ps(value))}; }

#elif defined(__AVX2__)

struct Lanes {
  __m256 lo, hi;
};
inline Lanes zero() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
inline Lanes load(const float* p) { return {_mm256_load_ps(p), _mm256_load_ps(p + 8)}; }
inline void store(float* p, Lanes a) {
  _mm256_storeu_ps(p, a.lo);
  _mm256_storeu_ps(p + 8, a.hi);
}
inline Lanes add(Lanes a, Lanes b) { return {_mm256_add_ps(a.lo, b.lo), _mm256_add_ps(a.hi, b.hi)}; }
inline Lanes max(Lanes a, Lanes b) { return {_mm256_max_ps(a.lo, b.lo), _mm256_max_ps(a.hi, b.hi)}; }
inline __m256 where8(__m256i mask, __m256i bits, __m256 value) {
  return _mm256_and_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_and_si256(mask, bits), bits)), value);
}
inline Lanes where(std::uint16_t mask, float value) {
  const auto low_bits = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
  const auto m = _mm256_set1_epi32(mask);
  const auto v = _mm256_set1_ps(value);
  return {where8(m, low_bits, v), where8(m, _mm256_slli_epi32(low_bits, 8), v)};
}

#elif defined(__SSE2__)

struct Lanes {
  __m128 a, b, c, d;
};
inline Lanes zero() { return {_mm_setzero_ps(), _mm_setzero_ps(), _mm_setzero_ps(), _mm_setzero_ps()}; }
inline Lanes load(const float* p) {
  return {_mm_load_ps(p), _mm_load_ps(p + 4), _mm_load_ps(p + 8), _mm_load_ps(p + 12)};
}
inline void store(float* p, Lanes x) {
  _mm_storeu_ps(p, x.a);
  _mm_storeu_ps(p + 4, x.b);
  _mm_storeu_ps(p + 8, x.c);
  _mm_storeu_ps(p + 12, x.d);
}
inline Lanes add(Lanes x, Lanes y) {
  return {_mm_add_ps(x.a, y.a), _mm_add_ps(x.b, y.b), _mm_add_ps(x.c, y.c), _mm_add_ps(x.d, y.d)};
}
inline Lanes max(Lanes x, Lanes y) {
  return {_mm_max_ps(x.a, y.a), _mm_max_ps(x.b, y.b), _mm_max_ps(x.c, y.c), _mm_max_ps(x.d, y.d)};
}
inline __m128 where4(__m128i mask, __m128i bits, __m128 value) {
  return _mm_and_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(_mm_and_si128(mask, bits), bits)), value);
}
inline Lanes where(std::uint16_t mask, float value) {
  const auto bits = _mm_setr_epi32(1, 2, 4, 8);
  const auto m = _mm_set1_epi32(mask);
  const auto v = _mm_set1_ps(value);
  return {where4(m, bits, v), where4(m, _mm_slli_epi32(bits, 4), v), where4(m, _mm_slli_epi32(bits, 8), v),
          where4(m, _mm_slli_epi32(bits, 12), v)};
}

#else

struct Lanes {
  float v[kLanes];
};
inline Lanes zero() { return {}; }
inline Lanes load(const float* p) {
  Lanes out;
  for (std::size_t l = 0; l < kLanes; ++l) out.v[l] = p[l];
  return out;
}
inline void store(float* p, const Lanes& a) {
  for (std::size_t l = 0; l < kLanes; ++l) p[l] = a.v[l];
}
inline Lanes add(Lanes a, const Lanes& b) {
  for (std::size_t l = 0; l < kLanes; ++l) a.v[l] += b.v[l];
  return a;
}
inline Lanes max(Lanes a, const Lanes& b) {
  for (std::size_t l = 0; l < kLanes; ++l) a.v[l] = a.v[l] > b.v[l] ? a.v[l] : b.v[l];
  return a;
}
inline Lanes where(std::uint16_t mask, float value) {
  Lanes out;
  for (std::size_t l = 0; l < kLanes; ++l) out.v[l] = ((mask >> l) & 1) != 0 ? value : 0.0F;
  return out;
}

#endif

void best_matches(const PassGraph& graph, const std::uint16_t* masks, float* best) {
  // copies, which the stores below cannot be suspected to change
  const auto* first = graph.first;
  const auto* second = graph.second;
  const auto* ic = graph.ic;
  const auto* extra_child = graph.extra_child;
  const auto* extra_parent = graph.extra_parent;
  const auto rows = graph.rows;
  const auto row = [best](std::int32_t r) { return best + static_cast<std::size_t>(r) * kLanes; };
  store(best, zero());
  for (std::int32_t t = 1; t < rows; ++t) {
    auto value = max(load(row(first[t])), load(row(second[t])));
    for (; *extra_child == t; ++extra_child, ++extra_parent) value = max(value, load(row(*extra_parent)));
    store(row(t), max(value, where(masks[t], ic[t])));
  }
}

void gather_sums(const float* table, const std::int64_t* offsets, const std::int32_t* indices, std::size_t n_rows,
                 float* out, std::size_t stride, std::size_t lanes) {
  for (std::size_t r = 0; r < n_rows; ++r) {
    auto sum = zero();
    for (auto k = offsets[r]; k < offsets[r + 1]; ++k) {
      sum = add(sum, load(table + static_cast<std::size_t>(indices[k]) * kLanes));
    }
    if (lanes == kLanes) {
      store(out + r * stride, sum);
    } else {
      float all[kLanes];
      store(all, sum);
      for (std::size_t l = 0; l < lanes; ++l) out[r * stride + l] = all[l];
    }
  }
}

}  // namespace
}  // namespace phenojax
