#pragma once

#include <tamis/base/buffer.h>
#include <tamis/base/result.h>
#include <tamis/models/folder.h>
#include <tamis/tensor/head.h>
#include <tamis/tensor/matrix.h>
#include <tamis/tensor/precision.h>
#include <tamis/tensor/scratch.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace tamis::models {

struct EncoderOptions {
  tensor::Precision precision = tensor::best_precision();
  Isa level = usable_isa();  ///< at most this instruction set
};

/// What is kept of a sparse vector.
struct SparseOptions {
  float threshold = 0;     ///< only weights above it; >= 0
  std::size_t top_n = 0;   ///< only so many, the heaviest; 0 = all
  bool positions = false;  ///< also which token gave each weight (of maximum pooling)
};

/// The token ids of one text, special tokens included, as the model's tokenizer makes them.
using TokenSpan = std::span<const std::uint32_t>;

/// Memory that an encoder works in, kept from call to call: one a thread. At most about 64 MB for batches of texts of
/// up to 1,024 tokens; a longer text takes memory in proportion.
struct EncoderScratch {
  tensor::Scratch kernels;
  AlignedBuffer<float> states, rounded, projections, context, inner, pooled;
  std::vector<float> scores;
  std::vector<std::uint32_t> ids, offsets;
  [[nodiscard]] std::size_t bytes() const noexcept;
};

/// A transformer encoder with what follows it: a masked-language-model head, fused with the pooling of SPLADE, or the
/// mean (or first) state as a dense vector. BERT (Devlin et al., arXiv:1810.04805), DistilBERT, RoBERTa and
/// XLM-RoBERTa, MPNet, ModernBERT (Warner et al., arXiv:2412.13663); SPLADE: Formal et al., arXiv:2107.05720 and
/// 2109.10086.
///
/// Batches are ragged: texts lie one after the other and nothing is padded. A vector depends on its text, the weights,
/// precision and level alone, bit for bit: not on the batch that it came in, nor on threads.
/// Immutable: any number of threads may share one, each with a scratch of its own. Once loaded it needs its files no
/// more: they may be changed, cut or removed.
class Encoder {
 public:
  /// Cost: reads all weights twice, once for the fingerprint. kCorrupt names the tensor that is missing, has another
  /// shape, or holds NaN or infinity, or the file that was cut short meanwhile; kUnsupported a stored type that is no
  /// f32, f16, bf16.
  [[nodiscard]] static Result<Encoder> load(const ModelDescription& description, const EncoderOptions& options = {});
  Encoder(Encoder&&) noexcept;
  Encoder& operator=(Encoder&&) noexcept;
  ~Encoder();

  [[nodiscard]] const ModelDescription& description() const noexcept;
  [[nodiscard]] tensor::Precision precision() const noexcept;
  /// Of names, types, shapes and values of all tensors.
  [[nodiscard]] std::uint64_t weights_fingerprint() const noexcept;
  /// Bytes that the weights take in memory.
  [[nodiscard]] std::size_t num_bytes() const noexcept;
  /// Length of what comes out: the vocabulary, or the hidden size.
  [[nodiscard]] std::uint32_t dimension() const noexcept;

  /// One sparse vector a text. Batches of 2,000 to 8,000 tokens use the caches best.
  /// kInvalidArgument when the model is dense, a text is empty or longer than description().max_tokens, or a token id
  /// is outside the vocabulary; the message says which text.
  /// @param out  [batch], overwritten
  [[nodiscard]] Status encode_sparse(std::span<const TokenSpan> batch, const SparseOptions& options,
                                     std::span<tensor::PassageTerms> out, EncoderScratch& scratch) const;
  /// One dense vector a text, of length 1 where the model asks for it. Errors as above.
  /// @param out  [batch][hidden size]
  [[nodiscard]] Status encode_dense(std::span<const TokenSpan> batch, tensor::MatrixView out,
                                    EncoderScratch& scratch) const;
  /// The last layer's states, one row a token, the texts one after the other: what is pooled, before any head.
  /// @param out  [tokens of the batch][hidden size]
  [[nodiscard]] Status encode_tokens(std::span<const TokenSpan> batch, tensor::MatrixView out,
                                     EncoderScratch& scratch) const;

 private:
  struct Impl;
  explicit Encoder(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace tamis::models
