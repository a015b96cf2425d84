// The fused vocabulary head on AMX, bf16.
//
// A product of 16 tokens and 16 entries is 16 x 16 sums in a tile register; it has to be stored and read again to take
// the maximum of its rows. At 128 hidden a product is only four instructions of 16 cycles each, so everything else must
// hide behind them: the four weight tiles of 16 entries stay in registers, tokens stream past them, two accumulators
// take turns, and while one tile is being computed the one before is being stored and the maxima of the one before
// that are taken.
//
// Most entries are far below 0 for all tokens of a passage, and amx_sketch.cpp tells which from 8 bits a value; then
// only what is left is multiplied here. Weights therefore stand in rows, and become tiles when they are needed.

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "amx_sketch.h"
#include "bfloat.h"
#include "kernels.h"
#include "target.h"

#if defined(__x86_64__)
namespace tamis::tensor {
namespace {

/// A tile of 16 tokens of one passage.
struct Tile {
  const std::uint16_t* tokens;
  std::uint32_t passage;
  bool last;  ///< of the passage in its block
};

TAMIS_TARGET_BEGIN(TAMIS_AMX)

#include "amx_tiles.h"
#include "transpose_avx512.h"

/// Takes tiles of products one after the other and keeps the maxima of each passage.
/// max(new, old) in this order: the instruction gives its second operand when one is NaN.
class Maxima {
 public:
  Maxima(float* out, std::size_t stride) : out_(out), stride_(stride) { reset(); }

  /// Four of the 16 rows of a tile.
  TAMIS_INLINE void take(const float* rows) {
    a_ = _mm512_max_ps(_mm512_load_ps(rows), a_);
    b_ = _mm512_max_ps(_mm512_load_ps(rows + 16), b_);
    c_ = _mm512_max_ps(_mm512_load_ps(rows + 32), c_);
    d_ = _mm512_max_ps(_mm512_load_ps(rows + 48), d_);
  }
  TAMIS_INLINE void take_all(const float* rows) {
    for (std::size_t i = 0; i < kTileRows; i += 4) take(rows + i * kTileRows);
  }
  /// After a tile: writes the maxima of its passage if they are complete.
  TAMIS_INLINE void end(const Tile& tile, std::size_t column) {
    if (!tile.last) return;
    float* const to = out_ + tile.passage * stride_ + column;
    const __m512 largest = _mm512_max_ps(_mm512_max_ps(a_, b_), _mm512_max_ps(c_, d_));
    _mm512_storeu_ps(to, _mm512_max_ps(largest, _mm512_loadu_ps(to)));
    reset();
  }

 private:
  TAMIS_INLINE void reset() { a_ = b_ = c_ = d_ = _mm512_set1_ps(-std::numeric_limits<float>::infinity()); }
  __m512 a_, b_, c_, d_;
  float* out_;
  std::size_t stride_;
};

/// A tile whose products are under way or stored, and where its maxima go.
struct Pending {
  const Tile* tile = nullptr;
  std::size_t column = 0;
};

constexpr std::size_t kStationary = 4;  // input tiles whose weights fit the registers: 128 hidden

constexpr std::size_t kAheadLines = 8;  // a tile: the next weights are in L1 when a full block of tokens is through

/// Computes a tile of tokens into a register while the maxima of an older tile are taken; then stores the one between.
#define TAMIS_HEAD_STEP(accumulator, between, older_rows, between_rows) \
  _tile_zero(accumulator);                                              \
  _tile_loadd(7, tokens, kTileStride);                                  \
  maxima.take(older_rows);                                              \
  _tile_dpbf16ps(accumulator, 7, 0);                                    \
  _tile_loadd(6, tokens + kTileValues, kTileStride);                    \
  maxima.take((older_rows) + 64);                                       \
  _tile_dpbf16ps(accumulator, 6, 1);                                    \
  _tile_loadd(7, tokens + 2 * kTileValues, kTileStride);                \
  maxima.take((older_rows) + 128);                                      \
  _tile_dpbf16ps(accumulator, 7, 2);                                    \
  _tile_loadd(6, tokens + 3 * kTileValues, kTileStride);                \
  maxima.take((older_rows) + 192);                                      \
  _tile_dpbf16ps(accumulator, 6, 3);                                    \
  _tile_stored(between, between_rows, kTileStride)

/// Rows of a tile that leave maxima as they are: what the pipeline takes while there is no older tile.
struct alignas(64) Nothing {
  float rows[256];
  Nothing() { std::fill_n(rows, 256, -std::numeric_limits<float>::infinity()); }
};

/// All entries of a panel for the tiles of a block; 4 input tiles. Tiles flow through the pipeline from one group of
/// entries to the next without draining it.
void stream_stationary(const std::uint16_t* weights, std::span<const Tile> tiles, std::size_t count, Maxima maxima) {
  alignas(64) float products[2][256];
  const Nothing nothing;
  Pending between, older;
  bool odd = false;
  for (std::size_t column = 0; column < count; column += kTileRows) {
    const std::uint16_t* const w = weights + column / kTileRows * kStationary * kTileValues;
    _tile_loadd(0, w, kTileStride);
    _tile_loadd(1, w + kTileValues, kTileStride);
    _tile_loadd(2, w + 2 * kTileValues, kTileStride);
    _tile_loadd(3, w + 3 * kTileValues, kTileStride);
    const std::uint16_t* ahead = w + kStationary * kTileValues;  // of the next entries; none are read past the last
    for (const auto& tile : tiles) {
      const std::uint16_t* const tokens = tile.tokens;
      for (std::size_t line = 0; line < kAheadLines; ++line, ahead += 32)
        _mm_prefetch(reinterpret_cast<const char*>(ahead), _MM_HINT_T0);
      const float* const rows = older.tile != nullptr ? products[odd ? 1 : 0] : nothing.rows;
      if (odd) {
        TAMIS_HEAD_STEP(5, 4, rows, products[0]);
      } else {
        TAMIS_HEAD_STEP(4, 5, rows, products[1]);
      }
      if (older.tile != nullptr) maxima.end(*older.tile, older.column);
      older = between;
      between = {&tile, column};
      odd = !odd;
    }
  }
  if (older.tile != nullptr) {
    maxima.take_all(products[odd ? 1 : 0]);
    maxima.end(*older.tile, older.column);
  }
  if (odd) {
    _tile_stored(4, products[0], kTileStride);
  } else {
    _tile_stored(5, products[1], kTileStride);
  }
  if (between.tile == nullptr) return;
  maxima.take_all(products[odd ? 0 : 1]);
  maxima.end(*between.tile, between.column);
}

/// The same for any number of input tiles: two row tiles times two groups of entries at a time.
void stream_2x2(const std::uint16_t* weights, std::span<const Tile> tiles, std::size_t depth, std::size_t count,
                Maxima left, Maxima right) {
  alignas(64) float products[4][256];
  const std::size_t size = depth * kTileValues;
  for (std::size_t column = 0; column < count; column += 2 * kTileRows) {
    const std::uint16_t* const w = weights + column / kTileRows * size;
    for (std::size_t t = 0; t < tiles.size(); t += 2) {
      const auto& one = tiles[t];
      const bool pair = t + 1 < tiles.size();
      const auto& other = tiles[pair ? t + 1 : t];
      multiply_2x2(one.tokens, other.tokens, w, w + size, depth);
      _tile_stored(0, products[0], kTileStride);
      _tile_stored(1, products[1], kTileStride);
      _tile_stored(2, products[2], kTileStride);
      _tile_stored(3, products[3], kTileStride);
      left.take_all(products[0]);
      left.end(one, column);
      right.take_all(products[1]);
      right.end(one, column + kTileRows);
      if (!pair) continue;
      left.take_all(products[2]);
      left.end(other, column);
      right.take_all(products[3]);
      right.end(other, column + kTileRows);
    }
  }
}

/// Rows of weights to tiles: [group of 16 entries][input tile][16 pairs of inputs][16 entries][2].
/// @param row  of an entry by its place in the tiles
template <class Row>
TAMIS_INLINE void make_tiles(std::size_t count, std::size_t depth, std::uint16_t* tiles, const Row& row) {
  for (std::size_t j = 0; j < count; j += kTileRows) {
    for (std::size_t k = 0; k < depth; ++k, tiles += kTileValues) {
      __m512i rows[kTileRows];
      for (std::size_t r = 0; r < kTileRows; ++r) rows[r] = _mm512_loadu_si512(row(j + r) + k * kTileDepth);
      transpose(rows);
      for (std::size_t r = 0; r < kTileRows; ++r) _mm512_store_si512(tiles + r * kTileDepth, rows[r]);
    }
  }
}
const std::uint16_t* tiles_of_entries(const PackedWeights& weights, std::size_t first, std::size_t count,
                                      Scratch& scratch) {
  const std::size_t depth = tiles_of(weights.in, kTileDepth);
  auto* const tiles = scratch.take<std::uint16_t>(Scratch::kValues, count * depth * kTileDepth);
  const std::uint16_t* const w = weights.as<std::uint16_t>() + first * depth * kTileDepth;
  make_tiles(count, depth, tiles, [&](std::size_t j) { return w + j * depth * kTileDepth; });
  return tiles;
}

/// Tokens of a block stay in L1 while the weights of four input tiles stream by, or in L2 while deeper ones do.
constexpr std::size_t kL1Tiles = 8;
constexpr std::size_t kL2Bytes = 512 << 10;

void maxima(const PackedWeights& weights, const PreparedRows& rows, std::size_t first, std::size_t count, float* out,
            Scratch& scratch) {
  const std::size_t depth = tiles_of(weights.in, kTileDepth);
  const std::size_t size = depth * kTileValues;
  const std::uint16_t* const w = tiles_of_entries(weights, first, count, scratch);
  const std::size_t block = depth == kStationary ? kL1Tiles : std::max<std::size_t>(2, kL2Bytes / (size * 2) / 2 * 2);
  std::fill_n(out, rows.passages() * count, -std::numeric_limits<float>::infinity());
  std::vector<Tile> tiles;
  for (std::size_t p = 0; p < rows.passages(); ++p) {
    for (std::size_t t = rows.tiles[p]; t < rows.tiles[p + 1]; ++t) {
      tiles.push_back({static_cast<const std::uint16_t*>(rows.data) + t * size, static_cast<std::uint32_t>(p),
                       t + 1 == rows.tiles[p + 1] || (t + 1) % block == 0});
    }
  }
  const TileRegisters registers;
  for (std::size_t t = 0; t < tiles.size(); t += block) {
    const auto some = std::span(tiles).subspan(t, std::min(block, tiles.size() - t));
    if (depth == kStationary) {
      stream_stationary(w, some, count, Maxima(out, count));
    } else {
      stream_2x2(w, some, depth, count, Maxima(out, count), Maxima(out, count));
    }
  }
}

void products(const PackedWeights& weights, const PreparedRows& rows, std::size_t passage, std::size_t first,
              std::size_t count, float* out, Scratch& scratch) {
  const std::size_t depth = tiles_of(weights.in, kTileDepth);
  const std::size_t size = depth * kTileValues;
  const std::uint16_t* const w = tiles_of_entries(weights, first, count, scratch);
  const auto* const x = static_cast<const std::uint16_t*>(rows.data) + rows.tiles[passage] * size;
  const std::size_t length = rows.rows_of(passage);
  alignas(64) float sums[2][256];
  const TileRegisters registers;
  for (std::size_t i = 0; i < length; i += kTileRows) {
    const std::uint16_t* const a = x + i / kTileRows * size;
    for (std::size_t j = 0; j < count; j += 2 * kTileRows) {
      const std::uint16_t* const b = w + j / kTileRows * size;
      multiply_2x2(a, a, b, b + size, depth);
      _tile_stored(0, sums[0], kTileStride);
      _tile_stored(1, sums[1], kTileStride);
      for (std::size_t r = 0; r < std::min(kTileRows, length - i); ++r) {
        float* const to = out + (i + r) * count + j;
        std::copy_n(sums[0] + r * kTileRows, kTileRows, to);
        std::copy_n(sums[1] + r * kTileRows, kTileRows, to + kTileRows);
      }
    }
  }
}

void maxima_of(const PackedWeights& weights, const PreparedRows& rows, std::size_t passage,
               std::span<const std::uint32_t> entries, float* out, Scratch& scratch) {
  const std::size_t depth = tiles_of(weights.in, kTileDepth);
  const std::size_t size = depth * kTileValues;
  auto* const w = scratch.take<std::uint16_t>(Scratch::kValues, 2 * size);
  const auto* const x = static_cast<const std::uint16_t*>(rows.data);
  alignas(64) float products[4][256];
  alignas(64) float maxima[2 * kTileRows];
  const TileRegisters registers;
  for (std::size_t j = 0; j < entries.size(); j += 2 * kTileRows) {
    const std::size_t count = std::min(2 * kTileRows, entries.size() - j);
    make_tiles(2 * kTileRows, depth, w, [&](std::size_t i) {
      return weights.as<std::uint16_t>() + entries[j + std::min(i, count - 1)] * depth * kTileDepth;
    });
    std::fill_n(maxima, 2 * kTileRows, -std::numeric_limits<float>::infinity());
    Maxima left(maxima, 0);
    Maxima right(maxima, 0);
    for (std::size_t t = rows.tiles[passage]; t < rows.tiles[passage + 1]; t += 2) {
      const std::uint16_t* const a = x + t * size;
      // The last tile of an odd number goes twice: maxima do not mind.
      multiply_2x2(a, t + 1 < rows.tiles[passage + 1] ? a + size : a, w, w + size, depth);
      _tile_stored(0, products[0], kTileStride);
      _tile_stored(1, products[1], kTileStride);
      _tile_stored(2, products[2], kTileStride);
      _tile_stored(3, products[3], kTileStride);
      left.take_all(products[0]);
      left.take_all(products[2]);
      right.take_all(products[1]);
      right.take_all(products[3]);
    }
    const Tile end{nullptr, 0, true};
    left.end(end, 0);
    right.end(end, kTileRows);
    std::copy_n(maxima, count, out + j);
  }
}

/// Each passage in tiles of its own; what its last tile has more than rows is that last row again, which changes no
/// maximum.
PreparedRows prepare(const PackedWeights& weights, ConstMatrixView hidden, std::span<const std::uint32_t> offsets,
                     Scratch& scratch) {
  const std::size_t depth = tiles_of(weights.in, kTileDepth);
  auto* const first = scratch.take<std::uint32_t>(Scratch::kTiles, offsets.size());
  first[0] = 0;
  for (std::size_t p = 0; p + 1 < offsets.size(); ++p) {
    first[p + 1] = first[p] + static_cast<std::uint32_t>(tiles_of(offsets[p + 1] - offsets[p], kTileRows));
  }
  auto* const data = scratch.take<std::uint16_t>(Scratch::kHidden, first[offsets.size() - 1] * depth * kTileValues);
  for (std::size_t p = 0; p + 1 < offsets.size(); ++p) {
    const std::size_t count = offsets[p + 1] - offsets[p];
    if (count == 0) continue;
    pack_rows(hidden.row_range(offsets[p], count), data + first[p] * depth * kTileValues);
    std::uint16_t* const tile = data + (first[p + 1] - 1) * depth * kTileValues;
    const std::size_t end = (count - 1) % kTileRows;
    for (std::size_t k = 0; k < depth; ++k) {
      std::uint16_t* const row = tile + k * kTileValues + end * kTileDepth;
      for (std::size_t i = 1; end + i < kTileRows; ++i) std::copy_n(row, kTileDepth, row + i * kTileDepth);
    }
  }
  PreparedRows rows;
  rows.data = data;
  rows.offsets = offsets;
  rows.tiles = first;
  amx::sketch_rows(weights, rows, scratch);
  return rows;
}

void pack(ConstMatrixView weights, PackedWeights& packed) {
  const std::size_t width = round_up(weights.cols, kTileDepth);
  packed.data = AlignedBuffer<std::byte>(round_up(weights.rows, kEntryAlign) * width * sizeof(std::uint16_t));
  for (std::size_t j = 0; j < weights.rows; ++j) {
    packed.ops->round_bf16(weights.row(j), weights.cols, packed.as<std::uint16_t>() + j * width);
  }
  amx::sketch_weights(packed);
}

TAMIS_TARGET_END

}  // namespace

const HeadKernel amx::kHeadBf16 = {"amx", pack, prepare, maxima, products, amx::candidates, maxima_of};

}  // namespace tamis::tensor
#endif
