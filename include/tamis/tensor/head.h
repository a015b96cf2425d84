#pragma once

#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>
#include <tamis/tensor/matrix.h>
#include <tamis/tensor/precision.h>
#include <tamis/tensor/scratch.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace tamis::tensor {

/// What becomes of a term's logit. All rise with it, so the maximum over tokens is taken first.
enum class Saturation : int {
  kNone = 0,       ///< relu(x)
  kLog1p = 1,      ///< log(1 + relu(x))
  kLog1pTwice = 2  ///< log(1 + log(1 + relu(x)))
};
/// How the tokens of a passage become one weight a term.
enum class Pooling : int {
  kMax = 0,  ///< of the largest logit
  kSum = 1,  ///< the sum over tokens of the saturated logits: an order of magnitude slower
};

struct HeadOptions {
  Saturation saturation = Saturation::kLog1p;
  Pooling pooling = Pooling::kMax;
  float threshold = 0;     ///< only weights above it are kept; >= 0
  std::size_t top_n = 0;   ///< only so many, the heaviest, of equal weights those of lower term; 0 = all
  bool positions = false;  ///< also say which token gave the maximum
};

/// The terms of one passage: terms strictly ascending, weights > threshold and finite.
struct PassageTerms {
  std::vector<std::uint32_t> terms;
  std::vector<float> weights;
  /// [terms] row of the passage whose logit is largest, the first of equals, computed again in f32 from the same
  /// rounded operands; empty unless asked for.
  std::vector<std::uint32_t> positions;
};

struct HeadKernel;
struct PackedWeights;

/// The vocabulary projection of a learned sparse encoder, fused with all that follows it: per passage
/// w_j = saturation(max over tokens i of h_i · E_j + b_j), of which only what is above the threshold is ever written.
///
/// The vocabulary is the outer loop, a batch of passages streams past a panel of it that stays in cache, and the
/// logits (12 MB a passage of 100 tokens) never exist: the idea of Sparton (fused sparse LM head), on a CPU.
/// A passage's terms depend on its rows and the weights alone, bit for bit: not on the batch, nor on threads. NaN
/// logits are never a maximum; a weight that is not finite is dropped.
/// Immutable after pack(): any number of threads may call terms(), each with its own Scratch.
class PackedHead {
 public:
  /// @param embeddings  [vocabulary][hidden], finite
  /// @param bias        [vocabulary] finite, or empty
  /// kInvalidArgument as PackedLinear::pack().
  [[nodiscard]] static Result<PackedHead> pack(ConstMatrixView embeddings, std::span<const float> bias,
                                               Precision precision, Isa level = usable_isa());
  PackedHead(PackedHead&&) noexcept;
  PackedHead& operator=(PackedHead&&) noexcept;
  ~PackedHead();

  /// The terms of each passage of a batch. Batches of 2,000 to 8,000 rows use the caches best.
  /// @param hidden   [rows][hidden()]: the rows of all passages one after the other, without padding
  /// @param offsets  [passages + 1] ascending from 0 to rows: passage p has rows offsets[p] … offsets[p + 1]
  /// @param out      [passages]; overwritten, capacity is used again
  /// @pre  the shapes fit; checked
  void terms(ConstMatrixView hidden, std::span<const std::uint32_t> offsets, const HeadOptions& options,
             std::span<PassageTerms> out, Scratch& scratch) const;
  /// The same, the vocabulary split over a pool; for a few rows and several cores.
  [[nodiscard]] Status terms(ConstMatrixView hidden, std::span<const std::uint32_t> offsets, const HeadOptions& options,
                             std::span<PassageTerms> out, Scratch& scratch, ThreadPool& pool) const;

  [[nodiscard]] std::size_t hidden() const noexcept;
  [[nodiscard]] std::size_t vocabulary() const noexcept;
  /// Memory that the packed weights take.
  [[nodiscard]] std::size_t bytes() const noexcept;
  [[nodiscard]] std::string_view kernel() const noexcept;

 private:
  PackedHead(const HeadKernel* kernel, std::unique_ptr<PackedWeights> weights);
  const HeadKernel* kernel_;
  std::unique_ptr<PackedWeights> weights_;
};

}  // namespace tamis::tensor
