#pragma once

// Tiles of bfloat16 for AMX, included between TAMIS_TARGET_BEGIN and TAMIS_TARGET_END.
//
// A matrix of activations is cut into tiles of 16 rows and 32 columns, 1 KiB each and contiguous: [row tile][column
// tile][16][32]. Weights likewise, in the layout that the instruction wants: [output tile][input tile][16 pairs of
// inputs][16 outputs][2]. Both are filled up with zeros.

constexpr std::size_t kTileRows = 16;
constexpr std::size_t kTileDepth = 32;
constexpr std::size_t kTileValues = kTileRows * kTileDepth;
constexpr int kTileStride = 64;

[[nodiscard]] inline std::size_t tiles_of(std::size_t n, std::size_t unit) { return (n + unit - 1) / unit; }

/// The tile registers of this thread while this lives, all 64 bytes wide. They belong to the thread: every kernel makes
/// one, and leaves none behind for the next context switch to save.
class TileRegisters {
 public:
  TileRegisters() : TileRegisters(kTileRows, kTileRows) {}
  /// Two row tiles of so many rows, at least one each, as multiply_2x2() has them.
  TileRegisters(std::size_t first_rows, std::size_t second_rows) {
    struct alignas(64) Configuration {
      std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
      std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
      std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
    };
    Configuration configuration;
    for (const std::size_t i : {0U, 1U, 4U}) configuration.rows[i] = static_cast<std::uint8_t>(first_rows);
    for (const std::size_t i : {2U, 3U, 5U}) configuration.rows[i] = static_cast<std::uint8_t>(second_rows);
    _tile_loadconfig(&configuration);
  }
  ~TileRegisters() { _tile_release(); }
  TileRegisters(const TileRegisters&) = delete;
  TileRegisters& operator=(const TileRegisters&) = delete;
};

/// Rows as tiles are loaded from them: row tile t and column tile k start at data + t * row_step + k * depth_step,
/// their rows are `stride` bytes apart.
struct RowTiles {
  const std::uint16_t* data = nullptr;
  std::size_t row_step = 0, depth_step = 0;
  int stride = 0;
};

/// Rounds rows to bfloat16 in tiles. Room for tiles_of(rows, 16) * tiles_of(cols, 32) tiles.
inline void pack_rows(ConstMatrixView x, std::uint16_t* tiles) {
  const std::size_t depth = tiles_of(x.cols, kTileDepth);
  const std::size_t row_tiles = tiles_of(x.rows, kTileRows);
  for (std::size_t i = 0; i < row_tiles * kTileRows; ++i) {
    std::uint16_t* to = tiles + i / kTileRows * depth * kTileValues + i % kTileRows * kTileDepth;
    for (std::size_t t = 0; t < depth; ++t, to += kTileValues) {
      const std::size_t left = i < x.rows ? std::min(kTileDepth, x.cols - t * kTileDepth) : 0;
      const auto mask = static_cast<__mmask32>(left == 32 ? 0xFFFFFFFFU : (1U << left) - 1U);
      const float* const from = left == 0 ? x.row(0) : x.row(i) + t * kTileDepth;  // nothing is read of the former
      const __m512 low = _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask), from);
      const __m512 high = _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask >> 16U), from + 16);
      const __m512bh both = _mm512_cvtne2ps_pbh(high, low);
      std::memcpy(to, &both, sizeof both);
    }
  }
}

/// Weights of a layer in tiles; see above.
inline void pack_weight_tiles(ConstMatrixView weights, PackedWeights& packed) {
  const std::size_t depth = tiles_of(weights.cols, kTileDepth);
  const std::size_t columns = round_up(weights.rows, kEntryAlign) / kTileRows;
  packed.data = AlignedBuffer<std::byte>(columns * depth * kTileValues * sizeof(std::uint16_t));
  auto* const tiles = packed.as<std::uint16_t>();
  for (std::size_t j = 0; j < weights.rows; ++j) {
    std::uint16_t* const column = tiles + j / kTileRows * depth * kTileValues + j % kTileRows * 2;
    for (std::size_t k = 0; k < weights.cols; ++k) {
      const std::size_t in_tile = k % kTileDepth;
      column[k / kTileDepth * kTileValues + in_tile / 2 * 32 + in_tile % 2] = to_bf16(weights.row(j)[k]);
    }
  }
}

/// Registers 0 to 3 = two row tiles times two output tiles: (0,0) (0,1) (1,0) (1,1).
TAMIS_INLINE void multiply_2x2(const std::uint16_t* a0, const std::uint16_t* a1, const std::uint16_t* b0,
                               const std::uint16_t* b1, std::size_t depth) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (std::size_t k = 0; k < depth * kTileValues; k += kTileValues) {
    _tile_loadd(4, a0 + k, kTileStride);
    _tile_loadd(6, b0 + k, kTileStride);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, b1 + k, kTileStride);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(5, a1 + k, kTileStride);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
}
