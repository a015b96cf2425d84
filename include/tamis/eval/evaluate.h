#pragma once

#include <tamis/base/result.h>
#include <tamis/eval/ids.h>
#include <tamis/eval/measure.h>
#include <tamis/eval/per_query.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tamis::eval {

/// The order of hits with equal scores.
enum class TieRule {
  kTrecEval,     ///< scores as float32, equal ones by descending id, byte by byte: as trec_eval, so that numbers agree
  kIdAscending,  ///< scores as float64, equal ones by ascending id
  kAsGiven,      ///< the order of the lines; scores are not looked at
};
/// "trec", "id", "given"; kInvalidArgument otherwise.
[[nodiscard]] Result<TieRule> tie_rule_from(std::string_view name);

/// Best first. `ids` are those that the run was read with.
void sort_hits(std::vector<Hit>& hits, TieRule ties, const Ids& ids);

/// Queries that have judgements but no hits.
enum class MissingQueries {
  kZero,  ///< are hits of nothing: value 0, part of the mean (trec_eval -c)
  kSkip,  ///< are left out (trec_eval without -c)
};

/// "zero", "skip"; kInvalidArgument otherwise.
[[nodiscard]] Result<MissingQueries> missing_queries_from(std::string_view name);

/// The values of one run: rows are the queries of the judgements, in their order.
struct Evaluation {
  std::vector<std::vector<double>> values;  ///< [measures][queries]; 0 for queries without hits
  std::vector<bool> answered;               ///< [queries] whether the run has hits for it
  std::size_t num_unjudged_queries = 0;     ///< queries of the run that the judgements lack: not part of anything

  /// The queries that count.
  [[nodiscard]] bool counts(std::size_t query, MissingQueries missing) const {
    return missing == MissingQueries::kZero || answered[query];
  }
  /// Takes over the queries that another evaluation of the same judgements and measures has hits for: of runs that are
  /// made, measured and forgotten in pieces.
  void add(const Evaluation& part);
  /// Over the queries that count; 0 if there are none.
  [[nodiscard]] double mean(std::size_t measure, MissingQueries missing) const;
};

/// Measures a run. Both were read with the same ids. Cost: sorting each query's hits, one look-up a hit.
[[nodiscard]] Evaluation evaluate(const Run& run, const Qrels& qrels, std::span<const Measure> measures, TieRule ties,
                                  const Ids& ids);

/// The differences other - base of one measure, over the queries that count in both.
struct PairedDifferences {
  std::vector<std::size_t> queries;  ///< places in the judgements
  std::vector<double> values;
};
[[nodiscard]] PairedDifferences paired_differences(const Evaluation& base, const Evaluation& other, std::size_t measure,
                                                   MissingQueries missing);

/// A document's score from those of its passages.
enum class PassageRule {
  kMax,      ///< MaxP: the best passage
  kFirst,    ///< FirstP: of the passages that were found, the one that stands first
  kSum,      ///< SumP: all that were found
  kTopMean,  ///< the mean of the m best, of all if there are fewer
};
/// "max", "first", "sum", "mean"; kInvalidArgument otherwise.
[[nodiscard]] Result<PassageRule> passage_rule_from(std::string_view name);

struct PassageOptions {
  PassageRule rule = PassageRule::kMax;
  /// A passage's id is its document's, this, and what tells passages apart; the last occurrence counts. An id without
  /// it is a document itself.
  std::string_view separator = "#";
  std::uint32_t top = 3;  ///< m of kTopMean, ≥ 1
};
/// A document's score from those of its passages that were found.
/// @param scores  [passages ≥ 1] in any order; is put into another one
/// @param first   the place in it of the passage that stands first
[[nodiscard]] double document_score(std::vector<double>& scores, std::size_t first, const PassageOptions& options);

/// A run of documents from one of passages: each document once a query, in the order of its first passage's line.
/// Passages are ordered by what follows the separator: as whole numbers where both are, else byte by byte.
/// @par Errors  kInvalidArgument: no separator, or top 0; kCorrupt: an id that is nothing but separator and what
/// follows
[[nodiscard]] Result<Run> documents_of_passages(const Run& passages, const PassageOptions& options, Ids& ids);

/// A run without the hits whose document has the query's own id, as BEIR wants where queries are documents too.
[[nodiscard]] Result<Run> without_self_matches(const Run& run, const Ids& ids);

}  // namespace tamis::eval
