#pragma once

#include <tamis/base/buffer.h>
#include <tamis/models/config.h>
#include <tamis/tensor/matrix.h>

#include <cstdint>
#include <vector>

namespace tamis::models {

struct EncoderScratch;

/// MPNet's attention (Song et al., arXiv:2004.09297): to the product of query i and key j of each head is added a value
/// that depends on the head and the bucket of j - i (as in T5, Raffel et al., arXiv:1910.10683: near distances one by
/// one, far ones by logarithm). A plain loop in f32, at every instruction set.
class RelativeBias {
 public:
  /// @param table  [buckets][heads]
  RelativeBias(const AlignedBuffer<float>& table, const TransformerConfig& config);
  /// One sequence with itself; shapes as tensor::attention().
  void attend(tensor::ConstMatrixView queries, tensor::ConstMatrixView keys, tensor::ConstMatrixView values,
              tensor::MatrixView out, std::vector<float>& work) const;

 private:
  std::size_t heads_, max_tokens_;
  std::vector<float> bias_;  // [heads][2 max_tokens - 1]: of j - i, from -(max_tokens - 1)
};

/// The bucket of a distance j - i, of 32.
[[nodiscard]] std::uint32_t relative_bucket(std::int64_t distance) noexcept;

}  // namespace tamis::models
