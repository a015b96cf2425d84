#pragma once

#include <tamis/tensor/matrix.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include "bfloat.h"

namespace tamis::tensor {

/// A matrix with memory of its own, whose rows may be further apart than they are wide.
struct OwnedMatrix {
  std::size_t rows, cols, stride;
  std::vector<float> values;
  OwnedMatrix(std::size_t r, std::size_t c, std::size_t gap = 0)
      : rows(r), cols(c), stride(c + gap), values(r * (c + gap), 0.0F) {}
  [[nodiscard]] MatrixView view() { return {values.data(), rows, cols, stride}; }
  [[nodiscard]] ConstMatrixView view() const { return {values.data(), rows, cols, stride}; }
  [[nodiscard]] float& at(std::size_t i, std::size_t j) { return values[i * stride + j]; }
  [[nodiscard]] float at(std::size_t i, std::size_t j) const { return values[i * stride + j]; }
};

inline OwnedMatrix random_matrix(std::mt19937& rng, std::size_t rows, std::size_t cols, float spread = 1.0F) {
  OwnedMatrix matrix(rows, cols, rng() % 3 == 0 ? rng() % 5 : 0);
  std::normal_distribution<float> normal(0.0F, spread);
  for (auto& value : matrix.values) value = normal(rng);
  return matrix;
}

/// The same rounded to bfloat16, rows without gaps.
struct OwnedBf16 {
  std::size_t rows, cols, stride;
  std::vector<std::uint16_t> values;
  OwnedBf16(std::size_t r, std::size_t c, std::size_t gap = 0)
      : rows(r), cols(c), stride(c + gap), values(r * (c + gap), 0xFFFFU) {}
  explicit OwnedBf16(ConstMatrixView x, std::size_t gap = 0) : OwnedBf16(x.rows, x.cols, gap) {
    for (std::size_t i = 0; i < rows; ++i) std::transform(x.row(i), x.row(i) + cols, view().row(i), to_bf16);
  }
  [[nodiscard]] Bf16View view() { return {values.data(), rows, cols, stride}; }
  [[nodiscard]] ConstBf16View view() const { return {values.data(), rows, cols, stride}; }
};

inline std::vector<float> random_values(std::mt19937& rng, std::size_t n, float spread = 1.0F) {
  std::normal_distribution<float> normal(0.0F, spread);
  std::vector<float> values(n);
  for (auto& value : values) value = normal(rng);
  return values;
}

/// Mostly small, now and then large enough for every block size.
inline std::size_t random_size(std::mt19937& rng, std::size_t large) {
  return rng() % 4 == 0 ? 1 + rng() % large : 1 + rng() % std::min<std::size_t>(large, 40);
}

/// |x - y|, infinite if just one of them is NaN.
inline double difference(double x, double y) {
  if (std::isnan(x) || std::isnan(y)) return std::isnan(x) == std::isnan(y) ? 0.0 : INFINITY;
  return x == y ? 0.0 : std::abs(x - y);
}

}  // namespace tamis::tensor
