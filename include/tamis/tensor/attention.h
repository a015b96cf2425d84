#pragma once

#include <tamis/tensor/matrix.h>
#include <tamis/tensor/precision.h>
#include <tamis/tensor/scratch.h>

#include <cstddef>

namespace tamis::tensor {

struct AttentionOptions {
  std::size_t heads = 1;
  float scale = 0;                        ///< of the products of queries and keys; 0 = 1 / sqrt(head dimension)
  std::size_t window = 0;                 ///< token i sees j when |i - j| <= window; 0 = all
  Precision precision = Precision::kF32;  ///< kBf16 rounds queries, keys, values and probabilities
  Isa level = usable_isa();               ///< at most this instruction set
};

/// Multi-head attention of one sequence with itself, in both directions (Vaswani et al., arXiv:1706.03762).
///
/// @param queries, keys, values  [tokens][heads * head_dim]: usually columns of one matrix
/// @param out                    the same shape; may be `queries`
/// @pre  shapes are equal, cols is a multiple of heads; checked
/// @par Cost  tokens² · cols · 2 multiply-adds; scratch of tokens · (3 · head_dim + 32) values
void attention(ConstMatrixView queries, ConstMatrixView keys, ConstMatrixView values, MatrixView out,
               const AttentionOptions& options, Scratch& scratch);
/// The same of queries, keys and values that are rounded already, and the result rounded; options.precision is taken
/// for kBf16.
void attention(ConstBf16View queries, ConstBf16View keys, ConstBf16View values, Bf16View out,
               const AttentionOptions& options, Scratch& scratch);

}  // namespace tamis::tensor
