#include "index_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "display.h"
#include "json.h"
#include "locate.h"

namespace tamis::cli {
namespace {

constexpr std::size_t kShownPaths = 3;
constexpr std::size_t kShownReasons = 12;
constexpr std::size_t kShownWarnings = 10;

/// "html 1,000, text 34", most first.
std::string counts_text(const std::map<std::string, std::uint64_t>& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string out;
  for (const auto& [name, count] : sorted) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, with_commas(count));
  }
  return out;
}

/// Rules are told apart by their file, not by their line: "ignored by .gitignore:3" → "ignored by .gitignore".
std::string reason_group(const std::string& reason) {
  const auto colon = reason.rfind(':');
  const bool line = colon != std::string::npos && colon + 1 < reason.size() &&
                    reason.find_first_not_of("0123456789", colon + 1) == std::string::npos;
  return line ? reason.substr(0, colon) : reason;
}

struct ReasonGroup {
  std::string reason;
  std::vector<const std::string*> paths;
};

std::vector<ReasonGroup> expected_groups(const IngestReport& report) {
  std::map<std::string, std::vector<const std::string*>> by_reason;
  for (const auto& skipped : report.skipped) {
    if (skipped.expected) by_reason[reason_group(skipped.reason)].push_back(&skipped.path);
  }
  std::vector<ReasonGroup> groups;
  for (auto& [reason, paths] : by_reason) groups.push_back({reason, std::move(paths)});
  std::stable_sort(groups.begin(), groups.end(),
                   [](const auto& a, const auto& b) { return a.paths.size() > b.paths.size(); });
  return groups;
}

std::string skipped_text(const IngestReport& report, bool all, const Style& style) {
  const auto groups = expected_groups(report);
  std::uint64_t total = 0;
  for (const auto& group : groups) total += group.paths.size();
  if (total == 0) return "";
  std::string out = fmt::format("skipped    {}\n", counted(total, "path"));
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i == kShownReasons && !all) {
      out += fmt::format("{:>11}and {} (--verbose)\n", "", counted(groups.size() - i, "more reason"));
      break;
    }
    const auto& paths = groups[i].paths;
    out += fmt::format("{:>9}  {}  {}", with_commas(paths.size()), harmless(groups[i].reason), style.dim());
    for (std::size_t p = 0; p < paths.size() && (all || p < kShownPaths); ++p) {
      out += all ? "\n               " : p > 0 ? ", " : "";
      out += shown_path(*paths[p]);
    }
    out += fmt::format("{}{}\n", paths.size() > kShownPaths && !all ? ", …" : "", style.off());
  }
  return out;
}

std::string files_text(const IngestReport& report) {
  std::string out;
  const auto part = [&](std::uint64_t number, std::string_view what) {
    if (number > 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", with_commas(number), what);
  };
  part(report.files_added, "added");
  part(report.files_changed, "changed");
  part(report.files_deleted, "deleted");
  part(report.files_unchanged, "unchanged");
  return out;
}

/// Without the kind of work that took no time.
std::string times_text(const IngestReport& report) {
  std::string out;
  const auto part = [&](double seconds, std::string_view what) {
    if (seconds >= 0.005) out += fmt::format("{}{} {:.2f}", out.empty() ? "" : ", ", what, seconds);
  };
  part(report.read_seconds, "reading");
  part(report.analyse_seconds, "analysing");
  part(report.build_seconds, "building");
  part(report.text_seconds, "texts");
  part(report.publish_seconds, "publishing");
  return out.empty() ? "" : fmt::format("work       {} (seconds, all threads)\n", out);
}

}  // namespace

void add_report(IngestReport& sum, IngestReport&& more) {
  sum.files_found += more.files_found;
  sum.files_added += more.files_added;
  sum.files_changed += more.files_changed;
  sum.files_deleted += more.files_deleted;
  sum.files_unchanged += more.files_unchanged;
  sum.documents += more.documents;
  sum.passages += more.passages;
  sum.bytes += more.bytes;
  for (auto& skipped : more.skipped) sum.skipped.push_back(std::move(skipped));
  for (const auto& [name, count] : more.readers) sum.readers[name] += count;
  for (const auto& [name, count] : more.encodings) sum.encodings[name] += count;
  sum.seconds += more.seconds;
  sum.read_seconds += more.read_seconds;
  sum.analyse_seconds += more.analyse_seconds;
  sum.build_seconds += more.build_seconds;
  sum.text_seconds += more.text_seconds;
  sum.publish_seconds += more.publish_seconds;
  sum.published = sum.published || more.published;
  sum.num_clipped += more.num_clipped;
  sum.passages_encoded += more.passages_encoded;
  sum.passages_waiting = more.passages_waiting;
  sum.encode_seconds += more.encode_seconds;
  if (sum.tidy_problem.empty()) sum.tidy_problem = std::move(more.tidy_problem);
}

std::string report_text(const IngestReport& report, bool all_skipped, const Style& style) {
  std::string out;
  if (const auto files = files_text(report); !files.empty()) out += fmt::format("files      {}\n", files);
  if (report.documents > 0) {
    out += fmt::format("indexed    {}{}, {}{} from {}\n", style.good(), counted(report.documents, "document"),
                       counted(report.passages, "passage"), style.off(), human_bytes(report.bytes));
    if (!report.readers.empty()) out += fmt::format("read as    {}\n", counts_text(report.readers));
    const bool all_utf8 = report.encodings.size() == 1 && report.encodings.begin()->first == "UTF-8";
    if (!report.encodings.empty() && !all_utf8) out += fmt::format("encodings  {}\n", counts_text(report.encodings));
  }
  if (report.passages_encoded > 0) {
    const auto rate = static_cast<double>(report.passages_encoded) / std::max(report.encode_seconds, 1e-3);
    out += fmt::format("encoded    {}, {}/s\n", counted(report.passages_encoded, "passage"),
                       with_commas(static_cast<std::uint64_t>(rate)));
  }
  out += skipped_text(report, all_skipped, style);
  out += fmt::format("time       {}", human_seconds(report.seconds));
  if (report.bytes > 0 && report.seconds > 0) {
    out += fmt::format(", {:.1f} MB/s", static_cast<double>(report.bytes) / 1e6 / report.seconds);
  }
  const bool changed = report.documents > 0 || report.files_deleted > 0 || report.passages_encoded > 0;
  return out + "\n" + (changed ? times_text(report) : "The index was up to date.\n");
}

std::string report_warnings(const IngestReport& report, bool all, const Style& style) {
  std::string out;
  std::size_t count = 0;
  for (const auto& skipped : report.skipped) {
    if (skipped.expected) continue;
    if (++count <= kShownWarnings || all) {
      out += fmt::format("{}not indexed:{} {}: {}\n", style.bad(), style.off(), shown_path(skipped.path),
                         harmless(skipped.reason));
    }
  }
  if (count > kShownWarnings && !all) {
    out += fmt::format("not indexed: {} more (--verbose)\n", with_commas(count - kShownWarnings));
  }
  if (report.num_clipped > 0) {
    out += fmt::format("{} above the largest that the index stores: kept as that; --rebuild takes the largest anew\n",
                       counted(report.num_clipped, "weight"));
  }
  if (report.passages_waiting > 0) {
    out += fmt::format(
        "{} wait for their vectors: until \"tamis index\" runs with the model, searches go by words alone\n",
        counted(report.passages_waiting, "passage"));
  }
  if (!report.tidy_problem.empty()) {
    out += fmt::format("tidying up behind the run failed, the index is as good as before: {}\n",
                       harmless(report.tidy_problem));
  }
  if (!out.empty()) out.pop_back();
  return out;
}

std::string report_json(const IngestReport& report) {
  const auto counts = [](const std::map<std::string, std::uint64_t>& values) {
    JsonObject object;
    for (const auto& [name, count] : values) object.number(name, count);
    return std::move(object).finish();
  };
  std::string skipped = "[";
  for (const auto& item : report.skipped) {
    JsonObject object;
    object.text("path", item.path).text("reason", item.reason).boolean("expected", item.expected);
    skipped += (skipped.size() > 1 ? "," : "") + std::move(object).finish();
  }
  JsonObject out;
  out.number("files_found", report.files_found).number("files_added", report.files_added);
  out.number("files_changed", report.files_changed).number("files_deleted", report.files_deleted);
  out.number("files_unchanged", report.files_unchanged).number("documents", report.documents);
  out.number("passages", report.passages).number("bytes", report.bytes);
  out.raw("readers", counts(report.readers)).raw("encodings", counts(report.encodings)).raw("skipped", skipped + "]");
  out.number("seconds", report.seconds).number("read_seconds", report.read_seconds);
  out.number("analyse_seconds", report.analyse_seconds).number("build_seconds", report.build_seconds);
  out.number("text_seconds", report.text_seconds).number("publish_seconds", report.publish_seconds);
  out.number("encoded", report.passages_encoded).number("waiting", report.passages_waiting);
  out.number("encode_seconds", report.encode_seconds);
  out.number("clipped", report.num_clipped).text("tidy_problem", report.tidy_problem);
  return std::move(out.boolean("published", report.published)).finish() + "\n";
}

}  // namespace tamis::cli
