#include <fmt/format.h>

#include "token_model.h"

namespace tamis::text {

namespace {

/// Greedy longest match from the left (WordPiece, arXiv:1609.08144, as BERT applies it): every piece but the first is
/// spelled with a prefix in the vocabulary. A word that cannot be covered, or is too long, is one unknown token.
class WordPiece final : public TokenModel {
 public:
  WordPiece(const ModelSpec& spec, const Vocabulary& vocabulary, std::uint32_t unknown)
      : trie_(vocabulary.trie()),
        inside_(trie_.find(spec.continuing_prefix)),
        max_characters_(spec.max_word_characters),
        unknown_(unknown) {}

  void encode(std::string_view word, ModelScratch&, std::vector<WordToken>& out) const override {
    const std::size_t first = out.size();
    std::size_t at = too_long(word) ? word.size() + 1 : 0;
    while (at < word.size()) {
      const std::uint32_t node = at == 0 ? ByteTrie::kRoot : inside_;
      ByteTrie::Match match;
      if (node != ByteTrie::kNone) match = trie_.longest(node, word.substr(at));
      if (match.size == 0) {
        at = word.size() + 1;
        break;
      }
      out.push_back({match.value, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + match.size)});
      at += match.size;
    }
    if (at == word.size()) return;
    out.resize(first);
    out.push_back({unknown_, 0, static_cast<std::uint32_t>(word.size())});
  }
  [[nodiscard]] std::optional<std::uint32_t> unknown() const noexcept override { return unknown_; }

 private:
  [[nodiscard]] bool too_long(std::string_view word) const noexcept {
    if (word.size() <= max_characters_) return false;
    std::size_t characters = 0;
    for (const char byte : word) characters += (static_cast<unsigned char>(byte) & 0xC0) != 0x80 ? 1 : 0;
    return characters > max_characters_;
  }

  const ByteTrie& trie_;
  std::uint32_t inside_;  // the node of the prefix, kNone if no token has it
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
