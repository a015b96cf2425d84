#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <span>
#include <string_view>

namespace tamis::text {

/// Languages with an analyser of their own. The numbers are stored in indexes: never reuse or renumber.
enum class Language : std::uint8_t {
  kNone = 0,  ///< no stemming: code, identifiers, languages without a stemmer
  kEnglish = 1,
  kGerman = 2,
  kFrench = 3,
  kSpanish = 4,
  kItalian = 5,
  kPortuguese = 6,
  kDutch = 7,
  kSwedish = 8,
  kNorwegian = 9,
  kDanish = 10,
  kFinnish = 11,
  kRussian = 12,
  kHungarian = 13,
  kRomanian = 14,
  kTurkish = 15,
  kGreek = 16,
  kArabic = 17,
  kHindi = 18,
  kIndonesian = 19,
  kIrish = 20,
  kLithuanian = 21,
  kNepali = 22,
  kTamil = 23,
  kBasque = 24,
  kCatalan = 25,
  kArmenian = 26,
  kSerbian = 27,
  kVietnamese = 28,  ///< no stemmer, but its diacritics are kept
  kChinese = 40,
  kJapanese = 41,
  kKorean = 42,
  kThai = 43,  ///< character bigrams
};

/// ISO 639-1 code, "none" for kNone.
[[nodiscard]] std::string_view code(Language language) noexcept;
/// From an ISO 639-1 code or an English name, any case; kInvalidArgument lists the known ones.
[[nodiscard]] Result<Language> language_from(std::string_view code_or_name);
[[nodiscard]] std::span<const Language> all_languages() noexcept;

/// The language of a text by its first 8 KiB, or `fallback` when the guess is not reliable (too short, mixed).
/// Deterministic. Safe from any thread.
[[nodiscard]] Language guess_language(std::string_view text, Language fallback) noexcept;

}  // namespace tamis::text
