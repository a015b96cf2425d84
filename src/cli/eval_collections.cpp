#include "eval_collections.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <tamis/base/file.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <string_view>

#include "eval_index.h"

namespace tamis::cli {
namespace {

namespace dom = simdjson::dom;

Result<CollectionEntry> parse_entry(dom::parser& parser, std::string_view line, const std::filesystem::path& folder) {
  dom::object object;
  if (const auto error = parser.parse(line.data(), line.size()).get(object); error != simdjson::SUCCESS) {
    return Error{Code::kInvalidArgument, fmt::format("not a JSON object ({})", simdjson::error_message(error))};
  }
  CollectionEntry entry;
  std::string index, queries, qrels;
  for (const auto [key, value] : object) {
    std::string* const target = key == "name"      ? &entry.name
                                : key == "group"   ? &entry.group
                                : key == "index"   ? &index
                                : key == "queries" ? &queries
                                : key == "qrels"   ? &qrels
                                                   : nullptr;
    if (target == nullptr) {
      return Error{Code::kInvalidArgument,
                   fmt::format("\"{}\" is not known (name, group, index, queries, qrels)", key)};
    }
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS || text.empty()) {
      return Error{Code::kInvalidArgument, fmt::format("\"{}\" is no text, or empty", key)};
    }
    *target = text;
  }
  for (const auto& [key, value] : {std::pair<std::string_view, const std::string*>{"name", &entry.name},
                                   {"index", &index},
                                   {"queries", &queries},
                                   {"qrels", &qrels}}) {
    if (value->empty()) return Error{Code::kInvalidArgument, fmt::format("\"{}\" is missing", key)};
  }
  entry.index = folder / index;
  entry.queries = folder / queries;
  entry.qrels = folder / qrels;
  return entry;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// Corrects the p values of all methods but the base.
void correct(std::vector<double>& p_values, std::size_t base) {
  std::vector<double> others;
  for (std::size_t m = 0; m < p_values.size(); ++m) {
    if (m != base) others.push_back(p_values[m]);
  }
  others = eval::holm(others);
  for (std::size_t m = 0, next = 0; m < p_values.size(); ++m) p_values[m] = m == base ? 1.0 : others[next++];
}

/// The differences of a method's queries in a group, such that their sum is the difference of the group's means.
std::vector<double> weighted_differences(const std::vector<MeasuredCollection>& collections,
                                         const std::vector<std::size_t>& members, std::size_t measure, std::size_t base,
                                         std::size_t method, eval::MissingQueries missing) {
  std::vector<double> out;
  for (const std::size_t member : members) {
    const auto& evaluations = collections[member].results.evaluations;
    const auto made = eval::paired_differences(evaluations[base], evaluations[method], measure, missing);
    for (const double value : made.values) {
      out.push_back(value / static_cast<double>(made.values.size()) / static_cast<double>(members.size()));
    }
  }
  return out;
}

void find_groups(const std::vector<MeasuredCollection>& collections, Summary& summary) {
  for (std::size_t c = 0; c < collections.size(); ++c) {
    const auto& name = collections[c].group.empty() ? collections[c].name : collections[c].group;
    const auto found = std::find(summary.groups.begin(), summary.groups.end(), name);
    const auto place = static_cast<std::size_t>(found - summary.groups.begin());
    if (found == summary.groups.end()) {
      summary.groups.push_back(name);
      summary.members.emplace_back();
    }
    summary.members[place].push_back(c);
  }
}

double group_mean(const std::vector<MeasuredCollection>& collections, const std::vector<std::size_t>& members,
                  std::size_t method, std::size_t measure, eval::MissingQueries missing) {
  double sum = 0;
  for (const std::size_t member : members) {
    sum += collections[member].results.evaluations[method].mean(measure, missing);
  }
  return sum / static_cast<double>(members.size());
}

/// A group's methods against the base, its queries taken together.
std::vector<eval::Comparison> compare_group(const std::vector<MeasuredCollection>& collections,
                                            const std::vector<std::size_t>& members, std::size_t measure,
                                            std::size_t base, const eval::CompareOptions& options) {
  const std::size_t methods = collections.front().results.run_names.size();
  std::vector<eval::Comparison> out(methods);
  std::vector<double> p_values(methods, 1.0);
  for (std::size_t m = 0; m < methods; ++m) {
    if (m == base) continue;
    const auto values = weighted_differences(collections, members, measure, base, m, options.missing);
    out[m].mean = std::accumulate(values.begin(), values.end(), 0.0);
    out[m].p = p_values[m] = eval::randomisation_test(values, eval::resampling_for(values.size(), options));
    out[m].better =
        static_cast<std::size_t>(std::count_if(values.begin(), values.end(), [](double d) { return d > 0; }));
    out[m].worse =
        static_cast<std::size_t>(std::count_if(values.begin(), values.end(), [](double d) { return d < 0; }));
  }
  correct(p_values, base);
  for (std::size_t m = 0; m < methods; ++m) out[m].p_holm = p_values[m];
  return out;
}

Latency mean_latency(const std::vector<MeasuredCollection>& collections, const Summary& summary, std::size_t method) {
  Latency out;
  if (collections.front().results.latencies.empty()) return out;
  for (const auto& members : summary.members) {
    const auto weight = 1.0 / static_cast<double>(members.size() * summary.members.size());
    for (const std::size_t member : members) {
      out.p50 += weight * collections[member].results.latencies[method].p50;
      out.p90 += weight * collections[member].results.latencies[method].p90;
    }
  }
  return out;
}

}  // namespace

Result<std::vector<CollectionEntry>> read_collections(const std::string& path) {
  constexpr std::uint64_t kMostBytes = 1 << 24;
  TAMIS_TRY(const auto content, read_file(path, kMostBytes, simdjson::SIMDJSON_PADDING));
  std::vector<CollectionEntry> entries;
  std::set<std::string> names;
  dom::parser parser;
  std::string_view rest = content;
  for (std::uint64_t number = 1; !rest.empty(); ++number) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(rest.size(), end + 1));
    if (line.empty()) continue;
    auto entry = parse_entry(parser, line, std::filesystem::path(path).parent_path());
    if (entry && !names.insert(entry->name).second) {
      entry = Error{Code::kInvalidArgument, fmt::format("the name \"{}\" is there a second time", entry->name)};
    }
    if (!entry) return within(fmt::format("{}: line {}", path, number), std::move(entry).error());
    entries.push_back(std::move(*entry));
  }
  if (entries.empty()) return Error{Code::kInvalidArgument, fmt::format("{}: no collections in it", path)};
  return entries;
}

Result<Choice> parse_choice(std::string_view text) {
  const auto equals = text.find('=');
  const auto name = equals == std::string_view::npos ? std::string_view{} : trimmed(text.substr(0, equals));
  if (name.empty()) {
    return Error{Code::kInvalidArgument, fmt::format("--choose: \"{}\" (wanted NAME = METHOD, METHOD)", text)};
  }
  TAMIS_TRY(auto methods, split_methods(text.substr(equals + 1)));
  return Choice{std::string(name), std::move(methods)};
}

Summary summarise(const std::vector<MeasuredCollection>& collections, std::size_t measure, std::size_t base,
                  const eval::CompareOptions& options) {
  Summary out;
  find_groups(collections, out);
  const std::size_t methods = collections.front().results.run_names.size();
  const auto groups = static_cast<double>(out.groups.size());
  out.overall.assign(methods, 0.0);
  for (const auto& members : out.members) {
    auto& means = out.means.emplace_back();
    for (std::size_t m = 0; m < methods; ++m) {
      means.push_back(group_mean(collections, members, m, measure, options.missing));
      out.overall[m] += means[m] / groups;
    }
    out.comparisons.push_back(compare_group(collections, members, measure, base, options));
  }
  for (std::size_t m = 0; m < methods; ++m) {
    std::vector<double> of_queries, of_groups;
    for (std::size_t g = 0; g < out.groups.size(); ++g) {
      const auto values = weighted_differences(collections, out.members[g], measure, base, m, options.missing);
      of_queries.insert(of_queries.end(), values.begin(), values.end());
      of_groups.push_back(out.means[g][m] - out.means[g][base]);
    }
    out.p_queries.push_back(eval::randomisation_test(of_queries, eval::resampling_for(of_queries.size(), options)));
    out.p_groups.push_back(eval::randomisation_test(of_groups, eval::resampling_for(of_groups.size(), options)));
    out.intervals.push_back(
        eval::bootstrap_interval(of_groups, 1.0 - options.alpha, eval::resampling_for(of_groups.size(), options)));
    out.latencies.push_back(mean_latency(collections, out, m));
  }
  correct(out.p_queries, base);
  correct(out.p_groups, base);
  return out;
}

std::vector<std::size_t> choose_on_others(const std::vector<MeasuredCollection>& collections,
                                          const std::vector<std::size_t>& candidates, eval::MissingQueries missing) {
  Summary groups;
  find_groups(collections, groups);
  std::vector<std::size_t> out(collections.size(), candidates.front());
  for (std::size_t left_out = 0; left_out < groups.groups.size(); ++left_out) {
    double best = -1;
    for (const std::size_t method : candidates) {
      double sum = 0;
      for (std::size_t g = 0; g < groups.groups.size(); ++g) {
        if (g != left_out) sum += group_mean(collections, groups.members[g], method, 0, missing);
      }
      if (sum <= best) continue;
      best = sum;
      for (const std::size_t member : groups.members[left_out]) out[member] = method;
    }
  }
  return out;
}

}  // namespace tamis::cli
