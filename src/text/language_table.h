#pragma once

#include <tamis/text/language.h>

#include <string_view>

namespace tamis::text {

/// What is fixed about a language.
struct LanguageRow {
  Language language = Language::kNone;
  std::string_view code;     ///< ISO 639-1
  std::string_view name;     ///< English name, lower case
  const char* stemmer = "";  ///< Snowball's algorithm; empty: no stemming
};

/// The row of kNone for a number that is not a language.
[[nodiscard]] const LanguageRow& language_row(Language language) noexcept;

}  // namespace tamis::text
