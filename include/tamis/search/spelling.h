#pragma once

#include <tamis/base/result.h>
#include <tamis/search/collection.h>
#include <tamis/search/query.h>
#include <tamis/text/analyzer.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::search {

/// A word of a question, and one of the collection that may have been meant.
struct WordSuggestion {
  std::string word;     ///< as the question has it
  std::string instead;  ///< with its capital
};

/// "Did you mean": near spellings of words that a collection does not know, or hardly. It only suggests: what is
/// searched stays as it was asked. Holds an analyser: one a thread.
///
/// A near spelling is one edit away (a letter more, less, another, or two swapped); of words of eight letters and more
/// that have none, two. All words one edit away are analysed and looked up, as Norvig's corrector does; for two edits
/// all terms are compared by Damerau's distance (optimal string alignment). The index has stems, so the first passages
/// with the six most frequent terms say how they are spelled. The nearest is suggested; among equals the one that most
/// passages have, as far as those texts tell.
///
/// Words of 4 to 24 letters in scripts that put blanks between words, without capitals inside, at most four a question;
/// those that no passage has, or one, where a thousand have the suggestion.
///
/// @par Cost  nothing where all words are in more than one passage. Else, a word, some 500 to 2,500 look-ups a
/// language,
///            the texts of 48 passages, and for two edits one pass over all terms and 48 texts more.
class Speller {
 public:
  /// @returns the words that something is suggested for, in their order
  /// @par Errors  what the collection answers
  [[nodiscard]] Result<std::vector<WordSuggestion>> suggest(const Collection& collection, const ParsedQuery& query);

 private:
  text::Analyzer analyzer_;
};

/// A question with words replaced wherever they stand as words.
[[nodiscard]] std::string with_words_replaced(std::string_view question, std::span<const WordSuggestion> words);

}  // namespace tamis::search
