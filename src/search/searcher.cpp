#include <tamis/search/pipeline.h>

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_set>
#include <utility>

#include "analysis.h"
#include "filters.h"
#include "fusion.h"
#include "phrases.h"
#include "questions.h"
#include "recall_sample.h"

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

using Ranking = std::function<Result<std::vector<ScoredPassage>>(std::size_t depth)>;

/// The first `k` accepted passages of a ranking. A deeper ranking begins like a less deep one, or, if not all of the
/// best are asked for, nearly so.
Result<std::vector<ScoredPassage>> take_accepted(const Ranking& ranking, Acceptance& acceptance, std::size_t k) {
  std::vector<ScoredPassage> taken;
  std::unordered_set<PassageId> checked;
  for (std::size_t depth = k; taken.size() < k; depth *= kDeepen) {
    TAMIS_TRY(const auto ranked, ranking(depth));
    for (std::size_t i = 0; i < ranked.size() && taken.size() < k; ++i) {
      if (depth > k && !checked.insert(ranked[i].id).second) continue;
      TAMIS_TRY(const bool accepted, acceptance.accepts(ranked[i].id));
      if (accepted) taken.push_back(ranked[i]);
    }
    if (ranked.size() < depth) break;
    if (depth == k && taken.size() < k) {
      for (const auto& one : ranked) checked.insert(one.id);
    }
  }
  std::stable_sort(taken.begin(), taken.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  return taken;
}

std::size_t limit_k(const Collection& collection, std::uint32_t k) {
  std::size_t passages = 0;
  for (const auto& segment : collection.segments()) passages += segment.field->num_passages();
  return std::min<std::size_t>(k, passages);
}

/// What a search of a collection runs with.
struct Asking {
  const Collection& collection;
  const Ranker& ranker;
  Acceptance& acceptance;
  std::uint32_t k = 0;
  std::string method;
  double recall = 1;
};

Result<SearchResult> search_fields(const Asking& asking, std::span<const FieldQuery> fields) {
  SearchResult result;
  const std::size_t k = limit_k(asking.collection, asking.k);
  if (k == 0 || fields.empty()) return result;
  FieldQuery sum;
  if (fields.size() > 1) {
    TAMIS_TRY(sum, sum_of(asking.ranker, fields, result.work));
  }
  const auto& asked = fields.size() > 1 ? sum : fields.front();
  if (asking.recall < 1) result.effort = asking.collection.effort_for(asking.method, k, asking.recall);
  const Ranking ranking = [&](std::size_t depth) {
    auto effort = result.effort;
    if (effort.rerank > 0) effort.rerank = static_cast<std::uint32_t>(effort.rerank * (depth / k));
    return asking.ranker.best(asked, depth, effort, result.work);
  };
  TAMIS_TRY(result.passages, take_accepted(ranking, asking.acceptance, k));
  return result;
}

Result<SearchResult> search_by_id(const Collection& collection, const Filters& filters, Acceptance& acceptance,
                                  std::uint32_t wanted) {
  const Ranking ranking = [&](std::size_t depth) -> Result<std::vector<ScoredPassage>> {
    std::vector<ScoredPassage> ranked;
    for (const auto id : filters.first(depth)) ranked.push_back({id, 0});
    return ranked;
  };
  SearchResult result;
  TAMIS_TRY(result.passages, take_accepted(ranking, acceptance, limit_k(collection, wanted)));
  return result;
}

/// The terms that a passage shares with a question, in one field.
Result<Searcher::FieldShare> share_of(const Ranker& ranker, const FieldQuery& field, PassageId passage) {
  Searcher::FieldShare share;
  Work ignored;
  TAMIS_TRY(share.largest, ranker.largest_score(field, ignored));
  std::vector<TermId> terms;
  std::vector<std::uint16_t> levels;
  for (const auto& view : field.views) {
    const auto local = view.field->local(passage);
    if (!local) continue;
    share.score = field.query.score(view.field->score(*local, field.query));
    view.field->vector(*local, terms, levels);
    const float step = view.field->config().scale.step();
    for (const auto& [term, weight] : field.query.terms) {
      const auto at = std::lower_bound(terms.begin(), terms.end(), term);
      if (at == terms.end() || *at != term) continue;
      const auto level = levels[static_cast<std::size_t>(at - terms.begin())];
      share.terms.push_back(
          {term, static_cast<float>(weight) * field.query.unit / step, static_cast<float>(level) * step});
    }
  }
  std::stable_sort(share.terms.begin(), share.terms.end(), [](const auto& a, const auto& b) {
    return a.query_weight * a.passage_weight > b.query_weight * b.passage_weight;
  });
  return share;
}

}  // namespace

std::string curve_name(const SearchOptions& options) {
  const auto method = to_string(options.method);
  return options.question_kind.empty() ? method : method + '@' + options.question_kind;
}

void Work::add(const Work& more) {
  windows.postings_total += more.windows.postings_total;
  windows.postings_scored += more.windows.postings_scored;
  windows.windows_total += more.windows.windows_total;
  windows.windows_scored += more.windows.windows_scored;
  windows.candidates += more.windows.candidates;
  blocks.add(more.blocks);
}

namespace {

/// A vector that is not ours, as the field of such vectors is asked it.
Result<FieldQuery> vector_question(const Collection& collection, const Filters& live, sparse::SparseView vector) {
  FieldQuery field;
  field.views = live.views();
  field.blocks = blocks_of(collection);
  TAMIS_TRY(field.query, index::prepare_query(vector, field.views.front().field->config().scale));
  return field;
}

double recall_of(const Collection& collection, const SearchOptions& options) {
  return options.recall < 0 ? collection.recall() : options.recall;
}

}  // namespace

struct Searcher::Impl {
  text::Analyzer analyzer;
  std::string algorithm_name;
  std::unique_ptr<index::QueryAlgorithm> algorithm;
  sieve::SearchScratch scratch;

  /// Calls `use` with the fields of a method as a question asks them.
  Status with_fields(const Collection& collection, const ParsedQuery& query, const SearchOptions& options,
                     const std::function<Status(std::span<const FieldQuery>)>& use);
  Ranker ranker(const SearchOptions& options) { return {*algorithm, options.algorithm.empty(), scratch}; }
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
  Questions questions(collection, query, options);
  TAMIS_TRY_OK(questions.ask(plan.filters, vector));
  const auto ranker = impl_->ranker(options);
  const Asking asking{collection, ranker, acceptance, options.k, curve_name(options), recall_of(collection, options)};
  TAMIS_TRY(auto result, search_fields(asking, questions.fields()));
  result.num_query_terms = static_cast<std::uint32_t>(questions.num_terms());
  result.encode_seconds = questions.encode_seconds();
  result.unknown_words = plan.unknown.take();
  return result;
}

Status Searcher::Impl::with_fields(const Collection& collection, const ParsedQuery& query, const SearchOptions& options,
                                   const std::function<Status(std::span<const FieldQuery>)>& use) {
  TAMIS_TRY_OK(choose(options.algorithm));
  const float title_weight = options.title_weight < 0 ? collection.title_weight() : options.title_weight;
  TAMIS_TRY(auto plan, make_plan(collection, analyzer, query, title_weight > 0));
  TAMIS_TRY(const auto vector, weigh_words(collection, plan.words, title_weight));
  Questions questions(collection, query, options);
  TAMIS_TRY_OK(questions.ask(plan.filters, vector));
  return use(questions.fields());
}

Result<std::vector<Searcher::FieldShare>> Searcher::explain(const Collection& collection, const ParsedQuery& query,
                                                            const SearchOptions& options, PassageId passage) {
  std::vector<FieldShare> shares;
  TAMIS_TRY_OK(impl_->with_fields(collection, query, options, [&](std::span<const FieldQuery> fields) -> Status {
    for (const auto& field : fields) {
      TAMIS_TRY(auto share, share_of(impl_->ranker(options), field, passage));
      share.field = options.method.fields[shares.size()];
      shares.push_back(std::move(share));
    }
    return ok();
  }));
  return shares;
}

Result<sieve::RecallCurve> Searcher::fit_recall(const Collection& collection, std::span<const ParsedQuery> questions,
                                                const SearchOptions& options, ThreadPool& pool,
                                                ProgressSink& progress) {
  RecallSample sample(collection);
  for (const auto& question : questions) {
    TAMIS_TRY_OK(impl_->with_fields(collection, question, options, [&](std::span<const FieldQuery> fields) {
      return sample.add(impl_->ranker(options), fields);
    }));
  }
  return sample.fit(options.k, pool, progress);
}

Result<sieve::RecallCurve> Searcher::fit_recall(const Collection& collection,
                                                std::span<const sparse::SparseVector> questions,
                                                const SearchOptions& options, ThreadPool& pool,
                                                ProgressSink& progress) {
  TAMIS_TRY_OK(impl_->choose(options.algorithm));
  RecallSample sample(collection);
  const Filters live(collection);
  for (const auto& question : questions) {
    if (question.terms.empty()) continue;
    TAMIS_TRY(const auto field, vector_question(collection, live, question));
    TAMIS_TRY_OK(sample.add(impl_->ranker(options), std::span(&field, 1)));
  }
  return sample.fit(options.k, pool, progress);
}

Result<SearchResult> Searcher::search_vector(const Collection& collection, sparse::SparseView query,
                                             const SearchOptions& options) {
  TAMIS_TRY_OK(impl_->choose(options.algorithm));
  const Filters live(collection);
  PhraseCheck no_phrases(collection, impl_->analyzer);
  Acceptance acceptance(collection, no_phrases, options.group_documents);
  std::vector<FieldQuery> fields;
  if (!collection.segments().empty() && !query.terms.empty()) {
    TAMIS_TRY(auto field, vector_question(collection, live, query));
    fields.push_back(std::move(field));
  }
  const auto ranker = impl_->ranker(options);
  const Asking asking{
      collection, ranker, acceptance, options.k, std::string(kExternalVectors), recall_of(collection, options)};
  TAMIS_TRY(auto result, search_fields(asking, fields));
  result.num_query_terms = static_cast<std::uint32_t>(query.terms.size());
  return result;
}

}  // namespace tamis::search
