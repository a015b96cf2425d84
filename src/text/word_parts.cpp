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
      out_.push_back({begin, end, true});
      part_begin_ = begin;
      uppers_ = lowers_ = 0;
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
    WordPart& compound = out_[compound_at_];
    compound.end = end_;
    if (out_.size() - compound_at_ == 2) out_.pop_back();
    compound.compound = out_.size() - compound_at_ > 1;
    open_ = false;
    last_ = Kind::kSeparator;
  }

 private:
  /// Upper-case letters and the lower-case ones behind them end at `at`: "HTTPServer" is two parts, "APIs" one.
  void close_hump(std::uint32_t at) {
    if (uppers_ > 1 && lowers_ > 0 && !only_s_) cut(last_upper_);
    cut(at);
    uppers_ = lowers_ = 0;
  }
  void cut(std::uint32_t at) {
    if (at > part_begin_) out_.push_back({part_begin_, at, false});
    part_begin_ = at;
  }

  std::vector<WordPart>& out_;
  bool open_ = false, plural_ = false, only_s_ = false;
  std::size_t compound_at_ = 0;  ///< where the whole piece stands in out_
  std::uint32_t part_begin_ = 0, last_upper_ = 0, end_ = 0;
  std::uint32_t uppers_ = 0, lowers_ = 0;  ///< letters since the last cut
  Kind last_ = Kind::kSeparator;
};

}  // namespace

void split_word(std::string_view word, bool keep_apostrophes, std::vector<WordPart>& out) {
  Splitter splitter(out);
  for (std::size_t at = 0; at < word.size();) {
    const Decoded c = decode_utf8(word, at);
    Kind kind = kind_of(c.point);
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

}  // namespace tamis::text
