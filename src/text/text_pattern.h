#pragma once

#include <tamis/base/result.h>

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "pre_tokenizer.h"

namespace tamis::text {

/// A string or a regular expression of Oniguruma, the engine that tokenizer.json files are written for. Immutable and
/// safe to use from several threads.
class TextPattern {
 public:
  /// kCorrupt for a pattern that is empty or no regular expression.
  [[nodiscard]] static Result<TextPattern> make(std::string_view pattern, bool regex, std::string_view where);
  ~TextPattern();
  TextPattern(TextPattern&&) noexcept;
  TextPattern& operator=(TextPattern&&) noexcept;

  /// Appends matches and what lies between them, so that [begin, end) of `text` is covered. What stands outside of the
  /// range is not seen. A search that takes more than a million steps ends the matching: the rest has none.
  void cover(std::string_view text, std::size_t begin, std::size_t end, std::vector<Match>& out) const;

 private:
  struct Impl;
  explicit TextPattern(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tamis::text
