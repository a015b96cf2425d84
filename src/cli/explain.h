#pragma once

#include <tamis/base/result.h>
#include <tamis/engine/engine.h>
#include <tamis/search/pipeline.h>

#include <string>
#include <vector>

#include "question_encoders.h"

namespace tamis::cli {

/// A term that a hit shares with its question, and the words that it comes from on both sides.
struct ExplainedTerm {
  std::string term;
  float query_weight = 0, passage_weight = 0;
  std::string from_question, from_passage;  ///< pieces of text; "" where it is not known
};
struct ExplainedField {
  std::string field;
  float score = 0;  ///< the field's own
  float share = 0;  ///< of it in the fused score; of a reranking the score that it made
  bool is_reranking = false;
  std::vector<ExplainedTerm> terms;
};

/// Says why hits were found. One a thread.
class Explainer {
 public:
  Explainer(const Snapshot& snapshot, const QuestionEncoders& encoders) : snapshot_(snapshot), encoders_(encoders) {}
  /// One answer a passage.
  /// @par Cost  the search once more, and an encoding of the question and of each passage by each model
  [[nodiscard]] Result<std::vector<std::vector<ExplainedField>>> explain(search::Searcher& searcher,
                                                                         const search::ParsedQuery& query,
                                                                         const search::SearchOptions& options,
                                                                         const std::vector<PassageId>& passages) const;

 private:
  [[nodiscard]] Status name_terms(const QuestionEncoders::Field& field, const std::string& question, PassageId passage,
                                  const std::vector<search::Searcher::SharedTerm>& shared, ExplainedField& out) const;
  const Snapshot& snapshot_;
  const QuestionEncoders& encoders_;
};

/// For people, indented, with a line's end; the terms that bring most.
[[nodiscard]] std::string explained_text(const std::vector<ExplainedField>& fields);
/// A JSON array, all terms.
[[nodiscard]] std::string explained_json(const std::vector<ExplainedField>& fields);

}  // namespace tamis::cli
