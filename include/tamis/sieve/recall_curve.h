#pragma once

#include <tamis/base/progress.h>
#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>
#include <tamis/sieve/block_index.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::sieve {

/// What an effort reached on a sample of queries.
struct RecallPoint {
  Effort effort;
  double recall = 0;          ///< mean share of the k best that it found
  double standard_error = 0;  ///< of that mean
  double cost =
      0;  ///< mean work a query, in about ns on a recent CPU; counted, not timed, so the same on every machine
};

/// The efforts that are worth their cost, for one k and one kind of query: a wanted recall instead of parameters.
class RecallCurve {
 public:
  /// @param points  of any order; those that cost more and reach less than another are left out
  explicit RecallCurve(std::vector<RecallPoint> points);
  /// By ascending recall and cost; the last is exact.
  [[nodiscard]] std::span<const RecallPoint> points() const noexcept { return points_; }
  /// The cheapest effort whose recall on the sample is at least `recall`, a standard error left for luck. Exact
  /// for 1, and where none is as good.
  [[nodiscard]] Effort effort_for(double recall) const;
  /// One line a point: what parse() reads back.
  [[nodiscard]] std::string to_text() const;
  /// @par Errors  kInvalidArgument names the line
  [[nodiscard]] static Result<RecallCurve> parse(std::string_view text);

 private:
  std::vector<RecallPoint> points_;
};

/// Tries a grid of 361 efforts on some 64 of the queries, and those that are not clearly beaten (about a sixth) on the
/// others.
/// @param queries  like those to come; some hundreds. kInvalidArgument when there are none, or k is 0
[[nodiscard]] Result<RecallCurve> fit_recall_curve(const BlockIndex& index,
                                                   std::span<const index::PreparedQuery> queries, std::size_t k,
                                                   ThreadPool& pool, ProgressSink& progress);

}  // namespace tamis::sieve
