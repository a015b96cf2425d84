#include <tamis/search/pipeline.h>

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_set>
#include <utility>

#include "analysis.h"
#include "filters.h"
#include "phrases.h"

namespace tamis::search {
namespace {

/// Above this the analyser forgets the words of earlier queries and texts.
constexpr std::size_t kMaxAnalyserTerms = 1 << 18;
/// How much deeper each look goes when too few of the best are accepted.
constexpr std::size_t kDeepen = 4;

/// A query made ready: words to rank by, sets to rank in, phrases to check.
struct Plan {
  Filters filters;
  PhraseCheck phrases;
  std::vector<QueryWord> words = {};
  UnknownWords unknown = {};
  bool has_words = false;  // known or not
  bool has_filter = false;
};

Status add_text_clause(Plan& plan, QueryAnalysis& analysis, const Clause& clause, bool with_titles) {
  const bool wanted = clause.need != Clause::Need::kNot;
  const AnalysedText analysed = analysis.analyse(clause.text, wanted && with_titles);
  if (analysed.words.empty()) return ok();  // punctuation asks for nothing
  const bool is_phrase = clause.kind == Clause::Kind::kPhrase;
  if (is_phrase) TAMIS_TRY_OK(plan.phrases.add(clause, analysed));
  if (wanted && (is_phrase || clause.need == Clause::Need::kMust)) TAMIS_TRY_OK(plan.filters.keep(analysed.readings));
  if (!wanted && !is_phrase) TAMIS_TRY_OK(plan.filters.remove(analysed.readings));
  if (!wanted) {
    plan.has_filter = true;
    return ok();
  }
  plan.has_words = true;
  plan.unknown.add(clause.text, analysed.words);
  plan.words.insert(plan.words.end(), analysed.words.begin(), analysed.words.end());
  return ok();
}

Result<Plan> make_plan(const Collection& collection, text::Analyzer& analyzer, const ParsedQuery& query,
                       bool with_titles) {
  Plan plan{Filters(collection), PhraseCheck(collection, analyzer)};
  QueryAnalysis analysis(collection, analyzer);
  for (const auto& clause : query.clauses) {
    if (clause.kind == Clause::Kind::kField) {
      TAMIS_TRY_OK(plan.filters.apply(collection, clause));
      plan.has_filter = true;
    } else {
      TAMIS_TRY_OK(add_text_clause(plan, analysis, clause, with_titles));
    }
  }
  if (!plan.has_words && !plan.has_filter) {
    return Error{Code::kInvalidArgument, "empty query: no word to search for and no filter"};
  }
  return plan;
}

/// What is decided on ranked passages one by one: phrases, and one hit a document if that is asked for.
class Acceptance {
 public:
  Acceptance(const Collection& collection, PhraseCheck& phrases, bool group_documents)
      : collection_(collection), phrases_(phrases), group_documents_(group_documents) {}
  Result<bool> accepts(PassageId id) {
    if (!phrases_.empty()) {
      TAMIS_TRY(const bool passes, phrases_.passes(id));
      if (!passes) return false;
    }
    if (!group_documents_) return true;
    TAMIS_TRY(const auto document, collection_.document_of(id));
    return documents_.insert(document).second;
  }

 private:
  const Collection& collection_;
  PhraseCheck& phrases_;
  bool group_documents_;
  std::unordered_set<DocumentId> documents_;
};

using Ranking = std::function<Result<std::vector<index::Candidate>>(std::size_t depth)>;

/// The first `k` accepted passages of a ranking. A deeper ranking begins like a less deep one.
Result<std::vector<index::Candidate>> take_accepted(const Ranking& ranking, Acceptance& acceptance, std::size_t k) {
  std::vector<index::Candidate> taken;
  std::size_t checked = 0;
  for (std::size_t depth = k; taken.size() < k; depth *= kDeepen) {
    TAMIS_TRY(const auto ranked, ranking(depth));
    for (; checked < ranked.size() && taken.size() < k; ++checked) {
      TAMIS_TRY(const bool accepted, acceptance.accepts(ranked[checked].id));
      if (accepted) taken.push_back(ranked[checked]);
    }
    if (ranked.size() < depth) break;
  }
  return taken;
}

std::size_t limit_k(const Collection& collection, std::uint32_t k) {
  std::size_t passages = 0;
  for (const auto& segment : collection.segments()) passages += segment.field->num_passages();
  return std::min<std::size_t>(k, passages);
}

Result<SearchResult> search_by_words(const Collection& collection, const index::QueryAlgorithm& algorithm,
                                     sparse::SparseView query, const Filters& filters, Acceptance& acceptance,
                                     std::uint32_t wanted) {
  SearchResult result;
  result.num_query_terms = static_cast<std::uint32_t>(query.terms.size());
  const std::size_t k = limit_k(collection, wanted);
  if (k == 0 || query.terms.empty()) return result;
  TAMIS_TRY(const auto prepared, index::prepare_query(query, collection.segments().front().field->config().scale));
  const auto views = filters.views();
  const Ranking ranking = [&](std::size_t depth) {
    return index::search_segments(algorithm, views, prepared, depth, result.stats);
  };
  TAMIS_TRY(const auto taken, take_accepted(ranking, acceptance, k));
  for (const auto& [id, units] : taken) result.passages.push_back({id, prepared.score(units)});
  return result;
}

Result<SearchResult> search_by_id(const Collection& collection, const Filters& filters, Acceptance& acceptance,
                                  std::uint32_t wanted) {
  const Ranking ranking = [&](std::size_t depth) -> Result<std::vector<index::Candidate>> {
    std::vector<index::Candidate> ranked;
    for (const auto id : filters.first(depth)) ranked.push_back({id, 0});
    return ranked;
  };
  TAMIS_TRY(const auto taken, take_accepted(ranking, acceptance, limit_k(collection, wanted)));
  SearchResult result;
  for (const auto& candidate : taken) result.passages.push_back({candidate.id, 0});
  return result;
}

}  // namespace

struct Searcher::Impl {
  text::Analyzer analyzer;
  std::string algorithm_name;
  std::unique_ptr<index::QueryAlgorithm> algorithm;

  Status choose(const std::string& name) {
    if (algorithm != nullptr && name == algorithm_name) return ok();
    TAMIS_TRY(algorithm, index::make_query_algorithm(name.empty() ? index::query_algorithm_names().front() : name));
    algorithm_name = name;
    return ok();
  }
};

Searcher::Searcher() : impl_(std::make_unique<Impl>()) {}
Searcher::~Searcher() = default;
Searcher::Searcher(Searcher&&) noexcept = default;
Searcher& Searcher::operator=(Searcher&&) noexcept = default;

Result<SearchResult> Searcher::search(const Collection& collection, const ParsedQuery& query,
                                      const SearchOptions& options) {
  TAMIS_TRY_OK(impl_->choose(options.algorithm));
  if (impl_->analyzer.num_terms() > kMaxAnalyserTerms) impl_->analyzer.clear();
  const float title_weight = options.title_weight < 0 ? collection.title_weight() : options.title_weight;
  TAMIS_TRY(auto plan, make_plan(collection, impl_->analyzer, query, title_weight > 0));
  Acceptance acceptance(collection, plan.phrases, options.group_documents);
  if (!plan.has_words) return search_by_id(collection, plan.filters, acceptance, options.k);
  TAMIS_TRY(const auto vector, weigh_words(collection, plan.words, title_weight));
  TAMIS_TRY(auto result, search_by_words(collection, *impl_->algorithm, vector, plan.filters, acceptance, options.k));
  result.unknown_words = plan.unknown.take();
  return result;
}

Result<SearchResult> Searcher::search_vector(const Collection& collection, sparse::SparseView query,
                                             const SearchOptions& options) {
  TAMIS_TRY_OK(impl_->choose(options.algorithm));
  const Filters live(collection);
  PhraseCheck no_phrases(collection, impl_->analyzer);
  Acceptance acceptance(collection, no_phrases, options.group_documents);
  return search_by_words(collection, *impl_->algorithm, query, live, acceptance, options.k);
}

}  // namespace tamis::search
