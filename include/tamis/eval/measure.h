#pragma once

#include <tamis/base/result.h>
#include <tamis/eval/per_query.h>

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::eval {

/// The grade of a document that stands nowhere in the judgements of its query.
inline constexpr Grade kNotJudged = std::numeric_limits<Grade>::min();

/// One query's ranking as the measures see it.
struct JudgedRanking {
  std::span<const Grade> ranking;  ///< [hits] best first: the grade of each, kNotJudged
  std::span<const Grade> judged;   ///< all judgements of the query, descending
};

struct MeasureParameters {
  std::uint32_t cutoff = 0;  ///< ranks that count; 0 = all
  Grade rel = 1;             ///< the least grade that is relevant, for measures that know only relevant and not
  bool exponential =
      false;  ///< nDCG: a grade g gains 2^g - 1 (Burges et al. 2005) instead of g (Järvelin and Kekäläinen 2002)
  bool judged_only = false;  ///< documents without a judgement are taken out of the ranking first
};

/// How good one ranking is: 0 worst, 1 best. Values follow trec_eval 10 and ir-measures 0.4; Judged and RR with a
/// cutoff, for which ir-measures breaks ties in its own way, are equal under TieRule::kIdAscending. Safe from several
/// threads.
class Measure {
 public:
  /// "nDCG@10", "AP", "R@100", "RR(rel=2)@10", "nDCG(dcg='exp-log2')@10", "P(rel=2, judged_only=True)@5": the names of
  /// ir-measures, small letters too.
  /// @par Errors  kInvalidArgument says what there is
  [[nodiscard]] static Result<Measure> parse(std::string_view text);
  /// As parse() reads it, in its usual spelling.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const MeasureParameters& parameters() const noexcept { return parameters_; }
  [[nodiscard]] double of(const JudgedRanking& ranking) const;

 private:
  using Function = double (*)(const JudgedRanking&, const MeasureParameters&);
  std::string name_;
  MeasureParameters parameters_;
  Function function_ = nullptr;
};

/// Several, separated by blanks or commas; each once.
[[nodiscard]] Result<std::vector<Measure>> parse_measures(std::string_view text);

/// What a measure is called and takes, for help and documentation.
struct MeasureInfo {
  std::string_view name;
  std::string_view other_name;  ///< "" = none
  std::string_view summary;
  bool takes_cutoff = false, needs_cutoff = false;
};
[[nodiscard]] std::vector<MeasureInfo> known_measures();

}  // namespace tamis::eval
