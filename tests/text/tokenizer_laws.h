#pragma once

#include <tamis/text/tokenizer.h>
#include <tamis/text/unicode.h>

#include <string>
#include <string_view>
#include <vector>

namespace tamis::text {

/// The first law that tokenizing a text breaks, or an empty string. `warm` has seen other texts.
inline std::string broken_law(const Tokenizer& tokenizer, std::string_view text, Tokenizer::Scratch& warm) {
  Tokenizer::Scratch cold;
  std::vector<Tokenizer::Token> tokens, again;
  tokenizer.encode(text, cold, tokens);
  for (const auto& token : tokens) {
    if (token.begin > token.end || token.end > text.size()) return "a token lies outside of the text";
    if (token.id >= tokenizer.vocabulary_size()) return "an id that the vocabulary does not have";
    if (utf8_floor(text, token.begin) != token.begin) return "a token begins inside a character";
    if (utf8_floor(text, token.end) != token.end) return "a token ends inside a character";
  }
  tokenizer.encode(text, warm, again);
  if (again != tokens) return "a warm cache gives other tokens";
  again.clear();
  tokenizer.encode(text, warm, again);
  if (again != tokens) return "the second time gives other tokens";
  return {};
}

}  // namespace tamis::text
