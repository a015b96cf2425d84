#pragma once

#include <tamis/base/result.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::sparse {

/// The vectors of a text's tokens, special ones left out: what late interaction compares.
struct TokenVectors {
  std::vector<float> values;  ///< [tokens][dimension], each of length 1
  std::size_t count = 0;
};

/// Turns texts into dense vectors: one a text, or one a token. Beside TextEncoder, for scoring few passages with more
/// effort. Immutable; safe from any thread, each with a Worker of its own.
class DenseEncoder {
 public:
  /// Models may want other words in front of a question than in front of a passage.
  enum class Side : std::uint8_t { kPassage, kQuestion };
  /// What one thread encodes with; must not outlive its encoder. A vector depends on its text alone, not on the batch.
  /// Of a text that is longer than the model reads, the beginning counts. kInvalidArgument names a text that is too
  /// long to be looked at.
  class Worker {
   public:
    virtual ~Worker() = default;
    [[nodiscard]] virtual std::uint32_t dimension() const noexcept = 0;
    /// @param out  [texts][dimension], overwritten; zeros for a text without a token
    [[nodiscard]] virtual Status encode(std::span<const std::string_view> texts, Side side, std::span<float> out) = 0;
    /// @param out  [texts], overwritten
    [[nodiscard]] virtual Status encode_tokens(std::span<const std::string_view> texts, Side side,
                                               std::span<TokenVectors> out) = 0;
  };
  virtual ~DenseEncoder() = default;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  /// Of tokenizer, weights and settings: kept with stored vectors, compared when they are opened.
  [[nodiscard]] virtual std::string fingerprint() const = 0;
  [[nodiscard]] virtual std::uint32_t dimension() const noexcept = 0;
  [[nodiscard]] virtual std::unique_ptr<Worker> make_worker() const = 0;
};

}  // namespace tamis::sparse
