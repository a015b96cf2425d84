#include "word_break.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <array>

#include "utf8.h"

namespace tamis::text {

namespace {

[[nodiscard]] UScriptCode script_of(UChar32 c) noexcept {
  UErrorCode status = U_ZERO_ERROR;
  return uscript_getScript(c, &status);
}

[[nodiscard]] bool without_spaces(UChar32 c) noexcept {
  switch (script_of(c)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
      return true;
    default:
      return u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT;
  }
}

[[nodiscard]] WordClass word_class(UChar32 c) noexcept {
  if (c == '@') return WordClass::kLetter;
  switch (u_getIntPropertyValue(c, UCHAR_WORD_BREAK)) {
    case U_WB_ALETTER:
      return without_spaces(c) ? WordClass::kGram : WordClass::kLetter;
    case U_WB_HEBREW_LETTER:
      return WordClass::kHebrew;
    case U_WB_NUMERIC:
      return WordClass::kDigit;
    case U_WB_KATAKANA:
      return WordClass::kGram;
    case U_WB_EXTENDNUMLET:
      return WordClass::kConnector;
    // CLDR 42 took the colons out of MidLetter.
    case U_WB_MIDLETTER:
      return c == ':' || c == 0xFE55 || c == 0xFF1A ? WordClass::kOther : WordClass::kMidLetter;
    case U_WB_MIDNUM:
      return WordClass::kMidNumber;
    case U_WB_MIDNUMLET:
      return WordClass::kMidBoth;
    case U_WB_SINGLE_QUOTE:
      return WordClass::kQuote;
    case U_WB_DOUBLE_QUOTE:
      return WordClass::kDoubleQuote;
    case U_WB_EXTEND:  // ICU reads the reading marks U+16FF0 and U+16FF1 as ideographs
      return script_of(c) == USCRIPT_HAN ? WordClass::kGram : WordClass::kIgnored;
    case U_WB_FORMAT:
      return WordClass::kIgnored;
    case U_WB_ZWJ:
      return WordClass::kJoiner;
    case U_WB_WSEGSPACE:
      return WordClass::kSpace;
    case U_WB_NEWLINE:
      return WordClass::kNewline;
    case U_WB_CR:
      return WordClass::kReturn;
    case U_WB_LF:
      return WordClass::kLineFeed;
    case U_WB_REGIONAL_INDICATOR:
      return WordClass::kRegional;
    default:
      return without_spaces(c) ? WordClass::kGram : WordClass::kOther;
  }
}

[[nodiscard]] CharClass compute_class(std::uint32_t point) noexcept {
  const auto c = static_cast<UChar32>(point);
  constexpr std::uint32_t kAlnum = U_GC_L_MASK | U_GC_N_MASK;
  const WordClass word = word_class(c);
  // Half-width voicing marks are letters by category and attach to the kana before them.
  return {word, word != WordClass::kIgnored && (U_GET_GC_MASK(c) & kAlnum) != 0,
          u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) != 0};
}

// Everything that alphabetic scripts and punctuation use.
constexpr std::uint32_t kTableEnd = 0x3000;
using ClassTable = std::array<CharClass, kTableEnd>;

[[nodiscard]] const ClassTable& class_table() noexcept {
  static const ClassTable table = [] {
    ClassTable made;
    for (std::uint32_t point = 0; point < kTableEnd; ++point) made[point] = compute_class(point);
    return made;
  }();
  return table;
}

[[nodiscard]] bool is_ahletter(WordClass c) noexcept { return c == WordClass::kLetter || c == WordClass::kHebrew; }

/// Whether a middle character may follow, depending on what comes behind it (WB6, WB7b, WB12).
[[nodiscard]] bool may_join(WordClass last, WordClass mid) noexcept {
  switch (mid) {
    case WordClass::kMidLetter:
      return is_ahletter(last);
    case WordClass::kMidNumber:
      return last == WordClass::kDigit;
    case WordClass::kMidBoth:
    case WordClass::kQuote:
      return is_ahletter(last) || last == WordClass::kDigit;
    case WordClass::kDoubleQuote:
      return last == WordClass::kHebrew;
    default:
      return false;
  }
}

/// Whether `next` completes "before mid next" (WB7, WB7c, WB11).
[[nodiscard]] bool joins_across(WordClass before, WordClass mid, WordClass next) noexcept {
  if (mid == WordClass::kDoubleQuote) return next == WordClass::kHebrew;
  return before == WordClass::kDigit ? next == WordClass::kDigit : is_ahletter(next);
}

/// Whether there is no break between two neighbours (WB5, WB8-10, WB13a-b).
[[nodiscard]] bool joins(WordClass last, WordClass next) noexcept {
  const auto alnum = [](WordClass c) { return is_ahletter(c) || c == WordClass::kDigit; };
  if (alnum(last) || last == WordClass::kConnector) return alnum(next) || next == WordClass::kConnector;
  return last == WordClass::kGram && next == WordClass::kGram;
}

/// What stands behind a middle character, attached marks skipped.
struct Ahead {
  CharClass next;
  std::size_t end = 0;  ///< behind it
};

[[nodiscard]] Ahead look_ahead(std::string_view text, std::size_t at) noexcept {
  while (at < text.size()) {
    const Decoded c = decode_utf8(text, at);
    const CharClass next = char_class(c.point);
    at += c.size;
    if (next.word != WordClass::kIgnored && next.word != WordClass::kJoiner) return {next, at};
  }
  return {{}, at};
}

}  // namespace

CharClass char_class(std::uint32_t point) noexcept {
  if (point < kTableEnd) return class_table()[point];
  if ((point >= 0x4E00 && point < 0xA000) || (point >= 0xAC00 && point < 0xD7A4))
    return {WordClass::kGram, true, false};
  return compute_class(point);
}

Segment next_segment(std::string_view text, std::size_t begin) noexcept {
  const Decoded first = decode_utf8(text, begin);
  CharClass last = char_class(first.point);
  Segment segment{begin + first.size, last.alnum, last.word == WordClass::kGram};
  if (last.word == WordClass::kNewline || last.word == WordClass::kLineFeed) return segment;
  if (last.word == WordClass::kReturn) {
    if (segment.end < text.size() && text[segment.end] == '\n') ++segment.end;
    return segment;
  }
  WordClass touching = last.word;  // of the character just before, ignored ones too
  bool odd_regional = last.word == WordClass::kRegional;
  while (segment.end < text.size()) {
    const Decoded c = decode_utf8(text, segment.end);
    const CharClass next = char_class(c.point);
    const bool attaches = next.word == WordClass::kIgnored || next.word == WordClass::kJoiner;  // WB4
    if (!attaches) {
      const bool pair = odd_regional && last.word == WordClass::kRegional && next.word == WordClass::kRegional;  // WB15
      const bool emoji = touching == WordClass::kJoiner && next.pictograph;                                      // WB3c
      const bool spaces = touching == WordClass::kSpace && next.word == WordClass::kSpace;                       // WB3d
      if (!pair && !emoji && !spaces && !joins(last.word, next.word)) {
        if (!may_join(last.word, next.word)) break;
        const Ahead ahead = look_ahead(text, segment.end + c.size);
        if (joins_across(last.word, next.word, ahead.next.word)) {
          segment.end = ahead.end;
          last = ahead.next;
          touching = last.word;
          segment.word = segment.word || last.alnum;
          continue;
        }
        if (last.word != WordClass::kHebrew || next.word != WordClass::kQuote) break;  // WB7a
      }
      odd_regional = next.word == WordClass::kRegional && !pair;
      last = next;
      segment.word = segment.word || next.alnum;
    }
    touching = next.word;
    segment.end += c.size;
  }
  return segment;
}

}  // namespace tamis::text
