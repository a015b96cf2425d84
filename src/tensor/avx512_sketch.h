#pragma once

#include "packed.h"

namespace tamis::tensor::avx512 {

/// The sketches of f32 heads, for products of 8 bits in vector registers (VNNI). See sketch_simd.h.

/// What rows of weights are filled up to.
constexpr std::size_t kSketchAlign = 16;

/// From `data` of the weights, rows of floats filled up to kSketchAlign: sketch and sketch_bounds.
void sketch_weights(PackedWeights& packed);
/// From the rows, floats without gaps: sketch and sketch_bounds.
void sketch_rows(const PackedWeights& weights, PreparedRows& rows, Scratch& scratch);
/// See HeadKernel.
void candidates(const PackedWeights& weights, const PreparedRows& rows, std::size_t first, std::size_t count,
                std::uint32_t** lists);

}  // namespace tamis::tensor::avx512
