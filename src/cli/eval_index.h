#pragma once

#include <tamis/base/progress.h>
#include <tamis/base/result.h>
#include <tamis/engine/engine.h>
#include <tamis/eval/evaluate.h>
#include <tamis/eval/files.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eval_report.h"

namespace tamis::cli {

/// How an index is asked the questions of a test collection.
struct EvalIndexOptions {
  std::vector<std::string> methods;  ///< none = every field by itself, and their sum
  std::string query_encoder;         ///< as of `tamis search`
  eval::PassageOptions passages;     ///< documents from passages; the separator is not used
  eval::TieRule ties = eval::TieRule::kTrecEval;
  /// Hits that are measured: documents for MaxP, passages for the other rules.
  std::uint32_t depth = 1000;
  std::uint32_t timed_hits = 10;  ///< hits of the searches that are timed; 0 = those that are measured are
  std::uint32_t threads = 0;      ///< 0 = all
  std::uint32_t sample = 0;       ///< at most so many questions, spread over the file; 0 = all
  double recall = -1;             ///< below 0 = the index's own
  float title_weight = -1;        ///< below 0 = the index's own
  bool no_self = false;           ///< take out hits that have the question's own id
  bool syntax = false;            ///< questions may say what `tamis search` understands
  std::string save_runs;          ///< a folder for one TREC run a method, "" = none
};

/// "a, b:rrf" to its parts; commas inside parentheses part nothing. kInvalidArgument: an empty part, one named twice.
[[nodiscard]] Result<std::vector<std::string>> split_methods(std::string_view text);

/// Asks all questions that have judgements, and measures the hits. Judgements without a question are taken out of
/// results.qrels, with a line on standard error. Fills run_names, evaluations, latencies and questions. At most 64
/// questions' hits are held at a time.
/// @param questions_file  for messages
/// @param results  with ids, qrels and measures
/// @par Errors  kInvalidArgument: no question with judgements, a method that no question can be asked with, a filter
///              that is none, with its line; and what the index answers
[[nodiscard]] Status measure_index(const Engine& engine, const std::vector<eval::Topic>& questions,
                                   const std::string& questions_file, const EvalIndexOptions& options,
                                   ProgressSink& progress, EvalResults& results);

}  // namespace tamis::cli
