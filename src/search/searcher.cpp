#include <tamis/search/pipeline.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "acceptance.h"
#include "analysis.h"
#include "filters.h"
#include "fuse_lists.h"
#include "method_run.h"
#include "phrases.h"
#include "plan.h"
#include "questions.h"
#include "recall_sample.h"

namespace tamis::search {
namespace {

/// Above this the analyser forgets the words of earlier queries and texts.
constexpr std::size_t kMaxAnalyserTerms = 1 << 18;

std::size_t limit_k(const Collection& collection, std::uint32_t k) {
  std::size_t passages = 0;
  for (const auto& segment : collection.segments()) passages += segment.field->num_passages();
  return std::min<std::size_t>(k, passages);
}

Result<SearchResult> search_by_id(const Collection& collection, const Filters& filters, Acceptance& acceptance,
                                  std::uint32_t wanted) {
  const Ranking ranking{[&](std::size_t depth) -> Result<std::vector<ScoredPassage>> {
    std::vector<ScoredPassage> ranked;
    for (const auto id : filters.first(depth)) ranked.push_back({id, 0});
    return ranked;
  }};
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
  const auto method = to_string(without_steps(options.method));
  return options.question_kind.empty() ? method : method + '@' + options.question_kind;
}

void Work::add(const Work& more) {
  windows.postings_total += more.windows.postings_total;
  windows.postings_scored += more.windows.postings_scored;
  windows.windows_total += more.windows.windows_total;
  windows.windows_scored += more.windows.windows_scored;
  windows.candidates += more.windows.candidates;
  blocks.add(more.blocks);
  reranked += more.reranked;
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

}  // namespace

struct Searcher::Impl {
  text::Analyzer analyzer;
  std::string algorithm_name;
  std::unique_ptr<index::QueryAlgorithm> algorithm;
  sieve::SearchScratch scratch;

  /// Calls `use` with the fields of a method as a question asks them.
  Status with_fields(const Collection& collection, const ParsedQuery& query, const SearchOptions& options,
                     const std::function<Status(Plan&, Questions&)>& use);
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
  SearchResult result;
  const bool is_marked = !options.like.empty() || !options.unlike.empty();
  const auto answer = [&](Plan& plan, Questions& questions) -> Status {
    Acceptance acceptance(collection, plan.phrases, options.group_documents);
    if (!plan.has_words && !is_marked) {
      TAMIS_TRY(result, search_by_id(collection, plan.filters, acceptance, options.k));
      return ok();
    }
    result.num_query_terms = static_cast<std::uint32_t>(questions.num_terms());
    result.encode_seconds = questions.encode_seconds();
    result.unknown_words = plan.unknown.take();
    const std::size_t k = limit_k(collection, options.k);
    if (k == 0 || questions.fields().empty()) return ok();
    const auto ranker = impl_->ranker(options);
    MethodRun run({collection, options, ranker, plan.phrases, impl_->analyzer, query.words(), k}, questions.take());
    TAMIS_TRY_OK(run.run());
    TAMIS_TRY(result.passages, take_accepted(run.ranking(), acceptance, k));
    result.similar = run.similar(result.passages);
    result.work = run.work();
    result.effort = run.effort();
    return ok();
  };
  TAMIS_TRY_OK(impl_->with_fields(collection, query, options, answer));
  return result;
}

Status Searcher::Impl::with_fields(const Collection& collection, const ParsedQuery& query, const SearchOptions& options,
                                   const std::function<Status(Plan&, Questions&)>& use) {
  TAMIS_TRY_OK(choose(options.algorithm));
  if (analyzer.num_terms() > kMaxAnalyserTerms) analyzer.clear();
  const float title_weight = options.title_weight < 0 ? collection.title_weight() : options.title_weight;
  const bool is_marked = !options.like.empty() || !options.unlike.empty();
  TAMIS_TRY(auto plan, make_plan(collection, analyzer, query, title_weight > 0, is_marked));
  Questions questions(collection, query, options);
  if (plan.has_words || is_marked) {
    TAMIS_TRY(const auto vector, weigh_words(collection, plan.words, title_weight));
    TAMIS_TRY_OK(questions.ask(plan.filters, vector));
  }
  return use(plan, questions);
}

Result<std::vector<std::vector<Searcher::FieldShare>>> Searcher::explain(const Collection& collection,
                                                                         const ParsedQuery& query,
                                                                         const SearchOptions& options,
                                                                         std::span<const PassageId> passages) {
  std::vector<std::vector<FieldShare>> out(passages.size());
  const auto explain_all = [&](Plan& plan, Questions& questions) -> Status {
    const std::size_t k = limit_k(collection, options.k);
    if (k == 0 || questions.fields().empty()) return ok();
    const auto ranker = impl_->ranker(options);
    MethodRun run({collection, options, ranker, plan.phrases, impl_->analyzer, query.words(), k}, questions.take());
    TAMIS_TRY_OK(run.run());
    for (std::size_t p = 0; p < passages.size(); ++p) {
      TAMIS_TRY(const auto parts, run.field_shares(passages[p]));
      for (const auto& field : run.fields()) {
        TAMIS_TRY(auto share, share_of(ranker, field, passages[p]));
        share.field = field.name;
        share.share = static_cast<Score>(parts[out[p].size()]);
        out[p].push_back(std::move(share));
      }
      for (auto& one : run.rerank_shares(passages[p])) {
        out[p].push_back({std::move(one.name), one.score, 0, one.total, {}});
      }
    }
    return ok();
  };
  TAMIS_TRY_OK(impl_->with_fields(collection, query, options, explain_all));
  return out;
}

Result<std::vector<Searcher::FieldShare>> Searcher::explain(const Collection& collection, const ParsedQuery& query,
                                                            const SearchOptions& options, PassageId passage) {
  TAMIS_TRY(auto all, explain(collection, query, options, std::span(&passage, 1)));
  return std::move(all.front());
}

Result<sieve::RecallCurve> Searcher::fit_recall(const Collection& collection, std::span<const ParsedQuery> questions,
                                                const SearchOptions& options, ThreadPool& pool,
                                                ProgressSink& progress) {
  RecallSample sample(collection);
  const auto& method = options.method;
  if (method.fields.size() > 1 && fusion_of(method.fusion).values != nullptr) {
    return Error{Code::kInvalidArgument, "recall of " + to_string(method) +
                                             ": curves are of single fields and of their " +
                                             "sum (minmax); fused lists use those of their fields"};
  }
  for (const auto& question : questions) {
    TAMIS_TRY_OK(impl_->with_fields(collection, question, options, [&](Plan&, Questions& asked) {
      auto fields = asked.take();
      fields.resize(std::min(fields.size(), method.fields.size()));
      for (std::size_t i = 0; i < fields.size(); ++i) fields[i].weight = method.fields[i].weight;
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
  SearchResult result;
  result.num_query_terms = static_cast<std::uint32_t>(query.terms.size());
  const std::size_t k = limit_k(collection, options.k);
  if (k == 0 || collection.segments().empty() || query.terms.empty()) return result;
  TAMIS_TRY(const auto field, vector_question(collection, live, query));
  const auto ranker = impl_->ranker(options);
  const double recall = options.recall < 0 ? collection.recall() : options.recall;
  if (recall < 1) result.effort = collection.effort_for(kExternalVectors, k, recall);
  const Ranking ranking{[&](std::size_t depth) {
    auto effort = result.effort;
    if (effort.rerank > 0) effort.rerank *= static_cast<std::uint32_t>(depth / k);
    return ranker.best(field, depth, effort, result.work);
  }};
  TAMIS_TRY(result.passages, take_accepted(ranking, acceptance, k));
  return result;
}

}  // namespace tamis::search
