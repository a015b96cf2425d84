#include "word_edits.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace tamis::search {
namespace {

constexpr char32_t kBroken = 0xFFFD;

/// Letters from here on are of scripts without blanks between words (Thai and on), but for Latin and Greek ones.
constexpr char32_t kFirstWithoutBlanks = 0x0E00;
constexpr char32_t kFirstMoreLatin = 0x1E00, kAfterMoreGreek = 0x2000;

bool is_letter(char32_t c) {
  if (c < 0x80) return c >= U'a' && c <= U'z';
  if (c == 0xD7 || c == 0xF7) return false;  // × and ÷
  return (c >= 0xC0 && c < kFirstWithoutBlanks) || (c >= kFirstMoreLatin && c < kAfterMoreGreek);
}

/// The character at `at`, which moves behind it.
char32_t next_character(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0x80) return first;
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  char32_t c = first & (0x3FU >> more);
  for (int i = 0; i < more; ++i) {
    if (at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U) return kBroken;
    c = (c << 6U) | (static_cast<unsigned char>(text[at++]) & 0x3FU);
  }
  return first < 0xC2 || first > 0xF4 ? kBroken : c;
}

}  // namespace

std::u32string letters_of(std::string_view word) {
  std::u32string out;
  for (std::size_t at = 0; at < word.size();) {
    char32_t c = next_character(word, at);
    if (c >= U'A' && c <= U'Z') c += U'a' - U'A';
    if (!is_letter(c)) return {};
    out += c;
  }
  return out;
}

std::string utf8_of(std::u32string_view letters) {
  std::string out;
  for (const char32_t c : letters) {
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else if (c < 0x800) {
      out += static_cast<char>(0xC0U | (c >> 6U));
      out += static_cast<char>(0x80U | (c & 0x3FU));
    } else {
      out += static_cast<char>(0xE0U | (c >> 12U));
      out += static_cast<char>(0x80U | ((c >> 6U) & 0x3FU));
      out += static_cast<char>(0x80U | (c & 0x3FU));
    }
  }
  return out;
}

std::vector<std::u32string> one_edit_away(std::u32string_view word, std::u32string_view alphabet) {
  std::vector<std::u32string> out;
  for (std::size_t i = 0; i <= word.size(); ++i) {
    const std::u32string before(word.substr(0, i));
    const auto from_here = word.substr(i);
    if (!from_here.empty()) out.push_back(before + std::u32string(from_here.substr(1)));
    if (from_here.size() > 1) {
      out.push_back(before + from_here[1] + from_here[0] + std::u32string(from_here.substr(2)));
    }
    for (const char32_t c : alphabet) {
      if (!from_here.empty()) out.push_back(before + c + std::u32string(from_here.substr(1)));
      out.push_back(before + c + std::u32string(from_here));
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  const auto itself = std::lower_bound(out.begin(), out.end(), word);
  if (itself != out.end() && *itself == word) out.erase(itself);
  return out;
}

std::size_t edit_distance(std::u32string_view a, std::u32string_view b, std::size_t most) {
  if (a.size() > b.size() + most || b.size() > a.size() + most) return most + 1;
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    std::size_t least = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
      least = std::min(least, row[j]);
    }
    // A swap reaches back two rows, at the price of one: nothing below `least` - 1 can follow.
    if (least > most + 1) return most + 1;
  }
  return std::min(row[b.size()], most + 1);
}

}  // namespace tamis::search
