#pragma once

#include <tamis/base/result.h>
#include <tamis/eval/files.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "eval_collections.h"
#include "eval_index.h"
#include "eval_report.h"
#include "terminal.h"

namespace tamis::cli {

struct EvalArgs {
  std::vector<std::string> words;
  std::string qrels, queries, measures = "nDCG@10 RR@10 R@100 AP", ties = "trec", missing = "zero", passages;
  std::string passage_separator = "#", against = "first", recall, ledger, collection, html;
  std::uint32_t passage_top = 3;
  std::vector<std::string> methods, choices;
  EvalIndexOptions index;
  EvalReportOptions report;
  bool json = false, markdown = false, no_self = false, quiet = false;
};

/// A file of the user, not of an index: its faults are the call's.
template <class T>
Result<T> of_the_call(Result<T> result) {
  if (result || result.error().code != Code::kCorrupt) return result;
  return Error{Code::kInvalidArgument, std::move(result).error().message};
}

// The kinds of evaluation, by the first word; each checks and reads what it needs.
[[nodiscard]] Result<int> eval_runs(EvalArgs& args, Context& context);
[[nodiscard]] Result<int> eval_index(EvalArgs& args, Context& context);
[[nodiscard]] Result<int> eval_collections(EvalArgs& args, Context& context);
[[nodiscard]] Result<int> eval_diff(EvalArgs& args, Context& context);
[[nodiscard]] Result<int> eval_ledger(EvalArgs& args, Context& context);

/// How indexes are asked. kInvalidArgument names the option.
[[nodiscard]] Result<EvalIndexOptions> index_options(const EvalArgs& args);
/// Results with measures and judgements and nothing measured. kInvalidArgument, also when nothing is judged.
[[nodiscard]] Result<EvalResults> begin_results(const EvalArgs& args, const std::string& qrels);
/// Asks one index and, with --ledger, appends what was measured under the name of a collection.
/// @param folder  of the index
[[nodiscard]] Result<EvalResults> measure_collection(const EvalArgs& args, const EvalIndexOptions& options,
                                                     const std::string& folder, const std::string& queries,
                                                     const std::string& qrels, const std::string& collection,
                                                     const Context& context);

/// With --html, writes the page; results are compared.
[[nodiscard]] Status write_page(const EvalArgs& args, const std::vector<MeasuredCollection>& collections,
                                const std::string& title, const std::string& conditions);
/// Appends one entry a method. @param folder, collection  as of measure_collection()
[[nodiscard]] Status append_to_ledger(const EvalArgs& args, const EvalIndexOptions& options, const Engine& engine,
                                      const std::string& collection, const EvalResults& results);

}  // namespace tamis::cli
