#include <fmt/format.h>
#include <tamis/text/language.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

#include "language_table.h"

namespace tamis::text {

namespace {

// The one list of languages. `stemmer` is Snowball's name of the algorithm, empty where there is none.
constexpr LanguageRow kRows[] = {
    {Language::kNone, "none", "none", ""},
    {Language::kEnglish, "en", "english", "english"},
    {Language::kGerman, "de", "german", "german"},
    {Language::kFrench, "fr", "french", "french"},
    {Language::kSpanish, "es", "spanish", "spanish"},
    {Language::kItalian, "it", "italian", "italian"},
    {Language::kPortuguese, "pt", "portuguese", "portuguese"},
    {Language::kDutch, "nl", "dutch", "dutch"},
    {Language::kSwedish, "sv", "swedish", "swedish"},
    {Language::kNorwegian, "no", "norwegian", "norwegian"},
    {Language::kDanish, "da", "danish", "danish"},
    {Language::kFinnish, "fi", "finnish", "finnish"},
    {Language::kRussian, "ru", "russian", "russian"},
    {Language::kHungarian, "hu", "hungarian", "hungarian"},
    {Language::kRomanian, "ro", "romanian", "romanian"},
    {Language::kTurkish, "tr", "turkish", "turkish"},
    {Language::kGreek, "el", "greek", "greek"},
    {Language::kArabic, "ar", "arabic", "arabic"},
    {Language::kHindi, "hi", "hindi", "hindi"},
    {Language::kIndonesian, "id", "indonesian", "indonesian"},
    {Language::kIrish, "ga", "irish", "irish"},
    {Language::kLithuanian, "lt", "lithuanian", "lithuanian"},
    {Language::kNepali, "ne", "nepali", "nepali"},
    {Language::kTamil, "ta", "tamil", "tamil"},
    {Language::kBasque, "eu", "basque", "basque"},
    {Language::kCatalan, "ca", "catalan", "catalan"},
    {Language::kArmenian, "hy", "armenian", "armenian"},
    {Language::kSerbian, "sr", "serbian", "serbian"},
    {Language::kVietnamese, "vi", "vietnamese", ""},
    {Language::kChinese, "zh", "chinese", ""},
    {Language::kJapanese, "ja", "japanese", ""},
    {Language::kKorean, "ko", "korean", ""},
    {Language::kThai, "th", "thai", ""},
};

constexpr auto kLanguages = [] {
  std::array<Language, std::size(kRows)> made{};
  for (std::size_t i = 0; i < std::size(kRows); ++i) made[i] = kRows[i].language;
  return made;
}();

}  // namespace

const LanguageRow& language_row(Language language) noexcept {
  const auto* found = std::ranges::find(kRows, language, &LanguageRow::language);
  return found == std::end(kRows) ? kRows[0] : *found;
}

std::string_view code(Language language) noexcept { return language_row(language).code; }

Result<Language> language_from(std::string_view code_or_name) {
  std::string lower(code_or_name.substr(0, 64));
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  for (const LanguageRow& row : kRows) {
    if (lower == row.code || lower == row.name) return row.language;
  }
  std::string known;
  for (const LanguageRow& row : kRows)
    fmt::format_to(std::back_inserter(known), "{}{}", known.empty() ? "" : ", ", row.code);
  return Error{Code::kInvalidArgument, fmt::format("language: '{}' is not known (known: {})", lower, known)};
}

std::span<const Language> all_languages() noexcept { return kLanguages; }

}  // namespace tamis::text
