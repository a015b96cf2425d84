#pragma once

#include <tamis/base/result.h>
#include <tamis/eval/files.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "eval_index.h"
#include "eval_report.h"

namespace tamis::cli {

struct EvalArgs {
  std::vector<std::string> words;
  std::string qrels, queries, measures = "nDCG@10 RR@10 R@100 AP", ties = "trec", missing = "zero", passages;
  std::string passage_separator = "#", against = "first", recall;
  std::uint32_t passage_top = 3;
  std::vector<std::string> methods;
  EvalIndexOptions index;
  EvalReportOptions report;
  bool json = false, no_self = false, quiet = false;
};

/// A file of the user, not of an index: its faults are the call's.
template <class T>
Result<T> of_the_call(Result<T> result) {
  if (result || result.error().code != Code::kCorrupt) return result;
  return Error{Code::kInvalidArgument, std::move(result).error().message};
}

}  // namespace tamis::cli
