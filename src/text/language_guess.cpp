// clang-format off
#include <cstdio>  // the next header needs it and does not say so
#include <cld2/public/compact_lang_det.h>
// clang-format on

#include <tamis/text/language.h>
#include <tamis/text/unicode.h>

#include <cstddef>
#include <string>

#include "language_table.h"

namespace tamis::text {

namespace {

constexpr std::size_t kGuessBytes = 8192;

/// CLD2's language as one of ours; kNone for the others.
[[nodiscard]] Language from_cld(CLD2::Language guess) noexcept {
  std::string_view cld_code = CLD2::LanguageCode(guess);
  if (cld_code.substr(0, 3) == "zh-") cld_code = "zh";
  if (cld_code == "nb" || cld_code == "nn") cld_code = "no";
  for (const Language language : all_languages()) {
    if (code(language) == cld_code) return language;
  }
  return Language::kNone;
}

/// Small words of English. Single ones exist in other languages; so many of them together do not.
constexpr std::string_view kEnglishWords[] = {"the", "and", "this", "that", "with", "which", "from",
                                              "are", "is",  "of",   "to",   "not",  "be",    "by",
                                              "it",  "or",  "for",  "you",  "can",  "if"};
constexpr std::size_t kQuickBytes = 1024;
constexpr std::size_t kQuickWords = 96;

/// Whether a text is English beyond doubt by its small words: at least four of them and one word in ten, in a text of
/// Latin letters. Saves CLD2, which takes as long as analysing the text does, for the commonest kind of document.
[[nodiscard]] bool plainly_english(std::string_view text) noexcept {
  text = text.substr(0, kQuickBytes);
  std::size_t words = 0, hits = 0, foreign = 0, at = 0;
  while (at < text.size() && words < kQuickWords) {
    const std::size_t begin = at;
    while (at < text.size() && text[at] >= 'a' && text[at] <= 'z') ++at;
    if (at == begin) {
      foreign += static_cast<unsigned char>(text[at]) >= 0x80 ? 1U : 0U;
      ++at;
      continue;
    }
    ++words;
    if (at - begin > 5) continue;
    for (const auto word : kEnglishWords) hits += text.substr(begin, at - begin) == word ? 1U : 0U;
  }
  return hits >= 4 && hits * 10 >= words && foreign * 16 <= at;
}

}  // namespace

Language guess_language(std::string_view text, Language fallback) noexcept {
  if (plainly_english(text)) return Language::kEnglish;
  std::string head = repair_utf8(text.substr(0, utf8_floor(text, kGuessBytes)));
  for (char& c : head) c = c == '\0' ? ' ' : c;
  CLD2::Language languages[3] = {};
  int percents[3] = {};
  int text_bytes = 0;
  bool reliable = false;
  CLD2::DetectLanguageSummary(head.data(), static_cast<int>(head.size()), true, languages, percents, &text_bytes,
                              &reliable);
  const Language language = from_cld(languages[0]);
  if (!reliable || language == Language::kNone || percents[0] < 80 || text_bytes < 40) return fallback;
  return language;
}

}  // namespace tamis::text
