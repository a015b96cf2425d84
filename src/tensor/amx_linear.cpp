// bf16 products on AMX.

#include <algorithm>
#include <cstring>

#include "bfloat.h"
#include "kernels.h"
#include "target.h"

#if defined(__x86_64__)
namespace tamis::tensor {
namespace {

TAMIS_TARGET_BEGIN(TAMIS_AMX)

#include "amx_tiles.h"

/// Weights of so many bytes stay in L2 while all rows go past them.
constexpr std::size_t kChunkBytes = 256 << 10;

/// Sums of two row tiles and `count` outputs from `first` on: sums[32][count].
void multiply_rows(const std::uint16_t* a, const std::uint16_t* weights, std::size_t depth, std::size_t first,
                   std::size_t count, float* sums) {
  const std::size_t tile = depth * kTileValues;
  const auto stride = static_cast<int>(count * sizeof(float));
  for (std::size_t j = 0; j < count; j += 2 * kTileRows) {
    const std::uint16_t* const b = weights + (first + j) / kTileRows * tile;
    multiply_2x2(a, a + tile, b, b + tile, depth);
    _tile_stored(0, sums + j, stride);
    _tile_stored(1, sums + j + kTileRows, stride);
    _tile_stored(2, sums + kTileRows * count + j, stride);
    _tile_stored(3, sums + kTileRows * count + j + kTileRows, stride);
  }
}

void run(const PackedWeights& weights, ConstMatrixView x, MatrixView out, const Epilogue& epilogue, Scratch& scratch) {
  constexpr std::size_t kBlock = 2 * kTileRows;
  const std::size_t depth = tiles_of(weights.in, kTileDepth);
  const std::size_t padded = round_up(weights.out, kEntryAlign);
  const std::size_t chunk =
      std::clamp(kChunkBytes / (depth * kTileDepth * 2) / kEntryAlign * kEntryAlign, kEntryAlign, padded);
  const std::size_t row_tiles = round_up(x.rows, kBlock) / kTileRows;
  auto* const a = scratch.take<std::uint16_t>(Scratch::kActivations, row_tiles * depth * kTileValues);
  auto* const sums = scratch.take<float>(Scratch::kProducts, kBlock * chunk);
  pack_rows(x, a);
  const TileRegisters registers;
  for (std::size_t first = 0; first < padded; first += chunk) {
    const std::size_t count = std::min(chunk, padded - first);
    const std::size_t wanted = std::min(count, weights.out - first);
    for (std::size_t i = 0; i < x.rows; i += kBlock) {
      multiply_rows(a + i / kTileRows * depth * kTileValues, weights.as<std::uint16_t>(), depth, first, count, sums);
      finish(weights, epilogue, {sums, std::min(kBlock, x.rows - i), wanted, count}, out, i, first);
    }
  }
}

void pack(ConstMatrixView weights, PackedWeights& packed) { pack_weight_tiles(weights, packed); }

TAMIS_TARGET_END

}  // namespace

const LinearKernel amx::kLinearBf16 = {"amx", pack, run};

}  // namespace tamis::tensor
#endif
