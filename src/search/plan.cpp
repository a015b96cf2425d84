#include "plan.h"

#include <utility>

namespace tamis::search {
namespace {

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

}  // namespace

Result<Plan> make_plan(const Collection& collection, text::Analyzer& analyzer, const ParsedQuery& query,
                       bool with_titles, bool may_be_empty) {
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
  if (!plan.has_words && !plan.has_filter && !may_be_empty) {
    return Error{Code::kInvalidArgument, "empty query: no word to search for and no filter"};
  }
  return plan;
}

}  // namespace tamis::search
