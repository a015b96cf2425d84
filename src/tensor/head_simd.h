#pragma once

// The vocabulary head in f32 on panels that pack() made, included between TAMIS_TARGET_BEGIN and TAMIS_TARGET_END after
// panel_simd.h.

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
      keep_passage(x + rows.offsets[p] * weights.in, rows.rows_of(p), panel, weights.in, out + p * count + j);
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
