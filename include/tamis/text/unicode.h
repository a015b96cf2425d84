#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::text {

/// A half-open byte range.
struct Range {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

[[nodiscard]] bool is_valid_utf8(std::string_view text) noexcept;
/// The text with every broken sequence replaced by U+FFFD.
[[nodiscard]] std::string repair_utf8(std::string_view text);
/// The largest character border <= offset.
[[nodiscard]] std::size_t utf8_floor(std::string_view text, std::size_t offset) noexcept;

/// Words by UAX #29 (those with a letter or digit), in order; an ASCII fast path, ICU's rules for the rest.
void segment_words(std::string_view text, std::vector<Range>& out);
/// Sentences by UAX #29, in order, covering the text without gaps.
void segment_sentences(std::string_view text, std::vector<Range>& out);
/// A cheap count of words: runs of letters and digits, one a CJK character. For lengths, not for terms.
[[nodiscard]] std::size_t count_words(std::string_view text) noexcept;
/// NFKC, case folded, diacritics removed. Broken UTF-8 becomes U+FFFD.
[[nodiscard]] std::string fold(std::string_view text);

}  // namespace tamis::text
