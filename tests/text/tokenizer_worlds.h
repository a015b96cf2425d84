#pragma once

#include <fmt/format.h>
#include <tamis/text/tokenizer.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "utf8.h"

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

/// A tokenizer.json with a byte-level vocabulary: GPT-2's letters for all bytes and a few merges.
inline std::string byte_level_json(std::string_view normalizer = R"({"type": "NFC"})") {
  std::string vocabulary;
  std::size_t id = 0;
  std::uint32_t next = 0x100;
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    const bool itself = (byte >= 33 && byte <= 126) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
    char letter[4];
    const char* const end = encode_utf8(itself ? byte : next++, letter);
    vocabulary +=
        fmt::format("{}{}: {}", id > 0 ? ", " : "", json_string({letter, static_cast<std::size_t>(end - letter)}), id);
    ++id;
  }
  for (const char* token : {"th", "the", "Ġthe", "in", "ing", "ĠĠ", "Ã©"})
    vocabulary += fmt::format(", {}: {}", json_string(token), id++);
  return fmt::format(R"({{"added_tokens": [{{"id": 263, "content": "<mask>", "special": true, "lstrip": true}},
    {{"id": 264, "content": "    ", "normalized": true}}], "normalizer": {},
    "pre_tokenizer": {{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true}},
    "post_processor": {{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true}},
    "model": {{"type": "BPE", "vocab": {{{}}},
      "merges": ["t h", ["th", "e"], "Ġ the", "i n", "in g", "Ġ Ġ", "Ã ©"]}}}})",
                     normalizer, vocabulary);
}

/// A tokenizer.json of sentencepiece's kind.
inline std::string unigram_json() {
  return R"({"added_tokens": [{"id": 0, "content": "<unk>", "special": true, "normalized": false}],
    "normalizer": {"type": "Sequence", "normalizers": [{"type": "Nmt"}, {"type": "NFKC"},
      {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]},
    "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"},
    "post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}},
      {"SpecialToken": {"id": "<unk>", "type_id": 0}}], "special_tokens": {"<unk>": {"ids": [0]}}},
    "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["▁", -2], ["a", -3], ["b", -3], ["ab", -4],
      ["▁ab", -4.5], ["é", -5], ["▁the", -3], ["t", -4], ["h", -4], ["e", -4], ["漢", -6], ["fi", -4]]}})";
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
