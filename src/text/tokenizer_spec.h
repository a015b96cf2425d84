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

/// The tokens of a model in the order of its file, their letters in one string: a vocabulary has 30,000 to 250,000.
class TokenList {
 public:
  struct Entry {
    std::string_view token;  ///< until the list grows
    std::uint32_t id = 0;
    double score = 0;  ///< kUnigram
  };
  /// @pre fewer than 2^32 letters in all
  void add(std::string_view token, std::uint32_t id) {
    letters_ += token;
    ends_.push_back(static_cast<std::uint32_t>(letters_.size()));
    ids_.push_back(id);
  }
  /// All tokens of a list have scores, or none.
  void add(std::string_view token, std::uint32_t id, double score) {
    add(token, id);
    scores_.push_back(score);
  }
  void reserve(std::size_t tokens) {
    letters_.reserve(8 * tokens);
    ends_.reserve(tokens);
    ids_.reserve(tokens);
  }
  [[nodiscard]] std::size_t size() const noexcept { return ids_.size(); }
  [[nodiscard]] Entry operator[](std::size_t place) const noexcept {
    const std::uint32_t begin = place == 0 ? 0 : ends_[place - 1];
    return {std::string_view(letters_).substr(begin, ends_[place] - begin), ids_[place],
            scores_.empty() ? 0.0 : scores_[place]};
  }
  [[nodiscard]] const std::string& letters() const noexcept { return letters_; }
  [[nodiscard]] const std::vector<std::uint32_t>& ends() const noexcept { return ends_; }
  [[nodiscard]] const std::vector<std::uint32_t>& ids() const noexcept { return ids_; }
  [[nodiscard]] const std::vector<double>& scores() const noexcept { return scores_; }

 private:
  std::string letters_;
  std::vector<std::uint32_t> ends_;  // in letters_
  std::vector<std::uint32_t> ids_;
  std::vector<double> scores_;
};

struct ModelSpec {
  enum class Kind : std::uint8_t { kWordPiece, kBytePair, kUnigram };
  Kind kind = Kind::kWordPiece;
  TokenList vocabulary;
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

/// Bytes behind a JSON text that its parser may look at.
inline constexpr std::size_t kJsonPadding = 64;
/// Reads a tokenizer.json. Sequences are flattened. `readable` bytes may be read from its begin on: less than
/// kJsonPadding more than it has cost a copy.
[[nodiscard]] Result<TokenizerSpec> read_tokenizer_json(std::string_view json, std::size_t readable);
/// Takes what is of use from a tokenizer_config.json into `spec`.
[[nodiscard]] Status read_tokenizer_config(std::string_view json, TokenizerSpec& spec);
/// BERT's tokenizer for a vocab.txt, one token a line; `config` is the content of a tokenizer_config.json or empty.
[[nodiscard]] Result<TokenizerSpec> read_vocabulary_text(std::string_view lines, std::string_view config);

}  // namespace tamis::text
