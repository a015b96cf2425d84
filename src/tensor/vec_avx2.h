#pragma once

// Eight floats, included between TAMIS_TARGET_BEGIN and TAMIS_TARGET_END. What vec_avx512.h has under the same names.

constexpr std::size_t kLanes = 8;
using Vec = __m256;

TAMIS_INLINE Vec set(float x) { return _mm256_set1_ps(x); }
TAMIS_INLINE Vec load(const float* p) { return _mm256_loadu_ps(p); }
TAMIS_INLINE void store(float* p, Vec v) { _mm256_storeu_ps(p, v); }
TAMIS_INLINE __m256i first_lanes(std::size_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
/// The first n < kLanes values, zeros after them.
TAMIS_INLINE Vec load(const float* p, std::size_t n) { return _mm256_maskload_ps(p, first_lanes(n)); }
TAMIS_INLINE void store(float* p, Vec v, std::size_t n) { _mm256_maskstore_ps(p, first_lanes(n), v); }
TAMIS_INLINE Vec add(Vec a, Vec b) { return _mm256_add_ps(a, b); }
TAMIS_INLINE Vec sub(Vec a, Vec b) { return _mm256_sub_ps(a, b); }
TAMIS_INLINE Vec mul(Vec a, Vec b) { return _mm256_mul_ps(a, b); }
TAMIS_INLINE Vec div(Vec a, Vec b) { return _mm256_div_ps(a, b); }
/// a b + c
TAMIS_INLINE Vec fma(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
/// b where one is NaN.
TAMIS_INLINE Vec max(Vec a, Vec b) { return _mm256_max_ps(a, b); }
TAMIS_INLINE Vec min(Vec a, Vec b) { return _mm256_min_ps(a, b); }
TAMIS_INLINE Vec round(Vec a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
/// x < bound ? 0 : y
TAMIS_INLINE Vec zero_below(Vec x, Vec bound, Vec y) {
  return _mm256_andnot_ps(_mm256_cmp_ps(x, bound, _CMP_LT_OQ), y);
}
/// y 2^n for whole n in [-126, 128]
TAMIS_INLINE Vec scale_by_power(Vec y, Vec n) {
  const __m256i half = _mm256_slli_epi32(_mm256_cvtps_epi32(sub(n, set(1.0F))), 23);
  const Vec power = _mm256_castsi256_ps(_mm256_add_epi32(half, _mm256_castps_si256(set(1.0F))));
  return mul(mul(y, power), set(2.0F));
}
TAMIS_INLINE float lane_sum(Vec v) {
  alignas(32) float lanes[8];
  _mm256_store_ps(lanes, v);
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}
TAMIS_INLINE float lane_max(Vec v) {
  alignas(32) float lanes[8];
  _mm256_store_ps(lanes, v);
  float largest = lanes[0];
  for (const float lane : lanes) largest = lane > largest ? lane : largest;
  return largest;
}
/// Bit i: lane i is above 0.
TAMIS_INLINE unsigned positive_lanes(Vec v) {
  return static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_GT_OQ)));
}
/// Rounds to bfloat16, ties to even, NaN to NaN; n <= kLanes values are written.
TAMIS_INLINE void store_bf16(std::uint16_t* p, Vec v, std::size_t n) {
  const __m256i bits = _mm256_castps_si256(v);
  const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  const __m256i up = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7FFF)));
  const __m256i quiet = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000));
  const __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
  const __m256i high = _mm256_srli_epi32(_mm256_blendv_epi8(up, quiet, nan), 16);
  alignas(16) std::uint16_t out[8];
  _mm_store_si128(reinterpret_cast<__m128i*>(out),
                  _mm_packus_epi32(_mm256_castsi256_si128(high), _mm256_extracti128_si256(high, 1)));
  std::memcpy(p, out, n * sizeof *out);
}
