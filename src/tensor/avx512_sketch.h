#pragma once

#include "packed.h"

namespace tamis::tensor::avx512 {

/// The sketches of f32 heads, for products of 8 bits in vector registers (VNNI). See sketch_simd.h.

/// What a row of weights is filled up to.
[[nodiscard]] inline std::size_t width_of(const PackedWeights& weights) { return round_up(weights.in, 16); }

/// From `data` of the weights, rows of floats filled up to width_of(): sketch and sketch_bounds.
void sketch_weights(PackedWeights& packed);
/// From the rows, floats without gaps: sketch and sketch_bounds.
void sketch_rows(const PackedWeights& weights, PreparedRows& rows, Scratch& scratch);
/// See HeadKernel.
void candidates(const PackedWeights& weights, const PreparedRows& rows, std::size_t first, std::size_t count,
                std::uint32_t** lists);

}  // namespace tamis::tensor::avx512
