#pragma once

#include <string>
#include <string_view>

namespace tamis::text {

/// How a language folds case. Turkish tells dotted from dotless i.
enum class Casing : bool { kCommon, kTurkish };

/// Appends `text` in NFKC with case folded and ignorable characters (soft hyphens, joiners) dropped. Typographic
/// apostrophes become '\''. Broken UTF-8 becomes U+FFFD. Linear, also where 10^6 combining marks follow each other:
/// their canonical order is kept within windows of 256 characters only.
void append_normalized(std::string_view text, Casing casing, std::string& out);

/// Appends normalised text without the diacritics of Latin and Greek letters, stress marks and the dots of Cyrillic ё,
/// Arabic and Hebrew vowel points. Marks that make another letter (й, が, Indic and Thai vowels) stay.
void append_without_diacritics(std::string_view normalized, std::string& out);

}  // namespace tamis::text
