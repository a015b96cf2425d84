#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::text {

// What a tokenizer.json says, as plain values: read by tokenizer_json.cpp, turned into rules by the others.

/// A rule that rewrites a text.
struct NormalizerSpec {
  enum class Kind : std::uint8_t {
    kBert,
    kLowercase,
    kNfc,
    kNfd,
    kNfkc,
    kNfkd,
    kStripAccents,
    kStrip,
    kReplace,
    kPrepend,
    kCharsMap,
    kNmt,
    kByteLevel,
  };
  Kind kind = Kind::kBert;
  bool clean_text = true;             ///< kBert
  bool chinese = true;                ///< kBert: a space around each Chinese character
  std::optional<bool> strip_accents;  ///< kBert: as `lowercase` where it is not said
  bool lowercase = true;              ///< kBert
  bool left = false;                  ///< kStrip
  bool right = false;                 ///< kStrip
  bool regex = false;                 ///< kReplace: whether `pattern` is one
  std::string pattern;                ///< kReplace
  std::string content;                ///< kReplace, kPrepend; kCharsMap: its bytes
};

/// What becomes of the characters that split a text.
enum class Delimiter : std::uint8_t { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

/// A rule that cuts a text into pieces.
struct PreTokenizerSpec {
  enum class Kind : std::uint8_t {
    kBert,
    kWhitespace,
    kWhitespaceSplit,
    kByteLevel,
    kMetaspace,
    kPunctuation,
    kDigits,
    kSplit,
  };
  enum class Prepend : std::uint8_t { kAlways, kFirst, kNever };
  Kind kind = Kind::kBert;
  bool prefix_space = true;                    ///< kByteLevel
  bool use_regex = true;                       ///< kByteLevel
  std::string replacement;                     ///< kMetaspace: one character
  Prepend prepend = Prepend::kAlways;          ///< kMetaspace
  bool split = true;                           ///< kMetaspace
  bool individual = false;                     ///< kDigits
  Delimiter delimiter = Delimiter::kIsolated;  ///< kPunctuation, kSplit
  bool regex = false;                          ///< kSplit: whether `pattern` is one
  bool invert = false;                         ///< kSplit
  std::string pattern;                         ///< kSplit
};

struct ModelSpec {
  enum class Kind : std::uint8_t { kWordPiece, kBytePair, kUnigram };
  struct Entry {
    std::string token;
    std::uint32_t id = 0;
    double score = 0;  ///< kUnigram
  };
  Kind kind = Kind::kWordPiece;
  std::vector<Entry> vocabulary;
  std::optional<std::string> unknown;                       ///< kWordPiece, kBytePair
  std::optional<std::uint32_t> unknown_id;                  ///< kUnigram
  std::string continuing_prefix;                            ///< kWordPiece, kBytePair
  std::string word_suffix;                                  ///< kBytePair
  std::size_t max_word_characters = 100;                    ///< kWordPiece
  bool fuse_unknown = false;                                ///< kBytePair
  bool byte_fallback = false;                               ///< kBytePair, kUnigram
  bool ignore_merges = false;                               ///< kBytePair
  std::vector<std::pair<std::string, std::string>> merges;  ///< kBytePair, best first
};

struct AddedTokenSpec {
  std::string content;
  std::optional<std::uint32_t> id;
  bool single_word = false;
  bool left_strip = false;
  bool right_strip = false;
  bool normalized = true;
  bool special = false;
};

struct PostProcessorSpec {
  std::vector<std::uint32_t> prefix;
  std::vector<std::uint32_t> suffix;
  /// A rule of byte-level tokenizers: spaces at the ends of a token are not of its offsets.
  bool trim_offsets = false;
  bool trim_prefix_space = true;   ///< the first token keeps one space
  bool trim_after_prefix = false;  ///< the rule runs when `prefix` is there already
};

struct TokenizerSpec {
  std::vector<NormalizerSpec> normalizers;
  std::vector<PreTokenizerSpec> pre_tokenizers;
  ModelSpec model;
  std::vector<AddedTokenSpec> added_tokens;
  PostProcessorSpec post_processor;
  std::optional<std::uint32_t> truncation;
  std::optional<std::uint32_t> pad;
  /// Spellings of special tokens by name ("pad_token", …), where a tokenizer_config.json says so.
  std::optional<std::string> pad_token;
  std::optional<std::string> mask_token;
};

/// Reads a tokenizer.json. Sequences are flattened.
[[nodiscard]] Result<TokenizerSpec> read_tokenizer_json(std::string_view json);
/// Takes what is of use from a tokenizer_config.json into `spec`.
[[nodiscard]] Status read_tokenizer_config(std::string_view json, TokenizerSpec& spec);
/// BERT's tokenizer for a vocab.txt, one token a line; `config` is the content of a tokenizer_config.json or empty.
[[nodiscard]] Result<TokenizerSpec> read_vocabulary_text(std::string_view lines, std::string_view config);

}  // namespace tamis::text
