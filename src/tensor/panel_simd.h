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

/// The maxima of `length` rows, one after the other, with a panel. In blocks of equal height, so that none has one row.
inline void keep_passage(const float* x, std::size_t length, const float* panel, std::size_t depth, float* maxima) {
  const std::size_t blocks = (length + kBlockRows - 1) / kBlockRows;
  for (std::size_t b = 0; b < blocks; ++b) {
    const std::size_t begin = length * b / blocks;
    const std::size_t end = length * (b + 1) / blocks;
    kKeepMaxima[end - begin - 1](x + begin * depth, depth, panel, depth, maxima, 0);
  }
}
