#pragma once

#include <tamis/engine/engine.h>
#include <tamis/search/pipeline.h>
#include <tamis/search/spelling.h>

#include <string>
#include <vector>

#include "terminal.h"

namespace tamis::cli {

struct SearchArgs {
  std::vector<std::string> words, like, unlike;
  std::string index, queries, query_vectors, query_vectors_format = "auto", format = "text", method, query_encoder,
                                             recall;
  search::SearchOptions options;
  std::uint32_t threads = 0;
  bool json = false, plain = false, syntax = false, stats = false, whole_text = false, explain = false;
};

/// Answers all questions of a file, in their order, on several threads (src/cli/search_many.cpp).
[[nodiscard]] Result<int> search_many(const SearchArgs& args, const Engine& engine, Context& context);

/// "12,345 of 50,000 postings scored, …": the counted work of one or many queries.
[[nodiscard]] std::string work_text(const search::Work& work);

/// A question with near spellings in the place of words that the index does not know; "" = there are none.
[[nodiscard]] Result<std::string> did_you_mean(search::Speller& speller, const search::Collection& collection,
                                               const search::ParsedQuery& query, const std::string& text);
[[nodiscard]] std::string suggestion_line(const std::string& meant);

/// A recall of the command line. kInvalidArgument names the option.
[[nodiscard]] Result<double> parse_recall(std::string_view name, std::string_view text);
/// "90 % of the bounds, …" or "exact".
[[nodiscard]] std::string to_text(const sieve::Effort& effort);

/// Hits that an index can hold at most, in sum over its segments: k beyond it means all.
inline constexpr std::uint32_t kMaxK = 1'000'000;

}  // namespace tamis::cli
