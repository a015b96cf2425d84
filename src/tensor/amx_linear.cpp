// bf16 products on AMX.
//
// Two row tiles times two output tiles at a time, 16 x 16 sums each. A sum must be stored to be read: while the next
// four tiles are multiplied, the ones before get their bias, activation and residual, so most of that costs no time.

#include <algorithm>
#include <array>
#include <cstring>

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
#include "vec_avx512.h"
#include "gelu_avx512.h"
#include "activation_simd.h"
// clang-format on

constexpr std::size_t kBlock = 2 * kTileRows;  // rows and outputs that are multiplied at a time
constexpr std::size_t kTileSums = kTileRows * kTileRows;

/// What happens to the sums of a block.
struct Finish {
  const PackedWeights& weights;
  const Epilogue& epilogue;
  const Destination& out;
};
/// A block whose sums are stored: [row tile][output tile][16][16].
struct Block {
  const float* sums = nullptr;
  std::size_t row = 0, column = 0;  ///< of the first sum in the result
  std::size_t rows = 0;
};

/// Rows [begin, end) of a block.
template <Activation kActivation, bool kResidual, bool kRounded>
void finish_rows(const Finish& to, const Block& block, std::size_t begin, std::size_t end) {
  const float* const bias = to.weights.bias.data() + block.column;
  const Vec low_bias = load(bias);
  const Vec high_bias = load(bias + kTileRows);
  const std::size_t left = std::min(kBlock, to.weights.out - block.column);
  const auto mask = static_cast<__mmask32>(left == kBlock ? 0xFFFFFFFFU : (1U << left) - 1U);
  const auto low_mask = static_cast<__mmask16>(mask);
  const auto high_mask = static_cast<__mmask16>(mask >> 16U);
  for (std::size_t i = begin; i < end; ++i) {
    const float* const sums = block.sums + i / kTileRows * 2 * kTileSums + i % kTileRows * kTileRows;
    Vec low = activated<kActivation>(add(load(sums), low_bias));
    Vec high = activated<kActivation>(add(load(sums + kTileSums), high_bias));
    if constexpr (kResidual) {
      const float* const more = to.epilogue.residual.row(block.row + i) + block.column;
      low = add(low, _mm512_maskz_loadu_ps(low_mask, more));
      high = add(high, _mm512_maskz_loadu_ps(high_mask, more + kTileRows));
    }
    if constexpr (kRounded) {
      const __m512bh both = _mm512_cvtne2ps_pbh(high, low);
      __m512i bits;
      std::memcpy(&bits, &both, sizeof bits);
      _mm512_mask_storeu_epi16(to.out.rounded.row(block.row + i) + block.column, mask, bits);
    } else {
      float* const row = to.out.wide.row(block.row + i) + block.column;
      _mm512_mask_storeu_ps(row, low_mask, low);
      _mm512_mask_storeu_ps(row + kTileRows, high_mask, high);
    }
  }
}

using FinishFn = void(const Finish&, const Block&, std::size_t, std::size_t);
FinishFn* choose_finish(const Epilogue& epilogue, const Destination& out) {
  FinishFn* chosen = nullptr;
  const bool residual = !epilogue.residual.empty();
  const bool rounded = !out.rounded.empty();
  with_activation(epilogue.activation, [&]<Activation kActivation>() {
    if (residual) {
      chosen = rounded ? finish_rows<kActivation, true, true> : finish_rows<kActivation, true, false>;
    } else {
      chosen = rounded ? finish_rows<kActivation, false, true> : finish_rows<kActivation, false, false>;
    }
  });
  return chosen;
}

/// Multiplies one block into registers 0 to 3; after each step a share of an older block's rows is finished and a share
/// of the weights that come next is fetched.
TAMIS_INLINE void multiply_beside(const RowTiles& x, const std::uint16_t* a, const std::uint16_t* b, std::size_t depth,
                                  bool two, FinishFn* finish, const Finish& to, const Block& older,
                                  const std::uint16_t* ahead, std::size_t ahead_lines) {
  const std::uint16_t* const a1 = a + x.row_step;
  const std::uint16_t* const b1 = b + depth * kTileValues;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  std::size_t done = 0;
  for (std::size_t k = 0; k < depth; ++k) {
    _tile_loadd(4, a + k * x.depth_step, x.stride);
    _tile_loadd(6, b + k * kTileValues, kTileStride);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, b1 + k * kTileValues, kTileStride);
    _tile_dpbf16ps(1, 4, 7);
    if (two) {
      _tile_loadd(5, a1 + k * x.depth_step, x.stride);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
    for (std::size_t line = 0; line < ahead_lines; ++line, ahead += 32) _mm_prefetch(ahead, _MM_HINT_T0);
    const std::size_t share = older.rows * (k + 1) / depth;
    if (share > done) finish(to, older, done, share);
    done = share;
  }
}

/// Row tiles of so many bytes stay in L1 while the weights stream by.
constexpr std::size_t kL1Bytes = 32 << 10;
/// Where not even two blocks of rows fit there they stay in L2: else all weights would come from beyond for every
/// block.
constexpr std::size_t kL2Bytes = 768 << 10;
/// How many rows the weights are read for.
[[nodiscard]] std::size_t rows_at_once(std::size_t row_bytes) {
  const std::size_t in_l1 = kL1Bytes / row_bytes / kBlock * kBlock;
  return in_l1 >= 2 * kBlock ? in_l1 : std::max(kBlock, kL2Bytes / row_bytes / kBlock * kBlock);
}

/// Rows [begin, end), either whole blocks or less than one.
void multiply_range(const RowTiles& x, std::size_t begin, std::size_t end, FinishFn* finish, const Finish& to) {
  const std::size_t depth = tiles_of(to.weights.in, kTileDepth);
  const std::size_t rows = std::min(kBlock, end - begin);
  const bool two = rows > kTileRows;
  const TileRegisters registers(std::min(rows, kTileRows), two ? rows - kTileRows : kTileRows);
  const std::size_t group = rows_at_once(depth * kTileDepth * 2);
  alignas(64) float sums[2][4 * kTileSums];
  Block older;
  std::size_t turn = 0;
  for (std::size_t first = begin; first < end; first += group) {
    const std::size_t last = std::min(end, first + group);
    // The next outputs' weights are in L1 when all rows of the group are through.
    const std::size_t blocks = tiles_of(last - first, kBlock);
    const std::size_t lines = (2 * kTileRows + blocks - 1) / blocks;
    for (std::size_t column = 0; column < to.weights.out; column += kBlock) {
      const std::uint16_t* const w = to.weights.as<std::uint16_t>() + column / kTileRows * depth * kTileValues;
      const std::uint16_t* ahead = w + 2 * depth * kTileValues;
      for (std::size_t i = first; i < last; i += kBlock, ahead += lines * depth * 32) {
        multiply_beside(x, x.data + i / kTileRows * x.row_step, w, depth, two, finish, to, older, ahead, lines);
        float* const s = sums[turn];
        _tile_stored(0, s, kTileStride);
        _tile_stored(1, s + kTileSums, kTileStride);
        if (two) {
          _tile_stored(2, s + 2 * kTileSums, kTileStride);
          _tile_stored(3, s + 3 * kTileSums, kTileStride);
        }
        older = {s, i, column, rows};
        turn = 1 - turn;
      }
    }
  }
  if (older.rows > 0) finish(to, older, 0, older.rows);
}

void multiply(const PackedWeights& weights, const RowTiles& x, std::size_t rows, const Destination& out,
              const Epilogue& epilogue) {
  const Finish to{weights, epilogue, out};
  FinishFn* const finish = choose_finish(epilogue, out);
  const std::size_t whole = rows / kBlock * kBlock;
  if (whole > 0) multiply_range(x, 0, whole, finish, to);
  if (whole < rows) multiply_range(x, whole, rows, finish, to);
}

void run(const PackedWeights& weights, ConstMatrixView x, MatrixView out, const Epilogue& epilogue, Scratch& scratch) {
  const std::size_t depth = tiles_of(weights.in, kTileDepth);
  auto* const tiles =
      scratch.take<std::uint16_t>(Scratch::kActivations, tiles_of(x.rows, kTileRows) * depth * kTileValues);
  pack_rows(x, tiles);
  multiply(weights, {tiles, depth * kTileValues, kTileValues, kTileStride}, x.rows, {out, {}}, epilogue);
}

/// From so many inputs on rows are copied into tiles: far apart they share few sets of the caches, and tiles are read
/// once for each 32 outputs.
constexpr std::size_t kDeep = 512;
void pack_rounded_rows(ConstBf16View x, std::uint16_t* tiles) {
  const std::size_t depth = tiles_of(x.cols, kTileDepth);
  for (std::size_t i = 0; i < tiles_of(x.rows, kTileRows) * kTileRows; ++i) {
    std::uint16_t* to = tiles + i / kTileRows * depth * kTileValues + i % kTileRows * kTileDepth;
    for (std::size_t k = 0; k < x.cols; k += kTileDepth, to += kTileValues) {
      const std::size_t left = i < x.rows ? std::min(kTileDepth, x.cols - k) : 0;
      const auto mask = static_cast<__mmask32>(left == kTileDepth ? 0xFFFFFFFFU : (1U << left) - 1U);
      _mm512_store_si512(to, _mm512_maskz_loadu_epi16(mask, left == 0 ? nullptr : x.row(i) + k));
    }
  }
}

void run_rounded(const PackedWeights& weights, ConstBf16View x, const Destination& out, const Epilogue& epilogue,
                 Scratch& scratch) {
  if (weights.in >= kDeep) {
    const std::size_t depth = tiles_of(weights.in, kTileDepth);
    auto* const tiles =
        scratch.take<std::uint16_t>(Scratch::kActivations, tiles_of(x.rows, kTileRows) * depth * kTileValues);
    pack_rounded_rows(x, tiles);
    return multiply(weights, {tiles, depth * kTileValues, kTileValues, kTileStride}, x.rows, out, epilogue);
  }
  if (weights.in % kTileDepth == 0) {
    const RowTiles tiles{x.data, kTileRows * x.stride, kTileDepth, static_cast<int>(x.stride * sizeof(std::uint16_t))};
    return multiply(weights, tiles, x.rows, out, epilogue);
  }
  // What a tile would read beyond the columns is not zero: copied with zeros there.
  const std::size_t width = round_up(weights.in, kTileDepth);
  auto* const copy = scratch.take<std::uint16_t>(Scratch::kActivations, x.rows * width);
  for (std::size_t i = 0; i < x.rows; ++i) {
    std::fill(std::copy_n(x.row(i), x.cols, copy + i * width), copy + (i + 1) * width, std::uint16_t{0});
  }
  const RowTiles tiles{copy, kTileRows * width, kTileDepth, static_cast<int>(width * sizeof(std::uint16_t))};
  multiply(weights, tiles, x.rows, out, epilogue);
}

void pack(ConstMatrixView weights, PackedWeights& packed) { pack_weight_tiles(weights, packed); }

TAMIS_TARGET_END

}  // namespace

const LinearKernel amx::kLinearBf16 = {"amx", pack, run, run_rounded};

}  // namespace tamis::tensor
#endif
