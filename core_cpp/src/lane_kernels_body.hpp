// No include guard: included once by each lane_kernels_<isa>.cpp, which sets the instruction set by its compiler flags.
// Everything here has internal linkage (see lane_kernels.hpp for why).

#include <bit>
#include <limits>

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
inline Lanes sub(Lanes a, Lanes b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline Lanes mul(Lanes a, Lanes b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline Lanes div(Lanes a, Lanes b) { return {_mm512_div_ps(a.v, b.v)}; }
inline Lanes max(Lanes a, Lanes b) { return {_mm512_max_ps(a.v, b.v)}; }
inline Lanes min(Lanes a, Lanes b) { return {_mm512_min_ps(a.v, b.v)}; }
inline Lanes all(float value) { return {_mm512_set1_ps(value)}; }
inline Lanes keep(std::uint16_t mask, Lanes a) { return {_mm512_maskz_mov_ps(mask, a.v)}; }
inline std::uint16_t less(Lanes a, Lanes b) { return _mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ); }
inline bool any_above(const float* p, float threshold) {
  return _mm512_cmp_ps_mask(_mm512_loadu_ps(p), _mm512_set1_ps(threshold), _CMP_GT_OQ) != 0;
}

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
inline Lanes sub(Lanes a, Lanes b) { return {_mm256_sub_ps(a.lo, b.lo), _mm256_sub_ps(a.hi, b.hi)}; }
inline Lanes mul(Lanes a, Lanes b) { return {_mm256_mul_ps(a.lo, b.lo), _mm256_mul_ps(a.hi, b.hi)}; }
inline Lanes div(Lanes a, Lanes b) { return {_mm256_div_ps(a.lo, b.lo), _mm256_div_ps(a.hi, b.hi)}; }
inline Lanes max(Lanes a, Lanes b) { return {_mm256_max_ps(a.lo, b.lo), _mm256_max_ps(a.hi, b.hi)}; }
inline Lanes min(Lanes a, Lanes b) { return {_mm256_min_ps(a.lo, b.lo), _mm256_min_ps(a.hi, b.hi)}; }
inline Lanes all(float value) { return {_mm256_set1_ps(value), _mm256_set1_ps(value)}; }
inline __m256 keep8(__m256i mask, __m256i bits, __m256 value) {
  return _mm256_and_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_and_si256(mask, bits), bits)), value);
}
inline Lanes keep(std::uint16_t mask, Lanes a) {
  const auto low_bits = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
  const auto m = _mm256_set1_epi32(mask);
  return {keep8(m, low_bits, a.lo), keep8(m, _mm256_slli_epi32(low_bits, 8), a.hi)};
}
inline std::uint16_t less(Lanes a, Lanes b) {
  const auto lo = _mm256_movemask_ps(_mm256_cmp_ps(a.lo, b.lo, _CMP_LT_OQ));
  const auto hi = _mm256_movemask_ps(_mm256_cmp_ps(a.hi, b.hi, _CMP_LT_OQ));
  return static_cast<std::uint16_t>(lo | hi << 8);
}
inline bool any_above(const float* p, float threshold) {
  const auto t = _mm256_set1_ps(threshold);
  const auto lo = _mm256_cmp_ps(_mm256_loadu_ps(p), t, _CMP_GT_OQ);
  const auto hi = _mm256_cmp_ps(_mm256_loadu_ps(p + 8), t, _CMP_GT_OQ);
  return _mm256_movemask_ps(_mm256_or_ps(lo, hi)) != 0;
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
inline Lanes sub(Lanes x, Lanes y) {
  return {_mm_sub_ps(x.a, y.a), _mm_sub_ps(x.b, y.b), _mm_sub_ps(x.c, y.c), _mm_sub_ps(x.d, y.d)};
}
inline Lanes mul(Lanes x, Lanes y) {
  return {_mm_mul_ps(x.a, y.a), _mm_mul_ps(x.b, y.b), _mm_mul_ps(x.c, y.c), _mm_mul_ps(x.d, y.d)};
}
inline Lanes div(Lanes x, Lanes y) {
  return {_mm_div_ps(x.a, y.a), _mm_div_ps(x.b, y.b), _mm_div_ps(x.c, y.c), _mm_div_ps(x.d, y.d)};
}
inline Lanes max(Lanes x, Lanes y) {
  return {_mm_max_ps(x.a, y.a), _mm_max_ps(x.b, y.b), _mm_max_ps(x.c, y.c), _mm_max_ps(x.d, y.d)};
}
inline Lanes min(Lanes x, Lanes y) {
  return {_mm_min_ps(x.a, y.a), _mm_min_ps(x.b, y.b), _mm_min_ps(x.c, y.c), _mm_min_ps(x.d, y.d)};
}
inline Lanes all(float value) {
  const auto v = _mm_set1_ps(value);
  return {v, v, v, v};
}
inline __m128 keep4(__m128i mask, __m128i bits, __m128 value) {
  return _mm_and_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(_mm_and_si128(mask, bits), bits)), value);
}
inline Lanes keep(std::uint16_t mask, Lanes x) {
  const auto bits = _mm_setr_epi32(1, 2, 4, 8);
  const auto m = _mm_set1_epi32(mask);
  return {keep4(m, bits, x.a), keep4(m, _mm_slli_epi32(bits, 4), x.b), keep4(m, _mm_slli_epi32(bits, 8), x.c),
          keep4(m, _mm_slli_epi32(bits, 12), x.d)};
}
inline std::uint16_t less(Lanes x, Lanes y) {
  const auto bits = [](__m128 p, __m128 q) { return _mm_movemask_ps(_mm_cmplt_ps(p, q)); };
  return static_cast<std::uint16_t>(bits(x.a, y.a) | bits(x.b, y.b) << 4 | bits(x.c, y.c) << 8 | bits(x.d, y.d) << 12);
}
inline bool any_above(const float* p, float threshold) {
  const auto t = _mm_set1_ps(threshold);
  const auto above = [&](std::size_t at) { return _mm_cmpgt_ps(_mm_loadu_ps(p + at), t); };
  return _mm_movemask_ps(_mm_or_ps(_mm_or_ps(above(0), above(4)), _mm_or_ps(above(8), above(12)))) != 0;
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
inline Lanes sub(Lanes a, const Lanes& b) {
  for (std::size_t l = 0; l < kLanes; ++l) a.v[l] -= b.v[l];
  return a;
}
inline Lanes mul(Lanes a, const Lanes& b) {
  for (std::size_t l = 0; l < kLanes; ++l) a.v[l] *= b.v[l];
  return a;
}
inline Lanes div(Lanes a, const Lanes& b) {
  for (std::size_t l = 0; l < kLanes; ++l) a.v[l] /= b.v[l];
  return a;
}
inline Lanes max(Lanes a, const Lanes& b) {
  for (std::size_t l = 0; l < kLanes; ++l) a.v[l] = a.v[l] > b.v[l] ? a.v[l] : b.v[l];
  return a;
}
inline Lanes min(Lanes a, const Lanes& b) {
  for (std::size_t l = 0; l < kLanes; ++l) a.v[l] = a.v[l] < b.v[l] ? a.v[l] : b.v[l];
  return a;
}
inline Lanes all(float value) {
  Lanes out;
  for (std::size_t l = 0; l < kLanes; ++l) out.v[l] = value;
  return out;
}
inline Lanes keep(std::uint16_t mask, Lanes a) {
  for (std::size_t l = 0; l < kLanes; ++l) a.v[l] = ((mask >> l) & 1) != 0 ? a.v[l] : 0.0F;
  return a;
}
inline std::uint16_t less(const Lanes& a, const Lanes& b) {
  unsigned mask = 0;
  for (std::size_t l = 0; l < kLanes; ++l) mask |= static_cast<unsigned>(a.v[l] < b.v[l]) << l;
  return static_cast<std::uint16_t>(mask);
}
inline bool any_above(const float* p, float threshold) {
  bool found = false;
  for (std::size_t l = 0; l < kLanes; ++l) found = found || p[l] > threshold;
  return found;
}

#endif

void best_common(const PassGraph& graph, const std::uint16_t* masks, float* best) {
  // copies, which the stores below cannot be suspected to change
  const auto* first = graph.first;
  const auto* second = graph.second;
  const auto* value = graph.value;
  const auto* extra_child = graph.extra_child;
  const auto* extra_parent = graph.extra_parent;
  const auto rows = graph.rows;
  const auto row = [best](std::int32_t r) { return best + static_cast<std::size_t>(r) * kLanes; };
  store(best, zero());
  for (std::int32_t t = 1; t < rows; ++t) {
    auto above = max(load(row(first[t])), load(row(second[t])));
    for (; *extra_child == t; ++extra_child, ++extra_parent) above = max(above, load(row(*extra_parent)));
    store(row(t), max(above, keep(masks[t], all(value[t]))));
  }
}

std::size_t stage(const std::int32_t* rows, std::size_t n_rows, const float* lowest, const float* common,
                  const Staged& out) {
  // copies, which the stores below cannot be suspected to change
  auto* staged_common = out.common;
  auto* staged_lowest = out.lowest;
  auto* staged_lower = out.lower;
  std::size_t n = 0;
  auto so_far = all(std::numeric_limits<float>::infinity());
  for (std::size_t k = 0; k < n_rows; ++k) {
    const auto row = static_cast<std::size_t>(rows[k]);
    const auto low = load(lowest + row * kLanes);
    const auto lower = less(low, so_far);
    so_far = min(so_far, low);
    staged_common[n] = common[row];
    store(staged_lowest + n * kLanes, low);
    staged_lower[n] = lower;
    n += lower != 0 ? 1U : 0U;  // no branch: it could not be foretold
  }
  return n;
}

void best_ratio(const Staged& staged, std::size_t n, const float* ic, std::size_t n_queries, float* best) {
  // where both terms say nothing, so does what they share: 0 divided by something
  const auto tiny = all(1e-30F);
  for (std::size_t q = 0; q < n_queries; ++q) {
    const auto own = all(ic[q]);
    auto value = zero();
    for (std::size_t i = 0; i < n; ++i) {
      value = max(value, div(all(staged.common[i]), max(add(own, load(staged.lowest + i * kLanes)), tiny)));
    }
    store(best + q * kLanes, value);
  }
}

void best_distance(const Staged& staged, std::size_t n, const float* ic, std::size_t n_queries, float* best) {
  const auto one = all(1.0F);
  for (std::size_t q = 0; q < n_queries; ++q) {
    const auto own = all(ic[q]);
    auto distance = all(std::numeric_limits<float>::infinity());
    for (std::size_t i = 0; i < n; ++i) {
      distance = min(distance, sub(add(own, load(staged.lowest + i * kLanes)), all(staged.common[i])));
    }
    store(best + q * kLanes, div(one, add(one, max(distance, zero()))));
  }
}

void best_of(const float* scores, const std::uint16_t* lower, std::size_t n, float* best) {
  auto value = zero();
  for (std::size_t i = 0; i < n; ++i) value = max(value, keep(lower[i], load(scores + i * kLanes)));
  store(best, value);
}

// reduce(so far, row of the table, position of the term)
template <class Reduce>
void gather(const float* table, const Queries& queries, std::int32_t order_base, float* out, const Reduce& reduce) {
  for (std::size_t r = 0; r < queries.n_sets; ++r) {
    const auto set = queries.order[r];
    auto k = queries.offsets[set];
    const auto end = queries.offsets[set + 1];
    auto value = zero();
    if (k < end) {
      const auto row = [&] { return load(table + static_cast<std::size_t>(queries.indices[k]) * kLanes); };
      value = reduce.first(row(), k);
      for (++k; k < end; ++k) value = reduce.next(value, row(), k);
    }
    store(out + static_cast<std::size_t>(set - order_base) * kLanes, value);
  }
}

struct Sum {
  Lanes first(Lanes row, std::int64_t) const { return row; }
  Lanes next(Lanes so_far, Lanes row, std::int64_t) const { return add(so_far, row); }
};
struct WeightedSum {
  const float* weights;
  Lanes first(Lanes row, std::int64_t k) const { return mul(all(weights[k]), row); }
  Lanes next(Lanes so_far, Lanes row, std::int64_t k) const { return add(so_far, mul(all(weights[k]), row)); }
};
struct Max {
  Lanes first(Lanes row, std::int64_t) const { return row; }
  Lanes next(Lanes so_far, Lanes row, std::int64_t) const { return max(so_far, row); }
};
struct Min {
  Lanes first(Lanes row, std::int64_t) const { return row; }
  Lanes next(Lanes so_far, Lanes row, std::int64_t) const { return min(so_far, row); }
};

void gather_sum(const float* table, const Queries& queries, std::int32_t order_base, float* out) {
  gather(table, queries, order_base, out, Sum{});
}
void gather_weighted_sum(const float* table, const Queries& queries, std::int32_t order_base, float* out) {
  gather(table, queries, order_base, out, WeightedSum{queries.weights});
}
void gather_max(const float* table, const Queries& queries, std::int32_t order_base, float* out) {
  gather(table, queries, order_base, out, Max{});
}
void gather_min(const float* table, const Queries& queries, std::int32_t order_base, float* out) {
  gather(table, queries, order_base, out, Min{});
}

std::size_t first_above(const float* values, std::size_t from, std::size_t n, float threshold) {
  auto at = from;
  while (at + kLanes <= n && !any_above(values + at, threshold)) at += kLanes;
  while (at < n && !(values[at] > threshold)) ++at;
  return at;
}

#if defined(__SSE2__)
void transpose(const float* in, std::size_t in_stride, float* out, std::size_t stride) {
  for (std::size_t r = 0; r < kLanes; r += 4) {
    for (std::size_t c = 0; c < kLanes; c += 4) {
      const auto* from = in + r * in_stride + c;
      auto a = _mm_loadu_ps(from);
      auto b = _mm_loadu_ps(from + in_stride);
      auto x = _mm_loadu_ps(from + 2 * in_stride);
      auto y = _mm_loadu_ps(from + 3 * in_stride);
      _MM_TRANSPOSE4_PS(a, b, x, y);
      auto* to = out + c * stride + r;
      _mm_storeu_ps(to, a);
      _mm_storeu_ps(to + stride, b);
      _mm_storeu_ps(to + 2 * stride, x);
      _mm_storeu_ps(to + 3 * stride, y);
    }
  }
}
#else
void transpose(const float* in, std::size_t in_stride, float* out, std::size_t stride) {
  for (std::size_t r = 0; r < kLanes; ++r) {
    for (std::size_t c = 0; c < kLanes; ++c) out[c * stride + r] = in[r * in_stride + c];
  }
}
#endif

// name, and every kernel in the order of LaneKernels
constexpr LaneKernels kernels_named(const char* name) {
  return {name,       best_common,         stage,      best_ratio, best_distance, best_of,
          gather_sum, gather_weighted_sum, gather_max, gather_min, first_above,   transpose};
}

}  // namespace
}  // namespace phenojax
