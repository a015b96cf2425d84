#pragma once

// The bounds behind sketches of 8 bits, included between TAMIS_TARGET_BEGIN and TAMIS_TARGET_END.
//
// Rows h and entries e are s q + d: whole numbers q in [-127, 127], a scale s of the passage and of the entry, and what
// is left, d. Then h · e = s_h s_e (q_h · q_e) + (s_h q_h) · d_e + d_h · e, and by Cauchy and Schwarz the last two are
// at most |s_h q_h| |d_e| + |d_h| |e|, whose factors are known. Products of q are exact and cost a half of those of
// bf16, a quarter of those of f32. Of the learned sparse encoders tried, one entry in a hundred is left, half of which
// is above 0 indeed.
//
// This is the head's own form of the idea of all of Tamis: score cheap summaries, compute exactly what is left.

/// What sums of f32 may be wrong by, relative to the sum of sizes; far more than they are.
constexpr float kSlack = 1e-5F;
constexpr float kTiny = 1e-30F;

/// What is known of a passage.
struct RowBounds {
  float scale;   ///< s_h
  float error;   ///< the largest |d_h|, and what rounding may add
  float length;  ///< the largest |s_h q_h|
};

/// Sums of squares of x / s, q and x / s - q: in units of the scale nothing is too large or too small to be squared.
struct Squares {
  TAMIS_INLINE Squares() : values(_mm512_setzero_ps()), kept(values), lost(values) {}
  __m512 values, kept, lost;
};
/// 16 values to 8 bits each.
TAMIS_INLINE __m128i quantize(__m512 x, float inverse, Squares& squares) {
  const __m512 units = _mm512_mul_ps(x, _mm512_set1_ps(inverse));
  const __m512i whole = _mm512_cvtps_epi32(units);
  const __m512 kept = _mm512_cvtepi32_ps(whole);
  const __m512 lost = _mm512_sub_ps(units, kept);
  squares.values = _mm512_fmadd_ps(units, units, squares.values);
  squares.kept = _mm512_fmadd_ps(kept, kept, squares.kept);
  squares.lost = _mm512_fmadd_ps(lost, lost, squares.lost);
  return _mm512_cvtsepi32_epi8(whole);
}
/// The scale for values of at most this size; 0 where all become 0.
[[nodiscard]] inline float scale_for(float largest) { return largest > kTiny ? largest / 127.0F : 0.0F; }
[[nodiscard]] inline float length_of(__m512 squares) { return std::sqrt(_mm512_reduce_add_ps(squares)) * (1 + kSlack); }
/// The length of values that are all at most kTiny.
[[nodiscard]] inline float tiny_length(std::size_t in) {
  return kTiny * std::sqrt(static_cast<float>(in)) * (1 + kSlack);
}

/// The bounds of entry j: bias, length, and length of what is lost, in [3][entries].
inline void set_entry_bounds(PackedWeights& packed, std::size_t j, float scale, const Squares& squares) {
  const std::size_t entries = round_up(packed.out, kEntryAlign);
  float* const bounds = packed.sketch_bounds.data();
  // All in units of the entry's scale, so that sums of whole numbers need the passage's alone.
  const float length = scale > 0 ? length_of(squares.values) : tiny_length(packed.in);
  const float bias = packed.bias.data()[j];
  const float shift = (bias + std::abs(bias) * kSlack + kTiny) / (scale > 0 ? scale : 1.0F);
  // An entry whose bias is out of range is always left.
  bounds[j] = std::isfinite(shift) ? shift : std::numeric_limits<float>::quiet_NaN();
  if (j >= packed.out) bounds[j] = -std::numeric_limits<float>::infinity();
  bounds[entries + j] = length;
  bounds[2 * entries + j] = (scale > 0 ? length_of(squares.lost) : length) + length * kSlack;
}
/// @param kept, lost  the largest of the passage's rows' sums of squares, in units of its scale
[[nodiscard]] inline RowBounds row_bounds(float scale, float kept, float lost, std::size_t in) {
  const float length = scale * std::sqrt(kept) * (1 + kSlack);
  const float error = scale > 0 ? scale * std::sqrt(lost) * (1 + kSlack) : tiny_length(in);
  // Sums of `in` products in f32 are wrong by at most in · 2^-24 of the sum of sizes: the exact one and this one.
  return {scale, error + length * (static_cast<float>(in) * 0x1p-22F + kSlack), length};
}

/// Of 16 entries from `number` on, those that may be above 0 are appended; returns the list's end.
/// @param most     the largest sums of the passage's rows
/// @param passage  its RowBounds
/// @param entry    bounds of the first entry; the others of it follow at `stride`
TAMIS_INLINE std::uint32_t* append_left(__m512i most, const float* passage, const float* entry, std::size_t stride,
                                        std::size_t number, std::uint32_t* list) {
  __m512 bound = _mm512_fmadd_ps(_mm512_cvtepi32_ps(most), _mm512_set1_ps(passage[0]), _mm512_loadu_ps(entry));
  bound = _mm512_fmadd_ps(_mm512_set1_ps(passage[1]), _mm512_loadu_ps(entry + stride), bound);
  bound = _mm512_fmadd_ps(_mm512_set1_ps(passage[2]), _mm512_loadu_ps(entry + 2 * stride), bound);
  // A bound that is no number says nothing.
  const __mmask16 left = _mm512_cmp_ps_mask(bound, _mm512_setzero_ps(), _CMP_NLE_UQ);
  const __m512i numbers = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(number)),
                                           _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  _mm512_storeu_si512(list, _mm512_maskz_compress_epi32(left, numbers));
  return list + __builtin_popcount(left);
}
