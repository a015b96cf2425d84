#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "code_points.h"
#include "utf8.h"

namespace tamis::text {

/// The end of the word of GPT-2 that begins at `begin`, by its regular expression
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// without an engine: the first character decides. Every place of a text is in a word.
/// @pre begin < end <= text.size(), well-formed UTF-8
[[nodiscard]] std::size_t gpt2_word_end(std::string_view text, std::size_t begin, std::size_t end) noexcept;

/// Calls `visit(begin, end)` for each word of [begin, end).
template <class Visit>
void each_gpt2_word(std::string_view text, std::size_t begin, std::size_t end, Visit&& visit) {
  while (begin < end) {
    const std::size_t stop = gpt2_word_end(text, begin, end);
    visit(begin, stop);
    begin = stop;
  }
}

}  // namespace tamis::text
