#pragma once

#include <tamis/docs/document.h>
#include <tamis/docs/passages.h>
#include <tamis/text/unicode.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::docs {

/// What passages are made of: a block, a list, or a piece of a block that is too long. Its length is at most max_words.
struct Unit {
  BlockKind kind = BlockKind::kParagraph;
  std::uint32_t block = 0;  ///< number of its (first) block; of a heading always valid
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::size_t words = 0;  ///< text::count_words
};

/// The length that limits count: words, but at least one for every 24 bytes, so that tables of figures, encoded data
/// and languages written without spaces cannot make a passage of any size.
inline constexpr std::size_t kBytesPerWord = 24;
[[nodiscard]] constexpr std::size_t passage_length(std::size_t words, std::size_t bytes) {
  return words > bytes / kBytesPerWord ? words : bytes / kBytesPerWord;
}

/// The units of a document in text order, without gaps but white space. Text that no block covers counts as paragraphs.
/// Linear in the text.
[[nodiscard]] std::vector<Unit> passage_units(const ExtractedDocument& document, const PassageConfig& config);

/// The range without white space at its ends; empty when there is nothing else.
[[nodiscard]] text::Range trimmed(std::string_view text, std::uint32_t begin, std::uint32_t end);
/// Runs of white space become one space; none at the ends.
[[nodiscard]] std::string one_line(std::string_view text);

}  // namespace tamis::docs
