#include "gpt2_words.h"

#include <array>

namespace tamis::text {

namespace {

enum class Class : std::uint8_t { kLetter, kNumber, kSpace, kSign };

constexpr auto kAsciiClasses = [] {
  std::array<Class, 128> made{};
  for (std::size_t c = 0; c < 128; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    made[c] = letter                            ? Class::kLetter
              : c >= '0' && c <= '9'            ? Class::kNumber
              : c == ' ' || (c >= 9 && c <= 13) ? Class::kSpace
                                                : Class::kSign;
  }
  return made;
}();

struct Seen {
  Class kind = Class::kSign;
  std::size_t size = 1;
};

[[nodiscard]] Seen look(std::string_view text, std::size_t at) noexcept {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x80) return {kAsciiClasses[byte], 1};
  const Decoded c = decode_utf8(text, at);
  const Class kind = is_letter(c.point)   ? Class::kLetter
                     : is_number(c.point) ? Class::kNumber
                     : is_space(c.point)  ? Class::kSpace
                                          : Class::kSign;
  return {kind, c.size};
}

/// The end of the run of a class.
[[nodiscard]] std::size_t run_end(std::string_view text, std::size_t at, std::size_t end, Class kind) noexcept {
  while (at < end) {
    const Seen seen = look(text, at);
    if (seen.kind != kind) break;
    at += seen.size;
  }
  return at;
}

/// The bytes of an English ending behind an apostrophe: 's, 't, 're, 've, 'm, 'll, 'd; 0 if none.
[[nodiscard]] std::size_t ending(std::string_view text, std::size_t at, std::size_t end) noexcept {
  if (text[at] != '\'' || at + 1 >= end) return 0;
  const char first = text[at + 1];
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
  if (at + 2 >= end) return 0;
  const char second = text[at + 2];
  return (first == 'r' && second == 'e') || (first == 'v' && second == 'e') || (first == 'l' && second == 'l') ? 3 : 0;
}

}  // namespace

std::size_t gpt2_word_end(std::string_view text, std::size_t begin, std::size_t end) noexcept {
  if (const std::size_t size = ending(text, begin, end); size > 0) return begin + size;
  const Seen first = look(text, begin);
  if (first.kind != Class::kSpace) return run_end(text, begin, end, first.kind);
  const std::size_t next = begin + first.size;
  if (text[begin] == ' ' && next < end) {
    const Seen second = look(text, next);
    if (second.kind != Class::kSpace) return run_end(text, next, end, second.kind);
  }
  // White space up to what is none: its last character is left for the next word, unless it is the only one.
  const std::size_t stop = run_end(text, begin, end, Class::kSpace);
  if (stop == end || stop == next) return stop;
  std::size_t last = stop - 1;
  while ((static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) --last;
  return last;
}

}  // namespace tamis::text
