#include "fold.h"

#include <tamis/text/unicode.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>

#include "utf8.h"

namespace tamis::text {

namespace {

constexpr int kFoldOptions =
    UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
constexpr std::size_t kWindow = 256;           // characters brought into canonical order together
constexpr std::size_t kLongestExpansion = 18;  // U+FDFA, by the Unicode stability policy

/// Quotes that are typed as apostrophes.
[[nodiscard]] bool is_apostrophe(std::uint32_t point) noexcept {
  return point == 0x2018 || point == 0x2019 || point == 0x201B || point == 0x02BC;
}

/// Characters waiting for their canonical order and composition.
class Window {
 public:
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] bool full() const noexcept { return size_ + kLongestExpansion > kWindow; }

  void push(std::uint32_t point) noexcept {
    int boundary = 0;
    const auto room = static_cast<utf8proc_ssize_t>(kWindow - size_);
    const auto made = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(point), points_.data() + size_, room,
                                              static_cast<utf8proc_option_t>(kFoldOptions), &boundary);
    if (made > 0 && made <= room) size_ += static_cast<std::size_t>(made);
  }

  void flush(std::string& out) {
    order();
    const auto composed = utf8proc_normalize_utf32(points_.data(), static_cast<utf8proc_ssize_t>(size_),
                                                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    std::array<char, 4> bytes{};
    for (utf8proc_ssize_t i = 0; i < composed; ++i) {
      const auto point = static_cast<std::uint32_t>(points_[static_cast<std::size_t>(i)]);
      out.append(bytes.data(), encode_utf8(is_apostrophe(point) ? '\'' : point, bytes.data()));
    }
    size_ = 0;
  }

 private:
  /// Canonical order: runs of marks sorted by combining class, equal classes in their order.
  void order() noexcept {
    const auto combining = [&](std::size_t i) { return utf8proc_get_property(points_[i])->combining_class; };
    for (std::size_t i = 1; i < size_; ++i) {
      const auto own = combining(i);
      if (own == 0) continue;
      const auto point = points_[i];
      std::size_t to = i;
      for (; to > 0 && combining(to - 1) > own; --to) points_[to] = points_[to - 1];
      points_[to] = point;
    }
  }

  std::array<utf8proc_int32_t, kWindow> points_{};
  std::size_t size_ = 0;
};

/// Whether nothing in front of `point` can combine with it.
[[nodiscard]] bool starts_anew(std::uint32_t point) noexcept {
  if (point < 0x300) return true;
  const bool jamo = point >= 0x1160 && point <= 0x11FF;  // vowels and finals compose with the consonant before
  const auto* property = utf8proc_get_property(static_cast<utf8proc_int32_t>(point));
  const bool mark = property->category == UTF8PROC_CATEGORY_MN || property->category == UTF8PROC_CATEGORY_MC ||
                    property->category == UTF8PROC_CATEGORY_ME;
  const bool narrow_voicing = point == 0xFF9E || point == 0xFF9F;  // half-width kana: their NFKC is a mark
  return !jamo && !mark && !narrow_voicing && property->combining_class == 0;
}

[[nodiscard]] std::uint32_t turkish_lower(std::uint32_t point) noexcept {
  if (point == 'I') return 0x131;
  return point == 0x130 ? 'i' : point;
}

[[nodiscard]] char lower_ascii(char c, Casing casing) noexcept {
  if (c < 'A' || c > 'Z') return c;
  return casing == Casing::kTurkish && c == 'I' ? '\0' : static_cast<char>(c | 0x20);
}

/// Latin letters that Unicode does not decompose, by their usual spelling without the stroke.
struct Spelling {
  std::uint32_t point;
  std::string_view plain;
};
constexpr Spelling kSpellings[] = {
    {0xDF, "ss"}, {0xE6, "ae"}, {0xF0, "d"},  {0xF8, "o"},   {0xFE, "th"},  {0x111, "d"}, {0x127, "h"},
    {0x131, "i"}, {0x138, "k"}, {0x142, "l"}, {0x14B, "ng"}, {0x153, "oe"}, {0x167, "t"}, {0x180, "b"},
    {0x1B6, "z"}, {0x1E5, "g"}, {0x23C, "c"}, {0x247, "e"},  {0x249, "j"},  {0x24D, "r"}, {0x24F, "y"},
};

enum class Script { kOther, kLatinGreek, kCyrillic, kVowelPoints };

[[nodiscard]] Script script_of(std::uint32_t base) noexcept {
  if (base < 0x250 || (base >= 0x370 && base < 0x400) || (base >= 0x1E00 && base < 0x2000)) return Script::kLatinGreek;
  if (base >= 0x400 && base < 0x530) return Script::kCyrillic;
  if (base >= 0x5D0 && base < 0x700) return Script::kVowelPoints;
  return Script::kOther;
}

/// Whether `mark` may go without making another letter of `base`.
[[nodiscard]] bool droppable(std::uint32_t base, std::uint32_t mark) noexcept {
  switch (script_of(base)) {
    case Script::kLatinGreek:
      return (mark >= 0x300 && mark < 0x370) || (mark >= 0x1AB0 && mark < 0x1B00) ||
             (mark >= 0x1DC0 && mark < 0x1E00) || (mark >= 0x20D0 && mark < 0x2100) ||
             (mark >= 0xFE20 && mark < 0xFE30);
    case Script::kCyrillic:
      return mark == 0x300 || mark == 0x301 || (mark == 0x308 && base == 0x435);
    case Script::kVowelPoints:
      return (mark >= 0x591 && mark <= 0x5C7) || (mark >= 0x64B && mark <= 0x652) || mark == 0x670;
    case Script::kOther:
      return false;
  }
  return false;
}

/// Appends a letter in its usual spelling without a stroke.
void append_spelled(std::uint32_t point, std::string& out) {
  const auto* const spelling = std::ranges::lower_bound(kSpellings, point, {}, &Spelling::point);
  if (spelling != std::end(kSpellings) && spelling->point == point) {
    out.append(spelling->plain);
    return;
  }
  std::array<char, 4> bytes{};
  out.append(bytes.data(), encode_utf8(point, bytes.data()));
}

/// The letter without the marks that may go, or the same character.
[[nodiscard]] std::uint32_t base_letter(std::uint32_t point) noexcept {
  std::array<utf8proc_int32_t, kLongestExpansion> parts{};
  int boundary = 0;
  const auto made =
      utf8proc_decompose_char(static_cast<utf8proc_int32_t>(point), parts.data(), kLongestExpansion,
                              static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE), &boundary);
  const auto base = static_cast<std::uint32_t>(parts[0]);
  for (std::size_t i = 1; i < static_cast<std::size_t>(std::max<utf8proc_ssize_t>(made, 0)); ++i) {
    if (!droppable(base, static_cast<std::uint32_t>(parts[i]))) return point;
  }
  return made > 1 ? base : point;
}

}  // namespace

void append_normalized(std::string_view text, Casing casing, std::string& out) {
  const std::size_t ascii = ascii_prefix(text, 0);
  if (ascii == text.size() && casing == Casing::kCommon) {
    const std::size_t from = out.size();
    out.append(text);
    std::ranges::transform(out.begin() + static_cast<std::ptrdiff_t>(from), out.end(),
                           out.begin() + static_cast<std::ptrdiff_t>(from),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return;
  }
  Window window;
  for (std::size_t at = 0; at < text.size();) {
    const Decoded c = decode_utf8(text, at);
    at += c.size;
    const bool alone = c.point < 0x80 && (at == text.size() || static_cast<unsigned char>(text[at]) < 0x80);
    if (!window.empty() && (window.full() || starts_anew(c.point))) window.flush(out);
    const char lower = alone ? lower_ascii(static_cast<char>(c.point), casing) : '\0';
    if (lower != '\0') {  // nothing combines with it, on neither side
      out.push_back(lower);
    } else {
      window.push(casing == Casing::kTurkish ? turkish_lower(c.point) : c.point);
    }
  }
  window.flush(out);
}

void append_without_diacritics(std::string_view normalized, std::string& out) {
  std::size_t at = ascii_prefix(normalized, 0);
  out.append(normalized.substr(0, at));
  std::uint32_t base = at > 0 ? static_cast<unsigned char>(normalized[at - 1]) : 0;
  while (at < normalized.size()) {
    const Decoded c = decode_utf8(normalized, at);
    at += c.size;
    if (droppable(base, c.point)) continue;
    base = c.point < 0x80 ? c.point : base_letter(c.point);
    append_spelled(base, out);
  }
}

std::string fold(std::string_view text) {
  std::string normalized;
  normalized.reserve(text.size());
  append_normalized(text, Casing::kCommon, normalized);
  std::string out;
  out.reserve(normalized.size());
  append_without_diacritics(normalized, out);
  return out;
}

}  // namespace tamis::text
