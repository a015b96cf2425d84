#pragma once

#include <tamis/base/result.h>

#include <filesystem>
#include <string>
#include <vector>

#include "eval_report.h"

namespace tamis::cli {

/// One test collection of a list.
struct CollectionEntry {
  std::string name;
  std::string group;  ///< collections of a group are one where means are taken; "" = a group by itself
  std::filesystem::path index, queries, qrels;
};

/// Reads a list: JSON lines {"name", "index", "queries", "qrels"} and, if wanted, "group". Paths are relative to the
/// list's folder.
/// @par Errors  kInvalidArgument names file and line
[[nodiscard]] Result<std::vector<CollectionEntry>> read_collections(const std::string& path);

/// A choice among methods that is made for each collection by what is best on the others.
struct Choice {
  std::string name;
  std::vector<std::string> methods;
};
/// "NAME = METHOD, METHOD". kInvalidArgument.
[[nodiscard]] Result<Choice> parse_choice(std::string_view text);

/// A collection, measured. All of an evaluation have the same methods and measures in the same order.
struct MeasuredCollection {
  std::string name, group;
  EvalResults results;
};

/// Means over groups of collections that weigh alike, of one measure, against one method.
struct Summary {
  std::vector<std::string> groups;                         ///< in the order of their first collections
  std::vector<std::vector<std::size_t>> members;           ///< [groups] places of collections
  std::vector<std::vector<double>> means;                  ///< [groups][methods] means of the collections' means
  std::vector<std::vector<eval::Comparison>> comparisons;  ///< [groups][methods] all queries of the group as one
  std::vector<double> overall;                             ///< [methods] means over groups
  std::vector<double> p_queries;  ///< [methods] of the overall difference: were it other questions of these collections
  std::vector<double>
      p_groups;  ///< [methods] were it other collections: a randomisation test of the groups' differences
  std::vector<eval::Interval> intervals;  ///< [methods] of the overall difference, groups resampled
  std::vector<Latency> latencies;         ///< [methods] means over groups of means over collections
};

/// Both p values are corrected by Holm's method over the methods.
[[nodiscard]] Summary summarise(const std::vector<MeasuredCollection>& collections, std::size_t measure,
                                std::size_t base, const eval::CompareOptions& options);

/// For each collection the method of the choice whose mean over the groups of the others is best (first measure); the
/// first one where there is no other group.
/// @return [collections] places of methods
[[nodiscard]] std::vector<std::size_t> choose_on_others(const std::vector<MeasuredCollection>& collections,
                                                        const std::vector<std::size_t>& candidates,
                                                        eval::MissingQueries missing);

/// A line a collection and a column a method.
[[nodiscard]] std::string collections_table(const std::vector<MeasuredCollection>& collections, const Summary& summary,
                                            std::size_t measure, std::size_t base, const EvalReportOptions& options,
                                            const Style& style);
/// The same in Markdown; the best value of a line is bold.
[[nodiscard]] std::string collections_markdown(const std::vector<MeasuredCollection>& collections,
                                               const Summary& summary, std::size_t measure, std::size_t base,
                                               const EvalReportOptions& options);
/// One object a method: overall values.
[[nodiscard]] std::string collections_json(const std::vector<MeasuredCollection>& collections, const Summary& summary,
                                           std::size_t measure, std::size_t base);

}  // namespace tamis::cli
