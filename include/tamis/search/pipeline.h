#pragma once

#include <tamis/base/progress.h>
#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>
#include <tamis/index/query_algorithm.h>
#include <tamis/search/collection.h>
#include <tamis/search/method.h>
#include <tamis/search/query.h>
#include <tamis/search/reranker.h>
#include <tamis/sieve/block_index.h>
#include <tamis/sieve/recall_curve.h>
#include <tamis/sparse/encoder.h>
#include <tamis/sparse/vector.h>
#include <tamis/text/analyzer.h>
#include <tamis/text/unicode.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace tamis::search {

/// Makes a question the vector that a field is asked with.
struct QueryEncoder {
  std::string field;                              ///< one of Collection::vector_fields()
  sparse::TextEncoder::Worker* worker = nullptr;  ///< borrowed; used by the thread that searches
};

/// What a step `rerank:NAME` scores with.
struct NamedReranker {
  std::string name;
  Reranker* reranker = nullptr;  ///< borrowed; used by the thread that searches
};

struct SearchOptions {
  std::uint32_t k = 10;
  /// How windows of passages are searched: a name of index::query_algorithm_names(), for all segments; "" = the
  /// default, and blocks where a segment has them.
  std::string algorithm;
  /// The share of the best that is to be found, in the mean over questions; 1 = all, below 0 = the collection's. Less
  /// is faster in segments with blocks, where the collection knows what reaches it.
  double recall = -1.0;
  float title_weight = -1.0F;    ///< < 0 = the collection's
  bool group_documents = false;  ///< the best passage of a document stands for it
  Method method;
  /// What makes the questions, where it is not what the models were made for: "idf". Curves of recall are of one kind.
  std::string question_kind;
  std::vector<QueryEncoder> encoders;  ///< of the vector fields that the method names, also in `rerank:FIELD`
  std::vector<NamedReranker> rerankers = {};
  /// Passages that are what is meant, or are not: the question of every field moves towards them, or away. Words are
  /// not needed then.
  std::vector<PassageId> like = {}, unlike = {};
};

/// The fields that a method needs questions for: those that rank, then those that it reranks by, which are all
/// `rerank:NAME` but options.rerankers.
[[nodiscard]] std::vector<std::string> asked_fields(const Method& method, const SearchOptions& options);

/// What a curve of recall is kept by: method without its steps, and kind of questions.
[[nodiscard]] std::string curve_name(const SearchOptions& options);

struct ScoredPassage {
  PassageId id = 0;
  Score score = 0;
};
/// Counted work.
struct Work {
  index::SearchStats windows;
  sieve::SearchWork blocks;
  std::uint64_t reranked = 0;  ///< passages that steps scored anew
  void add(const Work& more);
};
struct SearchResult {
  std::vector<ScoredPassage> passages;  ///< best first, ties by id
  Work work;
  sieve::Effort effort;               ///< in segments with blocks, for the wanted recall
  std::uint32_t num_query_terms = 0;  ///< of all fields; known to the collection, in all its languages, title terms too
  double encode_seconds = 0;          ///< of making the question vectors
  std::vector<std::string> unknown_words;
  /// [passages] how many nearly equal ones a step left out for each; empty = no step did.
  std::vector<std::uint32_t> similar = {};
};

/// Runs questions against snapshots. Holds an analyser: one a thread.
///
/// A query is analysed in the collection's languages (the 8 most frequent); a word is found in any of them, and all of
/// its spellings weigh the same. Filters (fields, +must, -not, the words of phrases) become bitmaps before ranking, so
/// that k hits are found if there are k. Phrases are then checked on the text of the candidates in rank order, going
/// deeper until k are found: consecutive words with the same stems. A query of filters only ranks by passage id, score
/// 0.
///
/// Steps of the method (feedback, reranking) run on the first passages that pass filters and phrases.
///
/// @par Errors  kInvalidArgument: "empty query: …" if nothing in it is a word or a filter and no passage is marked, an
///              unknown algorithm; kNotFound: a marked passage; kExhausted: a phrase of more than 1,024 words; and what
///              the collection answers
/// @par Cost    that of the algorithm, one posting list a filter word, one text a phrase candidate
class Searcher {
 public:
  Searcher();
  ~Searcher();
  Searcher(Searcher&&) noexcept;
  Searcher& operator=(Searcher&&) noexcept;
  [[nodiscard]] Result<SearchResult> search(const Collection& collection, const ParsedQuery& query,
                                            const SearchOptions& options);
  /// Why a passage has its score: for each field of the method the terms that it shares with the question as it was
  /// asked in the end, those that bring most first. Their products add up to the field's score, but for rounding of the
  /// query's weights. Then the rerankings that scored it, without terms.
  struct SharedTerm {
    TermId term = 0;
    float query_weight = 0, passage_weight = 0;
  };
  struct FieldShare {
    std::string field;
    Score score = 0;    ///< the field's own, or the reranker's
    Score largest = 0;  ///< of the field for this question, what minmax divides by
    Score share = 0;    ///< what the field adds to the fused score; of a reranking the score that it made
    std::vector<SharedTerm> terms;
  };
  /// One answer a passage. The method is run once.
  [[nodiscard]] Result<std::vector<std::vector<FieldShare>>> explain(const Collection& collection,
                                                                     const ParsedQuery& query,
                                                                     const SearchOptions& options,
                                                                     std::span<const PassageId> passages);
  [[nodiscard]] Result<std::vector<FieldShare>> explain(const Collection& collection, const ParsedQuery& query,
                                                        const SearchOptions& options, PassageId passage);
  /// A ready sparse query (terms global): for external vectors.
  [[nodiscard]] Result<SearchResult> search_vector(const Collection& collection, sparse::SparseView query,
                                                   const SearchOptions& options);

  /// What finds how much of the k best (options.k) of a method's questions, tried on the largest segment with blocks:
  /// what a collection answers effort_for() from.
  /// @param questions  like those to come, some hundreds; none = kInvalidArgument, as is a collection without blocks
  /// @par Cost  some 360 searches for each of 64 questions and 60 for each other, on all threads
  [[nodiscard]] Result<sieve::RecallCurve> fit_recall(const Collection& collection,
                                                      std::span<const ParsedQuery> questions,
                                                      const SearchOptions& options, ThreadPool& pool,
                                                      ProgressSink& progress);
  /// The same for external vectors.
  [[nodiscard]] Result<sieve::RecallCurve> fit_recall(const Collection& collection,
                                                      std::span<const sparse::SparseVector> questions,
                                                      const SearchOptions& options, ThreadPool& pool,
                                                      ProgressSink& progress);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A piece of a text to show, cut at word borders, and the ranges in it that match the query.
struct Snippet {
  std::uint32_t begin = 0, end = 0;  ///< bytes of the text
  std::vector<text::Range> hits;     ///< bytes of the text, inside [begin, end)
};
/// The window of at most `max_bytes` with the most different query words, and around the tightest place that has them.
/// Hits are in order and do not overlap; without any the window is the text's beginning. Cost: one analysis of the
/// text.
/// @param analyzer  borrowed, for callers that make many; any state
[[nodiscard]] Snippet make_snippet(text::Analyzer& analyzer, std::string_view text, text::Language language,
                                   const ParsedQuery& query, std::uint32_t max_bytes);
[[nodiscard]] Snippet make_snippet(std::string_view text, text::Language language, const ParsedQuery& query,
                                   std::uint32_t max_bytes);

}  // namespace tamis::search
