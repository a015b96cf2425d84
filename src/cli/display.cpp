#include "display.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tamis::cli {
namespace {

constexpr std::string_view kEllipsis = "…";

/// One character at the front of a text: its bytes and its code point. Broken bytes are characters of one byte.
struct Character {
  std::size_t bytes = 1;
  char32_t code = 0xFFFD;
};

Character first_character(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return {1, lead};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (bytes == 1 || text.size() < bytes) return {};
  char32_t code = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((at(i) & 0xC0U) != 0x80U) return {};
    code = (code << 6) | (at(i) & 0x3FU);
  }
  return {bytes, code};
}

struct CodeRange {
  char32_t first, last;
};
/// Blocks whose characters are combining marks or invisible; and those that are two columns wide (East Asian Width W,
/// F).
constexpr std::array<CodeRange, 12> kZeroWidth = {{{0x0300, 0x036F},
                                                   {0x0483, 0x0489},
                                                   {0x0591, 0x05BD},
                                                   {0x0610, 0x061A},
                                                   {0x064B, 0x065F},
                                                   {0x0E31, 0x0E31},
                                                   {0x0E34, 0x0E3A},
                                                   {0x0E47, 0x0E4E},
                                                   {0x200B, 0x200F},
                                                   {0x202A, 0x202E},
                                                   {0x20D0, 0x20FF},
                                                   {0xFE00, 0xFE0F}}};
constexpr std::array<CodeRange, 10> kDoubleWidth = {{{0x1100, 0x115F},
                                                     {0x2E80, 0x303E},
                                                     {0x3041, 0xA4CF},
                                                     {0xA960, 0xA97C},
                                                     {0xAC00, 0xD7A3},
                                                     {0xF900, 0xFAFF},
                                                     {0xFE30, 0xFE6F},
                                                     {0xFF00, 0xFF60},
                                                     {0x1F300, 0x1FAFF},
                                                     {0x20000, 0x3FFFD}}};

template <std::size_t N>
bool inside(const std::array<CodeRange, N>& ranges, char32_t code) {
  const auto after = std::partition_point(ranges.begin(), ranges.end(), [&](auto r) { return r.last < code; });
  return after != ranges.end() && after->first <= code;
}

std::size_t width_of(char32_t code) {
  if (code < 0x300) return 1;
  if (inside(kZeroWidth, code)) return 0;
  return inside(kDoubleWidth, code) ? 2 : 1;
}

/// C0, DEL and C1: what terminals act on.
bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7F && code < 0xA0); }
/// Left-to-right overrides and isolates, which can make a line read as something else.
bool is_direction(char32_t code) { return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069); }
bool is_space(char32_t code) { return code == ' ' || (code >= '\t' && code <= '\r') || code == 0xA0 || code == 0x3000; }

/// Lays characters into lines.
class Filler {
 public:
  Filler(std::size_t columns, std::string_view indent, std::string_view on, std::string_view off)
      : room_(columns > display_width(indent) + 20 ? columns - display_width(indent) : 20),
        indent_(indent),
        on_(on),
        off_(off) {}

  void add(std::string_view text, bool lit) {
    while (!text.empty()) {
      const auto [bytes, code] = first_character(text);
      const auto character = text.substr(0, bytes);
      text.remove_prefix(bytes);
      if (code == ' ') {
        end_word();
        space_ = used_ > 0;
        continue;
      }
      const std::size_t width = width_of(code);
      if (word_width_ + width > room_ || width == 2) end_word();  // no spaces between wide characters: cut anywhere
      if (lit && !word_lit_) {
        word_ += on_;
        word_lit_ = true;
      }
      word_ += character;
      word_width_ += width;
      if (width == 2) end_word();
    }
    if (word_lit_) {
      (word_.empty() ? out_ : word_) += off_;
      word_lit_ = false;
    }
  }
  [[nodiscard]] std::string finish() {
    end_word();
    if (used_ > 0) out_ += '\n';
    return std::move(out_);
  }

 private:
  void end_word() {
    if (word_.empty()) return;
    if (used_ > 0 && used_ + (space_ ? 1 : 0) + word_width_ > room_) {
      out_ += '\n';
      used_ = 0;
    }
    if (used_ == 0) {
      out_ += indent_;
    } else if (space_) {
      out_ += ' ';
      ++used_;
    }
    out_ += word_;
    used_ += word_width_;
    word_.clear();
    word_width_ = 0;
    space_ = false;
  }
  std::size_t room_;
  std::string_view indent_, on_, off_;
  std::string out_, word_;
  std::size_t used_ = 0, word_width_ = 0;
  bool space_ = false, word_lit_ = false;
};

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const auto [bytes, code] = first_character(text);
    width += width_of(code);
    text.remove_prefix(bytes);
  }
  return width;
}

std::string shorten(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  if (columns == 0) return "";
  std::size_t width = 0;
  std::size_t end = 0;
  while (end < text.size()) {
    const auto [bytes, code] = first_character(text.substr(end));
    if (width + width_of(code) > columns - 1) break;
    width += width_of(code);
    end += bytes;
  }
  return std::string(text.substr(0, end)) + std::string(kEllipsis);
}

std::string harmless(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto [bytes, code] = first_character(text);
    if (code == '\n' || code == '\t' || !(is_control(code) || is_direction(code))) out += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return out;
}

std::vector<Piece> running_text(std::string_view text, std::size_t begin, std::size_t end,
                                std::span<const text::Range> lit) {
  std::vector<Piece> pieces;
  bool after_space = true;
  std::size_t next = 0;
  for (std::size_t i = begin; i < end;) {
    while (next < lit.size() && lit[next].end <= i) ++next;
    const bool is_lit = next < lit.size() && lit[next].begin <= i;
    const auto [bytes, code] = first_character(text.substr(i, end - i));
    const auto character = text.substr(i, bytes);
    i += bytes;
    const bool space = is_space(code);
    if ((space && after_space) || (!space && (is_control(code) || is_direction(code)))) continue;
    after_space = space;
    if (pieces.empty() || pieces.back().lit != is_lit) pieces.push_back({"", is_lit});
    pieces.back().text += space ? std::string_view(" ") : character;
  }
  return pieces;
}

std::string fill_lines(std::span<const Piece> pieces, std::size_t columns, std::string_view indent, std::string_view on,
                       std::string_view off) {
  Filler filler(columns, indent, on, off);
  for (const auto& piece : pieces) filler.add(piece.text, piece.lit);
  return filler.finish();
}

std::string fill_plain(std::string_view text, std::size_t columns, std::size_t indent) {
  const std::string margin(indent, ' ');
  const Piece piece{std::string(text), false};
  std::string lines = fill_lines({&piece, 1}, columns, margin, "", "");
  if (!lines.empty()) lines.pop_back();
  return lines.empty() ? lines : lines.substr(indent);
}

std::string break_lines(std::string_view text, std::size_t columns) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    const auto margin = line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
    if (display_width(line) <= columns || margin.size() > columns / 2) {
      out.append(line).append("\n");
    } else {
      const Piece piece{std::string(line.substr(margin.size())), false};
      out += fill_lines({&piece, 1}, columns, margin, "", "");
    }
  }
  return out;
}

std::string with_commas(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string human_bytes(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} bytes", bytes);
  constexpr std::array<std::string_view, 5> kUnits = {"KB", "MB", "GB", "TB", "PB"};
  auto value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 999.95 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return fmt::format("{:.{}f} {}", value, value < 99.95 ? 1 : 0, kUnits[unit]);
}

std::string human_seconds(double seconds) {
  if (seconds < 10) return fmt::format("{:.2f} s", seconds);
  if (seconds < 100) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
  if (whole < 3600) return fmt::format("{}:{:02} min", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02} h", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", with_commas(number), noun, number == 1 ? "" : "s");
}

}  // namespace tamis::cli
