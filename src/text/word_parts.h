#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace tamis::text {

/// A part of a word, as an identifier is made of parts.
struct WordPart {
  std::uint32_t begin = 0;  ///< [begin, end) bytes of the word
  std::uint32_t end = 0;
  bool compound = false;  ///< the parts that follow and lie in it are its own: camelCase
};

/// Cuts a UAX #29 word at '.', '_' and other punctuation (and at apostrophes unless they are kept), where digits meet
/// letters, and at the humps of camelCase: "readHTTPHeader2_x" gives read, HTTP, Header, 2, x. A piece with humps comes
/// whole first, as a compound. Plural abbreviations ("APIs") stay whole. Linear.
void split_word(std::string_view word, bool keep_apostrophes, std::vector<WordPart>& out);

}  // namespace tamis::text
