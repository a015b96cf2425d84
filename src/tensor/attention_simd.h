#pragma once

// f32 attention, included between TAMIS_TARGET_BEGIN and TAMIS_TARGET_END after gemm_simd.h: two products per head,
// whose "weights" are the keys and the transposed values.

/// Values as weights with the tokens as inputs: [panel of dimensions][token][kPanel].
void pack_values(ConstMatrixView values, bool rounded, float* panels) {
  std::fill_n(panels, round_up(values.cols, kPanel) * values.rows, 0.0F);
  for (std::size_t i = 0; i < values.rows; ++i) {
    for (std::size_t d = 0; d < values.cols; ++d) {
      const float value = values.row(i)[d];
      panels[d / kPanel * kPanel * values.rows + i * kPanel + d % kPanel] = rounded ? round_bf16(value) : value;
    }
  }
}

/// Scaled scores of a row to probabilities; what the row does not see becomes 0.
/// @return 1 for f32, where they are normalised already; else what the sum of products is to be multiplied with
template <bool kRounded>
float probabilities(float* scores, std::size_t n, std::size_t begin, std::size_t end, float scale) {
  std::fill_n(scores, begin, 0.0F);
  std::fill(scores + end, scores + n, 0.0F);
  float* const seen = scores + begin;
  const std::size_t count = end - begin;
  float largest = -std::numeric_limits<float>::infinity();
  for (std::size_t j = 0; j < count; ++j) {
    seen[j] *= scale;
    largest = seen[j] > largest ? seen[j] : largest;
  }
  if constexpr (!kRounded) {
    softmax_row(seen, count);
    return 1.0F;
  }
  Vec sum = set(0.0F);
  std::size_t j = 0;
  for (; j + kLanes <= count; j += kLanes) {
    const Vec value = exponential(sub(load(seen + j), set(largest)));
    sum = add(sum, value);
    store(seen + j, value);
  }
  float total = lane_sum(sum);
  if (j < count) store(seen + j, exponential(sub(load(seen + j, count - j), set(largest))), count - j);
  for (; j < count; ++j) total += seen[j];
  for (j = 0; j < count; ++j) seen[j] = round_bf16(seen[j]);
  return 1.0F / total;
}

/// One head; scores has room for kBlockRows rows of tokens and of dimensions, both filled up to panels.
template <bool kRounded>
void attend(ConstMatrixView q, const float* keys, const float* values, MatrixView out, const AttentionOptions& options,
            float* scores) {
  const std::size_t tokens = q.rows;
  const std::size_t dim = out.cols;
  const std::size_t width = round_up(tokens, kPanel);
  const std::size_t window = options.window == 0 ? tokens : options.window;
  float* const sums = scores + kBlockRows * width;
  for (std::size_t i = 0; i < tokens; i += kBlockRows) {
    const std::size_t rows = std::min(kBlockRows, tokens - i);
    const std::size_t begin = (i > window ? i - window : 0) / kPanel * kPanel;
    const std::size_t end = std::min(tokens, i + rows + window);
    for (std::size_t j = begin; j < end; j += kPanel) {
      kStoreProducts[rows - 1](q.row(i), q.stride, keys + j * dim, dim, scores + j - begin, width);
    }
    std::array<float, kBlockRows> factors;
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t first = i + r > window ? i + r - window : 0;
      const std::size_t last = std::min(tokens, i + r + window + 1);
      factors[r] = probabilities<kRounded>(scores + r * width, end - begin, first - begin, last - begin, options.scale);
    }
    for (std::size_t d = 0; d < dim; d += kPanel) {
      kStoreProducts[rows - 1](scores, width, values + d * tokens + begin * kPanel, end - begin, sums, kPanel);
      for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = 0; c < std::min(kPanel, dim - d); ++c) {
          out.row(i + r)[d + c] = sums[r * kPanel + c] * factors[r];
        }
      }
    }
  }
}

template <bool kRounded>
void attention(ConstMatrixView q, ConstMatrixView k, ConstMatrixView v, MatrixView out, const AttentionOptions& options,
               Scratch& scratch) {
  const std::size_t dim = q.cols / options.heads;
  const std::size_t width = round_up(q.rows, kPanel);
  auto* const keys = scratch.take<float>(Scratch::kKeys, width * dim);
  auto* const values = scratch.take<float>(Scratch::kValues, q.rows * round_up(dim, kPanel));
  auto* const scores = scratch.take<float>(Scratch::kScores, kBlockRows * (width + kPanel));
  for (std::size_t h = 0; h < options.heads; ++h) {
    const auto part = [&](auto m) { return m.columns(h * dim, dim); };
    std::fill_n(keys, width * dim, 0.0F);
    pack_panels(part(k), kRounded, keys);
    pack_values(part(v), kRounded, values);
    // A block of queries is read before its rows of `out` are written, so `out` may be the queries.
    attend<kRounded>(operands<kRounded>(part(q), false, Scratch::kQueries, scratch), keys, values, part(out), options,
                     scores);
  }
}
