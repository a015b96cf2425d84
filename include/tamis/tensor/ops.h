#pragma once

#include <tamis/base/variants.h>
#include <tamis/tensor/matrix.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tamis::tensor {

/// Functions of one value. All are within 5e-7 · max(1, |x|) of the exact one at every level; NaN stays NaN.
enum class Activation : int {
  kNone = 0,
  kGelu = 1,      ///< x Φ(x), by the error function
  kGeluTanh = 2,  ///< the approximation by tanh that some checkpoints were trained with
  kRelu = 3,
  kSilu = 4,  ///< x / (1 + e^-x)
};

/// x[i] = activation(x[i]).
void activate(Activation activation, MatrixView x);

/// Normalises each row to mean 0 and variance 1, then scales and shifts it (Ba, Kiros & Hinton, arXiv:1607.06450).
/// @param gamma  [cols], or empty for 1
/// @param beta   [cols], or empty for 0
/// @param out    same shape; may be x
/// @pre the sizes fit; checked
void layer_norm(ConstMatrixView x, std::span<const float> gamma, std::span<const float> beta, float epsilon,
                MatrixView out);

/// The same, and a rounded copy of it.
void layer_norm(ConstMatrixView x, std::span<const float> gamma, std::span<const float> beta, float epsilon,
                MatrixView out, Bf16View rounded);

/// Values to bfloat16, to nearest, ties to even; NaN stays NaN. Numbers below 1.2e-38 may become 0.
void round_to_bf16(ConstMatrixView x, Bf16View out);
/// Back again, exactly.
void widen(ConstBf16View x, MatrixView out);

/// Gated activation (Shazeer, arXiv:2002.05202): out = activation(x[:, :n]) * x[:, n:], n = out.cols, x.cols = 2 n.
/// `out` may be the left half of x.
void gated_activation(Activation activation, ConstMatrixView x, MatrixView out);

/// out += x.
void add(ConstMatrixView x, MatrixView out);

/// Replaces each row by e^x / sum e^x. A row of all -infinity becomes NaN.
void softmax(MatrixView x);

/// One table of embeddings and the row of it that each token takes.
struct Embedding {
  ConstMatrixView table;
  std::span<const std::uint32_t> ids;  ///< one a token, each < table.rows; checked
};
/// out[i] = sum of the tables' rows, added in their order.
void sum_embeddings(std::span<const Embedding> embeddings, MatrixView out);

/// Rotary positions (Su et al., arXiv:2104.09864) in the layout of `transformers`: coordinate i turns with i + d/2.
class RotaryTable {
 public:
  /// @param head_dim  even, > 0; checked
  /// @param theta     base of the frequencies, e.g. 10000
  RotaryTable(std::size_t head_dim, std::size_t positions, double theta);
  /// Turns every head of row i by position first + i. x.cols is a multiple of head_dim; positions suffice; checked.
  void apply(MatrixView x, std::size_t first_position = 0) const;
  [[nodiscard]] std::size_t positions() const noexcept { return positions_; }

 private:
  std::size_t half_, positions_;
  std::vector<float> cos_, sin_;  // [positions][half]
};

}  // namespace tamis::tensor
