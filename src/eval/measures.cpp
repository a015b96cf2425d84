#include "measures.h"

#include <algorithm>
#include <cmath>

namespace tamis::eval {
namespace {

/// The ranks that count.
std::span<const Grade> top(const JudgedRanking& q, const MeasureParameters& p) {
  return p.cutoff == 0 ? q.ranking : q.ranking.first(std::min<std::size_t>(p.cutoff, q.ranking.size()));
}

std::size_t relevant_among(std::span<const Grade> grades, Grade rel) {
  return static_cast<std::size_t>(std::count_if(grades.begin(), grades.end(), [&](Grade g) { return g >= rel; }));
}

/// R, as a divisor of sums that are 0 where it is 0.
double relevant_or_one(const JudgedRanking& q, const MeasureParameters& p) {
  return static_cast<double>(std::max<std::size_t>(1, relevant_among(q.judged, p.rel)));
}

double gain(Grade grade, bool exponential) {
  if (grade <= 0) return 0.0;
  constexpr Grade kMost = 900;  // 2^900: sums of these stay finite
  return exponential ? std::exp2(std::min(grade, kMost)) - 1.0 : grade;
}

double discounted(std::span<const Grade> grades, bool exponential) {
  double sum = 0.0;
  for (std::size_t i = 0; i < grades.size(); ++i) {
    const double here = gain(grades[i], exponential);
    if (here > 0.0) sum += here / std::log2(static_cast<double>(i + 2));
  }
  return sum;
}

double f_measure(const JudgedRanking& q, const MeasureParameters& p, double beta) {
  const auto first = top(q, p);
  const auto found = static_cast<double>(relevant_among(first, p.rel));
  if (found == 0.0) return 0.0;
  const double prec = found / static_cast<double>(first.size());
  const double rec = found / relevant_or_one(q, p);
  return (1.0 + beta * beta) * prec * rec / (beta * beta * prec + rec);
}

}  // namespace

double ndcg(const JudgedRanking& q, const MeasureParameters& p) {
  const std::size_t depth = p.cutoff == 0 ? q.judged.size() : std::min<std::size_t>(p.cutoff, q.judged.size());
  const double best = discounted(q.judged.first(depth), p.exponential);
  return best > 0.0 ? discounted(top(q, p), p.exponential) / best : 0.0;
}

double average_precision(const JudgedRanking& q, const MeasureParameters& p) {
  const auto first = top(q, p);
  double sum = 0.0, found = 0.0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first[i] < p.rel) continue;
    found += 1.0;
    sum += found / static_cast<double>(i + 1);
  }
  return sum / relevant_or_one(q, p);
}

double reciprocal_rank(const JudgedRanking& q, const MeasureParameters& p) {
  const auto first = top(q, p);
  const auto found = std::find_if(first.begin(), first.end(), [&](Grade g) { return g >= p.rel; });
  return found == first.end() ? 0.0 : 1.0 / static_cast<double>(found - first.begin() + 1);
}

double recall(const JudgedRanking& q, const MeasureParameters& p) {
  return static_cast<double>(relevant_among(top(q, p), p.rel)) / relevant_or_one(q, p);
}

double precision(const JudgedRanking& q, const MeasureParameters& p) {
  return static_cast<double>(relevant_among(top(q, p), p.rel)) / static_cast<double>(p.cutoff);
}

double success(const JudgedRanking& q, const MeasureParameters& p) {
  return relevant_among(top(q, p), p.rel) > 0 ? 1.0 : 0.0;
}

double r_precision(const JudgedRanking& q, const MeasureParameters& p) {
  const std::size_t relevant = relevant_among(q.judged, p.rel);
  const auto first = q.ranking.first(std::min(relevant, q.ranking.size()));
  return static_cast<double>(relevant_among(first, p.rel)) / relevant_or_one(q, p);
}

double bpref(const JudgedRanking& q, const MeasureParameters& p) {
  const auto is_nonrelevant = [&](Grade g) { return g >= 0 && g < p.rel; };
  const double relevant = relevant_or_one(q, p);
  const auto nonrelevant = static_cast<double>(std::count_if(q.judged.begin(), q.judged.end(), is_nonrelevant));
  double above = 0.0, sum = 0.0;
  for (const Grade grade : q.ranking) {
    if (is_nonrelevant(grade)) above += 1.0;
    if (grade < 0 || grade < p.rel) continue;
    sum += above > 0.0 ? 1.0 - std::min(above, relevant) / std::min(nonrelevant, relevant) : 1.0;
  }
  return sum / relevant;
}

double inferred_ap(const JudgedRanking& q, const MeasureParameters& p) {
  constexpr double kSmoothing = 1e-5;
  double relevant = 0.0, nonrelevant = 0.0, unjudged = 0.0;  // of the pool, above this rank
  double sum = 0.0;
  for (std::size_t i = 0; i < q.ranking.size(); ++i) {
    const Grade grade = q.ranking[i];
    if (grade == kNotJudged) continue;
    if (grade < 0) {
      unjudged += 1.0;
    } else if (grade < p.rel) {
      nonrelevant += 1.0;
    } else {
      const auto above = static_cast<double>(i);
      const double rank = above + 1.0;
      sum += 1.0 / rank;
      if (i > 0) {
        sum += above / rank * ((relevant + nonrelevant + unjudged) / above) *
               ((relevant + kSmoothing) / (relevant + nonrelevant + 2.0 * kSmoothing));
      }
      relevant += 1.0;
    }
  }
  return sum / relevant_or_one(q, p);
}

double judged_share(const JudgedRanking& q, const MeasureParameters& p) {
  const auto first = top(q, p);
  if (first.empty()) return 0.0;
  const auto judged = std::count_if(first.begin(), first.end(), [](Grade g) { return g != kNotJudged; });
  return static_cast<double>(judged) / static_cast<double>(first.size());
}

double f1(const JudgedRanking& q, const MeasureParameters& p) { return f_measure(q, p, 1.0); }
double f2(const JudgedRanking& q, const MeasureParameters& p) { return f_measure(q, p, 2.0); }

}  // namespace tamis::eval
