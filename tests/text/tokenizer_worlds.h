#pragma once

#include <fmt/format.h>
#include <tamis/text/tokenizer.h>

#include <string>
#include <string_view>
#include <vector>

namespace tamis::text {

/// A JSON string of a text without control characters.
inline std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "\"";
}

/// A tokenizer.json of BERT's kind: five special tokens, then `words`.
inline std::string bert_json(const std::vector<std::string>& words,
                             std::string_view normalizer = R"({"type": "BertNormalizer"})") {
  const std::vector<std::string> specials = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
  std::string added, vocabulary;
  std::size_t id = 0;
  for (const std::string& token : specials) {
    added += fmt::format(R"({}{{"id": {}, "content": {}, "special": true, "normalized": false}})", id > 0 ? ", " : "",
                         id, json_string(token));
    vocabulary += fmt::format("{}{}: {}", id > 0 ? ", " : "", json_string(token), id);
    ++id;
  }
  for (const std::string& word : words) vocabulary += fmt::format(", {}: {}", json_string(word), id++);
  return fmt::format(R"({{"version": "1.0", "added_tokens": [{}], "normalizer": {},
    "pre_tokenizer": {{"type": "BertPreTokenizer"}},
    "post_processor": {{"type": "BertProcessing", "cls": ["[CLS]", 2], "sep": ["[SEP]", 3]}},
    "model": {{"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
      "max_input_chars_per_word": 100, "vocab": {{{}}}}}}})",
                     added, normalizer, vocabulary);
}

/// "spelling begin-end|…"
inline std::string spell(const Tokenizer& tokenizer, std::string_view text) {
  Tokenizer::Scratch scratch;
  std::vector<Tokenizer::Token> tokens;
  tokenizer.encode(text, scratch, tokens);
  std::string out;
  for (const auto& token : tokens) {
    if (!out.empty()) out += '|';
    out += fmt::format("{} {}-{}", tokenizer.token(token.id), token.begin, token.end);
  }
  return out;
}

}  // namespace tamis::text
