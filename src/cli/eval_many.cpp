#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "command.h"
#include "display.h"
#include "eval_args.h"
#include "eval_collections.h"

namespace tamis::cli {
namespace {

/// The methods that are shown, choices last, and those that are asked for the choices' sake.
struct Wanted {
  std::vector<std::string> shown;
  std::vector<std::string> asked;  ///< begins with `shown`
  std::vector<Choice> choices;
};

Result<Wanted> wanted_methods(const EvalArgs& args, const EvalIndexOptions& options) {
  Wanted out;
  out.shown = out.asked = options.methods;
  for (const auto& text : args.choices) {
    TAMIS_TRY(auto choice, parse_choice(text));
    for (const auto& method : choice.methods) {
      if (std::find(out.asked.begin(), out.asked.end(), method) == out.asked.end()) out.asked.push_back(method);
    }
    out.choices.push_back(std::move(choice));
  }
  if (!out.choices.empty() && out.shown.empty()) {
    return Error{Code::kInvalidArgument, "--choose: no --methods to compare the choice with"};
  }
  return out;
}

/// Adds the choices as methods, takes out those that were asked for them alone, and says what was chosen.
void add_choices(std::vector<MeasuredCollection>& collections, const Wanted& wanted, eval::MissingQueries missing) {
  const auto& names = collections.front().results.run_names;
  std::vector<std::vector<std::size_t>> chosen;  // [choices][collections]
  for (const auto& choice : wanted.choices) {
    std::vector<std::size_t> candidates;
    for (const auto& method : choice.methods) {
      candidates.push_back(static_cast<std::size_t>(std::find(names.begin(), names.end(), method) - names.begin()));
    }
    chosen.push_back(choose_on_others(collections, candidates, missing));
    for (std::size_t c = 0; c < collections.size(); ++c) {
      say(fmt::format("tamis eval: {} for {}: {}", harmless(choice.name), harmless(collections[c].name),
                      harmless(names[chosen.back()[c]])));
    }
  }
  for (std::size_t c = 0; c < collections.size(); ++c) {
    auto& results = collections[c].results;
    auto names_now = wanted.shown;
    std::vector<eval::Evaluation> evaluations(
        results.evaluations.begin(), results.evaluations.begin() + static_cast<std::ptrdiff_t>(wanted.shown.size()));
    std::vector<Latency> latencies(results.latencies.begin(),
                                   results.latencies.begin() + static_cast<std::ptrdiff_t>(wanted.shown.size()));
    for (std::size_t i = 0; i < wanted.choices.size(); ++i) {
      names_now.push_back(wanted.choices[i].name);
      evaluations.push_back(results.evaluations[chosen[i][c]]);
      latencies.push_back(results.latencies[chosen[i][c]]);
    }
    results.run_names = std::move(names_now);
    results.evaluations = std::move(evaluations);
    results.latencies = std::move(latencies);
  }
}

/// "first", "best" over the collections, or a method's name.
Result<std::size_t> base_of(const std::vector<MeasuredCollection>& collections, const EvalArgs& args) {
  if (args.against != "best") {
    return base_from(collections.front().results, args.against, args.report.tests.missing);
  }
  eval::CompareOptions untested = args.report.tests;
  untested.resamples = 1;
  const auto overall = summarise(collections, 0, 0, untested).overall;
  return static_cast<std::size_t>(std::max_element(overall.begin(), overall.end()) - overall.begin());
}

}  // namespace

Result<int> eval_collections(EvalArgs& args, Context& context) {
  if (args.words.size() != 2) {
    return Error{Code::kInvalidArgument, "collections: wanted: tamis eval collections LIST"};
  }
  if (!args.qrels.empty() || !args.queries.empty()) {
    return Error{Code::kInvalidArgument, "collections: --queries and --qrels stand in the list"};
  }
  if (args.json && args.markdown) return Error{Code::kInvalidArgument, "--json and --markdown: name one of them"};
  TAMIS_TRY(const auto entries, read_collections(args.words[1]));
  TAMIS_TRY(auto options, index_options(args));
  TAMIS_TRY(const auto wanted, wanted_methods(args, options));
  options.methods = wanted.asked;
  const std::string runs = options.save_runs;
  std::vector<MeasuredCollection> collections;
  for (const auto& entry : entries) {
    if (!runs.empty()) options.save_runs = fmt::format("{}/{}", runs, entry.name);
    auto results = measure_collection(args, options, entry.index.string(), entry.queries.string(), entry.qrels.string(),
                                      entry.name, context);
    if (!results) return within(entry.name, std::move(results).error());
    // Without --methods those of the first index are asked of all.
    options.methods = results->run_names;
    collections.push_back({entry.name, entry.group, std::move(*results)});
  }
  if (!wanted.choices.empty()) add_choices(collections, wanted, args.report.tests.missing);
  TAMIS_TRY(const std::size_t base, base_of(collections, args));
  for (auto& collection : collections) {
    collection.results.base = base;
    if (args.json || !args.html.empty()) compare_runs(collection.results, args.report.tests);
  }
  const std::size_t measures = collections.front().results.measures.size();
  const Style style(context.terminal.out_colour);
  for (std::size_t m = 0; m < measures; ++m) {
    const auto summary = summarise(collections, m, base, args.report.tests);
    if (args.json) {
      context.out.write(collections_json(collections, summary, m, base));
    } else {
      context.out.write(m > 0 ? "\n" : "");
      context.out.write(args.markdown ? collections_markdown(collections, summary, m, base, args.report)
                                      : collections_table(collections, summary, m, base, args.report, style));
    }
  }
  for (const auto& collection : collections) {
    if (args.json) context.out.write(eval_json(collection.results, args.report, collection.name));
  }
  const auto conditions =
      fmt::format("{} collections, {} hits; latency of {} hits on {}; collections weigh alike", collections.size(),
                  options.depth, options.timed_hits > 0 ? options.timed_hits : options.depth,
                  counted(collections.front().results.threads, "thread"));
  TAMIS_TRY_OK(write_page(args, collections, std::filesystem::path(args.words[1]).filename().string(), conditions));
  return kFound;
}

}  // namespace tamis::cli
