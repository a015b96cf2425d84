#pragma once

#include <tamis/base/result.h>
#include <tamis/search/collection.h>
#include <tamis/search/pipeline.h>
#include <tamis/text/analyzer.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "acceptance.h"
#include "boosts.h"
#include "fuse_lists.h"
#include "phrases.h"
#include "ranker.h"
#include "rerank.h"

namespace tamis::search {

/// What a method is run with; all borrowed.
struct MethodInputs {
  const Collection& collection;
  const SearchOptions& options;
  const Ranker& ranker;
  PhraseCheck& phrases;
  text::Analyzer& analyzer;
  std::string question;  ///< its words, for rerankers and boosts
  std::size_t k = 0;     ///< hits that are wanted
};

/// Runs a method on the fields of one question, step after step. The ranking of the moment is that of the fields as
/// they are asked now, fused, and then of the rerankings since they were asked last.
class MethodRun {
 public:
  /// @param fields  those of the method, in its order, then others that steps rerank by
  MethodRun(const MethodInputs& inputs, std::vector<FieldQuery> fields);
  /// All steps.
  [[nodiscard]] Status run();
  /// The ranking after the last step so far. Borrows this object.
  [[nodiscard]] Ranking ranking();

  [[nodiscard]] const Work& work() const { return work_; }
  [[nodiscard]] const sieve::Effort& effort() const { return effort_; }
  /// As they are asked now: those of the method.
  [[nodiscard]] std::span<const FieldQuery> fields() const { return std::span(fields_).first(num_ranking_); }
  /// What each field adds to a passage's score before reranking.
  [[nodiscard]] Result<std::vector<double>> field_shares(PassageId passage);
  /// What the rerankings since the fields were asked say of a passage.
  struct RerankShare {
    std::string name;
    Score score = 0;  ///< the reranker's
    Score total = 0;  ///< of the passage after it
  };
  [[nodiscard]] std::vector<RerankShare> rerank_shares(PassageId passage) const;
  /// How many nearly equal passages were left out for each of these; empty where no step does that.
  [[nodiscard]] std::vector<std::uint32_t> similar(std::span<const ScoredPassage> passages) const;

 private:
  struct Rerank {
    std::string name;
    std::vector<ScoredPassage> head;  ///< the first passages, in their new order
    std::map<PassageId, Score> said;
  };
  [[nodiscard]] Status run_step(const MethodPart& step);
  [[nodiscard]] Status give_feedback(const MethodPart& step, std::span<FieldQuery> fields, const Ranking& ranking);
  [[nodiscard]] Status prepare_fields();
  [[nodiscard]] Status use_marked();
  [[nodiscard]] Status rerank_by(const MethodPart& step);
  [[nodiscard]] Status boost_by(const Boost& boost, const MethodPart& step);
  [[nodiscard]] Status rerank_first(const MethodPart& step, const RerankOptions& options, const ScoreCandidates& score);
  [[nodiscard]] Status leave_out_similar(const MethodPart& step);
  [[nodiscard]] Status score_by_reranker(Reranker& reranker, std::span<const ScoredPassage> candidates,
                                         std::span<float> out) const;
  /// The first passages of a ranking that have the phrases.
  [[nodiscard]] Result<std::vector<ScoredPassage>> first_of(const Ranking& ranking, std::size_t count);
  /// By the fields as they are asked now.
  [[nodiscard]] Result<std::vector<ScoredPassage>> retrieve(std::size_t depth);
  [[nodiscard]] Status fetch_lists(std::size_t depth);
  /// After a question was changed.
  void ask_again();
  [[nodiscard]] std::vector<const FieldQuery*> voting() const;
  [[nodiscard]] bool fuses_lists() const;
  [[nodiscard]] double recall() const;

  MethodInputs in_;
  const Method& method_;
  std::vector<FieldQuery> fields_;
  std::size_t num_ranking_ = 0;
  bool changed_ = false;  // a question is not as it was encoded
  std::optional<FieldQuery> sum_;
  std::vector<WeightedList> lists_;
  std::size_t lists_depth_ = 0;
  std::vector<Rerank> reranks_;
  // Since the fields were asked last: what a step has left out, and how often for which passage.
  std::unordered_set<PassageId> left_out_;
  std::unordered_map<PassageId, std::uint32_t> similar_;
  bool groups_similar_ = false;
  sieve::Effort effort_;
  Work work_;
};

}  // namespace tamis::search
