#pragma once

// f32 products over vectors of kLanes floats, included between TAMIS_TARGET_BEGIN and TAMIS_TARGET_END after a vec_*.h.
//
// Weights stand in panels of kPanel outputs: [panel][input][kPanel], filled up with zeros. A block of rows is
// multiplied with one panel at a time; the sums are in registers, two vectors a row. Every sum is added up in ascending
// order of the input by fused multiply-adds, however many rows there are beside it.

constexpr std::size_t kPanel = 2 * kLanes;
constexpr std::size_t kBlockRows = kLanes == 16 ? 12 : 6;  // what the registers hold beside two weights and one input
static_assert(kEntryAlign % kPanel == 0);

/// The products of kRows rows with a panel, handed to take(row, low, high).
template <std::size_t kRows, class Take>
TAMIS_INLINE void multiply_panel(const float* x, std::size_t stride, const float* panel, std::size_t depth,
                                 Take&& take) {
  Vec low[kRows];
  Vec high[kRows];
  for (std::size_t r = 0; r < kRows; ++r) low[r] = high[r] = set(0.0F);
  for (std::size_t k = 0; k < depth; ++k) {
    const Vec a = load(panel + k * kPanel);
    const Vec b = load(panel + k * kPanel + kLanes);
#pragma GCC unroll 12
    for (std::size_t r = 0; r < kRows; ++r) {
      const Vec value = set(x[r * stride + k]);
      low[r] = fma(value, a, low[r]);
      high[r] = fma(value, b, high[r]);
    }
  }
#pragma GCC unroll 12
  for (std::size_t r = 0; r < kRows; ++r) take(r, low[r], high[r]);
}

/// sums[row][0 … kPanel) = the products.
template <std::size_t kRows>
void store_products(const float* x, std::size_t stride, const float* panel, std::size_t depth, float* sums,
                    std::size_t sums_stride) {
  multiply_panel<kRows>(x, stride, panel, depth, [&](std::size_t r, Vec low, Vec high) {
    store(sums + r * sums_stride, low);
    store(sums + r * sums_stride + kLanes, high);
  });
}
/// maxima[0 … kPanel) = the largest products so far; NaN ones are passed over.
template <std::size_t kRows>
void keep_maxima(const float* x, std::size_t stride, const float* panel, std::size_t depth, float* maxima,
                 std::size_t) {
  Vec most_low = load(maxima);
  Vec most_high = load(maxima + kLanes);
  multiply_panel<kRows>(x, stride, panel, depth, [&](std::size_t, Vec low, Vec high) {
    most_low = max(low, most_low);
    most_high = max(high, most_high);
  });
  store(maxima, most_low);
  store(maxima + kLanes, most_high);
}

using PanelFn = void(const float*, std::size_t, const float*, std::size_t, float*, std::size_t);
template <std::size_t... kRows>
constexpr std::array<PanelFn*, sizeof...(kRows)> store_table(std::index_sequence<kRows...>) {
  return {store_products<kRows + 1>...};
}
template <std::size_t... kRows>
constexpr std::array<PanelFn*, sizeof...(kRows)> maxima_table(std::index_sequence<kRows...>) {
  return {keep_maxima<kRows + 1>...};
}
constexpr auto kStoreProducts = store_table(std::make_index_sequence<kBlockRows>());
constexpr auto kKeepMaxima = maxima_table(std::make_index_sequence<kBlockRows>());

void pack_panels(ConstMatrixView weights, bool rounded, float* panels) {
  for (std::size_t j = 0; j < weights.rows; ++j) {
    float* const to = panels + j / kPanel * kPanel * weights.cols + j % kPanel;
    for (std::size_t k = 0; k < weights.cols; ++k) {
      const float value = weights.row(j)[k];
      to[k * kPanel] = rounded ? round_bf16(value) : value;
    }
  }
}

template <bool kRounded>
void pack(ConstMatrixView weights, PackedWeights& packed) {
  packed.data = AlignedBuffer<std::byte>(round_up(weights.rows, kEntryAlign) * weights.cols * sizeof(float));
  pack_panels(weights, kRounded, packed.as<float>());
}

/// The rows as the kernels read them: for bf16 rounded, and where `copied` without gaps.
template <bool kRounded>
ConstMatrixView operands(ConstMatrixView x, bool copied, Scratch::Slot slot, Scratch& scratch) {
  if (!kRounded && !copied) return x;
  auto* const copy = scratch.take<float>(slot, x.rows * x.cols);
  for (std::size_t i = 0; i < x.rows; ++i) {
    const float* const from = x.row(i);
    for (std::size_t k = 0; k < x.cols; ++k) copy[i * x.cols + k] = kRounded ? round_bf16(from[k]) : from[k];
  }
  return {copy, x.rows, x.cols};
}

template <bool kRounded>
void run(const PackedWeights& weights, ConstMatrixView input, MatrixView out, const Epilogue& epilogue,
         Scratch& scratch) {
  constexpr std::size_t kChunkBytes = 256 << 10;  // of weights, in L2 while all rows go past them
  const ConstMatrixView x = operands<kRounded>(input, false, Scratch::kActivations, scratch);
  const std::size_t padded = round_up(weights.out, kPanel);
  const std::size_t chunk = std::clamp(kChunkBytes / (weights.in * sizeof(float)) / kPanel * kPanel, kPanel, padded);
  auto* const sums = scratch.take<float>(Scratch::kProducts, kBlockRows * chunk);
  for (std::size_t first = 0; first < padded; first += chunk) {
    const std::size_t count = std::min(chunk, padded - first);
    const std::size_t wanted = std::min(count, weights.out - first);
    for (std::size_t i = 0; i < x.rows; i += kBlockRows) {
      const std::size_t rows = std::min(kBlockRows, x.rows - i);
      for (std::size_t j = 0; j < count; j += kPanel) {
        kStoreProducts[rows - 1](x.row(i), x.stride, weights.as<float>() + (first + j) * weights.in, weights.in,
                                 sums + j, count);
      }
      finish(weights, epilogue, {sums, rows, wanted, count}, out, i, first);
    }
  }
}

template <bool kRounded>
PreparedRows prepare(const PackedWeights&, ConstMatrixView hidden, std::span<const std::uint32_t> offsets,
                     Scratch& scratch) {
  PreparedRows rows;
  rows.data = operands<kRounded>(hidden, true, Scratch::kHidden, scratch).data;
  rows.offsets = offsets;
  return rows;
}

void maxima(const PackedWeights& weights, const PreparedRows& rows, std::size_t first, std::size_t count, float* out,
            Scratch&) {
  std::fill_n(out, rows.passages() * count, -std::numeric_limits<float>::infinity());
  const auto* const x = static_cast<const float*>(rows.data);
  for (std::size_t j = 0; j < count; j += kPanel) {
    const float* const panel = weights.as<float>() + (first + j) * weights.in;
    for (std::size_t p = 0; p < rows.passages(); ++p) {
      // Blocks of equal height, so that no passage ends in a block of one row.
      const std::size_t length = rows.rows_of(p);
      const std::size_t blocks = (length + kBlockRows - 1) / kBlockRows;
      for (std::size_t b = 0; b < blocks; ++b) {
        const std::size_t begin = rows.offsets[p] + length * b / blocks;
        const std::size_t end = rows.offsets[p] + length * (b + 1) / blocks;
        kKeepMaxima[end - begin - 1](x + begin * weights.in, weights.in, panel, weights.in, out + p * count + j, 0);
      }
    }
  }
}

void products(const PackedWeights& weights, const PreparedRows& rows, std::size_t passage, std::size_t first,
              std::size_t count, float* out, Scratch&) {
  const auto* const x = static_cast<const float*>(rows.data) + rows.offsets[passage] * weights.in;
  const std::size_t length = rows.rows_of(passage);
  for (std::size_t j = 0; j < count; j += kPanel) {
    const float* const panel = weights.as<float>() + (first + j) * weights.in;
    for (std::size_t i = 0; i < length; i += kBlockRows) {
      kStoreProducts[std::min(kBlockRows, length - i) - 1](x + i * weights.in, weights.in, panel, weights.in,
                                                           out + i * count + j, count);
    }
  }
}
