#pragma once

#include <tamis/text/tokenizer.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "added_tokens.h"
#include "normalizer.h"
#include "pre_tokenizer.h"
#include "token_cache.h"
#include "token_model.h"
#include "tokenizer_spec.h"
#include "vocabulary.h"

namespace tamis::text {

struct Tokenizer::Scratch::Impl {
  std::uint64_t owner = 0;  // fingerprint of the tokenizer whose words are in the cache
  TokenCache cache;
  ModelScratch model;
  PreTokens work;
  AlignedText segment;
  std::vector<Piece> segments;
  std::vector<WordToken> word_tokens;
};

/// The spaces at the ends of a token's spelling, in characters.
struct Margins {
  std::uint32_t left = 0;
  std::uint32_t right = 0;
};

/// GPT-2's letter for the byte of a space.
inline constexpr std::uint32_t kSpaceLetter = 0x120;
[[nodiscard]] Margins spaces_around(std::string_view spelling) noexcept;

/// What a Tokenizer is made of. Immutable once made.
struct Tokenizer::Impl {
  Vocabulary vocabulary;
  std::unique_ptr<const TokenModel> model;
  NormalizerList normalizers;
  PreTokenizerList pre_tokenizers;
  std::vector<AddedToken> added;       // by id
  AddedTokenFinder raw_finder;         // tokens that are looked for in the text as it is
  AddedTokenFinder normalized_finder;  // tokens that are looked for in the normalised text
  PostProcessorSpec post_processor;
  std::vector<Margins> margins;  // by id; empty where offsets are not trimmed
  std::optional<std::uint32_t> truncation, pad, mask;
  std::uint32_t size = 0;
  std::uint64_t fingerprint = 0;
  bool cuts_as_bert = false;  // the short cut of bert_path.cpp holds
  bool bert_cleans = false, bert_isolates_chinese = false;
  std::array<std::uint8_t, 256> bert_kinds{};
  std::array<std::uint32_t, 128> bert_signs{};  // the token of a sign

  [[nodiscard]] static Result<std::shared_ptr<const Impl>> make(const TokenizerSpec& spec);
  [[nodiscard]] const AddedToken* added_token(std::uint32_t id) const noexcept;

 private:
  [[nodiscard]] Status add_tokens(const TokenizerSpec& spec);
  void name_special_tokens(const TokenizerSpec& spec);
  void measure_margins();
  void prepare_bert(const TokenizerSpec& spec);
};

/// One call of Tokenizer::encode().
class EncodeCall {
 public:
  EncodeCall(const Tokenizer::Impl& tokenizer, Tokenizer::Scratch::Impl& scratch, std::string_view text,
             std::vector<Tokenizer::Token>& out);
  void run();

 private:
  /// A part of the text without added tokens of the raw kind.
  void encode_segment(std::size_t begin, std::size_t end);
  /// The same by all the rules in turn.
  void encode_by_rules(std::size_t begin, std::size_t end);
  void encode_piece(const PreTokens& work, const Piece& piece);
  /// The same for BERT's rules: a part of printable ASCII without a look at the rules, words out of the cache.
  void encode_as_bert(std::size_t begin, std::size_t end);
  [[nodiscard]] std::size_t encode_bert_word(std::size_t begin, std::size_t end);
  [[nodiscard]] std::size_t bert_word_end(std::size_t begin, std::size_t end) const noexcept;
  /// A part whose tokens depend on nothing around it: out of the cache, or by all the rules.
  void encode_alone(std::size_t begin, std::size_t end);
  void put(std::uint32_t id, Range origin, Margins margins);
  void put_model_token(std::uint32_t id, Range origin);
  [[nodiscard]] Range trimmed(Range origin, Margins margins) const noexcept;

  const Tokenizer::Impl& tokenizer_;
  Tokenizer::Scratch::Impl& scratch_;
  std::string_view text_;
  std::vector<Tokenizer::Token>& out_;
  std::size_t first_;  // of `out_`: tokens of this text
};

/// Of everything in it that decides about ids and offsets.
[[nodiscard]] std::uint64_t fingerprint_of(const TokenizerSpec& spec);

}  // namespace tamis::text
