#pragma once

// Sixteen floats, included between TAMIS_TARGET_BEGIN and TAMIS_TARGET_END. What vec_avx2.h has under the same names.

constexpr std::size_t kLanes = 16;
using Vec = __m512;

TAMIS_INLINE Vec set(float x) { return _mm512_set1_ps(x); }
TAMIS_INLINE Vec load(const float* p) { return _mm512_loadu_ps(p); }
TAMIS_INLINE void store(float* p, Vec v) { _mm512_storeu_ps(p, v); }
TAMIS_INLINE __mmask16 first_lanes(std::size_t n) { return static_cast<__mmask16>((1U << n) - 1U); }
/// The first n < kLanes values, zeros after them.
TAMIS_INLINE Vec load(const float* p, std::size_t n) { return _mm512_maskz_loadu_ps(first_lanes(n), p); }
TAMIS_INLINE void store(float* p, Vec v, std::size_t n) { _mm512_mask_storeu_ps(p, first_lanes(n), v); }
TAMIS_INLINE Vec add(Vec a, Vec b) { return _mm512_add_ps(a, b); }
TAMIS_INLINE Vec sub(Vec a, Vec b) { return _mm512_sub_ps(a, b); }
TAMIS_INLINE Vec mul(Vec a, Vec b) { return _mm512_mul_ps(a, b); }
TAMIS_INLINE Vec div(Vec a, Vec b) { return _mm512_div_ps(a, b); }
/// a b + c
TAMIS_INLINE Vec fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
/// b where one is NaN.
TAMIS_INLINE Vec max(Vec a, Vec b) { return _mm512_max_ps(a, b); }
TAMIS_INLINE Vec min(Vec a, Vec b) { return _mm512_min_ps(a, b); }
TAMIS_INLINE Vec round(Vec a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
/// x < bound ? 0 : y
TAMIS_INLINE Vec zero_below(Vec x, Vec bound, Vec y) {
  return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, bound, _CMP_NLT_UQ), y);
}
/// y 2^n for whole n in [-126, 128]
TAMIS_INLINE Vec scale_by_power(Vec y, Vec n) { return _mm512_scalef_ps(y, n); }
TAMIS_INLINE float lane_sum(Vec v) { return _mm512_reduce_add_ps(v); }
TAMIS_INLINE float lane_max(Vec v) { return _mm512_reduce_max_ps(v); }
/// Bit i: lane i is above 0.
TAMIS_INLINE unsigned positive_lanes(Vec v) { return _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_GT_OQ); }
/// Rounds to bfloat16, ties to even, NaN to NaN; n <= kLanes values are written.
TAMIS_INLINE void store_bf16(std::uint16_t* p, Vec v, std::size_t n) {
  const __m512i bits = _mm512_castps_si512(v);
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __m512i up = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7FFF)));
  const __m512i quiet = _mm512_or_si512(bits, _mm512_set1_epi32(0x400000));
  const __m512i whole = _mm512_mask_mov_epi32(up, _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q), quiet);
  _mm256_mask_storeu_epi16(p, first_lanes(n), _mm512_cvtepi32_epi16(_mm512_srli_epi32(whole, 16)));
}
