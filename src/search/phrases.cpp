#include "phrases.h"

#include <fmt/core.h>

#include <algorithm>

#include "filters.h"

namespace tamis::search {
namespace {

/// Above this the analyser forgets the words of the texts it has seen.
constexpr std::size_t kMaxAnalyserTerms = 1 << 18;

/// One past the last token that may follow token `s`: those that begin no later than the first token behind its end.
std::size_t followers_end(std::span<const text::Token> text, std::size_t s) {
  const auto by_begin = [](const text::Token& token, std::uint32_t begin) { return token.begin < begin; };
  const auto first = text.begin() + static_cast<std::ptrdiff_t>(s) + 1;
  const auto behind = std::lower_bound(first, text.end(), text[s].end, by_begin);
  if (behind == text.end()) return text.size();
  const auto last = std::upper_bound(behind, text.end(), behind->begin,
                                     [](std::uint32_t begin, const text::Token& token) { return begin < token.begin; });
  return static_cast<std::size_t>(last - text.begin());
}

}  // namespace

bool holds_phrase(std::span<const text::Token> text, std::span<const text::Token> phrase) {
  if (phrase.empty() || phrase.size() > text.size()) return false;
  std::vector<std::size_t> at;  // where the phrase read so far may end, ascending
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i].term == phrase.front().term) at.push_back(i);
  }
  std::vector<std::size_t> next;
  for (std::size_t p = 1; p < phrase.size() && !at.empty(); ++p) {
    next.clear();
    for (const auto s : at) {
      const std::size_t end = followers_end(text, s);
      for (std::size_t i = s + 1; i < end; ++i) {
        if (text[i].term == phrase[p].term) next.push_back(i);
      }
    }
    std::sort(next.begin(), next.end());
    next.erase(std::unique(next.begin(), next.end()), next.end());
    at.swap(next);
  }
  return !at.empty();
}

Status PhraseCheck::add(const Clause& clause, const AnalysedText& analysed) {
  if (analysed.words.size() > kMaxPhraseWords) {
    return Error{Code::kExhausted,
                 fmt::format("phrase: {} words long, at most {}", analysed.words.size(), kMaxPhraseWords)};
  }
  Phrase phrase;
  phrase.text = clause.text;
  phrase.wanted = clause.need != Clause::Need::kNot;
  if (!phrase.wanted) {
    for (const auto& segment : collection_.segments()) {
      TAMIS_TRY(auto holding, passages_holding(*segment.field, analysed.readings));
      phrase.holds_words.push_back(std::move(holding));
    }
  }
  phrases_.push_back(std::move(phrase));
  return ok();
}

bool PhraseCheck::may_hold(const Phrase& phrase, PassageId id) const {
  const auto segments = collection_.segments();
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (const auto local = segments[i].field->local(id)) return phrase.holds_words[i].test(*local);
  }
  return false;
}

const std::vector<text::Token>& PhraseCheck::tokens_of(Phrase& phrase, text::Language language) {
  const auto [entry, is_new] = phrase.tokens.try_emplace(language);
  if (is_new) analyzer_.analyze(phrase.text, language, entry->second);
  return entry->second;
}

Result<bool> PhraseCheck::passes(PassageId id) {
  if (analyzer_.num_terms() > kMaxAnalyserTerms) {
    analyzer_.clear();
    for (auto& phrase : phrases_) phrase.tokens.clear();
  }
  bool fetched = false;
  auto language = text::Language::kNone;
  for (auto& phrase : phrases_) {
    if (!phrase.wanted && !may_hold(phrase, id)) continue;
    if (!fetched) {
      TAMIS_TRY(const auto text, collection_.passage_text(id));
      TAMIS_TRY(language, collection_.passage_language(id));
      tokens_.clear();
      analyzer_.analyze(text, language, tokens_);
      fetched = true;
    }
    if (holds_phrase(tokens_, tokens_of(phrase, language)) != phrase.wanted) return false;
  }
  return true;
}

}  // namespace tamis::search
