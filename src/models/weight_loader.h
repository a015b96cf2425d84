#pragma once

#include <tamis/base/buffer.h>
#include <tamis/models/encoder.h>
#include <tamis/models/safetensors.h>
#include <tamis/tensor/linear.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::models {

/// Scale and shift of a layer norm; an empty shift is none.
struct Norm {
  std::vector<float> gamma, beta;
};

/// Rows as the checkpoint stores them, half as long where it stores halves, in memory of their own.
class StoredRows {
 public:
  StoredRows() = default;
  StoredRows(DType dtype, std::size_t rows, std::size_t cols)
      : dtype_(dtype), cols_(cols), row_bytes_(cols * (dtype == DType::kF32 ? 4 : 2)), bytes_(rows * row_bytes_) {}
  [[nodiscard]] std::span<std::byte> bytes() noexcept { return bytes_.span(); }
  [[nodiscard]] std::size_t rows() const noexcept { return bytes_.size() / row_bytes_; }
  [[nodiscard]] std::size_t num_bytes() const noexcept { return bytes_.size(); }
  /// All rows as floats: where they lie when they are stored so, else in `copy`.
  [[nodiscard]] tensor::ConstMatrixView values(AlignedBuffer<float>& copy) const;
  /// @param out  [cols]
  void read(std::size_t row, float* out) const noexcept {
    widen(dtype_, bytes_.data() + row * row_bytes_, {out, cols_});
  }

 private:
  DType dtype_ = DType::kOther;
  std::size_t cols_ = 0, row_bytes_ = 1;
  AlignedBuffer<std::byte> bytes_;
};

/// Takes tensors out of a checkpoint by name and shape and packs them. The peak of memory is the packed weights and one
/// tensor.
class WeightLoader {
 public:
  WeightLoader(const Safetensors& file, const EncoderOptions& options) : file_(file), options_(options) {}

  [[nodiscard]] bool has(const std::string& name) const { return file_.find(name) != nullptr; }
  /// `<name>.weight` and `<name>.bias`, also called `.gamma` and `.beta` by the first converters; without a shift when
  /// the file has none.
  [[nodiscard]] Result<Norm> norm(const std::string& name, std::uint32_t size) const;
  /// A vector of `size` values.
  [[nodiscard]] Result<std::vector<float>> values(const std::string& name, std::uint32_t size) const;
  /// `<name>.weight` [out][in] and `<name>.bias` [out]; without a bias when the file has none.
  [[nodiscard]] Result<tensor::PackedLinear> linear(const std::string& name, std::uint32_t out, std::uint32_t in) const;
  /// Several linear layers of one input as one, their outputs side by side.
  [[nodiscard]] Result<tensor::PackedLinear> linears(std::span<const std::string> names, std::uint32_t out,
                                                     std::uint32_t in) const;
  /// A fused head of weights [vocabulary][hidden].
  /// @param bias  name of the bias; "" = none
  [[nodiscard]] Result<tensor::PackedHead> head(const StoredRows& weights, const std::string& bias) const;
  /// A table that is looked up row by row.
  [[nodiscard]] Result<StoredRows> table(const std::string& name, std::uint32_t rows, std::uint32_t cols) const;
  /// A table as floats.
  [[nodiscard]] Result<AlignedBuffer<float>> matrix(const std::string& name, std::uint32_t rows,
                                                    std::uint32_t cols) const;

 private:
  const Safetensors& file_;
  const EncoderOptions& options_;
};

}  // namespace tamis::models
