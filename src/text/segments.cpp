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

/// Whether no rule of UAX #29 reaches over the place in front of `at`: it stands between a space or newline and an
/// ASCII character that is neither.
[[nodiscard]] bool is_safe(std::string_view text, std::size_t at) noexcept {
  return (text[at - 1] == ' ' || text[at - 1] == '\n') && text[at] > ' ' && text[at] < '\x7F';
}

/// The last safe place in front of `at`, or `seen`, before which ICU has seen all. What lies between it must see again.
[[nodiscard]] std::size_t safe_begin(std::string_view text, std::size_t seen, std::size_t at) noexcept {
  while (at > seen && !is_safe(text, at)) --at;
  return at;
}

/// The first safe place from `at` on, or where ICU has enough to do.
[[nodiscard]] std::size_t safe_end(std::string_view text, std::size_t begin, std::size_t at) noexcept {
  for (; at < text.size(); ++at) {
    if (is_safe(text, at)) return at;
    if (at - begin >= kIcuChunk) return std::max(begin + 1, utf8_floor(text, at));
  }
  return text.size();
}

[[nodiscard]] bool has_alnum(std::string_view ascii_word) noexcept {
  return std::ranges::any_of(ascii_word, [](char c) { return (ascii_kind(c) & (kAsciiLetter | kAsciiDigit)) != 0; });
}

}  // namespace

void segment_words(std::string_view text, std::vector<Range>& out) {
  text = text.substr(0, kLongestText);
  AsciiWords ascii(text);
  const std::size_t first = out.size();
  std::size_t seen = 0;  // by ICU
  const auto add = [&](std::size_t begin, std::size_t end) {
    out.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
  };
  for (std::size_t at = 0; at < text.size();) {
    const AsciiWords::Found found = ascii.next(at);
    if (found.ascii) {
      if (has_alnum(text.substr(found.begin, found.end - found.begin))) add(found.begin, found.end);
      at = found.end;
      continue;
    }
    if (found.begin >= text.size()) break;
    const Segment segment = next_segment(text, found.begin);
    at = segment.end;
    if (segment.grams) {
      const std::size_t begin = safe_begin(text, seen, found.begin);
      at = seen = safe_end(text, begin, segment.end);
      while (out.size() > first && out.back().begin >= begin) out.pop_back();
      icu_words(text.substr(begin, at - begin), begin, out);
    } else if (segment.word) {
      add(found.begin, segment.end);
    }
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
