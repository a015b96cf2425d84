#pragma once

#include <tamis/eval/measure.h>

namespace tamis::eval {

// One function a measure; its definition stands beside it. R is the number of relevant documents of the query. A query
// without relevant documents has the value 0.

/// The discounted gains of the first k over those of the best possible order; the gain at rank i counts 1/log2(i + 1).
[[nodiscard]] double ndcg(const JudgedRanking&, const MeasureParameters&);
/// The sum of the precisions at the ranks of relevant documents, over R (also with a cutoff, as trec_eval's map_cut).
[[nodiscard]] double average_precision(const JudgedRanking&, const MeasureParameters&);
/// 1 over the rank of the first relevant document.
[[nodiscard]] double reciprocal_rank(const JudgedRanking&, const MeasureParameters&);
/// Relevant documents among the first k, over R.
[[nodiscard]] double recall(const JudgedRanking&, const MeasureParameters&);
/// Relevant documents among the first k, over k.
[[nodiscard]] double precision(const JudgedRanking&, const MeasureParameters&);
/// 1 if one of the first k is relevant.
[[nodiscard]] double success(const JudgedRanking&, const MeasureParameters&);
/// Relevant documents among the first R, over R.
[[nodiscard]] double r_precision(const JudgedRanking&, const MeasureParameters&);
/// Buckley and Voorhees 2004: the mean over relevant documents of 1 - min(n, R) / min(N, R), n = judged documents that
/// are not relevant above it, N = all of those.
[[nodiscard]] double bpref(const JudgedRanking&, const MeasureParameters&);
/// Yilmaz and Aslam 2006: the expected precision at relevant documents when only a sample of the pool was judged (grade
/// below 0: in the pool, not judged), with trec_eval's smoothing of 1e-5.
[[nodiscard]] double inferred_ap(const JudgedRanking&, const MeasureParameters&);
/// Documents with a judgement among the first k, over those that there are.
[[nodiscard]] double judged_share(const JudgedRanking&, const MeasureParameters&);
/// (1 + b²) P R / (b² P + R) of the first k, b = 1 or 2; P over the documents that there are.
[[nodiscard]] double f1(const JudgedRanking&, const MeasureParameters&);
[[nodiscard]] double f2(const JudgedRanking&, const MeasureParameters&);

}  // namespace tamis::eval
