#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/result.h>
#include <tamis/sparse/vector.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::sparse {

/// How often a term occurs.
struct TermCount {
  TermId term = 0;
  std::uint32_t count = 0;
};

/// What an encoder is given. Word-based encoders use counts and length, neural ones the text.
struct EncoderInput {
  std::string_view title;
  std::string_view text;
  std::span<const TermCount> counts;  ///< terms ascending, each once
  std::uint32_t length = 0;           ///< body words of the passage
};

/// Turns a passage into a sparse vector. Stateless after construction; safe from any thread.
class DocumentEncoder {
 public:
  virtual ~DocumentEncoder() = default;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  /// Changes whenever the same input may give another vector; stored in the index, compared at open.
  [[nodiscard]] virtual std::string fingerprint() const = 0;
  /// No weight is above this.
  [[nodiscard]] virtual float ceiling() const noexcept = 0;
  [[nodiscard]] virtual Status encode(const EncoderInput& input, SparseVector& out) const = 0;
};

/// Turns a query into a sparse vector.
class QueryEncoder {
 public:
  virtual ~QueryEncoder() = default;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  [[nodiscard]] virtual Status encode(const EncoderInput& input, SparseVector& out) const = 0;
};

/// Bytes [begin, end) of a text that gave a term its weight; empty where a special token did.
struct TermOrigin {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend bool operator==(const TermOrigin&, const TermOrigin&) = default;
};

/// Turns texts, many at a time, into sparse vectors over a vocabulary of its own: neural encoders, of passages or of
/// queries. Immutable; safe from any thread, each with a Worker of its own. A passage with a title is given as the
/// title, a space and the text.
class TextEncoder {
 public:
  /// What one thread encodes with; must not outlive its encoder.
  class Worker {
   public:
    virtual ~Worker() = default;
    /// One vector a text, in the order of the texts. A vector depends on its text alone, bit for bit: not on the batch,
    /// nor on threads. A text without a token has the empty vector; broken UTF-8 is no error. kInvalidArgument names a
    /// text that is too long.
    /// @param out  [texts], overwritten
    [[nodiscard]] virtual Status encode(std::span<const std::string_view> texts, std::span<SparseVector> out) = 0;
    /// The same vector of one text, and where each weight comes from.
    /// @param origins  [out.size()], overwritten
    [[nodiscard]] virtual Status explain(std::string_view text, SparseVector& out,
                                         std::vector<TermOrigin>& origins) = 0;
  };

  virtual ~TextEncoder() = default;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  /// Of tokenizer, weights and settings: stored in the index, compared at open. Machines and precisions that round in
  /// another way have the same one.
  [[nodiscard]] virtual std::string fingerprint() const = 0;
  /// What a field's scale is declared with: heavier weights are possible, rare, and clipped by the field.
  [[nodiscard]] virtual float ceiling() const noexcept = 0;
  /// Every term is below.
  [[nodiscard]] virtual std::uint32_t vocabulary_size() const noexcept = 0;
  /// How a term is spelt, each in another way; empty for a number without a spelling. Valid as long as the encoder.
  [[nodiscard]] virtual std::string_view term(TermId term) const noexcept = 0;
  [[nodiscard]] virtual std::unique_ptr<Worker> make_worker() const = 0;
};

}  // namespace tamis::sparse
