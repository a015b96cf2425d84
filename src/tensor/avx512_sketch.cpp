// Which entries of the vocabulary can be above 0 for some token of a passage, from 8 bits a value; sketch_simd.h says
// how. One instruction multiplies 64 pairs of 8 bits where one of f32 multiplies 16.
//
// It wants one side without signs: rows are stored as q + 128, and 128 times the sum of an entry's q is taken off
// again. Weights stand in groups of 16 entries: [group][4 inputs][16 entries][4], and after all groups those sums,
// [entries].

#include "avx512_sketch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "target.h"

#if defined(__x86_64__)
namespace tamis::tensor {
namespace {

constexpr std::size_t kGroup = 16;
constexpr std::size_t kQuad = 4;  // inputs that are multiplied at a time
constexpr int kShift = 128;

[[nodiscard]] const std::int8_t* group_at(const PackedWeights& weights, std::size_t entry) {
  return reinterpret_cast<const std::int8_t*>(weights.sketch.data()) + entry * avx512::width_of(weights);
}

TAMIS_TARGET_BEGIN(TAMIS_AVX512)

// Each needs the one before.
// clang-format off
#include "vec_avx512.h"
#include "sketch_simd.h"
// clang-format on

/// The sizes of 16 floats, as numbers that are ordered likewise; from 0x7F800000 on they are not finite.
TAMIS_INLINE __m512i sizes(Vec values) {
  return _mm512_and_si512(_mm512_castps_si512(values), _mm512_set1_epi32(0x7FFFFFFF));
}
[[nodiscard]] bool finite(__m512i most) { return _mm512_reduce_max_epu32(most) < 0x7F800000U; }
[[nodiscard]] float largest_of(__m512i most) {
  const unsigned bits = _mm512_reduce_max_epu32(most);
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
/// 16 values of a row of n, zeros after its end.
TAMIS_INLINE Vec values_at(const float* row, std::size_t k, std::size_t n) {
  return k + kLanes <= n ? load(row + k) : load(row + k, n - k);
}
[[nodiscard]] __m512i sizes_of(const float* row, std::size_t n) {
  __m512i most = _mm512_setzero_si512();
  for (std::size_t k = 0; k < n; k += kLanes) most = _mm512_max_epu32(most, sizes(values_at(row, k, n)));
  return most;
}

/// The rows of a passage and its bounds. Rows that are not finite count as zeros: none of their products is kept.
RowBounds sketch_passage(const float* rows, std::size_t count, std::size_t in, std::size_t width, std::uint8_t* out) {
  __m512i most = _mm512_setzero_si512();
  for (std::size_t i = 0; i < count; ++i) {
    const __m512i of_row = sizes_of(rows + i * in, in);
    if (finite(of_row)) most = _mm512_max_epu32(most, of_row);
  }
  const float scale = scale_for(largest_of(most));
  const float inverse = scale > 0 ? 1.0F / scale : 0.0F;
  float kept = 0;
  float lost = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const float* const row = rows + i * in;
    std::uint8_t* const to = out + i * width;
    std::fill_n(to, width, static_cast<std::uint8_t>(kShift));
    if (!finite(sizes_of(row, in))) continue;
    Squares squares;
    for (std::size_t k = 0; k < in; k += kLanes) {
      const __m128i whole = quantize(values_at(row, k, in), inverse, squares);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + k),
                       _mm_xor_si128(whole, _mm_set1_epi8(static_cast<char>(kShift))));
    }
    kept = std::max(kept, _mm512_reduce_add_ps(squares.kept));
    lost = std::max(lost, _mm512_reduce_add_ps(squares.lost));
  }
  return row_bounds(scale, kept, lost, in);
}

/// sum += the products of 64 values without signs and 64 with, four to each of 16 sums. g++ 12 copies and stores the
/// sums around its own function for this instruction, which takes half of the time.
TAMIS_INLINE void add_products(__m512i& sum, __m512i rows, __m512i weights) {
  __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(rows), "v"(weights));
}

/// Two groups of entries that are multiplied together.
struct Groups {
  const std::int8_t* low;
  const std::int8_t* high;
  std::size_t quads;
};
struct Most {
  __m512i low, high;
};
/// The largest sums of kRows rows with two groups.
template <std::size_t kRows>
void keep_sums(const std::uint8_t* rows, const Groups& groups, Most& most) {
  __m512i low[kRows];
  __m512i high[kRows];
#pragma GCC unroll 12
  for (std::size_t r = 0; r < kRows; ++r) low[r] = high[r] = _mm512_setzero_si512();
  const std::size_t width = groups.quads * kQuad;
  for (std::size_t q = 0; q < groups.quads; ++q) {
    const __m512i a = _mm512_loadu_si512(groups.low + q * kGroup * kQuad);
    const __m512i b = _mm512_loadu_si512(groups.high + q * kGroup * kQuad);
#pragma GCC unroll 12
    for (std::size_t r = 0; r < kRows; ++r) {
      std::int32_t four = 0;
      std::memcpy(&four, rows + r * width + q * kQuad, sizeof four);
      const __m512i values = _mm512_set1_epi32(four);
      add_products(low[r], values, a);
      add_products(high[r], values, b);
    }
  }
#pragma GCC unroll 12
  for (std::size_t r = 0; r < kRows; ++r) {
    most.low = _mm512_max_epi32(most.low, low[r]);
    most.high = _mm512_max_epi32(most.high, high[r]);
  }
}
constexpr std::size_t kMostRows = 12;  // what the registers hold beside two groups and one row
using SumsFn = void(const std::uint8_t*, const Groups&, Most&);
template <std::size_t... kRows>
constexpr std::array<SumsFn*, sizeof...(kRows)> sums_table(std::index_sequence<kRows...>) {
  return {keep_sums<kRows + 1>...};
}
constexpr auto kKeepSums = sums_table(std::make_index_sequence<kMostRows>());

/// All rows of a passage, in blocks of equal height.
[[nodiscard]] Most most_of(const std::uint8_t* rows, std::size_t count, const Groups& groups) {
  Most most{_mm512_set1_epi32(std::numeric_limits<std::int32_t>::min()),
            _mm512_set1_epi32(std::numeric_limits<std::int32_t>::min())};
  const std::size_t blocks = (count + kMostRows - 1) / kMostRows;
  for (std::size_t b = 0; b < blocks; ++b) {
    const std::size_t begin = count * b / blocks;
    const std::size_t end = count * (b + 1) / blocks;
    kKeepSums[end - begin - 1](rows + begin * groups.quads * kQuad, groups, most);
  }
  return most;
}

TAMIS_TARGET_END

}  // namespace

TAMIS_TARGET_BEGIN(TAMIS_AVX512)

void avx512::sketch_weights(PackedWeights& packed) {
  const std::size_t width = avx512::width_of(packed);
  const std::size_t entries = round_up(packed.out, kEntryAlign);
  packed.sketch = AlignedBuffer<std::byte>(entries * (width + sizeof(std::int32_t)));
  packed.sketch_bounds = AlignedBuffer<float>(3 * entries);
  std::vector<std::int8_t> row(width);
  auto* const sketch = reinterpret_cast<std::int8_t*>(packed.sketch.data());
  auto* const sums = reinterpret_cast<std::int32_t*>(packed.sketch.data() + entries * width);
  for (std::size_t j = 0; j < entries; ++j) {
    const float* const values = packed.as<float>() + j * width;
    const float scale = scale_for(largest_of(sizes_of(values, width)));
    Squares squares;
    for (std::size_t k = 0; k < width; k += kLanes) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(row.data() + k),
                       quantize(load(values + k), scale > 0 ? 1.0F / scale : 0.0F, squares));
    }
    set_entry_bounds(packed, j, scale, squares);
    std::int8_t* const to = sketch + j / kGroup * kGroup * width + j % kGroup * kQuad;
    std::int32_t sum = 0;
    for (std::size_t k = 0; k < width; ++k) {
      to[k / kQuad * kGroup * kQuad + k % kQuad] = row[k];
      sum += row[k];
    }
    sums[j] = kShift * sum;
  }
}

void avx512::sketch_rows(const PackedWeights& weights, PreparedRows& rows, Scratch& scratch) {
  const std::size_t width = avx512::width_of(weights);
  auto* const sketch = scratch.take<std::uint8_t>(Scratch::kSketch, rows.offsets.back() * width);
  auto* const bounds = scratch.take<float>(Scratch::kScales, 3 * rows.passages());
  for (std::size_t p = 0; p < rows.passages(); ++p) {
    const auto of = sketch_passage(static_cast<const float*>(rows.data) + rows.offsets[p] * weights.in, rows.rows_of(p),
                                   weights.in, width, sketch + rows.offsets[p] * width);
    bounds[3 * p] = of.scale;
    bounds[3 * p + 1] = of.error;
    bounds[3 * p + 2] = of.length;
  }
  rows.sketch = reinterpret_cast<const std::int8_t*>(sketch);
  rows.sketch_bounds = bounds;
}

void avx512::candidates(const PackedWeights& weights, const PreparedRows& rows, std::size_t first, std::size_t count,
                        std::uint32_t** lists) {
  const std::size_t width = avx512::width_of(weights);
  const std::size_t entries = weights.sketch_bounds.size() / 3;
  const auto* const sums = reinterpret_cast<const std::int32_t*>(weights.sketch.data() + entries * width);
  const auto* const sketch = reinterpret_cast<const std::uint8_t*>(rows.sketch);
  for (std::size_t j = first; j < first + count; j += 2 * kGroup) {
    const Groups groups{group_at(weights, j), group_at(weights, j + kGroup), width / kQuad};
    const __m512i low = _mm512_loadu_si512(sums + j);
    const __m512i high = _mm512_loadu_si512(sums + j + kGroup);
    for (std::size_t p = 0; p < rows.passages(); ++p) {
      if (rows.rows_of(p) == 0) continue;
      const Most most = most_of(sketch + rows.offsets[p] * width, rows.rows_of(p), groups);
      const float* const bounds = weights.sketch_bounds.data() + j;
      auto*& list = lists[p];
      list = append_left(_mm512_sub_epi32(most.low, low), rows.sketch_bounds + 3 * p, bounds, entries, j, list);
      list = append_left(_mm512_sub_epi32(most.high, high), rows.sketch_bounds + 3 * p, bounds + kGroup, entries,
                         j + kGroup, list);
    }
  }
}

TAMIS_TARGET_END

}  // namespace tamis::tensor
#endif
