#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace tamis::tensor {

/// A borrowed row-major matrix: row i starts at data + i * stride; stride >= cols.
template <class T>
struct BasicMatrixView {
  T* data = nullptr;
  std::size_t rows = 0, cols = 0, stride = 0;

  BasicMatrixView() = default;
  BasicMatrixView(T* d, std::size_t r, std::size_t c) : data(d), rows(r), cols(c), stride(c) {}
  BasicMatrixView(T* d, std::size_t r, std::size_t c, std::size_t s) : data(d), rows(r), cols(c), stride(s) {}
  /// A view that may be written is also one that may be read.
  template <class U>
  requires std::is_same_v<T, const U> BasicMatrixView(const BasicMatrixView<U>& other)  // NOLINT(*-explicit-*)
      : data(other.data), rows(other.rows), cols(other.cols), stride(other.stride) {}

  [[nodiscard]] T* row(std::size_t i) const noexcept { return data + i * stride; }
  [[nodiscard]] bool empty() const noexcept { return rows == 0 || cols == 0; }
  /// Columns [first, first + count), e.g. the keys of a matrix that holds queries, keys and values side by side.
  [[nodiscard]] BasicMatrixView columns(std::size_t first, std::size_t count) const noexcept {
    return {data + first, rows, count, stride};
  }
  /// Rows [first, first + count), e.g. one passage of a batch.
  [[nodiscard]] BasicMatrixView row_range(std::size_t first, std::size_t count) const noexcept {
    return {data + first * stride, count, cols, stride};
  }
};
using MatrixView = BasicMatrixView<float>;
using ConstMatrixView = BasicMatrixView<const float>;
/// Values rounded to bfloat16, as operands of Precision::kBf16 are: the upper half of a float.
using Bf16View = BasicMatrixView<std::uint16_t>;
using ConstBf16View = BasicMatrixView<const std::uint16_t>;

}  // namespace tamis::tensor
