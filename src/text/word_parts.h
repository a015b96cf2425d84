#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::text {

/// A part of a word: [begin, end) bytes of it. Parts of a compound follow it and lie inside it.
struct WordPart {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// The parts of a UAX #29 word that become terms, in order of `begin`, linear in the length:
/// - an acronym with points ("U.S.A") is one part;
/// - other words are cut at '.', '_', '@' and the like, and where digits meet letters: "sha256" is two parts. A point
/// or
///   comma inside a number does not cut: "3.14", "1,000,000";
/// - apostrophes cut unless `keep_apostrophes`: "don't" stays in English, "l'homme" is two parts in French;
/// - camelCase gives the whole and then its humps: readHTTPHeader is readHTTPHeader, read, HTTP, Header, so that it is
///   found as "readhttpheader" too. Humps of one letter are left out; plural abbreviations ("APIs") have no humps.
///
/// clean_part() makes the text of a part.
void split_word(std::string_view word, bool keep_apostrophes, std::vector<WordPart>& out);

/// Removes from a part what only holds it together: the points of acronyms, the commas of numbers.
void clean_part(std::string& part);

}  // namespace tamis::text
