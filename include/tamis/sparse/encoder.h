#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/result.h>
#include <tamis/sparse/vector.h>

#include <cstdint>
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

}  // namespace tamis::sparse
