#include <fmt/format.h>

#include "token_model.h"

namespace tamis::text {

namespace {

/// Greedy longest match from the left (WordPiece, arXiv:1609.08144, as BERT applies it): every piece but the first is
/// spelled with a prefix in the vocabulary. A word that cannot be covered, or is too long, is one unknown token.
class WordPiece final : public TokenModel {
 public:
  WordPiece(const ModelSpec& spec, const Vocabulary& vocabulary, std::uint32_t unknown)
      : vocabulary_(vocabulary),
        prefix_(spec.continuing_prefix),
        prefix_hash_(prefix_),
        max_characters_(spec.max_word_characters),
        unknown_(unknown) {}

  void encode(std::string_view word, ModelScratch& scratch, std::vector<WordToken>& out) const override {
    const std::size_t first = out.size();
    std::size_t at = too_long(word) ? word.size() + 1 : 0;
    while (at < word.size()) {
      const WordToken longest = longest_from(word, at, scratch.hashes);
      if (longest.id == Vocabulary::kNone) {
        at = word.size() + 1;
        break;
      }
      out.push_back(longest);
      at = longest.end;
    }
    if (at == word.size()) return;
    out.resize(first);
    out.push_back({unknown_, 0, static_cast<std::uint32_t>(word.size())});
  }
  [[nodiscard]] std::optional<std::uint32_t> unknown() const noexcept override { return unknown_; }

 private:
  /// The longest token that goes on from `at`: the hashes of all that may, then the longest is looked up first.
  [[nodiscard]] WordToken longest_from(std::string_view word, std::size_t at,
                                       std::vector<SpellingHash>& hashes) const noexcept {
    const std::string_view prefix = at == 0 ? std::string_view() : std::string_view(prefix_);
    SpellingHash hash = at == 0 ? SpellingHash() : prefix_hash_;
    hashes.clear();
    for (std::size_t end = at; end < word.size() && prefix.size() + (end - at) < vocabulary_.longest(); ++end) {
      hash.add(word[end]);
      hashes.push_back(hash);
    }
    for (std::size_t size = hashes.size(); size > 0; --size) {
      const std::uint32_t id = vocabulary_.find(prefix, word.substr(at, size), hashes[size - 1]);
      if (id != Vocabulary::kNone) return {id, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + size)};
    }
    return {Vocabulary::kNone, 0, 0};
  }

  [[nodiscard]] bool too_long(std::string_view word) const noexcept {
    if (word.size() <= max_characters_) return false;
    std::size_t characters = 0;
    for (const char byte : word) characters += (static_cast<unsigned char>(byte) & 0xC0) != 0x80 ? 1 : 0;
    return characters > max_characters_;
  }

  const Vocabulary& vocabulary_;
  std::string prefix_;  // of every piece but the first
  SpellingHash prefix_hash_;
  std::size_t max_characters_;
  std::uint32_t unknown_;
};

}  // namespace

Result<std::unique_ptr<TokenModel>> make_word_piece(const ModelSpec& spec, const Vocabulary& vocabulary) {
  const auto unknown = vocabulary.id(spec.unknown.value_or(""));
  if (!unknown) {
    return Error{Code::kCorrupt,
                 fmt::format("model.unk_token: \"{}\" is not in the vocabulary", spec.unknown.value_or(""))};
  }
  return std::unique_ptr<TokenModel>(std::make_unique<WordPiece>(spec, vocabulary, *unknown));
}

}  // namespace tamis::text
