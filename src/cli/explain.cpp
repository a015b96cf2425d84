#include "explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "display.h"
#include "json.h"

namespace tamis::cli {
namespace {

constexpr std::size_t kShownTerms = 8;

/// The piece of a text that gave each term its weight.
Result<std::unordered_map<TermId, std::string>> pieces_of(const sparse::TextEncoder& encoder, const std::string& text) {
  std::unordered_map<TermId, std::string> pieces;
  sparse::SparseVector vector;
  std::vector<sparse::TermOrigin> origins;
  const auto status = encoder.make_worker()->explain(text, vector, origins);
  if (!status && status.error().code == Code::kUnsupported) return pieces;  // no token alone gave a term its weight
  TAMIS_TRY_OK(status);
  for (std::size_t i = 0; i < vector.size(); ++i) {
    const auto [begin, end] = origins[i];
    if (begin < end && end <= text.size()) pieces[vector.terms[i]] = text.substr(begin, end - begin);
  }
  return pieces;
}

std::string piece(const std::unordered_map<TermId, std::string>& pieces, TermId term) {
  const auto at = pieces.find(term);
  return at == pieces.end() ? "" : at->second;
}

}  // namespace

Status Explainer::name_terms(const QuestionEncoders::Field& field, const std::string& question, PassageId passage,
                             const std::vector<search::Searcher::SharedTerm>& shared, ExplainedField& out) const {
  TAMIS_TRY(const auto text, snapshot_.encoder_text(passage));
  TAMIS_TRY(const auto of_question, pieces_of(*field.questions, question));
  TAMIS_TRY(const auto of_passage, pieces_of(*field.passages, text));
  for (const auto& term : shared) {
    out.terms.push_back({std::string(field.passages->term(term.term)), term.query_weight, term.passage_weight,
                         piece(of_question, term.term), piece(of_passage, term.term)});
  }
  return ok();
}

Result<std::vector<std::vector<ExplainedField>>> Explainer::explain(search::Searcher& searcher,
                                                                    const search::ParsedQuery& query,
                                                                    const search::SearchOptions& options,
                                                                    const std::vector<PassageId>& passages) const {
  const auto& collection = snapshot_.collection();
  TAMIS_TRY(const auto all, searcher.explain(collection, query, options, passages));
  std::vector<std::vector<ExplainedField>> out(passages.size());
  for (std::size_t i = 0; i < passages.size(); ++i) {
    for (const auto& share : all[i]) {
      ExplainedField explained{
          share.field, share.score, share.share, share.field.starts_with(search::kRerankPrefix), {}};
      const auto& fields = encoders_.fields();
      const auto field =
          std::find_if(fields.begin(), fields.end(), [&](const auto& one) { return one.name == share.field; });
      if (field != fields.end()) {
        TAMIS_TRY_OK(name_terms(*field, query.words(), passages[i], share.terms, explained));
      } else {
        for (const auto& [term, query_weight, passage_weight] : share.terms) {
          explained.terms.push_back({std::string(collection.term(term)), query_weight, passage_weight, "", ""});
        }
      }
      out[i].push_back(std::move(explained));
    }
  }
  return out;
}

std::string explained_text(const std::vector<ExplainedField>& fields) {
  std::string out;
  for (const auto& field : fields) {
    out += fmt::format("   {} {:.3f}{}", field.field, field.share,
                       fields.size() > 1 ? fmt::format(" ({:.2f})", field.score) : "");
    if (field.is_reranking) {
      out += "\n";
      continue;
    }
    out += ":";
    std::size_t shown = 0;
    for (const auto& term : field.terms) {
      if (shown++ == kShownTerms) break;
      out += fmt::format("{} {} {:.2f}", shown > 1 ? "," : "", harmless(term.term),
                         term.query_weight * term.passage_weight);
      const auto& [a, b] = std::pair(harmless(term.from_question), harmless(term.from_passage));
      if (!a.empty() || !b.empty()) out += fmt::format(" ({} → {})", a.empty() ? "…" : a, b.empty() ? "…" : b);
    }
    if (field.terms.empty()) out += " nothing in common";
    if (field.terms.size() > kShownTerms) out += fmt::format(", and {} more", field.terms.size() - kShownTerms);
    out += "\n";
  }
  return out;
}

std::string explained_json(const std::vector<ExplainedField>& fields) {
  std::string out = "[";
  for (const auto& field : fields) {
    std::string terms = "[";
    for (const auto& term : field.terms) {
      JsonObject object;
      object.text("term", term.term).number("question", term.query_weight).number("passage", term.passage_weight);
      if (!term.from_question.empty()) object.text("from_question", term.from_question);
      if (!term.from_passage.empty()) object.text("from_passage", term.from_passage);
      terms += (terms.size() > 1 ? "," : "") + std::move(object).finish();
    }
    JsonObject object;
    object.text("field", field.field).number("score", field.score).number("share", field.share);
    object.raw("terms", terms + "]");
    out += (out.size() > 1 ? "," : "") + std::move(object).finish();
  }
  return out + "]";
}

}  // namespace tamis::cli
