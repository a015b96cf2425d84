#include "analysis.h"

#include <tamis/index/query.h>
#include <tamis/sparse/bm25.h>
#include <tamis/sparse/encoder.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

namespace tamis::search {
namespace {

void sort_unique(auto& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// A term as it will be encoded: how often, and the document frequency of its word.
struct TermUse {
  TermId term = 0;
  std::uint32_t count = 0;
  std::uint64_t document_frequency = 0;
};

/// One entry a term: counts added up, the largest frequency (a term of two words is as common as the commoner one).
void combine(std::vector<TermUse>& uses) {
  std::sort(uses.begin(), uses.end(), [](const TermUse& a, const TermUse& b) { return a.term < b.term; });
  std::size_t kept = 0;
  for (const auto& use : uses) {
    if (kept > 0 && uses[kept - 1].term == use.term) {
      auto& last = uses[kept - 1];
      last.count += use.count;
      last.document_frequency = std::max(last.document_frequency, use.document_frequency);
    } else {
      uses[kept++] = use;
    }
  }
  uses.resize(kept);
}

Result<sparse::SparseVector> encode(std::vector<TermUse> uses, std::uint64_t num_passages) {
  combine(uses);
  const auto encoder = sparse::make_bm25_query_encoder(num_passages, [&](TermId term) {
    const auto use =
        std::lower_bound(uses.begin(), uses.end(), term, [](const TermUse& u, TermId t) { return u.term < t; });
    return std::min(use->document_frequency, num_passages);
  });
  std::vector<sparse::TermCount> counts;
  counts.reserve(uses.size());
  for (const auto& use : uses) counts.push_back({use.term, use.count});
  sparse::EncoderInput input;
  input.counts = counts;
  input.length = static_cast<std::uint32_t>(counts.size());
  sparse::SparseVector out;
  TAMIS_TRY_OK(encoder->encode(input, out));
  return out;
}

sparse::SparseVector heaviest(std::vector<std::pair<TermId, float>> terms) {
  if (terms.size() > index::kMaxQueryTerms) {
    const auto last = terms.begin() + index::kMaxQueryTerms;
    std::nth_element(terms.begin(), last, terms.end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    terms.erase(last, terms.end());
  }
  std::sort(terms.begin(), terms.end());
  sparse::SparseVector out;
  for (const auto& [term, weight] : terms) {
    out.terms.push_back(term);
    out.weights.push_back(weight);
  }
  return out;
}

/// Document frequencies over all segments, looked up once a term.
class Frequencies {
 public:
  explicit Frequencies(const Collection& collection) : collection_(collection) {}
  std::uint64_t operator()(TermId term) {
    const auto [entry, is_new] = known_.try_emplace(term, 0);
    if (is_new) {
      for (const auto& segment : collection_.segments()) entry->second += segment.field->document_frequency(term);
    }
    return entry->second;
  }

 private:
  const Collection& collection_;
  std::unordered_map<TermId, std::uint64_t> known_;
};

}  // namespace

QueryAnalysis::QueryAnalysis(const Collection& collection, text::Analyzer& analyzer)
    : collection_(collection), analyzer_(analyzer) {
  for (const auto language : collection.languages()) {
    if (languages_.size() < kMaxQueryLanguages || language == text::Language::kNone) languages_.push_back(language);
  }
  if (languages_.empty()) languages_.push_back(text::Language::kNone);
}

AnalysedText QueryAnalysis::analyse(std::string_view text, bool with_titles) {
  AnalysedText out;
  std::vector<Spelling> spellings;
  std::vector<std::vector<std::uint32_t>> seen;  // readings, as the analyser's numbers
  std::vector<text::Token> tokens;
  for (const auto language : languages_) {
    tokens.clear();
    analyzer_.analyze(text, language, tokens);
    std::vector<std::uint32_t> numbers;
    for (const auto& token : tokens) numbers.push_back(token.term);
    sort_unique(numbers);
    if (numbers.empty() || std::find(seen.begin(), seen.end(), numbers) != seen.end()) continue;
    for (const auto& token : tokens) spellings.push_back({token.begin, token.end, token.term});
    add_reading(numbers, out);
    seen.push_back(std::move(numbers));
  }
  sort_unique(spellings);
  add_words(spellings, with_titles, out);
  return out;
}

void QueryAnalysis::add_reading(std::vector<std::uint32_t>& numbers, AnalysedText& out) const {
  Reading reading;
  for (const auto number : numbers) {
    const auto term = collection_.find_term(analyzer_.term(number));
    if (term) {
      reading.terms.push_back(*term);
    } else {
      reading.complete = false;
    }
  }
  sort_unique(reading.terms);
  out.readings.push_back(std::move(reading));
}

void QueryAnalysis::add_words(std::vector<Spelling>& spellings, bool with_titles, AnalysedText& out) const {
  for (const auto& spelling : spellings) {
    if (out.words.empty() || out.words.back().begin != spelling.begin || out.words.back().end != spelling.end) {
      out.words.push_back({spelling.begin, spelling.end, {}, {}});
    }
    auto& word = out.words.back();
    const auto key = analyzer_.term(spelling.number);
    if (const auto term = collection_.find_term(key)) word.terms.push_back(*term);
    if (!with_titles) continue;
    if (const auto term = collection_.find_term(sparse::title_key(key))) word.title_terms.push_back(*term);
  }
  for (auto& word : out.words) {
    sort_unique(word.terms);
    sort_unique(word.title_terms);
  }
}

Result<sparse::SparseVector> weigh_words(const Collection& collection, const std::vector<QueryWord>& words,
                                         float title_weight) {
  std::uint64_t num_passages = 0;
  for (const auto& segment : collection.segments()) num_passages += segment.field->num_passages();
  Frequencies frequency(collection);
  std::vector<TermUse> body, title;
  for (const auto& word : words) {
    std::uint64_t total = 0;
    for (const auto term : word.terms) total += frequency(term);
    for (const auto term : word.terms) body.push_back({term, 1, total});
    if (title_weight <= 0) continue;
    for (const auto term : word.title_terms) title.push_back({term, 1, total});
  }
  TAMIS_TRY(const auto body_vector, encode(std::move(body), num_passages));
  TAMIS_TRY(const auto title_vector, encode(std::move(title), num_passages));
  std::vector<std::pair<TermId, float>> terms;
  for (std::size_t i = 0; i < body_vector.size(); ++i) {
    terms.emplace_back(body_vector.terms[i], body_vector.weights[i]);
  }
  for (std::size_t i = 0; i < title_vector.size(); ++i) {
    terms.emplace_back(title_vector.terms[i], title_vector.weights[i] * title_weight);
  }
  return heaviest(std::move(terms));
}

void UnknownWords::add(std::string_view text, const std::vector<QueryWord>& words) {
  std::uint32_t known_end = 0;  // of the known words that begin before the one looked at
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    if (!word.terms.empty()) {
      known_end = std::max(known_end, word.end);
      continue;
    }
    bool overlaps = word.begin < known_end;
    for (std::size_t j = i + 1; !overlaps && j < words.size() && words[j].begin < word.end; ++j) {
      overlaps = !words[j].terms.empty();
    }
    if (overlaps) continue;
    std::string name(text.substr(word.begin, word.end - word.begin));
    if (seen_.insert(name).second) words_.push_back(std::move(name));
  }
}

}  // namespace tamis::search
