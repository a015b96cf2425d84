#include <tamis/search/spelling.h>
#include <tamis/sparse/bm25.h>
#include <tamis/text/unicode.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "analysis.h"
#include "word_edits.h"

namespace tamis::search {
namespace {

constexpr std::size_t kLeastLetters = 4, kMostLetters = 24;
/// Shorter words are two edits away from too much.
constexpr std::size_t kLettersForTwoEdits = 8;
constexpr std::size_t kMostWords = 4;
/// A word in so many passages or fewer is looked at, and its suggestion is in so many times as many.
constexpr std::uint64_t kHardlyKnown = 1, kTimesMore = 1000;
/// Above this the analyser forgets what it has seen.
constexpr std::size_t kMaxAnalyserTerms = 1 << 16;
/// Terms that letters are counted in, spread over all.
constexpr TermId kLetterSample = 4096;
constexpr std::size_t kMaxAlphabet = 40;
constexpr std::size_t kTextsRead = 8;
constexpr std::size_t kTermsCompared = 6;

std::uint64_t frequency_of(const Collection& collection, const std::vector<TermId>& terms) {
  std::uint64_t total = 0;
  for (const auto term : terms) {
    for (const auto& segment : collection.segments()) total += segment.field->document_frequency(term);
  }
  return total;
}

/// A spelling that the collection may have.
struct Spelling {
  std::u32string letters;
  std::vector<TermId> terms;  ///< in any of its languages, ascending
  std::size_t edits = 1;
  double passages = 0;  ///< that have its terms; of a spelling, as many as texts that were read let expect
};

bool better(const Spelling& a, const Spelling& b) {
  if (a.edits != b.edits) return a.edits < b.edits;
  return a.passages != b.passages ? a.passages > b.passages : a.letters < b.letters;
}

/// Looks for one word of a question.
class WordSearch {
 public:
  WordSearch(const Collection& collection, QueryAnalysis& analysis, text::Analyzer& analyzer)
      : collection_(collection), analysis_(analysis), analyzer_(analyzer) {}

  /// What is nearest to a word that so many passages have.
  Result<std::optional<std::u32string>> nearest(const std::u32string& word, std::uint64_t passages) {
    const auto least = static_cast<double>(passages * kTimesMore);
    TAMIS_TRY(auto found, as_texts_have_them(one_edit(word), word, 1));
    if (found.empty() && passages == 0 && word.size() >= kLettersForTwoEdits) {
      TAMIS_TRY(found, as_texts_have_them(two_edits(word), word, 2));
    }
    const auto best = std::min_element(found.begin(), found.end(), better);
    if (best == found.end() || best->passages < least) return std::optional<std::u32string>();
    return std::optional(best->letters);
  }

 private:
  /// The letters that terms are written with, those of the word's script: the most frequent.
  std::u32string alphabet_of(const std::u32string& word) const {
    std::set<char32_t> pages;
    for (const char32_t c : word) pages.insert(c >> 8U);
    std::map<char32_t, std::size_t> counts;
    const auto step = std::max<TermId>(1, collection_.num_terms() / kLetterSample);
    for (TermId id = 0; id < collection_.num_terms(); id += step) {
      for (const char32_t c : letters_of(collection_.term(id))) {
        if (pages.contains(c >> 8U)) ++counts[c];
      }
    }
    std::vector<std::pair<std::size_t, char32_t>> order;
    for (const auto& [letter, count] : counts) order.emplace_back(count, letter);
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::u32string out;
    for (std::size_t i = 0; i < std::min(order.size(), kMaxAlphabet); ++i) out += order[i].second;
    return out;
  }

  /// Words one edit away that have terms of the collection, the most frequent first.
  std::vector<Spelling> one_edit(const std::u32string& word) {
    std::vector<Spelling> all;
    std::string lines;
    std::vector<std::uint32_t> begins;
    for (auto& letters : one_edit_away(word, alphabet_of(word))) {
      if (letters.size() + 1 < kLeastLetters) continue;
      begins.push_back(static_cast<std::uint32_t>(lines.size()));
      lines += utf8_of(letters) + '\n';
      all.push_back({std::move(letters), {}});
    }
    begins.push_back(static_cast<std::uint32_t>(lines.size()));
    for (const auto& read : analysis_.analyse(lines, false).words) {
      const auto at = std::upper_bound(begins.begin(), begins.end(), read.begin) - begins.begin() - 1;
      // A part of a spelling is not the spelling.
      if (read.begin != begins[static_cast<std::size_t>(at)] ||
          read.end + 1 != begins[static_cast<std::size_t>(at) + 1]) {
        continue;
      }
      all[static_cast<std::size_t>(at)].terms = read.terms;
    }
    rank(all);
    return all;
  }

  /// The terms two edits away from the word as any language reads it, the nearest and most frequent first.
  std::vector<Spelling> two_edits(const std::u32string& word) {
    std::set<std::u32string> stems = {word};
    std::vector<text::Token> tokens;
    for (const auto language : collection_.languages()) {
      tokens.clear();
      analyzer_.analyze(utf8_of(word), language, tokens);
      if (tokens.size() == 1) stems.insert(letters_of(analyzer_.term(tokens.front().term)));
    }
    std::vector<Spelling> found;
    add_near_terms(stems, found);
    rank(found);
    return found;
  }

  void rank(std::vector<Spelling>& spellings) const {
    for (auto& one : spellings) one.passages = static_cast<double>(frequency_of(collection_, one.terms));
    std::erase_if(spellings, [](const Spelling& one) { return one.passages == 0; });
    std::sort(spellings.begin(), spellings.end(), better);
  }

  static std::uint32_t kinds_of_bytes(std::string_view bytes) {
    std::uint32_t kinds = 0;
    for (const char c : bytes) kinds |= 1U << (static_cast<unsigned char>(c) & 31U);
    return kinds;
  }

  /// One pass over all terms. What cannot be near by its bytes is not looked at by letters.
  void add_near_terms(const std::set<std::u32string>& stems, std::vector<Spelling>& found) const {
    struct Wanted {
      std::u32string_view letters;
      std::size_t edit_bytes = 0;
      std::uint32_t kinds = 0;
    };
    std::vector<Wanted> wanted;
    std::size_t least = SIZE_MAX, most = 0;
    for (const auto& stem : stems) {
      if (stem.empty()) continue;
      const std::string bytes = utf8_of(stem);
      const auto edit_bytes = (bytes.size() + stem.size() - 1) / stem.size();
      wanted.push_back({stem, edit_bytes, kinds_of_bytes(bytes)});
      least = std::min(least, bytes.size() - std::min(bytes.size(), 2 * edit_bytes));
      most = std::max(most, bytes.size() + 2 * edit_bytes);
    }
    const auto num_terms = collection_.num_terms();
    for (TermId id = 0; id < num_terms; ++id) {
      const auto term = collection_.term(id);
      if (term.empty() || term.size() < least || term.size() > most || term.front() == sparse::kTitleMark) continue;
      const auto kinds = kinds_of_bytes(term);
      for (const auto& one : wanted) {
        // An edit changes a letter into another: two kinds a byte.
        if (static_cast<std::size_t>(std::popcount(kinds ^ one.kinds)) > 4 * one.edit_bytes) continue;
        auto letters = letters_of(term);
        const auto edits = edit_distance(letters, one.letters, 2);
        if (edits <= 2 && !letters.empty()) found.push_back({std::move(letters), {id}, edits});
      }
    }
  }

  /// How passages spell the first terms: what has a word's stem need not be a word. Those near enough.
  Result<std::vector<Spelling>> as_texts_have_them(const std::vector<Spelling>& ranked, const std::u32string& word,
                                                   std::size_t most_edits) {
    std::vector<Spelling> real;
    std::set<std::vector<TermId>> read;
    for (const auto& one : ranked) {
      if (read.size() == kTermsCompared) break;
      if (!read.insert(one.terms).second) continue;
      std::map<std::u32string, std::uint64_t> seen;
      TAMIS_TRY_OK(read_texts(one.terms, seen));
      double all = 0;
      for (const auto& [letters, count] : seen) all += static_cast<double>(count);
      for (const auto& [letters, count] : seen) {
        const auto edits = edit_distance(letters, word, most_edits);
        if (edits == 0 || edits > most_edits) continue;
        real.push_back({letters, one.terms, edits, one.passages * static_cast<double>(count) / all});
      }
    }
    return real;
  }

  /// How often the first passages with a term write it how.
  Status read_texts(const std::vector<TermId>& terms, std::map<std::u32string, std::uint64_t>& seen) {
    std::vector<text::Token> tokens;
    TAMIS_TRY(const auto passages, first_with(terms));
    for (const auto id : passages) {
      TAMIS_TRY(const auto text, collection_.passage_text(id));
      TAMIS_TRY(const auto language, collection_.passage_language(id));
      tokens.clear();
      analyzer_.analyze(text, language, tokens);
      for (const auto& token : tokens) {
        const auto term = collection_.find_term(analyzer_.term(token.term));
        if (!term || !std::binary_search(terms.begin(), terms.end(), *term)) continue;
        auto letters = letters_of(std::string_view(text).substr(token.begin, token.end - token.begin));
        if (!letters.empty()) ++seen[std::move(letters)];
      }
    }
    return ok();
  }

  Result<std::vector<PassageId>> first_with(const std::vector<TermId>& terms) const {
    std::vector<PassageId> out;
    for (const auto& segment : collection_.segments()) {
      for (const auto term : terms) {
        TAMIS_TRY(auto with, segment.field->passages_with(term));
        if (segment.deleted != nullptr) with -= *segment.deleted;
        for (std::size_t w = 0; w < with.words().size() && out.size() < kTextsRead; ++w) {
          for (auto bits = with.words()[w]; bits != 0 && out.size() < kTextsRead; bits &= bits - 1) {
            out.push_back(segment.field->ids()[64 * w + static_cast<std::size_t>(std::countr_zero(bits))]);
          }
        }
      }
    }
    return out;
  }

  const Collection& collection_;
  QueryAnalysis& analysis_;
  text::Analyzer& analyzer_;
};

/// A name like mRNA, which is not spelled but made up.
bool is_made_up(std::string_view word) {
  return std::any_of(word.begin() + 1, word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// A suggestion as the word was written: with its capital.
std::string written_like(std::string_view word, std::u32string letters) {
  const bool capital = word.front() >= 'A' && word.front() <= 'Z';
  if (capital && letters.front() >= U'a' && letters.front() <= U'z') letters.front() -= U'a' - U'A';
  return utf8_of(letters);
}

}  // namespace

Result<std::vector<WordSuggestion>> Speller::suggest(const Collection& collection, const ParsedQuery& query) {
  std::vector<WordSuggestion> out;
  if (collection.num_terms() == 0) return out;
  if (analyzer_.num_terms() > kMaxAnalyserTerms) analyzer_.clear();
  QueryAnalysis analysis(collection, analyzer_);
  WordSearch search(collection, analysis, analyzer_);
  std::set<std::u32string> looked_at;
  for (const auto& clause : query.clauses) {
    if (clause.kind == Clause::Kind::kField || clause.need == Clause::Need::kNot) continue;
    const auto words = analysis.analyse(clause.text, false).words;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto [begin, end] = std::pair(words[i].begin, words[i].end);
      // Parts of a word are known or not with the whole.
      if ((i > 0 && words[i - 1].end > begin) || (i + 1 < words.size() && words[i + 1].begin < end)) continue;
      const auto word = std::string_view(clause.text).substr(begin, end - begin);
      const auto letters = letters_of(word);
      if (letters.size() < kLeastLetters || letters.size() > kMostLetters || is_made_up(word)) continue;
      const auto passages = frequency_of(collection, words[i].terms);
      if (passages > kHardlyKnown || looked_at.size() == kMostWords || !looked_at.insert(letters).second) continue;
      TAMIS_TRY(const auto instead, search.nearest(letters, passages));
      if (instead) out.push_back({std::string(word), written_like(word, *instead)});
    }
  }
  return out;
}

std::string with_words_replaced(std::string_view question, std::span<const WordSuggestion> words) {
  std::vector<text::Range> ranges;
  text::segment_words(question, ranges);
  std::string out;
  std::size_t done = 0;
  for (const auto& [begin, end] : ranges) {
    const auto word = question.substr(begin, end - begin);
    const auto found = std::find_if(words.begin(), words.end(), [&](const auto& one) { return one.word == word; });
    if (found == words.end()) continue;
    out += question.substr(done, begin - done);
    out += found->instead;
    done = end;
  }
  return out + std::string(question.substr(done));
}

}  // namespace tamis::search
