// The fused vocabulary head on AVX-512, f32; bf16 rounds the operands and is computed in f32 likewise.
//
// avx512_sketch.cpp tells from 8 bits a value which entries can be above 0; only these are multiplied here. Weights
// therefore stand in rows, and become panels when they are needed.

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <utility>

#include "avx512_sketch.h"
#include "bfloat.h"
#include "kernels.h"
#include "target.h"

#if defined(__x86_64__)
namespace tamis::tensor {
namespace {

TAMIS_TARGET_BEGIN(TAMIS_AVX512)

// Each needs the one before.
// clang-format off
#include "vec_avx512.h"
#include "transpose_avx512.h"
#include "panel_simd.h"
// clang-format on

template <bool kRounded>
void pack(ConstMatrixView weights, PackedWeights& packed) {
  const std::size_t width = avx512::width_of(packed);
  packed.data = AlignedBuffer<std::byte>(round_up(weights.rows, kEntryAlign) * width * sizeof(float));
  for (std::size_t j = 0; j < weights.rows; ++j) {
    const float* const from = weights.row(j);
    float* const to = packed.as<float>() + j * width;
    for (std::size_t k = 0; k < weights.cols; ++k) to[k] = kRounded ? round_bf16(from[k]) : from[k];
  }
  avx512::sketch_weights(packed);
}

/// A panel of kPanel rows of weights, `width` long. @param row  of an entry by its place in the panel
template <class Row>
TAMIS_INLINE void make_panel(std::size_t width, float* panel, const Row& row) {
  for (std::size_t half = 0; half < kPanel; half += kLanes) {
    for (std::size_t k = 0; k < width; k += kLanes) {
      __m512i rows[kLanes];
      for (std::size_t r = 0; r < kLanes; ++r) rows[r] = _mm512_loadu_si512(row(half + r) + k);
      transpose(rows);
      for (std::size_t r = 0; r < kLanes; ++r) _mm512_storeu_si512(panel + (k + r) * kPanel + half, rows[r]);
    }
  }
}
/// A panel of the entries from `first` on.
const float* panel_of(const PackedWeights& weights, std::size_t first, Scratch& scratch) {
  const std::size_t width = avx512::width_of(weights);
  auto* const panel = scratch.take<float>(Scratch::kValues, width * kPanel);
  make_panel(width, panel, [&](std::size_t j) { return weights.as<float>() + (first + j) * width; });
  return panel;
}

void maxima(const PackedWeights& weights, const PreparedRows& rows, std::size_t first, std::size_t count, float* out,
            Scratch& scratch) {
  std::fill_n(out, rows.passages() * count, -std::numeric_limits<float>::infinity());
  const auto* const x = static_cast<const float*>(rows.data);
  for (std::size_t j = 0; j < count; j += kPanel) {
    const float* const panel = panel_of(weights, first + j, scratch);
    for (std::size_t p = 0; p < rows.passages(); ++p) {
      keep_passage(x + rows.offsets[p] * weights.in, rows.rows_of(p), panel, weights.in, out + p * count + j);
    }
  }
}

void products(const PackedWeights& weights, const PreparedRows& rows, std::size_t passage, std::size_t first,
              std::size_t count, float* out, Scratch& scratch) {
  const auto* const x = static_cast<const float*>(rows.data) + rows.offsets[passage] * weights.in;
  const std::size_t length = rows.rows_of(passage);
  for (std::size_t j = 0; j < count; j += kPanel) {
    const float* const panel = panel_of(weights, first + j, scratch);
    for (std::size_t i = 0; i < length; i += kBlockRows) {
      kStoreProducts[std::min(kBlockRows, length - i) - 1](x + i * weights.in, weights.in, panel, weights.in,
                                                           out + i * count + j, count);
    }
  }
}

void maxima_of(const PackedWeights& weights, const PreparedRows& rows, std::size_t passage,
               std::span<const std::uint32_t> entries, float* out, Scratch& scratch) {
  const std::size_t width = avx512::width_of(weights);
  const auto* const x = static_cast<const float*>(rows.data) + rows.offsets[passage] * weights.in;
  auto* const panel = scratch.take<float>(Scratch::kValues, width * kPanel);
  for (std::size_t j = 0; j < entries.size(); j += kPanel) {
    const std::size_t count = std::min(kPanel, entries.size() - j);
    make_panel(width, panel,
               [&](std::size_t i) { return weights.as<float>() + entries[j + std::min(i, count - 1)] * width; });
    float maxima[kPanel];
    std::fill_n(maxima, kPanel, -std::numeric_limits<float>::infinity());
    keep_passage(x, rows.rows_of(passage), panel, weights.in, maxima);
    std::copy_n(maxima, count, out + j);
  }
}

template <bool kRounded>
PreparedRows prepare(const PackedWeights& weights, ConstMatrixView hidden, std::span<const std::uint32_t> offsets,
                     Scratch& scratch) {
  PreparedRows rows;
  rows.data = operands<kRounded>(hidden, true, Scratch::kHidden, scratch).data;
  rows.offsets = offsets;
  avx512::sketch_rows(weights, rows, scratch);
  return rows;
}

TAMIS_TARGET_END

}  // namespace

const HeadKernel avx512::kHeadF32 = {"avx512", pack<false>,        prepare<false>, maxima,
                                     products, avx512::candidates, maxima_of};
const HeadKernel avx512::kHeadBf16 = {"avx512", pack<true>,         prepare<true>, maxima,
                                      products, avx512::candidates, maxima_of};

}  // namespace tamis::tensor
#endif
