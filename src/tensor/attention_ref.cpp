// The definition of attention: plain loops.

#include <tamis/tensor/ops.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "bfloat.h"
#include "kernels.h"

namespace tamis::tensor {
namespace {

float as_is(float x) { return x; }

/// Attention of one head. `round` is applied to queries, keys, values and the unnormalised probabilities.
template <float (*round)(float)>
void attend(ConstMatrixView q, ConstMatrixView k, ConstMatrixView v, MatrixView out, const AttentionOptions& options,
            float* scores) {
  const std::size_t window = options.window == 0 ? q.rows : options.window;
  for (std::size_t i = 0; i < q.rows; ++i) {
    const std::size_t begin = i > window ? i - window : 0;
    const std::size_t end = std::min(q.rows, i + window + 1);
    float largest = -std::numeric_limits<float>::infinity();
    for (std::size_t j = begin; j < end; ++j) {
      float sum = 0;
      for (std::size_t d = 0; d < q.cols; ++d) sum += round(q.row(i)[d]) * round(k.row(j)[d]);
      scores[j] = sum * options.scale;
      largest = std::max(largest, scores[j]);
    }
    float total = 0;
    for (std::size_t j = begin; j < end; ++j) total += scores[j] = std::exp(scores[j] - largest);
    for (std::size_t d = 0; d < q.cols; ++d) {
      float sum = 0;
      for (std::size_t j = begin; j < end; ++j) sum += round(scores[j]) * round(v.row(j)[d]);
      out.row(i)[d] = sum / total;
    }
  }
}

template <float (*round)(float)>
void attention(ConstMatrixView q, ConstMatrixView k, ConstMatrixView v, MatrixView out, const AttentionOptions& options,
               Scratch& scratch) {
  auto* const scores = scratch.take<float>(Scratch::kScores, q.rows);
  const std::size_t dim = q.cols / options.heads;
  // Row i of `out` is written when row i of the queries has been read, so `out` may be the queries.
  for (std::size_t h = 0; h < options.heads; ++h) {
    const auto part = [&](auto m) { return m.columns(h * dim, dim); };
    attend<round>(part(q), part(k), part(v), part(out), options, scores);
  }
}

}  // namespace

void ref::attention_f32(ConstMatrixView queries, ConstMatrixView keys, ConstMatrixView values, MatrixView out,
                        const AttentionOptions& options, Scratch& scratch) {
  attention<as_is>(queries, keys, values, out, options, scratch);
}
void ref::attention_bf16(ConstMatrixView queries, ConstMatrixView keys, ConstMatrixView values, MatrixView out,
                         const AttentionOptions& options, Scratch& scratch) {
  attention<round_bf16>(queries, keys, values, out, options, scratch);
}

void ref::attention_rounded(ConstBf16View queries, ConstBf16View keys, ConstBf16View values, Bf16View out,
                            const AttentionOptions& options, Scratch& scratch) {
  const std::size_t count = queries.rows * queries.cols;
  auto* const wide = scratch.take<float>(Scratch::kWideOut, 4 * count);
  const auto matrix = [&](std::size_t which) { return MatrixView(wide + which * count, queries.rows, queries.cols); };
  widen(queries, matrix(0));
  widen(keys, matrix(1));
  widen(values, matrix(2));
  attention(matrix(0), matrix(1), matrix(2), matrix(3), options, scratch);
  round_to_bf16(matrix(3), out);
}

}  // namespace tamis::tensor
