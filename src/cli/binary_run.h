#pragma once

#include <tamis/base/result.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::cli {

struct RowHit {
  std::uint32_t row = 0;
  float score = 0;
};

/// The row that a document's id names: a decimal number below 2^32 - 1 as std::to_string writes it.
/// @par Errors  kUnsupported: another id
[[nodiscard]] Result<std::uint32_t> row_number(std::string_view id);

/// The answers to all questions as --format bin writes them (docs/formats/vector-files.md): 8 bytes a hit of memory.
class BinaryRun {
 public:
  /// @par Errors  kExhausted: more than 2^28 places in all
  [[nodiscard]] static Result<BinaryRun> of(std::size_t questions, std::size_t k);
  /// The next question's hits, best first, at most k of them; fewer are filled up.
  void add(std::span<const RowHit> hits);
  /// After the last question.
  [[nodiscard]] std::string image() const;

 private:
  std::uint32_t questions_ = 0, k_ = 0;
  std::vector<std::uint32_t> rows_;
  std::vector<float> scores_;
};

}  // namespace tamis::cli
