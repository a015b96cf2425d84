#include "lexicon.h"

#include <tamis/text/unicode.h>

#include "fold.h"

namespace tamis::text {

namespace {

constexpr std::size_t kMaxTermBytes = 64;
constexpr std::size_t kMaxPartBytes = 256;                    // of a longer part only the beginning is looked at
constexpr std::size_t kMaxListTokens = std::size_t{4} << 20;  // 48 MiB

[[nodiscard]] std::string_view cut(std::string_view text, std::size_t bytes) noexcept {
  return text.size() <= bytes ? text : text.substr(0, utf8_floor(text, bytes));
}

/// The Nordic languages count å, ä, ö, æ, ø as letters of their own, and Vietnamese its tones: without the marks they
/// are other words.
[[nodiscard]] bool keeps_diacritics(Language language) noexcept {
  return language == Language::kSwedish || language == Language::kNorwegian || language == Language::kDanish ||
         language == Language::kFinnish || language == Language::kVietnamese;
}

}  // namespace

std::uint32_t Lexicon::make_term(std::string_view part, Language language) {
  normalized_.clear();
  append_normalized(cut(part, kMaxPartBytes), language == Language::kTurkish ? Casing::kTurkish : Casing::kCommon,
                    normalized_);
  clean_part(normalized_);
  std::string_view term = stemmers_.stem(normalized_, language);
  if (!keeps_diacritics(language)) {
    stripped_.clear();
    append_without_diacritics(term, stripped_);
    term = stripped_;
  }
  term = cut(term, kMaxTermBytes);
  return term.empty() ? kNoTerm : terms_.intern(term);
}

std::uint32_t Lexicon::make_gram(std::string_view gram) {
  normalized_.clear();
  append_normalized(cut(gram, kMaxPartBytes), Casing::kCommon, normalized_);
  const std::string_view term = cut(normalized_, kMaxTermBytes);
  return term.empty() ? kNoTerm : terms_.intern(term);
}

void Lexicon::find_tokens(std::string_view word, WordTag tag) {
  tokens_.clear();
  parts_.clear();
  if (tag == kGramTag) {
    parts_.push_back({0, static_cast<std::uint32_t>(word.size())});
  } else {
    split_word(word, static_cast<Language>(tag) == Language::kEnglish, parts_);
  }
  for (const WordPart& part : parts_) {
    const std::string_view bytes = word.substr(part.begin, part.end - part.begin);
    const std::uint32_t term = tag == kGramTag ? make_gram(bytes) : make_term(bytes, static_cast<Language>(tag));
    if (term != kNoTerm) tokens_.push_back({term, part.begin, part.end});
  }
}

void Lexicon::learn(const WordCache::Key& key, std::string_view word, WordTag tag, std::uint32_t begin,
                    std::vector<Token>& out) {
  find_tokens(word, tag);
  for (const Token& token : tokens_) out.push_back({token.term, begin + token.begin, begin + token.end});
  if (word.size() > WordCache::kMaxBytes) return;
  if (words_.full() || lists_.size() > kMaxListTokens) forget_words();
  const bool simple = tokens_.size() == 1 && tokens_[0].begin == 0 && tokens_[0].end == word.size();
  if (simple) return words_.insert(key, word, tokens_[0].term);
  words_.insert(key, word, kListBit | static_cast<std::uint32_t>(lists_.size()));
  lists_.push_back({static_cast<std::uint32_t>(tokens_.size()), 0, 0});
  lists_.insert(lists_.end(), tokens_.begin(), tokens_.end());
}

void Lexicon::append_list(std::uint32_t value, std::uint32_t begin, std::vector<Token>& out) const {
  const Token* token = lists_.data() + (value & ~kListBit);
  for (std::uint32_t left = token->term; left > 0; --left) {
    ++token;
    out.push_back({token->term, begin + token->begin, begin + token->end});
  }
}

void Lexicon::forget_words() {
  words_.clear();
  lists_.clear();
}

void Lexicon::clear() {
  forget_words();
  terms_.clear();
}

}  // namespace tamis::text
