#include <tamis/text/unicode.h>

#include "ascii.h"
#include "utf8.h"
#include "word_break.h"

namespace tamis::text {

std::size_t count_words(std::string_view text) noexcept {
  std::size_t words = 0;
  bool inside = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      const bool alnum = (ascii_kind(text[at]) & (kAsciiLetter | kAsciiDigit)) != 0;
      words += alnum && !inside ? 1 : 0;
      inside = alnum;
      ++at;
      continue;
    }
    const Decoded c = decode_utf8(text, at);
    const CharClass cls = char_class(c.point);
    at += c.size;
    if (cls.word == WordClass::kGram) {
      ++words;
      inside = false;
    } else if (cls.word != WordClass::kIgnored && cls.word != WordClass::kJoiner) {
      words += cls.alnum && !inside ? 1 : 0;
      inside = cls.alnum;
    }
  }
  return words;
}

}  // namespace tamis::text
