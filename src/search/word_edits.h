#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::search {

/// A word as letters: ASCII ones in lower case. Empty where it has something that is no letter, or is of a script
/// without blanks between words, or is broken UTF-8.
[[nodiscard]] std::u32string letters_of(std::string_view word);
[[nodiscard]] std::string utf8_of(std::u32string_view letters);

/// All different words one edit away: a letter more (of the alphabet), less, another, or two neighbours swapped.
/// Sorted, without the word itself.
[[nodiscard]] std::vector<std::u32string> one_edit_away(std::u32string_view word, std::u32string_view alphabet);

/// The optimal string alignment distance, or `most` + 1 where it is more than `most`: the fewest letters added, left
/// out, changed and neighbours swapped, no letter touched twice. Source: Damerau, *A technique for computer detection
/// and correction of spelling errors*, 1964. Cost: O(|a| * |b|).
[[nodiscard]] std::size_t edit_distance(std::u32string_view a, std::u32string_view b, std::size_t most);

}  // namespace tamis::search
