#pragma once

#include <tamis/text/analyzer.h>
#include <tamis/text/language.h>
#include <tamis/text/unicode.h>

#include <string>
#include <string_view>
#include <vector>

namespace tamis::text {

/// What a text gives, by term strings: comparable across analyzers.
struct Spelled {
  std::string term;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend bool operator==(const Spelled&, const Spelled&) = default;
};

inline std::vector<Spelled> spell(Analyzer& analyzer, std::string_view text, Language language) {
  std::vector<Token> tokens;
  analyzer.analyze(text, language, tokens);
  std::vector<Spelled> out;
  for (const Token& token : tokens) out.push_back({std::string(analyzer.term(token.term)), token.begin, token.end});
  return out;
}

/// The first law that an analysis breaks, or an empty string.
inline std::string broken_law(std::string_view text, Language language) {
  Analyzer analyzer;
  const auto cold = spell(analyzer, text, language);
  std::uint32_t before = 0;
  for (const Spelled& token : cold) {
    if (token.begin >= token.end || token.end > text.size()) return "a token is empty or outside of the text";
    if (token.begin < before) return "tokens are not in order of begin";
    if (token.term.empty() || token.term.size() > 64) return "a term is empty or too long: " + token.term;
    if (!is_valid_utf8(token.term)) return "a term is not UTF-8";
    if (utf8_floor(text, token.begin) != token.begin) return "a token begins inside a character";
    before = token.begin;
  }
  if (spell(analyzer, text, language) != cold) return "a warm cache gives other tokens";
  analyzer.clear();
  if (analyzer.num_terms() != 0) return "terms survive clear()";
  if (spell(analyzer, text, language) != cold) return "a cleared analyzer gives other tokens";
  return {};
}

}  // namespace tamis::text
