#include "word_parts.h"

#include <unicode/uchar.h>

#include "utf8.h"

namespace tamis::text {

namespace {

enum class Kind : std::uint8_t { kSeparator, kApostrophe, kLower, kUpper, kDigit, kAttached };

[[nodiscard]] Kind kind_of(std::uint32_t point) noexcept {
  if (point < 0x80) {
    if (point >= 'a' && point <= 'z') return Kind::kLower;
    if (point >= 'A' && point <= 'Z') return Kind::kUpper;
    if (point >= '0' && point <= '9') return Kind::kDigit;
    return point == '\'' ? Kind::kApostrophe : Kind::kSeparator;
  }
  if (point == 0x2018 || point == 0x2019 || point == 0x201B || point == 0x02BC) return Kind::kApostrophe;
  const auto mask = U_GET_GC_MASK(static_cast<UChar32>(point));
  if ((mask & (U_GC_LU_MASK | U_GC_LT_MASK)) != 0) return Kind::kUpper;
  if ((mask & U_GC_L_MASK) != 0) return Kind::kLower;
  if ((mask & U_GC_N_MASK) != 0) return Kind::kDigit;
  if ((mask & (U_GC_M_MASK | U_GC_CF_MASK)) != 0) return Kind::kAttached;
  return Kind::kSeparator;
}

/// Collects the parts of a word, one character after the other.
class Splitter {
 public:
  explicit Splitter(std::vector<WordPart>& out) noexcept : out_(out) {}

  void take(Kind kind, std::uint32_t begin, std::uint32_t end) {
    if (open_ && kind != Kind::kAttached && (kind == Kind::kDigit) != (last_ == Kind::kDigit)) finish();
    if (!open_) {
      open_ = true;
      compound_at_ = out_.size();
      out_.push_back({begin, end});
      hump_begin_ = begin;
      num_humps_ = uppers_ = lowers_ = 0;
    }
    if (kind == Kind::kUpper) {
      if (last_ == Kind::kLower) close_hump(begin);
      last_upper_ = begin;
      ++uppers_;
    } else if (kind == Kind::kLower) {
      ++lowers_;
      only_s_ = lowers_ == 1 && end - begin == 1 && plural_;
    }
    if (kind != Kind::kAttached) last_ = kind;
    end_ = end;
  }

  /// Whether the character that comes is an 's'.
  void set_plural(bool plural) noexcept { plural_ = plural; }

  void finish() {
    if (!open_) return;
    close_hump(end_);
    out_[compound_at_].end = end_;
    if (num_humps_ == 1) out_.resize(compound_at_ + 1);  // it is the whole
    open_ = false;
    last_ = Kind::kSeparator;
  }

 private:
  /// Upper-case letters and the lower-case ones behind them end at `at`: "HTTPServer" is two humps, "APIs" one.
  void close_hump(std::uint32_t at) {
    if (uppers_ > 1 && lowers_ > 0 && !only_s_) {
      add_hump(last_upper_, uppers_ - 1);
      uppers_ = 1;
    }
    add_hump(at, uppers_ + lowers_);
    uppers_ = lowers_ = 0;
  }
  /// A single letter (the i of iPhone) says nothing by itself.
  void add_hump(std::uint32_t end, std::uint32_t letters) {
    if (letters > 1) out_.push_back({hump_begin_, end});
    hump_begin_ = end;
    ++num_humps_;
  }

  std::vector<WordPart>& out_;
  bool open_ = false, plural_ = false, only_s_ = false;
  std::size_t compound_at_ = 0;  ///< where the whole piece stands in out_
  std::uint32_t hump_begin_ = 0, last_upper_ = 0, end_ = 0, num_humps_ = 0;
  std::uint32_t uppers_ = 0, lowers_ = 0;  ///< letters of the open hump
  Kind last_ = Kind::kSeparator;
};

/// Letters with a point between each two, two letters at least.
[[nodiscard]] bool is_acronym(std::string_view word) noexcept {
  std::size_t letters = 0;
  for (std::size_t at = 0; at < word.size();) {
    const Decoded c = decode_utf8(word, at);
    const Kind kind = kind_of(c.point);
    if (kind != Kind::kLower && kind != Kind::kUpper) return false;
    ++letters;
    at += c.size;
    if (at < word.size() && word[at++] != '.') return false;
  }
  return letters > 1;
}

[[nodiscard]] bool is_digit(std::string_view word, std::size_t at) noexcept {
  return at < word.size() && word[at] >= '0' && word[at] <= '9';
}

/// How many digits stand in [at, at + 4), or just in front of `at`.
[[nodiscard]] std::size_t digits_behind(std::string_view word, std::size_t at) noexcept {
  std::size_t count = 0;
  while (count < 4 && is_digit(word, at + count)) ++count;
  return count;
}
[[nodiscard]] std::size_t digits_before(std::string_view word, std::size_t at) noexcept {
  std::size_t count = 0;
  while (count < 4 && count < at && is_digit(word, at - count - 1)) ++count;
  return count;
}

/// Whether the point or comma at `at` is part of a number: "3.14", "1,000" but not "1,2".
[[nodiscard]] bool inside_number(std::string_view word, std::size_t at) noexcept {
  const std::size_t before = digits_before(word, at);
  const std::size_t behind = digits_behind(word, at + 1);
  if (word[at] == '.') return before > 0 && behind > 0;
  return word[at] == ',' && before > 0 && before <= 3 && behind == 3;
}

}  // namespace

void split_word(std::string_view word, bool keep_apostrophes, std::vector<WordPart>& out) {
  if (is_acronym(word)) {
    out.push_back({0, static_cast<std::uint32_t>(word.size())});
    return;
  }
  Splitter splitter(out);
  for (std::size_t at = 0; at < word.size();) {
    const Decoded c = decode_utf8(word, at);
    Kind kind = kind_of(c.point);
    if (kind == Kind::kSeparator && inside_number(word, at)) kind = Kind::kDigit;
    if (kind == Kind::kApostrophe) kind = keep_apostrophes ? Kind::kAttached : Kind::kSeparator;
    if (kind == Kind::kSeparator) {
      splitter.finish();
    } else {
      splitter.set_plural(c.point == 's');
      splitter.take(kind, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + c.size));
    }
    at += c.size;
  }
  splitter.finish();
}

void clean_part(std::string& part) {
  const bool number = is_digit(part, 0);
  std::erase_if(part, [&](char c) { return c == ',' || (c == '.' && !number); });
}

}  // namespace tamis::text
