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

/// Takes tensors out of a checkpoint by name and shape and packs them. Pages that have been read are given back, so
/// that the peak of memory is the packed weights and one tensor.
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
  /// A fused head of the named weights [vocabulary][hidden].
  /// @param bias  name of the bias; "" = none
  [[nodiscard]] Result<tensor::PackedHead> head(const std::string& weights, const std::string& bias,
                                                std::uint32_t vocabulary, std::uint32_t hidden) const;
  /// A table that stays in the file; its values are checked.
  [[nodiscard]] Result<WeightTensor> table(const std::string& name, std::uint32_t rows, std::uint32_t cols) const;
  /// A table as floats.
  [[nodiscard]] Result<AlignedBuffer<float>> matrix(const std::string& name, std::uint32_t rows,
                                                    std::uint32_t cols) const;

 private:
  const Safetensors& file_;
  const EncoderOptions& options_;
};

}  // namespace tamis::models
