#pragma once

#include <tamis/base/result.h>
#include <tamis/index/bitmap.h>
#include <tamis/search/collection.h>
#include <tamis/text/analyzer.h>

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "analysis.h"

namespace tamis::search {

/// A longer phrase is refused: checking costs words of the phrase times words of the text.
inline constexpr std::size_t kMaxPhraseWords = 1024;

/// Whether the tokens of `phrase` stand in `text` in their order, each next to the one before: no token of the text
/// fits between them. Tokens may overlap (bigrams, an identifier and its parts), in both.
/// @param text, phrase  by one analyser in one language, as it gave them
[[nodiscard]] bool holds_phrase(std::span<const text::Token> text, std::span<const text::Token> phrase);

/// Checks phrases on the text of one passage after the other. Postings have said already which passages hold a wanted
/// phrase's words; for unwanted ones that set is kept here, so that no other passage's text is fetched for them.
class PhraseCheck {
 public:
  PhraseCheck(const Collection& collection, text::Analyzer& analyzer) : collection_(collection), analyzer_(analyzer) {}
  /// Adds a phrase, wanted or not (kNot). `clause` is borrowed.
  /// @par Errors  kExhausted: longer than kMaxPhraseWords
  [[nodiscard]] Status add(const Clause& clause, const AnalysedText& analysed);
  [[nodiscard]] bool empty() const noexcept { return phrases_.empty(); }
  /// Whether a passage's text holds all phrases that are wanted and none that is not.
  [[nodiscard]] Result<bool> passes(PassageId id);

 private:
  struct Phrase {
    std::string_view text;
    bool wanted = true;
    std::vector<index::Bitmap> holds_words;  // a segment; unwanted phrases only
    std::map<text::Language, std::vector<text::Token>> tokens;
  };
  [[nodiscard]] bool may_hold(const Phrase& phrase, PassageId id) const;
  const std::vector<text::Token>& tokens_of(Phrase& phrase, text::Language language);

  const Collection& collection_;
  text::Analyzer& analyzer_;
  std::vector<Phrase> phrases_;
  std::vector<text::Token> tokens_;
};

}  // namespace tamis::search
