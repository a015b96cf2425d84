#include <tamis/text/unicode.h>

#include <algorithm>

#include "ascii.h"
#include "icu_breaks.h"
#include "utf8.h"
#include "word_break.h"

namespace tamis::text {

namespace {

constexpr std::size_t kLongestText = 0xFFFFFFFF;          // offsets are 32 bits
constexpr std::size_t kIcuChunk = std::size_t{16} << 20;  // ICU counts in signed 32 bits

[[nodiscard]] bool ascii_at(std::string_view text, std::size_t at) noexcept {
  return static_cast<unsigned char>(text[at]) < 0x80;
}

/// The end of what ICU must see at once: the first space or newline before an ASCII character, from `at` on. No rule
/// reaches over that place, and none of its characters attaches to another.
[[nodiscard]] std::size_t safe_end(std::string_view text, std::size_t begin, std::size_t at) noexcept {
  for (; at < text.size(); ++at) {
    if (at - begin >= kIcuChunk) return std::max(begin + 1, utf8_floor(text, at));
    if ((text[at - 1] == ' ' || text[at - 1] == '\n') && text[at] > ' ' && ascii_at(text, at)) return at;
  }
  return text.size();
}

}  // namespace

void segment_words(std::string_view text, std::vector<Range>& out) {
  text = text.substr(0, kLongestText);
  std::size_t safe = 0;  // no rule reaches over this place
  std::size_t words_at_safe = out.size();
  for (std::size_t at = 0; at < text.size();) {
    const std::uint8_t kind = kAsciiKind[static_cast<unsigned char>(text[at])];
    if (ascii_at(text, at) && at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\n') && text[at] > ' ') {
      safe = at;
      words_at_safe = out.size();
    }
    if ((kind & (kAsciiLetter | kAsciiDigit | kAsciiMark)) != 0) {
      const AsciiWord word = ascii_word(text, at);
      if (word.kinds != kAsciiForeign) {
        if ((word.kinds & (kAsciiLetter | kAsciiDigit)) != 0) {
          out.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(word.end)});
        }
        at = word.end;
        continue;
      }
    } else if (ascii_at(text, at) && (at + 1 == text.size() || ascii_at(text, at + 1))) {
      ++at;
      continue;
    }
    const Segment segment = next_segment(text, at);
    if (segment.grams) {
      const std::size_t end = safe_end(text, safe, segment.end);
      out.resize(words_at_safe);
      icu_words(text.substr(safe, end - safe), safe, out);
      at = safe = end;
      words_at_safe = out.size();
      continue;
    }
    if (segment.word) out.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(segment.end)});
    at = segment.end;
  }
}

void segment_sentences(std::string_view text, std::vector<Range>& out) {
  text = text.substr(0, kLongestText);
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = std::min(text.size(), begin + kIcuChunk);
    if (end < text.size()) {
      // A sentence always ends with a line (SB4), so that lines may be cut apart.
      const std::size_t newline = text.rfind('\n', end - 1);
      end = newline != std::string_view::npos && newline > begin ? newline + 1 : utf8_floor(text, end);
    }
    icu_sentences(text.substr(begin, end - begin), begin, out);
    begin = end;
  }
}

}  // namespace tamis::text
