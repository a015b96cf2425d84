#include <fmt/format.h>
#include <tamis/eval/evaluate.h>

#include <algorithm>
#include <functional>

namespace tamis::eval {
namespace {

/// Grades of hits, in their order.
void look_up(std::span<const Hit> hits, std::span<const Judgement> by_document, std::vector<Grade>& grades) {
  grades.clear();
  for (const Hit& hit : hits) {
    const auto found =
        std::lower_bound(by_document.begin(), by_document.end(), hit.document,
                         [](const Judgement& j, std::uint32_t document) { return j.document < document; });
    grades.push_back(found != by_document.end() && found->document == hit.document ? found->grade : kNotJudged);
  }
}

}  // namespace

Result<TieRule> tie_rule_from(std::string_view name) {
  if (name == "trec") return TieRule::kTrecEval;
  if (name == "id") return TieRule::kIdAscending;
  if (name == "given") return TieRule::kAsGiven;
  return Error{Code::kInvalidArgument, fmt::format("'{}' is no rule for ties (trec, id, given)", name)};
}

Result<MissingQueries> missing_queries_from(std::string_view name) {
  if (name == "zero") return MissingQueries::kZero;
  if (name == "skip") return MissingQueries::kSkip;
  return Error{Code::kInvalidArgument, fmt::format("'{}' is no rule for queries without hits (zero, skip)", name)};
}

void sort_hits(std::vector<Hit>& hits, TieRule ties, const Ids& ids) {
  const auto name = [&](const Hit& hit) { return ids.documents.name(hit.document); };
  if (ties == TieRule::kTrecEval) {
    std::sort(hits.begin(), hits.end(), [&](const Hit& a, const Hit& b) {
      const auto x = static_cast<float>(a.score), y = static_cast<float>(b.score);
      return x != y ? x > y : name(a) > name(b);
    });
  } else if (ties == TieRule::kIdAscending) {
    std::sort(hits.begin(), hits.end(),
              [&](const Hit& a, const Hit& b) { return a.score != b.score ? a.score > b.score : name(a) < name(b); });
  }
}

void Evaluation::add(const Evaluation& part) {
  for (std::size_t query = 0; query < answered.size(); ++query) {
    if (!part.answered[query]) continue;
    answered[query] = true;
    for (std::size_t m = 0; m < values.size(); ++m) values[m][query] = part.values[m][query];
  }
  num_unjudged_queries += part.num_unjudged_queries;
}

double Evaluation::mean(std::size_t measure, MissingQueries missing) const {
  double sum = 0.0;
  std::size_t count = 0;
  for (std::size_t query = 0; query < answered.size(); ++query) {
    if (!counts(query, missing)) continue;
    sum += values[measure][query];
    ++count;
  }
  return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

PairedDifferences paired_differences(const Evaluation& base, const Evaluation& other, std::size_t measure,
                                     MissingQueries missing) {
  PairedDifferences out;
  for (std::size_t query = 0; query < base.answered.size(); ++query) {
    if (!base.counts(query, missing) || !other.counts(query, missing)) continue;
    out.queries.push_back(query);
    out.values.push_back(other.values[measure][query] - base.values[measure][query]);
  }
  return out;
}

Evaluation evaluate(const Run& run, const Qrels& qrels, std::span<const Measure> measures, TieRule ties,
                    const Ids& ids) {
  Evaluation out;
  out.values.assign(measures.size(), std::vector<double>(qrels.size(), 0.0));
  out.answered.assign(qrels.size(), false);
  std::vector<Hit> hits;
  std::vector<Judgement> by_document;
  std::vector<Grade> judged, ranking;
  for (std::size_t query = 0; query < qrels.size(); ++query) {
    const auto place = run.find(qrels.query(query));
    if (!place) continue;
    out.answered[query] = true;
    hits.assign(run.items(*place).begin(), run.items(*place).end());
    sort_hits(hits, ties, ids);
    by_document.assign(qrels.items(query).begin(), qrels.items(query).end());
    std::sort(by_document.begin(), by_document.end(),
              [](const Judgement& a, const Judgement& b) { return a.document < b.document; });
    judged.clear();
    for (const Judgement& judgement : by_document) judged.push_back(judgement.grade);
    std::sort(judged.begin(), judged.end(), std::greater<>());
    look_up(hits, by_document, ranking);
    for (std::size_t m = 0; m < measures.size(); ++m) out.values[m][query] = measures[m].of({ranking, judged});
  }
  for (std::size_t i = 0; i < run.size(); ++i) {
    if (!qrels.find(run.query(i))) ++out.num_unjudged_queries;
  }
  return out;
}

}  // namespace tamis::eval
