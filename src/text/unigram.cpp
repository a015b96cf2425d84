#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "token_model.h"
#include "utf8.h"

namespace tamis::text {

namespace {

constexpr double kUnknownPenalty = 10;  // below the worst token, as sentencepiece has it

/// The cut of a word whose tokens have the highest sum of scores (Unigram, arXiv:1804.10959), by Viterbi's algorithm
/// from the left; of equal sums the one found first. Unknown characters beside each other are one token.
class Unigram final : public TokenModel {
 public:
  Unigram(const ModelSpec& spec, const Vocabulary& vocabulary)
      : vocabulary_(vocabulary), unknown_(*spec.unknown_id), scores_(vocabulary.size()) {
    double worst = std::numeric_limits<double>::infinity();
    std::vector<ByteTrie::Entry> entries;
    entries.reserve(spec.vocabulary.size());
    for (std::size_t i = 0; i < spec.vocabulary.size(); ++i) {
      const TokenList::Entry entry = spec.vocabulary[i];
      scores_[entry.id] = entry.score;
      worst = std::min(worst, entry.score);
      entries.push_back({entry.token, entry.id});
    }
    trie_ = ByteTrie(std::move(entries));
    unknown_score_ = worst - kUnknownPenalty;
    fallback_ids_.fill(ByteTrie::kNone);
    for (std::size_t byte = 0; spec.byte_fallback && byte < 256; ++byte)
      fallback_ids_[byte] = vocabulary.id(fmt::format("<0x{:02X}>", byte)).value_or(ByteTrie::kNone);
  }

  void encode(std::string_view word, ModelScratch& scratch, std::vector<WordToken>& out) const override {
    auto& steps = scratch.steps;
    steps.assign(word.size() + 1, {});
    for (std::size_t at = 0; at < word.size(); at += decode_utf8(word, at).size) step_from(word, at, steps);
    const std::size_t first = out.size();
    for (std::size_t end = word.size(); end > 0;) {  // from behind
      std::size_t begin = steps[end].begin;
      if (steps[end].id == unknown_) {
        while (begin > 0 && steps[begin].id == unknown_) begin = steps[begin].begin;
        put_unknown(word, begin, end, out);
      } else {
        out.push_back({steps[end].id, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
      }
      end = begin;
    }
    std::reverse(out.begin() + static_cast<std::ptrdiff_t>(first), out.end());
  }
  [[nodiscard]] std::optional<std::uint32_t> unknown() const noexcept override { return unknown_; }

 private:
  /// Offers every token that begins at `at`, and the unknown one where no single character does.
  void step_from(std::string_view word, std::size_t at, std::vector<ModelScratch::Step>& steps) const noexcept {
    const double so_far = steps[at].score;
    const auto offer = [&](std::size_t end, double score, std::uint32_t id) {
      ModelScratch::Step& target = steps[end];
      if (target.reached && score + so_far <= target.score) return;
      target = {score + so_far, id, static_cast<std::uint32_t>(at), true};
    };
    const std::size_t character = at + decode_utf8(word, at).size;
    bool known = false;
    std::uint32_t node = ByteTrie::kRoot;
    for (std::size_t end = at; end < word.size();) {
      node = trie_.child(node, word[end]);
      if (node == ByteTrie::kNone) break;
      ++end;
      const std::uint32_t id = trie_.value(node);
      if (id == ByteTrie::kNone) continue;
      offer(end, scores_[id], id);
      known = known || end == character;
    }
    if (!known) offer(character, unknown_score_, unknown_);
  }

  /// Tokens in reverse for what the vocabulary does not have.
  void put_unknown(std::string_view word, std::size_t begin, std::size_t end, std::vector<WordToken>& out) const {
    const std::string_view part = word.substr(begin, end - begin);
    const auto put = [&](std::uint32_t id) {
      out.push_back({id, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
    };
    const auto fallback = [&](char byte) { return fallback_ids_[static_cast<unsigned char>(byte)]; };
    if (const auto id = vocabulary_.id(part)) {
      put(*id);
    } else if (std::ranges::all_of(part, [&](char byte) { return fallback(byte) != ByteTrie::kNone; })) {
      for (std::size_t i = part.size(); i > 0; --i) put(fallback(part[i - 1]));
    } else {
      put(unknown_);
    }
  }

  const Vocabulary& vocabulary_;
  ByteTrie trie_;
  std::uint32_t unknown_;
  double unknown_score_ = 0;
  std::vector<double> scores_;
  std::array<std::uint32_t, 256> fallback_ids_{};
};

}  // namespace

Result<std::unique_ptr<TokenModel>> make_unigram(const ModelSpec& spec, const Vocabulary& vocabulary) {
  if (!spec.unknown_id)
    return Error{Code::kUnsupported, "model.unk_id: missing (Unigram needs a token for what it does not know)"};
  if (*spec.unknown_id >= vocabulary.size()) {
    return Error{Code::kCorrupt,
                 fmt::format("model.unk_id: {} (the vocabulary ends at {})", *spec.unknown_id, vocabulary.size())};
  }
  return std::unique_ptr<TokenModel>(std::make_unique<Unigram>(spec, vocabulary));
}

}  // namespace tamis::text
