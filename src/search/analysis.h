#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/result.h>
#include <tamis/search/collection.h>
#include <tamis/sparse/vector.h>
#include <tamis/text/analyzer.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace tamis::search {

/// At most so many of a collection's languages are tried on a query, most frequent first, and kNone if it is one of
/// them.
inline constexpr std::size_t kMaxQueryLanguages = 8;

/// A word of a query: the terms that it is in the collection's languages. A passage is analysed in one language, so it
/// holds (leaving chance aside) one of them, and together they are the word.
struct QueryWord {
  std::uint32_t begin = 0, end = 0;  ///< bytes of the analysed text
  std::vector<TermId> terms;         ///< ascending; empty = unknown to the collection
  std::vector<TermId> title_terms;   ///< ascending
};

/// A text as one language reads it.
struct Reading {
  std::vector<TermId> terms;  ///< ascending, each once
  bool complete = true;       ///< false = a word is unknown to the collection: no passage of this language has them all
};

struct AnalysedText {
  std::vector<QueryWord> words;   ///< by (begin, end)
  std::vector<Reading> readings;  ///< the different ones; empty if the text has no words
};

/// Query text to terms of one collection. Borrows both; the analyser may be cleared between calls.
class QueryAnalysis {
 public:
  QueryAnalysis(const Collection& collection, text::Analyzer& analyzer);
  [[nodiscard]] AnalysedText analyse(std::string_view text, bool with_titles);

 private:
  struct Spelling {
    std::uint32_t begin, end, number;  // number: the analyser's
    auto operator<=>(const Spelling&) const = default;
  };
  void add_words(std::vector<Spelling>& spellings, bool with_titles, AnalysedText& out) const;
  void add_reading(std::vector<std::uint32_t>& numbers, AnalysedText& out) const;

  const Collection& collection_;
  text::Analyzer& analyzer_;
  std::vector<text::Language> languages_;
};

/// The sparse query of words: BM25's idf a term, times how often it was asked for. The terms of a word share one
/// document frequency, the sum of theirs: a spelling that only a few passages in another language have would weigh far
/// more than the word does otherwise. Title terms weigh `title_weight` times that. At most index::kMaxQueryTerms terms:
/// the heaviest.
[[nodiscard]] Result<sparse::SparseVector> weigh_words(const Collection& collection,
                                                       const std::vector<QueryWord>& words, float title_weight);

/// Words that the collection knows in no language, each once, in order of sight. What overlaps a known word (the whole
/// of an identifier whose parts are known) is not one.
class UnknownWords {
 public:
  void add(std::string_view text, const std::vector<QueryWord>& words);
  [[nodiscard]] std::vector<std::string> take() { return std::move(words_); }

 private:
  std::vector<std::string> words_;
  std::unordered_set<std::string> seen_;
};

}  // namespace tamis::search
