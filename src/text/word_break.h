#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tamis::text {

/// Word_Break classes of UAX #29 as ICU 72 tailors them, reduced to what decides about words.
enum class WordClass : std::uint8_t {
  kOther,
  kLetter,       ///< ALetter, and '@', which ICU 72 counts as one
  kHebrew,       ///< Hebrew_Letter
  kDigit,        ///< Numeric
  kConnector,    ///< ExtendNumLet: '_'
  kMidLetter,    ///< joins letters: U+00B7
  kMidNumber,    ///< joins digits: ',' ';'
  kMidBoth,      ///< joins letters or digits: '.'
  kQuote,        ///< '\''
  kDoubleQuote,  ///< '"', joins Hebrew letters
  kIgnored,      ///< Extend, Format: belongs to the character before it
  kJoiner,       ///< ZWJ: the same, and joins a pictograph that follows
  kSpace,        ///< WSegSpace
  kNewline,      ///< nothing attaches to it
  kReturn,       ///< CR: joins LF
  kLineFeed,
  kRegional,  ///< Regional_Indicator: joins in pairs
  kGram,      ///< scripts without spaces: Han, kana, Hangul, Thai, Lao, Khmer, Myanmar
};

struct CharClass {
  WordClass word = WordClass::kOther;
  bool alnum = false;       ///< a letter or number by general category
  bool pictograph = false;  ///< Extended_Pictographic
};

/// Constant time; tables for what is common, ICU's tries for the rest.
[[nodiscard]] CharClass char_class(std::uint32_t point) noexcept;

/// A piece of text between two breaks.
struct Segment {
  std::size_t end = 0;
  bool word = false;   ///< holds a letter or digit
  bool grams = false;  ///< a run of kGram characters and what attaches to them, nothing else
};

/// The segment that begins at `begin`, which is the start of the text or the end of the segment before. Segments are
/// those of UAX #29 except that a run of kGram characters is one segment and joins nothing else.
/// Walking a text is linear: a character is looked at twice at most. @pre begin < text.size()
[[nodiscard]] Segment next_segment(std::string_view text, std::size_t begin) noexcept;

}  // namespace tamis::text
