#include <fmt/chrono.h>
#include <fmt/format.h>
#include <tamis/base/section_file.h>
#include <tamis/base/variants.h>
#include <tamis/eval/ledger.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>

#include "command.h"
#include "display.h"
#include "eval_args.h"
#include "json.h"

namespace tamis::cli {
namespace {

/// What decides an index's answers: its passages, how they were made, and the encoders; not how segments are cut.
std::string fingerprint_of(const IndexInfo& info) {
  std::string text = fmt::format("{} {} {:a}", info.live_passages, info.generation.num_documents, info.avg_length_now);
  for (const auto& encoder : info.encoders) text += fmt::format("\n{} {}", encoder.name, encoder.fingerprint);
  for (const auto& [name, value] : info.generation.settings) {
    // Curves of recall, which are lines, say how answers are found.
    if (value.find('\n') == std::string::npos) text += fmt::format("\n{} = {}", name, value);
  }
  return fmt::format("{:016x}", hash_text(text));
}

std::string parameters_of(const EvalArgs& args, const EvalIndexOptions& options) {
  JsonObject out;
  out.number("depth", std::uint64_t{options.depth}).number("timed_hits", std::uint64_t{options.timed_hits});
  out.text("passages", args.passages.empty() ? "max" : args.passages);
  if (args.passages == "mean") out.number("passage_top", std::uint64_t{args.passage_top});
  out.text("ties", args.ties).text("missing", args.missing);
  if (!options.query_encoder.empty()) out.text("query_encoder", options.query_encoder);
  if (options.recall >= 0) out.number("recall", options.recall);
  if (options.title_weight >= 0) out.number("title_weight", options.title_weight);
  if (options.sample > 0) out.number("sample", std::uint64_t{options.sample});
  if (options.no_self) out.boolean("no_self", true);
  if (options.syntax) out.boolean("syntax", true);
  return std::move(out).finish();
}

/// The number of an entry; nothing for anything else.
std::optional<std::int64_t> entry_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Two entries as runs over the queries and measures that both have.
Result<EvalResults> side_by_side(const eval::LedgerEntry& a, const eval::LedgerEntry& b) {
  EvalResults results;
  std::unordered_map<std::string_view, std::size_t> of_b;
  for (std::size_t i = 0; i < b.queries.size(); ++i) of_b.emplace(b.queries[i], i);
  std::vector<std::pair<std::size_t, std::size_t>> shared;
  for (std::size_t i = 0; i < a.queries.size(); ++i) {
    const auto found = of_b.find(a.queries[i]);
    if (found == of_b.end()) continue;
    shared.emplace_back(i, found->second);
    results.query_names.push_back(a.queries[i]);
  }
  for (const auto* entry : {&a, &b}) {
    results.run_names.push_back(fmt::format("{} {}", entry->number, entry->method));
    auto& evaluation = results.evaluations.emplace_back();
    evaluation.answered.assign(shared.size(), true);
    results.latencies.push_back({entry->p50_ms, entry->p90_ms});
  }
  for (const auto& measure : a.measures) {
    const auto other = std::find_if(b.measures.begin(), b.measures.end(),
                                    [&](const eval::LedgerMeasure& one) { return one.name == measure.name; });
    if (other == b.measures.end()) continue;
    TAMIS_TRY(auto parsed, eval::Measure::parse(measure.name));
    results.measures.push_back(std::move(parsed));
    for (auto& evaluation : results.evaluations) evaluation.values.emplace_back(shared.size(), 0.0);
    for (std::size_t i = 0; i < shared.size(); ++i) {
      const double values[] = {measure.values[shared[i].first], other->values[shared[i].second]};
      for (std::size_t run = 0; run < 2; ++run) {
        if (std::isnan(values[run])) results.evaluations[run].answered[i] = false;
        results.evaluations[run].values.back()[i] = std::isnan(values[run]) ? 0.0 : values[run];
      }
    }
  }
  if (shared.empty() || results.measures.empty()) {
    return Error{Code::kInvalidArgument,
                 fmt::format("diff: the entries {} and {} share {} and {}", a.number, b.number,
                             counted(shared.size(), "question"), counted(results.measures.size(), "measure"))};
  }
  return results;
}

/// What else differs between two entries: a line each.
std::string differences_text(const eval::LedgerEntry& a, const eval::LedgerEntry& b) {
  std::string out;
  const auto add = [&](std::string_view what, const std::string& x, const std::string& y) {
    if (x != y) out += fmt::format("{:12} {} > {}\n", what, harmless(x), harmless(y));
  };
  add("collection", a.collection, b.collection);
  add("method", a.method, b.method);
  add("index", a.index, b.index);
  add("passages", std::to_string(a.passages), std::to_string(b.passages));
  add("parameters", a.parameters, b.parameters);
  add("version", a.version, b.version);
  add("machine", a.machine, b.machine);
  add("questions", std::to_string(a.queries.size()), std::to_string(b.queries.size()));
  add("date", a.date, b.date);
  return out;
}

std::string list_text(const std::vector<eval::LedgerEntry>& entries, const Style& style) {
  constexpr std::size_t kCollectionColumns = 16, kMethodColumns = 40;
  std::string out =
      fmt::format("{}{:>5}  {:16}  {}  {}  {:16}    p50 ms  measures{}\n", style.bold(), "", "date",
                  padded("collection", kCollectionColumns), padded("method", kMethodColumns), "index", style.off());
  for (const auto& entry : entries) {
    std::string measures;
    for (const auto& measure : entry.measures) {
      measures += fmt::format("{}{} {:.4f}", measures.empty() ? "" : ", ", measure.name, measure.mean);
    }
    out += fmt::format("{:>5}  {:16}  {}  {}  {:16}  {:>8.2f}  {}\n", entry.number, entry.date.substr(0, 16),
                       padded(entry.collection, kCollectionColumns), padded(entry.method, kMethodColumns), entry.index,
                       entry.p50_ms, harmless(measures));
  }
  return out;
}

std::string list_json(const std::vector<eval::LedgerEntry>& entries) {
  std::string out;
  for (const auto& entry : entries) {
    JsonObject line;
    line.number("number", static_cast<std::uint64_t>(entry.number)).text("date", entry.date);
    line.text("collection", entry.collection).text("index", entry.index).number("passages", entry.passages);
    line.text("method", entry.method).raw("parameters", entry.parameters).text("version", entry.version);
    line.text("machine", entry.machine).number("threads", entry.threads);
    line.number("p50_ms", entry.p50_ms).number("p90_ms", entry.p90_ms);
    JsonObject measures;
    for (const auto& measure : entry.measures) measures.number(measure.name, measure.mean);
    line.raw("measures", std::move(measures).finish());
    out += std::move(line).finish() + '\n';
  }
  return out;
}

}  // namespace

Status append_to_ledger(const EvalArgs& args, const EvalIndexOptions& options, const Engine& engine,
                        const std::string& collection, const EvalResults& results) {
  TAMIS_TRY(const auto info, engine.info());
  eval::LedgerEntry common;
  common.date = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  common.collection = collection;
  common.index = fingerprint_of(info);
  common.passages = results.passages;
  common.parameters = parameters_of(args, options);
  common.version = TAMIS_VERSION;
  common.machine = cpu_name();
  common.threads = results.threads;
  common.queries = results.query_names;
  std::vector<eval::LedgerEntry> entries;
  for (std::size_t run = 0; run < results.run_names.size(); ++run) {
    auto entry = common;
    entry.method = results.run_names[run];
    entry.p50_ms = results.latencies[run].p50;
    entry.p90_ms = results.latencies[run].p90;
    const auto& evaluation = results.evaluations[run];
    for (std::size_t m = 0; m < results.measures.size(); ++m) {
      eval::LedgerMeasure measure{results.measures[m].name(), evaluation.mean(m, args.report.tests.missing),
                                  evaluation.values[m]};
      for (std::size_t query = 0; query < measure.values.size(); ++query) {
        if (!evaluation.counts(query, args.report.tests.missing))
          measure.values[query] = std::numeric_limits<double>::quiet_NaN();
      }
      entry.measures.push_back(std::move(measure));
    }
    entries.push_back(std::move(entry));
  }
  TAMIS_TRY(auto ledger, of_the_call(eval::Ledger::open(args.ledger, true)));
  TAMIS_TRY(const auto first, ledger.append(entries));
  say(entries.size() == 1 ? fmt::format("tamis eval: {}: entry {}", args.ledger, first)
                          : fmt::format("tamis eval: {}: entries {} to {}", args.ledger, first,
                                        first + static_cast<std::int64_t>(entries.size()) - 1));
  return ok();
}

Result<int> eval_diff(EvalArgs& args, Context& context) {
  if (args.words.size() != 3) {
    return Error{Code::kInvalidArgument,
                 fmt::format("diff: {} given (wanted two numbers of entries and --ledger FILE, or two runs and --qrels "
                             "FILE)",
                             args.words.size() - 1)};
  }
  if (args.report.queries_worst == 0) args.report.queries_worst = 5;
  if (args.ledger.empty()) return eval_runs(args, context);
  const auto a = entry_number(args.words[1]), b = entry_number(args.words[2]);
  if (!a || !b) {
    return Error{Code::kInvalidArgument, fmt::format("diff: {} is no number of an entry", args.words[a ? 2 : 1])};
  }
  TAMIS_TRY(const auto ledger, of_the_call(eval::Ledger::open(args.ledger, false)));
  TAMIS_TRY(const auto before, ledger.entry(*a));
  TAMIS_TRY(const auto after, ledger.entry(*b));
  TAMIS_TRY(auto results, side_by_side(before, after));
  if (!args.queries.empty()) {
    TAMIS_TRY(const auto topics, of_the_call(eval::read_topics(args.queries)));
    std::unordered_map<std::string_view, std::string> texts;
    for (const auto& topic : topics) texts.emplace(topic.id, question_text(topic));
    for (const auto& name : results.query_names) results.questions.push_back(texts[name]);
  }
  // Values that did not count are marked in the entries themselves.
  args.report.tests.missing = eval::MissingQueries::kSkip;
  compare_runs(results, args.report.tests);
  const Style style(context.terminal.out_colour);
  context.out.write(args.json ? eval_json(results, args.report)
                              : differences_text(before, after) + "\n" + eval_summary(results, args.report, style) +
                                    "\n" + eval_table(results, 1, args.report, style));
  std::vector<MeasuredCollection> one;
  one.push_back({before.collection, "", std::move(results)});
  TAMIS_TRY_OK(write_page(args, one, before.collection,
                          fmt::format("entries {} and {} of {}", before.number, after.number, args.ledger)));
  return kFound;
}

Result<int> eval_ledger(EvalArgs& args, Context& context) {
  const std::string path = args.words.size() == 2 ? args.words[1] : args.ledger;
  if (args.words.size() > 2 || path.empty()) {
    return Error{Code::kInvalidArgument, "ledger: wanted: tamis eval ledger FILE"};
  }
  TAMIS_TRY(const auto ledger, of_the_call(eval::Ledger::open(path, false)));
  TAMIS_TRY(const auto entries, ledger.list());
  context.out.write(args.json ? list_json(entries) : list_text(entries, Style(context.terminal.out_colour)));
  return entries.empty() ? kNothingFound : kFound;
}

}  // namespace tamis::cli
