#pragma once

#include <tamis/base/buffer.h>
#include <tamis/base/result.h>
#include <tamis/tensor/matrix.h>
#include <tamis/tensor/ops.h>
#include <tamis/tensor/precision.h>
#include <tamis/tensor/scratch.h>

#include <cstddef>
#include <memory>
#include <span>

namespace tamis::tensor {

/// What happens to a product before it is written: out = activation(x Wᵀ + bias) + residual.
struct Epilogue {
  Activation activation = Activation::kNone;
  ConstMatrixView residual;  ///< [rows][out], or empty; may be `out` itself
};

struct LinearKernel;
struct PackedWeights;

/// Weights of a linear layer, laid out once for a precision and an instruction set.
///
/// A row of the result depends on that row of the input and on the weights alone, bit for bit: not on the other rows of
/// the call, their number, or threads. Results of different levels differ by the rounding of f32 sums. A NaN or
/// infinity in a row of x spoils that row of the result only. Immutable after pack(): any number of threads may call
/// apply(), each with its own Scratch.
class PackedLinear {
 public:
  /// @param weights  [out][in], as checkpoints have them; finite
  /// @param bias     [out] finite, or empty
  /// @param level    at most this instruction set
  /// kInvalidArgument when a size is 0, the sizes do not fit each other, or a value is not finite.
  [[nodiscard]] static Result<PackedLinear> pack(ConstMatrixView weights, std::span<const float> bias,
                                                 Precision precision, Isa level = usable_isa());
  PackedLinear(PackedLinear&&) noexcept;
  PackedLinear& operator=(PackedLinear&&) noexcept;
  ~PackedLinear();

  /// out[rows][out()] = epilogue(x[rows][in()]). `out` must not overlap `x`.
  /// @pre  the sizes fit; checked
  void apply(ConstMatrixView x, MatrixView out, const Epilogue& epilogue, Scratch& scratch) const;
  /// The same of rows that are rounded already, the bits that apply() of their values gives: between layers of bf16
  /// nothing else needs to be kept.
  void apply(ConstBf16View x, MatrixView out, const Epilogue& epilogue, Scratch& scratch) const;
  /// The same, and the result rounded.
  void apply(ConstBf16View x, Bf16View out, const Epilogue& epilogue, Scratch& scratch) const;

  [[nodiscard]] std::size_t in() const noexcept;
  [[nodiscard]] std::size_t out() const noexcept;
  /// Memory that the packed weights take.
  [[nodiscard]] std::size_t bytes() const noexcept;
  /// The kernel that was picked, e.g. "amx".
  [[nodiscard]] std::string_view kernel() const noexcept;

 private:
  PackedLinear(const LinearKernel* kernel, std::unique_ptr<PackedWeights> weights);
  const LinearKernel* kernel_;
  std::unique_ptr<PackedWeights> weights_;
};

}  // namespace tamis::tensor
