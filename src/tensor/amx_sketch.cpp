// Which entries of the vocabulary can be above 0 for some token of a passage, from 8 bits a value.
// sketch_simd.h says how.

#include "amx_sketch.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "bfloat.h"
#include "target.h"

#if defined(__x86_64__)
namespace tamis::tensor {
namespace {

/// A tile of 16 tokens of one passage.
struct Tile {
  const std::int8_t* tokens;
  std::uint32_t passage;
  bool last;  ///< of the passage
};

TAMIS_TARGET_BEGIN(TAMIS_AMX)

#include "amx_tiles.h"
#include "sketch_simd.h"
#include "transpose_avx512.h"

constexpr std::size_t kDepth = 64;  // values of 8 bits in a row of a tile
constexpr std::size_t kSketchTile = kTileRows * kDepth;
[[nodiscard]] std::size_t sketch_depth(std::size_t in) { return tiles_of(in, kDepth); }

/// 32 values of bf16 to 8 bits each.
TAMIS_INLINE void quantize(const std::uint16_t* values, float inverse, std::int8_t* out, Squares& squares) {
  for (std::size_t half = 0; half < 2; ++half) {
    const __m256i bits = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values + half * 16));
    const __m512 x = _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + half * 16), quantize(x, inverse, squares));
  }
}
/// The sizes of 32 values of bf16, as numbers that are ordered likewise; from 0x7F80 on they are not finite.
TAMIS_INLINE __m512i sizes(const std::uint16_t* values) {
  return _mm512_and_si512(_mm512_loadu_si512(values), _mm512_set1_epi16(0x7FFF));
}
TAMIS_INLINE float largest_of(__m512i sizes) {
  alignas(64) std::uint16_t all[32];
  _mm512_store_si512(all, sizes);
  const std::uint32_t bits = std::uint32_t{*std::max_element(all, all + 32)} << 16U;
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
/// Takes tiles of sums of 16 entries one after the other; at the end of a passage, the entries that may be above 0.
class Best {
 public:
  Best(const PackedWeights& weights, const PreparedRows& rows, std::size_t first, std::uint32_t** lists)
      : bounds_(weights.sketch_bounds.data()),
        stride_(weights.sketch_bounds.size() / 3),
        rows_(rows.sketch_bounds),
        first_(first),
        lists_(lists) {
    reset();
  }
  /// Four of the 16 rows of a tile.
  TAMIS_INLINE void take(const std::int32_t* rows) {
    a_ = _mm512_max_epi32(a_, _mm512_load_si512(rows));
    b_ = _mm512_max_epi32(b_, _mm512_load_si512(rows + 16));
    c_ = _mm512_max_epi32(c_, _mm512_load_si512(rows + 32));
    d_ = _mm512_max_epi32(d_, _mm512_load_si512(rows + 48));
  }
  TAMIS_INLINE void take_all(const std::int32_t* rows) {
    for (std::size_t i = 0; i < kTileRows; i += 4) take(rows + i * kTileRows);
  }
  TAMIS_INLINE void end(const Tile& tile, std::size_t column) {
    if (!tile.last) return;
    const __m512i most = _mm512_max_epi32(_mm512_max_epi32(a_, b_), _mm512_max_epi32(c_, d_));
    auto*& list = lists_[tile.passage];
    list = append_left(most, rows_ + tile.passage * 3, bounds_ + first_ + column, stride_, first_ + column, list);
    reset();
  }

 private:
  TAMIS_INLINE void reset() { a_ = b_ = c_ = d_ = _mm512_set1_epi32(std::numeric_limits<std::int32_t>::min()); }
  __m512i a_, b_, c_, d_;
  const float* bounds_;
  std::size_t stride_;
  const float* rows_;
  std::size_t first_;
  std::uint32_t** lists_;
};

/// A tile whose sums are stored, and which entries they are of.
struct Pending {
  const Tile* tile = nullptr;
  std::size_t column = 0;
};
struct alignas(64) Sums {
  std::int32_t rows[256];
  Sums() { std::fill_n(rows, 256, std::numeric_limits<std::int32_t>::min()); }
};

/// 65 to 128 hidden: the weights of 32 entries stay in four registers and tokens stream past them. Two accumulators:
/// one is stored and its maxima are taken while the other is computed.
void stream_stationary(const std::int8_t* weights, std::span<const Tile> tiles, std::size_t count, Best left,
                       Best right) {
  Sums low, high;
  Pending between, older;  // the tile before, and the one before it
  const std::size_t lines = (4 * kSketchTile / 64 + tiles.size() - 1) / tiles.size();
  for (std::size_t column = 0; column < count; column += 2 * kTileRows) {
    const std::int8_t* const w = weights + column / kTileRows * 2 * kSketchTile;
    _tile_loadd(0, w, kTileStride);
    _tile_loadd(1, w + kSketchTile, kTileStride);
    _tile_loadd(2, w + 2 * kSketchTile, kTileStride);
    _tile_loadd(3, w + 3 * kSketchTile, kTileStride);
    const std::int8_t* ahead = w + 4 * kSketchTile;  // of the next entries; none are read past the last
    for (const auto& tile : tiles) {
      for (std::size_t line = 0; line < lines; ++line, ahead += 64) _mm_prefetch(ahead, _MM_HINT_T0);
      // `low` has the sums of the tile before, `high` those of the one before it; their other half is in register 5.
      _tile_zero(4);
      _tile_loadd(6, tile.tokens, kTileStride);
      right.take(high.rows);
      right.take(high.rows + 64);
      _tile_dpbssd(4, 6, 0);
      _tile_loadd(7, tile.tokens + kSketchTile, kTileStride);
      right.take(high.rows + 128);
      right.take(high.rows + 192);
      _tile_dpbssd(4, 7, 1);
      _tile_stored(5, high.rows, kTileStride);
      if (older.tile != nullptr) right.end(*older.tile, older.column + kTileRows);
      _tile_zero(5);
      left.take(low.rows);
      left.take(low.rows + 64);
      _tile_dpbssd(5, 6, 2);
      left.take(low.rows + 128);
      left.take(low.rows + 192);
      _tile_dpbssd(5, 7, 3);
      _tile_stored(4, low.rows, kTileStride);
      if (between.tile != nullptr) left.end(*between.tile, between.column);
      older = between;
      between = {&tile, column};
    }
  }
  if (older.tile != nullptr) {
    right.take_all(high.rows);
    right.end(*older.tile, older.column + kTileRows);
  }
  left.take_all(low.rows);
  left.end(*between.tile, between.column);
  _tile_stored(5, high.rows, kTileStride);
  right.take_all(high.rows);
  right.end(*between.tile, between.column + kTileRows);
}

/// The same for any depth: two row tiles times two groups of entries at a time.
void stream_2x2(const std::int8_t* weights, std::span<const Tile> tiles, std::size_t depth, std::size_t count,
                Best left, Best right) {
  Sums sums[4];
  const std::size_t size = depth * kSketchTile;
  for (std::size_t column = 0; column < count; column += 2 * kTileRows) {
    const std::int8_t* const w = weights + column / kTileRows * size;
    for (std::size_t t = 0; t < tiles.size(); t += 2) {
      const auto& one = tiles[t];
      const bool pair = t + 1 < tiles.size();
      const auto& other = tiles[pair ? t + 1 : t];
      _tile_zero(0);
      _tile_zero(1);
      _tile_zero(2);
      _tile_zero(3);
      for (std::size_t k = 0; k < size; k += kSketchTile) {
        _tile_loadd(4, one.tokens + k, kTileStride);
        _tile_loadd(6, w + k, kTileStride);
        _tile_dpbssd(0, 4, 6);
        _tile_loadd(7, w + size + k, kTileStride);
        _tile_dpbssd(1, 4, 7);
        _tile_loadd(5, other.tokens + k, kTileStride);
        _tile_dpbssd(2, 5, 6);
        _tile_dpbssd(3, 5, 7);
      }
      _tile_stored(0, sums[0].rows, kTileStride);
      _tile_stored(1, sums[1].rows, kTileStride);
      _tile_stored(2, sums[2].rows, kTileStride);
      _tile_stored(3, sums[3].rows, kTileStride);
      left.take_all(sums[0].rows);
      left.end(one, column);
      right.take_all(sums[1].rows);
      right.end(one, column + kTileRows);
      if (!pair) continue;
      left.take_all(sums[2].rows);
      left.end(other, column);
      right.take_all(sums[3].rows);
      right.end(other, column + kTileRows);
    }
  }
}

/// The rows of a passage and its bounds. Rows that are not finite count as zeros: none of their products is kept.
RowBounds sketch_passage(const std::uint16_t* tiles, std::size_t rows, std::size_t in, std::int8_t* out) {
  const std::size_t pieces = tiles_of(in, kTileDepth);
  const std::size_t depth = sketch_depth(in);
  const auto row = [&](std::size_t i) {
    return tiles + i / kTileRows * pieces * kTileValues + i % kTileRows * kTileDepth;
  };
  const auto sizes_of = [&](std::size_t i) {
    __m512i most = _mm512_setzero_si512();
    for (std::size_t k = 0; k < pieces; ++k) most = _mm512_max_epu16(most, sizes(row(i) + k * kTileValues));
    return most;
  };
  const auto finite = [](__m512i most) { return _mm512_cmpge_epu16_mask(most, _mm512_set1_epi16(0x7F80)) == 0; };
  __m512i most = _mm512_setzero_si512();
  for (std::size_t i = 0; i < rows; ++i) {
    const __m512i of_row = sizes_of(i);
    if (finite(of_row)) most = _mm512_max_epu16(most, of_row);
  }
  const float scale = scale_for(largest_of(most));
  const float inverse = scale > 0 ? 1.0F / scale : 0.0F;
  __m512 kept = _mm512_setzero_ps();
  __m512 lost = kept;
  for (std::size_t i = 0; i < round_up(rows, kTileRows); ++i) {
    std::int8_t* const to = out + i / kTileRows * depth * kSketchTile + i % kTileRows * kDepth;
    Squares squares;
    if (finite(sizes_of(i))) {
      for (std::size_t k = 0; k < pieces; ++k) {
        quantize(row(i) + k * kTileValues, inverse, to + k / 2 * kSketchTile + k % 2 * kTileDepth, squares);
      }
    } else {
      for (std::size_t k = 0; k < depth; ++k) std::fill_n(to + k * kSketchTile, kDepth, std::int8_t{0});
    }
    if (pieces % 2 != 0) std::fill_n(to + (depth - 1) * kSketchTile + kTileDepth, kTileDepth, std::int8_t{0});
    kept = _mm512_max_ps(kept, _mm512_set1_ps(_mm512_reduce_add_ps(squares.kept)));
    lost = _mm512_max_ps(lost, _mm512_set1_ps(_mm512_reduce_add_ps(squares.lost)));
  }
  return row_bounds(scale, _mm512_cvtss_f32(kept), _mm512_cvtss_f32(lost), in);
}

TAMIS_TARGET_END

}  // namespace

TAMIS_TARGET_BEGIN(TAMIS_AMX)

void amx::sketch_weights(PackedWeights& packed) {
  const std::size_t pieces = tiles_of(packed.in, kTileDepth);
  const std::size_t depth = sketch_depth(packed.in);
  const std::size_t entries = round_up(packed.out, kEntryAlign);
  packed.sketch = AlignedBuffer<std::byte>(entries * depth * kDepth);
  packed.sketch_bounds = AlignedBuffer<float>(3 * entries);
  std::vector<std::int8_t> rows(kTileRows * depth * kDepth);
  auto* tiles = reinterpret_cast<std::int8_t*>(packed.sketch.data());
  for (std::size_t j = 0; j < entries; ++j) {
    const std::uint16_t* const row = packed.as<std::uint16_t>() + j * pieces * kTileDepth;
    __m512i most = _mm512_setzero_si512();
    for (std::size_t k = 0; k < pieces; ++k) most = _mm512_max_epu16(most, sizes(row + k * kTileDepth));
    const float scale = scale_for(largest_of(most));
    Squares squares;
    for (std::size_t k = 0; k < pieces; ++k) {
      quantize(row + k * kTileDepth, scale > 0 ? 1.0F / scale : 0.0F,
               rows.data() + j % kTileRows * depth * kDepth + k * kTileDepth, squares);
    }
    set_entry_bounds(packed, j, scale, squares);
    if (j % kTileRows != kTileRows - 1) continue;
    for (std::size_t k = 0; k < depth; ++k, tiles += kSketchTile) {
      __m512i quads[kTileRows];
      for (std::size_t r = 0; r < kTileRows; ++r) quads[r] = _mm512_loadu_si512(rows.data() + (r * depth + k) * kDepth);
      transpose(quads);
      for (std::size_t r = 0; r < kTileRows; ++r) _mm512_store_si512(tiles + r * kDepth, quads[r]);
    }
  }
}

void amx::sketch_rows(const PackedWeights& weights, PreparedRows& rows, Scratch& scratch) {
  const std::size_t size = tiles_of(weights.in, kTileDepth) * kTileValues;
  const std::size_t sketch_size = sketch_depth(weights.in) * kSketchTile;
  auto* const sketch = scratch.take<std::int8_t>(Scratch::kSketch, rows.tiles[rows.passages()] * sketch_size);
  auto* const bounds = scratch.take<float>(Scratch::kScales, 3 * rows.passages());
  for (std::size_t p = 0; p < rows.passages(); ++p) {
    const auto of = sketch_passage(static_cast<const std::uint16_t*>(rows.data) + rows.tiles[p] * size, rows.rows_of(p),
                                   weights.in, sketch + rows.tiles[p] * sketch_size);
    bounds[3 * p] = of.scale;
    bounds[3 * p + 1] = of.error;
    bounds[3 * p + 2] = of.length;
  }
  rows.sketch = sketch;
  rows.sketch_bounds = bounds;
}

void amx::candidates(const PackedWeights& weights, const PreparedRows& rows, std::size_t first, std::size_t count,
                     std::uint32_t** lists) {
  constexpr std::size_t kL1Bytes = 28 << 10;   // of tokens, beside which weights stream by
  constexpr std::size_t kL2Bytes = 512 << 10;  // where the weights do not fit the registers
  const std::size_t depth = sketch_depth(weights.in);
  const std::size_t size = depth * kSketchTile;
  const std::size_t most = (depth == 2 ? kL1Bytes : kL2Bytes) / size;
  const auto* const w = reinterpret_cast<const std::int8_t*>(weights.sketch.data()) + first / kTileRows * size;
  const TileRegisters registers;
  std::vector<Tile> tiles;
  for (std::size_t p = 0; p < rows.passages();) {
    tiles.clear();  // whole passages, one at least
    do {
      for (std::size_t t = rows.tiles[p]; t < rows.tiles[p + 1]; ++t) {
        tiles.push_back({rows.sketch + t * size, static_cast<std::uint32_t>(p), t + 1 == rows.tiles[p + 1]});
      }
      ++p;
    } while (p < rows.passages() && tiles.size() + rows.tiles[p + 1] - rows.tiles[p] <= most);
    if (tiles.empty()) continue;
    const Best best(weights, rows, first, lists);
    if (depth == 2) {
      stream_stationary(w, tiles, count, best, best);
    } else {
      stream_2x2(w, tiles, depth, count, best, best);
    }
  }
}

TAMIS_TARGET_END

}  // namespace tamis::tensor
#endif
