#pragma once

#include <tamis/index/query.h>
#include <tamis/search/pipeline.h>

#include "world.h"

namespace tamis::search {

/// What a search means, passage by passage and string by string: the definition that Searcher is tested against.
class Naive {
 public:
  explicit Naive(const TestCollection& collection) : collection_(collection) {
    for (const auto language : collection.languages()) languages_.push_back(language);
  }

  std::vector<ScoredPassage> search(const ParsedQuery& query, const SearchOptions& options) {
    const float title_weight = options.title_weight < 0 ? collection_.title_weight() : options.title_weight;
    bool has_words = false;
    const auto prepared = prepare(query, title_weight, has_words);
    std::vector<std::pair<index::Candidate, DocumentId>> ranked;
    for (const auto& passage : collection_.passages()) {
      if (passage.deleted || !passes(passage, query)) continue;
      const auto units = units_of(passage, prepared);
      if (has_words && units == 0) continue;
      ranked.push_back({{passage.id, units}, passage.document});
    }
    std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
      return a.first.units != b.first.units ? a.first.units > b.first.units : a.first.id < b.first.id;
    });
    std::vector<ScoredPassage> out;
    std::set<DocumentId> documents;
    for (const auto& [candidate, document] : ranked) {
      if (out.size() == options.k) break;
      if (options.group_documents && !documents.insert(document).second) continue;
      out.push_back({candidate.id, has_words ? prepared.score(candidate.units) : 0.0F});
    }
    return out;
  }

 private:
  struct Weight {
    std::uint32_t count = 0;
    std::uint64_t frequency = 0;
  };
  static bool is_wanted_text(const Clause& clause) {
    return clause.kind != Clause::Kind::kField && clause.need != Clause::Need::kNot;
  }

  std::uint64_t frequency(const std::string& key) const {
    std::uint64_t count = 0;
    for (const auto& passage : collection_.passages()) count += passage.levels.count(key);
    return count;
  }

  /// Place in the text → the spellings of the word there.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::set<std::string>> words(std::string_view text) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::set<std::string>> out;
    for (const auto language : languages_) {
      std::vector<text::Token> tokens;
      analyzer_.analyze(text, language, tokens);
      for (const auto& token : tokens) out[{token.begin, token.end}].emplace(analyzer_.term(token.term));
    }
    return out;
  }

  index::PreparedQuery prepare(const ParsedQuery& query, float title_weight, bool& has_words) {
    std::map<std::string, Weight> body, title;
    for (const auto& clause : query.clauses) {
      if (!is_wanted_text(clause)) continue;
      for (const auto& [place, spellings] : words(clause.text)) {
        has_words = true;
        std::uint64_t total = 0;
        for (const auto& key : spellings) total += frequency(key);
        const auto use = [&](std::map<std::string, Weight>& weights, const std::string& key) {
          if (frequency(key) == 0) return;
          ++weights[key].count;
          weights[key].frequency = std::max(weights[key].frequency, total);
        };
        for (const auto& key : spellings) use(body, key);
        if (title_weight <= 0) continue;
        for (const auto& key : spellings) use(title, sparse::title_key(key));
      }
    }
    std::map<TermId, float> weights;
    const auto all = collection_.passages().size();
    const auto weigh = [&](const std::map<std::string, Weight>& uses, float factor) {
      for (const auto& [key, use] : uses) {
        const float idf = sparse::bm25_idf(all, std::min<std::uint64_t>(use.frequency, all));
        weights[*collection_.find_term(key)] = idf * static_cast<float>(use.count) * factor;
      }
    };
    weigh(body, 1.0F);
    weigh(title, title_weight);
    sparse::SparseVector vector;
    for (const auto& [term, weight] : weights) {
      vector.terms.push_back(term);
      vector.weights.push_back(weight);
    }
    return index::prepare_query(vector, {255.0F, 8}).value();
  }

  /// All words in one of the languages.
  bool holds_words(const TestPassage& passage, std::string_view text) {
    for (const auto language : languages_) {
      const auto terms = terms_of(analyzer_, text, language);
      const bool all = std::all_of(terms.begin(), terms.end(),
                                   [&](const std::string& term) { return passage.levels.count(term) > 0; });
      if (all) return true;
    }
    return false;
  }
  bool holds_phrase(const TestPassage& passage, std::string_view phrase) {
    const auto words = terms_of(analyzer_, phrase, passage.language);
    const auto text = terms_of(analyzer_, passage.title + '\n' + passage.body, passage.language);
    return std::search(text.begin(), text.end(), words.begin(), words.end()) != text.end();
  }
  bool passes(const TestPassage& passage, const ParsedQuery& query) {
    for (const auto& clause : query.clauses) {
      const bool unwanted = clause.need == Clause::Need::kNot;
      if (clause.kind == Clause::Kind::kField) {
        if (TestCollection::year_matches(passage, clause) == unwanted) return false;
      } else if (words(clause.text).empty()) {
        continue;
      } else if (clause.kind == Clause::Kind::kPhrase) {
        if (holds_phrase(passage, clause.text) == unwanted) return false;
      } else if (clause.need != Clause::Need::kShould) {
        if (holds_words(passage, clause.text) == unwanted) return false;
      }
    }
    return true;
  }

  const TestCollection& collection_;
  std::vector<text::Language> languages_;
  text::Analyzer analyzer_;
};

}  // namespace tamis::search
