// Attention of bf16 on AMX: products of queries and keys, softmax and the mean of values of 32 queries at a time, so
// that scores and probabilities stay in L1.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "bfloat.h"
#include "kernels.h"
#include "target.h"

#if defined(__x86_64__)
namespace tamis::tensor {
namespace {

TAMIS_TARGET_BEGIN(TAMIS_AMX)

// Each needs the one before.
// clang-format off
#include "amx_tiles.h"
#include "transpose_avx512.h"
#include "vec_avx512.h"
// clang-format on

constexpr std::size_t kBlock = 2 * kTileRows;

/// Columns [first, first + 32) of a row, zeros beyond its end.
TAMIS_INLINE __m512i load_piece(const std::uint16_t* row, std::size_t first, std::size_t cols) {
  const std::size_t left = std::min(kTileDepth, cols - first);
  const auto mask = static_cast<__mmask32>(left == kTileDepth ? 0xFFFFFFFFU : (1U << left) - 1U);
  return _mm512_maskz_loadu_epi16(mask, row + first);
}

/// Queries: [row tile][column tile][16][32].
void pack_queries(ConstBf16View x, std::uint16_t* tiles) {
  const std::size_t depth = tiles_of(x.cols, kTileDepth);
  for (std::size_t i = 0; i < round_up(x.rows, kTileRows); ++i) {
    std::uint16_t* const to = tiles + i / kTileRows * depth * kTileValues + i % kTileRows * kTileDepth;
    for (std::size_t k = 0; k < depth; ++k) {
      const __m512i piece = i < x.rows ? load_piece(x.row(i), k * kTileDepth, x.cols) : _mm512_setzero_si512();
      _mm512_store_si512(to + k * kTileValues, piece);
    }
  }
}

/// Keys as weights of the scores: [token tile][dimension tile][16 pairs of dimensions][16 tokens][2].
void pack_keys(ConstBf16View x, std::uint16_t* tiles) {
  const std::size_t depth = tiles_of(x.cols, kTileDepth);
  for (std::size_t i = 0; i < round_up(x.rows, kBlock); i += kTileRows) {
    for (std::size_t k = 0; k < depth; ++k, tiles += kTileValues) {
      __m512i rows[kTileRows];
      for (std::size_t r = 0; r < kTileRows; ++r) {
        rows[r] = i + r < x.rows ? load_piece(x.row(i + r), k * kTileDepth, x.cols) : _mm512_setzero_si512();
      }
      transpose(rows);
      for (std::size_t r = 0; r < kTileRows; ++r) _mm512_store_si512(tiles + r * kTileDepth, rows[r]);
    }
  }
}

/// Values as weights of the result: [dimension tile][token tile][16 pairs of tokens][16 dimensions][2].
void pack_values(ConstBf16View x, std::uint16_t* tiles) {
  const std::size_t depth = round_up(x.rows, kTileDepth) / kTileDepth;
  alignas(64) std::uint16_t order[32];
  for (std::uint16_t i = 0; i < 32; ++i) order[i] = static_cast<std::uint16_t>(i / 2 + (i % 2) * 32);
  const __m512i low = _mm512_load_si512(order);
  const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(16));
  const __m512i zero = _mm512_setzero_si512();
  for (std::size_t i = 0; i < depth * kTileDepth; i += 2) {
    std::uint16_t* const to = tiles + i / kTileDepth * kTileValues + i % kTileDepth / 2 * kTileDepth;
    for (std::size_t d = 0; d < x.cols; d += kTileDepth) {
      const __m512i even = i < x.rows ? load_piece(x.row(i), d, x.cols) : zero;
      const __m512i odd = i + 1 < x.rows ? load_piece(x.row(i + 1), d, x.cols) : zero;
      _mm512_store_si512(to + d / kTileRows * depth * kTileValues, _mm512_permutex2var_epi16(even, low, odd));
      _mm512_store_si512(to + (d / kTileRows + 1) * depth * kTileValues, _mm512_permutex2var_epi16(even, high, odd));
    }
  }
}

/// 2^x for x <= 0, to 4e-6 of it, which rounding to bf16 drowns; NaN stays.
TAMIS_INLINE Vec power_of_two(Vec x) {
  const Vec inside = max(set(-150.0F), x);  // NaN is the second operand and stays
  const Vec n = round(inside);
  const Vec t = sub(inside, n);
  Vec y = set(0.0096760371F);
  y = fma(y, t, set(0.0559220356F));
  y = fma(y, t, set(0.240221074F));
  y = fma(y, t, set(0.693121034F));
  y = fma(y, t, set(1.00000008F));
  return scale_by_power(y, n);
}

/// Which of 32 columns from `column` on lie in [begin, end).
TAMIS_INLINE __mmask32 seen_columns(std::size_t column, std::size_t begin, std::size_t end) {
  const auto below = [&](std::size_t n) {
    const std::size_t count = n > column ? std::min<std::size_t>(n - column, 32) : 0;
    return static_cast<std::uint32_t>((std::uint64_t{1} << count) - 1U);
  };
  return static_cast<__mmask32>(below(end) & ~below(begin));
}

/// A row of scores to probabilities that are not normalised: rounded, in pieces of 32 columns that lie `step` apart.
/// @return what the sum of products is to be multiplied with
TAMIS_INLINE float probabilities(const float* scores, std::size_t width, std::size_t begin, std::size_t end,
                                 float scale, std::uint16_t* out, std::size_t step) {
  Vec low_most = set(-std::numeric_limits<float>::infinity());
  Vec high_most = low_most;
  for (std::size_t j = 0; j < width; j += 32) {
    const __mmask32 seen = seen_columns(j, begin, end);
    low_most = _mm512_mask_max_ps(low_most, static_cast<__mmask16>(seen), load(scores + j), low_most);
    high_most = _mm512_mask_max_ps(high_most, static_cast<__mmask16>(seen >> 16U), load(scores + j + 16), high_most);
  }
  const Vec largest = set(lane_max(max(low_most, high_most)));
  const Vec factor = set(scale * 1.44269504F);
  Vec low_sum = set(0.0F);
  Vec high_sum = set(0.0F);
  for (std::size_t j = 0; j < width; j += 32, out += step) {
    const __mmask32 seen = seen_columns(j, begin, end);
    const Vec low =
        _mm512_maskz_mov_ps(static_cast<__mmask16>(seen), power_of_two(mul(sub(load(scores + j), largest), factor)));
    const Vec high = _mm512_maskz_mov_ps(static_cast<__mmask16>(seen >> 16U),
                                         power_of_two(mul(sub(load(scores + j + 16), largest), factor)));
    low_sum = add(low_sum, low);
    high_sum = add(high_sum, high);
    const __m512bh both = _mm512_cvtne2ps_pbh(high, low);
    std::memcpy(out, &both, sizeof both);
  }
  return 1.0F / lane_sum(add(low_sum, high_sum));
}

/// Operands of one head, and room for 32 queries' scores.
struct Head {
  const std::uint16_t* queries;
  const std::uint16_t* keys;
  const std::uint16_t* values;
  std::uint16_t* probabilities;
  float* scores;
  std::size_t tokens, dim;
};

/// Scores of two row tiles (or one) with columns [begin, end), multiples of 32: scores[32][end - begin].
void multiply_scores(const Head& head, std::size_t row, bool two, std::size_t begin, std::size_t end) {
  const std::size_t depth = tiles_of(head.dim, kTileDepth);
  const std::size_t tile = depth * kTileValues;
  const std::uint16_t* const a = head.queries + row / kTileRows * tile;
  const std::size_t width = end - begin;
  const auto stride = static_cast<int>(width * sizeof(float));
  for (std::size_t j = begin; j < end; j += kBlock) {
    const std::uint16_t* const b = head.keys + j / kTileRows * tile;
    float* const s = head.scores + j - begin;
    multiply_2x2(a, two ? a + tile : a, b, b + tile, depth);
    _tile_stored(0, s, stride);
    _tile_stored(1, s + kTileRows, stride);
    if (!two) continue;
    _tile_stored(2, s + kTileRows * width, stride);
    _tile_stored(3, s + kTileRows * width + kTileRows, stride);
  }
}

TAMIS_INLINE void store_result(MatrixView out, std::size_t row, std::size_t column, std::size_t left, Vec low,
                               Vec high) {
  float* const to = out.row(row) + column;
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1U << std::min<std::size_t>(left, 16)) - 1U), low);
  if (left > 16) _mm512_mask_storeu_ps(to + 16, static_cast<__mmask16>((1U << (left - 16)) - 1U), high);
}
TAMIS_INLINE void store_result(Bf16View out, std::size_t row, std::size_t column, std::size_t left, Vec low, Vec high) {
  const __m512bh both = _mm512_cvtne2ps_pbh(high, low);
  __m512i bits;
  std::memcpy(&bits, &both, sizeof bits);
  _mm512_mask_storeu_epi16(out.row(row) + column, static_cast<__mmask32>((std::uint64_t{1} << left) - 1U), bits);
}

/// The means of values of rows [row, row + rows), by probabilities of the token tiles from `first` on.
template <class Out>
void multiply_values(const Head& head, std::size_t row, std::size_t rows, std::size_t first, std::size_t depth,
                     const float* factors, Out out) {
  const std::size_t all = tiles_of(head.tokens, kTileDepth);
  const bool two = rows > kTileRows;
  alignas(64) float sums[4][256];
  for (std::size_t d = 0; d < head.dim; d += kBlock) {
    const std::uint16_t* const b = head.values + (d / kTileRows * all + first) * kTileValues;
    const std::uint16_t* const a = head.probabilities;
    multiply_2x2(a, two ? a + depth * kTileValues : a, b, b + all * kTileValues, depth);
    _tile_stored(0, sums[0], kTileStride);
    _tile_stored(1, sums[1], kTileStride);
    _tile_stored(2, sums[2], kTileStride);
    _tile_stored(3, sums[3], kTileStride);
    const std::size_t left = std::min(kBlock, head.dim - d);
    for (std::size_t r = 0; r < rows; ++r) {
      const float* const from = sums[r / kTileRows * 2] + r % kTileRows * kTileRows;
      const Vec factor = set(factors[r]);
      store_result(out, row + r, d, left, mul(load(from), factor), mul(load(from + 256), factor));
    }
  }
}

template <class Out>
void attend(const Head& head, Out out, const AttentionOptions& options) {
  const std::size_t window = options.window == 0 ? head.tokens : options.window;
  alignas(64) float factors[kBlock];
  for (std::size_t i = 0; i < head.tokens; i += kBlock) {
    const std::size_t rows = std::min(kBlock, head.tokens - i);
    const std::size_t begin = (i > window ? i - window : 0) / kTileDepth * kTileDepth;
    const std::size_t end = std::min(round_up(head.tokens, kTileDepth), round_up(i + rows + window, kTileDepth));
    const std::size_t width = end - begin;
    const std::size_t depth = width / kTileDepth;
    multiply_scores(head, i, rows > kTileRows, begin, end);
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t first = i + r > window ? i + r - window : 0;
      const std::size_t last = std::min(head.tokens, i + r + window + 1);
      factors[r] = probabilities(head.scores + r * width, width, first - begin, last - begin, options.scale,
                                 head.probabilities + r / kTileRows * depth * kTileValues + r % kTileRows * kTileDepth,
                                 kTileValues);
    }
    multiply_values(head, i, rows, begin / kTileDepth, depth, factors, out);
  }
}

template <class Out>
void run(ConstBf16View q, ConstBf16View k, ConstBf16View v, Out out, const AttentionOptions& options,
         Scratch& scratch) {
  const std::size_t dim = q.cols / options.heads;
  const std::size_t padded = round_up(dim, kTileDepth);
  const std::size_t tokens = round_up(q.rows, kBlock);
  auto* const queries = scratch.take<std::uint16_t>(Scratch::kQueries, tokens * padded);
  auto* const keys = scratch.take<std::uint16_t>(Scratch::kKeys, tokens * padded);
  auto* const values = scratch.take<std::uint16_t>(Scratch::kValues, tokens * padded);
  auto* const probabilities = scratch.take<std::uint16_t>(Scratch::kActivations, kBlock * tokens);
  auto* const scores = scratch.take<float>(Scratch::kScores, kBlock * tokens);
  // A last pair of row tiles may have rows that no query fills: their products are never read, but never garbage.
  std::fill_n(probabilities, kBlock * tokens, std::uint16_t{0});
  const TileRegisters registers;
  for (std::size_t h = 0; h < options.heads; ++h) {
    const auto part = [&](auto m) { return m.columns(h * dim, dim); };
    // All queries are read before `out` is written, so `out` may be the queries.
    pack_queries(part(q), queries);
    pack_keys(part(k), keys);
    pack_values(part(v), values);
    attend(Head{queries, keys, values, probabilities, scores, q.rows, dim}, part(out), options);
  }
}

TAMIS_TARGET_END

}  // namespace

void amx::attention_bf16(ConstMatrixView queries, ConstMatrixView keys, ConstMatrixView values, MatrixView out,
                         const AttentionOptions& options, Scratch& scratch) {
  const std::size_t count = queries.rows * queries.cols;
  auto* const rounded = scratch.take<std::uint16_t>(Scratch::kWide, 3 * count);
  const auto copy = [&](ConstMatrixView x, std::size_t which) {
    const Bf16View to(rounded + which * count, x.rows, x.cols);
    round_to_bf16(x, to);
    return to;
  };
  run(ConstBf16View(copy(queries, 0)), ConstBf16View(copy(keys, 1)), ConstBf16View(copy(values, 2)), out, options,
      scratch);
}
void amx::attention_rounded(ConstBf16View queries, ConstBf16View keys, ConstBf16View values, Bf16View out,
                            const AttentionOptions& options, Scratch& scratch) {
  run(queries, keys, values, out, options, scratch);
}

}  // namespace tamis::tensor
#endif
