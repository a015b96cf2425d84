// The fused vocabulary head on AMX, bf16.
//
// A product of 16 tokens and 16 entries is 16 x 16 sums in a tile register; it has to be stored and read again to take
// the maximum of its rows. At 128 hidden a product is only four instructions of 16 cycles each, so everything else must
// hide behind them: the four weight tiles of 16 entries stay in registers, tokens stream past them, two accumulators
// take turns, and while one tile is being computed the one before is being stored and the maxima of the one before
// that are taken. In a loop of its own with all tokens in L1: 84 % of the rate of a register-only loop; whole batches:
// docs/tensor.md.

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "bfloat.h"
#include "kernels.h"
#include "target.h"

#if defined(__x86_64__)
namespace tamis::tensor {
namespace {

/// The rows of one passage inside a row tile.
struct Segment {
  std::uint32_t begin, end;  // rows of the tile
  std::uint32_t passage;
};
/// A tile of 16 tokens on its way.
struct Tile {
  const std::uint16_t* tokens;
  const Segment* segments;
  std::uint32_t num_segments;
  bool whole;  ///< all 16 rows are of one passage
  bool last;   ///< the passage of a whole tile goes on in no later tile of the block
};

/// The tiles of a block of rows and what of each belongs to whom.
struct Block {
  std::vector<Tile> tiles;
  std::vector<Segment> segments;
};

constexpr std::size_t kTileRow = 16;

/// Tiles [first, last) of the batch. The offsets may start and end inside a tile.
void lay_out(const PreparedRows& rows, std::span<const std::uint32_t> offsets, std::size_t first, std::size_t last,
             std::size_t tile_values, Block& block) {
  block.tiles.clear();
  block.segments.clear();
  block.segments.reserve((last - first) * kTileRow);  // pointers into it stay valid
  auto passage = static_cast<std::size_t>(
      std::upper_bound(offsets.begin(), offsets.end(), static_cast<std::uint32_t>(first * kTileRow)) - offsets.begin());
  if (passage != 0) --passage;
  for (std::size_t t = first; t < last; ++t) {
    const auto begin = static_cast<std::uint32_t>(t * kTileRow);
    const Segment* const start = block.segments.data() + block.segments.size();
    for (; passage + 1 < offsets.size() && offsets[passage] < begin + kTileRow; ++passage) {
      const Segment segment{std::max(offsets[passage], begin) - begin,
                            std::min<std::uint32_t>(offsets[passage + 1] - begin, kTileRow),
                            static_cast<std::uint32_t>(passage)};
      if (segment.begin < segment.end && offsets[passage + 1] > begin) block.segments.push_back(segment);
      if (offsets[passage + 1] > begin + kTileRow) break;
    }
    const auto count = static_cast<std::uint32_t>(block.segments.data() + block.segments.size() - start);
    const bool whole = count == 1 && start->begin == 0 && start->end == kTileRow;
    block.tiles.push_back({static_cast<const std::uint16_t*>(rows.data) + t * tile_values, start, count, whole, true});
  }
  for (std::size_t t = 0; t + 1 < block.tiles.size(); ++t) {
    const auto& next = block.tiles[t + 1];
    if (block.tiles[t].whole && next.whole && next.segments->passage == block.tiles[t].segments->passage) {
      block.tiles[t].last = false;
    }
  }
}

TAMIS_TARGET_BEGIN(TAMIS_AMX)

#include "amx_tiles.h"

/// Takes tiles of products one after the other and keeps the maxima of each passage.
/// max(new, old) in this order: the instruction gives its second operand when one is NaN.
class Maxima {
 public:
  Maxima(float* out, std::size_t stride) : out_(out), stride_(stride) { reset(); }

  /// Four of the 16 rows of a whole tile.
  TAMIS_INLINE void take(const float* rows) {
    a_ = _mm512_max_ps(_mm512_load_ps(rows), a_);
    b_ = _mm512_max_ps(_mm512_load_ps(rows + 16), b_);
    c_ = _mm512_max_ps(_mm512_load_ps(rows + 32), c_);
    d_ = _mm512_max_ps(_mm512_load_ps(rows + 48), d_);
  }
  /// After a whole tile: writes the maxima of its passage if they are complete.
  TAMIS_INLINE void end_whole(const Tile& tile, std::size_t column) {
    if (!tile.last) return;
    write(tile.segments->passage, column, _mm512_max_ps(_mm512_max_ps(a_, b_), _mm512_max_ps(c_, d_)));
    reset();
  }
  /// A tile of several passages, or of rows that are nobody's.
  void take_parts(const Tile& tile, const float* rows, std::size_t column) {
    for (const auto& segment : std::span(tile.segments, tile.num_segments)) {
      __m512 largest = _mm512_load_ps(rows + segment.begin * kTileRow);
      for (std::uint32_t i = segment.begin; i < segment.end; ++i) {
        largest = _mm512_max_ps(_mm512_load_ps(rows + i * kTileRow), largest);
      }
      write(segment.passage, column, largest);
    }
  }
  void take_any(const Tile& tile, const float* rows, std::size_t column) {
    if (!tile.whole) return take_parts(tile, rows, column);
    for (std::size_t i = 0; i < kTileRow; i += 4) take(rows + i * kTileRow);
    end_whole(tile, column);
  }

 private:
  TAMIS_INLINE void reset() { a_ = b_ = c_ = d_ = _mm512_set1_ps(-std::numeric_limits<float>::infinity()); }
  TAMIS_INLINE void write(std::size_t passage, std::size_t column, __m512 largest) {
    float* const to = out_ + passage * stride_ + column;
    _mm512_storeu_ps(to, _mm512_max_ps(largest, _mm512_loadu_ps(to)));
  }
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

/// Rows of a tile that leave maxima as they are: what the pipeline takes where an older tile is not whole or absent.
struct alignas(64) Nothing {
  float rows[256];
  Nothing() { std::fill_n(rows, 256, -std::numeric_limits<float>::infinity()); }
};

/// All entries of a panel for the tiles of a block; 4 input tiles. Tiles flow through the pipeline from one group of
/// entries to the next without draining it.
void stream_stationary(const std::uint16_t* weights, const Block& block, std::size_t count, Maxima maxima) {
  alignas(64) float products[2][256];
  const Nothing nothing;
  Pending between, older;
  bool odd = false;
  const auto settle = [&] {  // the older tile's maxima, as far as the pipeline has not taken them
    if (older.tile != nullptr && !older.tile->whole) {
      maxima.take_parts(*older.tile, products[odd ? 1 : 0], older.column);
    } else if (older.tile != nullptr) {
      maxima.end_whole(*older.tile, older.column);
    }
  };
  for (std::size_t column = 0; column < count; column += kTileRow) {
    const std::uint16_t* const w = weights + column / kTileRow * kStationary * kTileValues;
    _tile_loadd(0, w, kTileStride);
    _tile_loadd(1, w + kTileValues, kTileStride);
    _tile_loadd(2, w + 2 * kTileValues, kTileStride);
    _tile_loadd(3, w + 3 * kTileValues, kTileStride);
    const std::uint16_t* ahead = w + kStationary * kTileValues;  // of the next entries; none are read past the last
    for (const auto& tile : block.tiles) {
      const std::uint16_t* const tokens = tile.tokens;
      for (std::size_t line = 0; line < kAheadLines; ++line, ahead += 32)
        _mm_prefetch(reinterpret_cast<const char*>(ahead), _MM_HINT_T0);
      const bool whole = older.tile != nullptr && older.tile->whole;
      const float* const rows = whole ? products[odd ? 1 : 0] : nothing.rows;
      if (odd) {
        TAMIS_HEAD_STEP(5, 4, rows, products[0]);
      } else {
        TAMIS_HEAD_STEP(4, 5, rows, products[1]);
      }
      settle();
      older = between;
      between = {&tile, column};
      odd = !odd;
    }
  }
  if (older.tile != nullptr) maxima.take_any(*older.tile, products[odd ? 1 : 0], older.column);
  if (odd) {
    _tile_stored(4, products[0], kTileStride);
  } else {
    _tile_stored(5, products[1], kTileStride);
  }
  if (between.tile != nullptr) maxima.take_any(*between.tile, products[odd ? 0 : 1], between.column);
}

/// The same for any number of input tiles: two row tiles times two groups of entries at a time.
void stream_2x2(const std::uint16_t* weights, const Block& block, std::size_t depth, std::size_t count, Maxima left,
                Maxima right) {
  alignas(64) float products[4][256];
  const std::size_t size = depth * kTileValues;
  for (std::size_t column = 0; column < count; column += 2 * kTileRow) {
    const std::uint16_t* const w = weights + column / kTileRow * size;
    for (std::size_t t = 0; t < block.tiles.size(); t += 2) {
      const auto& one = block.tiles[t];
      const bool pair = t + 1 < block.tiles.size();
      const auto& other = block.tiles[pair ? t + 1 : t];
      multiply_2x2(one.tokens, other.tokens, w, w + size, depth);
      _tile_stored(0, products[0], kTileStride);
      _tile_stored(1, products[1], kTileStride);
      _tile_stored(2, products[2], kTileStride);
      _tile_stored(3, products[3], kTileStride);
      left.take_any(one, products[0], column);
      right.take_any(one, products[1], column + kTileRow);
      if (!pair) continue;
      left.take_any(other, products[2], column);
      right.take_any(other, products[3], column + kTileRow);
    }
  }
}

/// Tokens of a block stay in L1 while the weights of four input tiles stream by, or in L2 while deeper ones do.
constexpr std::size_t kL1Tiles = 8;
constexpr std::size_t kL2Bytes = 512 << 10;

void maxima(const PackedWeights& weights, const PreparedRows& rows, std::span<const std::uint32_t> offsets,
            std::size_t first, std::size_t count, float* out) {
  const std::size_t depth = tiles_of(weights.in, kTileDepth);
  const std::size_t size = depth * kTileValues;
  const std::uint16_t* const w = weights.as<std::uint16_t>() + first / kTileRow * size;
  const std::size_t tiles = depth == kStationary ? kL1Tiles : std::max<std::size_t>(2, kL2Bytes / (size * 2) / 2 * 2);
  std::fill_n(out, (offsets.size() - 1) * count, -std::numeric_limits<float>::infinity());
  const std::size_t end = tiles_of(offsets.back(), kTileRow);
  const TileRegisters registers;
  Maxima left(out, count);
  Maxima right(out, count);
  Block block;
  for (std::size_t t = offsets.front() / kTileRow; t < end; t += tiles) {
    lay_out(rows, offsets, t, std::min(end, t + tiles), size, block);
    if (depth == kStationary) {
      stream_stationary(w, block, count, left);
    } else {
      stream_2x2(w, block, depth, count, left, right);
    }
  }
}

PreparedRows prepare(const PackedWeights& weights, ConstMatrixView hidden, Scratch& scratch) {
  const std::size_t tiles = tiles_of(hidden.rows, kTileRows) * tiles_of(weights.in, kTileDepth);
  auto* const data = scratch.take<std::uint16_t>(Scratch::kHidden, tiles * kTileValues);
  pack_rows(hidden, data);
  return {data, nullptr, hidden.rows};
}

void pack(ConstMatrixView weights, PackedWeights& packed) { pack_weight_tiles(weights, packed); }

TAMIS_TARGET_END

}  // namespace

const HeadKernel amx::kHeadBf16 = {"amx", pack, prepare, maxima};

}  // namespace tamis::tensor
#endif
