#pragma once

// f32 layers, included between TAMIS_TARGET_BEGIN and TAMIS_TARGET_END after panel_simd.h.

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
