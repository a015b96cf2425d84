#pragma once

#include "packed.h"

namespace tamis::tensor::amx {

/// Entries and rows in 8 bits, and how far the product of two sketches can be from that of their originals: what tells
/// which entries of the vocabulary cannot be above 0 for any token of a passage.

/// From `data` of the weights, rows of bf16 filled up to 32: sketch and sketch_bounds.
void sketch_weights(PackedWeights& packed);
/// From the tiles of the rows: sketch and sketch_bounds.
void sketch_rows(const PackedWeights& weights, PreparedRows& rows, Scratch& scratch);
/// See HeadKernel.
void candidates(const PackedWeights& weights, const PreparedRows& rows, std::size_t first, std::size_t count,
                std::uint32_t** lists);

}  // namespace tamis::tensor::amx
