#include <fmt/format.h>

#include <algorithm>

#include "display.h"
#include "eval_collections.h"
#include "json.h"

namespace tamis::cli {
namespace {

/// A, B, …, Z, A2, B2, …: what a column is called.
std::string letter(std::size_t column) {
  constexpr std::size_t kLetters = 26;
  const auto first = static_cast<char>('A' + static_cast<char>(column % kLetters));
  return column < kLetters ? std::string(1, first) : fmt::format("{}{}", first, column / kLetters + 1);
}

std::uint64_t questions_of(const std::vector<MeasuredCollection>& collections,
                           const std::vector<std::size_t>& members) {
  std::uint64_t sum = 0;
  for (const std::size_t member : members) sum += collections[member].results.query_names.size();
  return sum;
}

/// Groups in which a method is above and below the base.
std::pair<std::size_t, std::size_t> won_and_lost(const Summary& summary, std::size_t method, std::size_t base) {
  std::pair<std::size_t, std::size_t> out;
  for (const auto& means : summary.means) {
    if (means[method] > means[base]) ++out.first;
    if (means[method] < means[base]) ++out.second;
  }
  return out;
}

std::string group_label(const Summary& summary, std::size_t group) {
  const auto members = summary.members[group].size();
  return members == 1 ? summary.groups[group] : fmt::format("{} ({})", summary.groups[group], members);
}

}  // namespace

std::string collections_table(const std::vector<MeasuredCollection>& collections, const Summary& summary,
                              std::size_t measure, std::size_t base, const EvalReportOptions& options,
                              const Style& style) {
  constexpr std::size_t kNameColumns = 18;
  const auto& results = collections.front().results;
  const std::size_t methods = results.run_names.size();
  const double alpha = options.tests.alpha;
  std::string out = fmt::format("{}{}{} of {} collections\n", style.bold(), results.measures[measure].name(),
                                style.off(), summary.groups.size());
  for (std::size_t m = 0; m < methods; ++m) {
    out += fmt::format("  {:3} {}\n", letter(m), harmless(results.run_names[m]));
  }
  out += fmt::format("\n{}{}", style.bold(), padded("", kNameColumns) + " questions");
  for (std::size_t m = 0; m < methods; ++m) out += fmt::format("{:>9} ", letter(m));
  out += fmt::format("{}\n", style.off());
  for (std::size_t g = 0; g < summary.groups.size(); ++g) {
    out += fmt::format("{}{:>10}", padded(group_label(summary, g), kNameColumns),
                       with_commas(questions_of(collections, summary.members[g])));
    for (std::size_t m = 0; m < methods; ++m) {
      out += fmt::format("{:>9.4f}{}", summary.means[g][m], mark_of(summary.comparisons[g][m], alpha));
    }
    out += '\n';
  }
  const auto line = [&](std::string_view name, const auto& cell) {
    out += padded(name, kNameColumns) + std::string(10, ' ');
    for (std::size_t m = 0; m < methods; ++m) out += fmt::format("{:>9} ", cell(m));
    out += '\n';
  };
  const auto of_others = [&](const auto& text) {
    return [&, text](std::size_t m) { return m == base ? std::string() : std::string(text(m)); };
  };
  line("mean", [&](std::size_t m) { return fmt::format("{:.4f}", summary.overall[m]); });
  line("change",
       of_others([&](std::size_t m) { return fmt::format("{:+.4f}", summary.overall[m] - summary.overall[base]); }));
  line("  interval from", of_others([&](std::size_t m) { return fmt::format("{:+.4f}", summary.intervals[m].low); }));
  line("  to", of_others([&](std::size_t m) { return fmt::format("{:+.4f}", summary.intervals[m].high); }));
  line("p, questions", of_others([&](std::size_t m) { return p_text(summary.p_queries[m]); }));
  line("p, collections", of_others([&](std::size_t m) { return p_text(summary.p_groups[m]); }));
  line("won/lost", of_others([&](std::size_t m) {
         const auto [won, lost] = won_and_lost(summary, m, base);
         return fmt::format("{}/{}", won, lost);
       }));
  line("p50 ms", [&](std::size_t m) { return fmt::format("{:.2f}", summary.latencies[m].p50); });
  line("p90 ms", [&](std::size_t m) { return fmt::format("{:.2f}", summary.latencies[m].p90); });
  out += fmt::format("+ better, - worse than {} (p Holm < {:g})\n", letter(base), alpha);
  return out;
}

std::string collections_markdown(const std::vector<MeasuredCollection>& collections, const Summary& summary,
                                 std::size_t measure, std::size_t base, const EvalReportOptions& options) {
  const auto& results = collections.front().results;
  const std::size_t methods = results.run_names.size();
  std::string out = fmt::format("| {} | questions |", results.measures[measure].name());
  for (const auto& name : results.run_names) out += fmt::format(" `{}` |", name);
  out += "\n|---|---:|";
  for (std::size_t m = 0; m < methods; ++m) out += "---:|";
  out += '\n';
  const auto values = [&](const std::vector<double>& of, const auto& mark) {
    const double best = *std::max_element(of.begin(), of.end());
    for (std::size_t m = 0; m < methods; ++m) {
      const std::string value = fmt::format("{:.4f}", of[m]);
      out += of[m] == best ? fmt::format(" **{}**{} |", value, mark(m)) : fmt::format(" {}{} |", value, mark(m));
    }
    out += '\n';
  };
  for (std::size_t g = 0; g < summary.groups.size(); ++g) {
    out +=
        fmt::format("| {} | {} |", group_label(summary, g), with_commas(questions_of(collections, summary.members[g])));
    values(summary.means[g], [&](std::size_t m) {
      const char mark = mark_of(summary.comparisons[g][m], options.tests.alpha);
      return mark == ' ' ? std::string() : fmt::format(" {}", mark == '-' ? "−" : "+");
    });
  }
  out += "| **mean** | |";
  values(summary.overall, [](std::size_t) { return std::string(); });
  const auto line = [&](std::string_view name, const auto& cell) {
    out += fmt::format("| {} | |", name);
    for (std::size_t m = 0; m < methods; ++m) out += m == base ? " |" : fmt::format(" {} |", cell(m));
    out += '\n';
  };
  line("change", [&](std::size_t m) { return fmt::format("{:+.4f}", summary.overall[m] - summary.overall[base]); });
  line(fmt::format("{:g} % interval", 100 * (1 - options.tests.alpha)), [&](std::size_t m) {
    return fmt::format("{:+.4f} … {:+.4f}", summary.intervals[m].low, summary.intervals[m].high);
  });
  line("p over questions", [&](std::size_t m) { return p_text(summary.p_queries[m]); });
  line("p over collections", [&](std::size_t m) { return p_text(summary.p_groups[m]); });
  line("collections won / lost", [&](std::size_t m) {
    const auto [won, lost] = won_and_lost(summary, m, base);
    return fmt::format("{} / {}", won, lost);
  });
  out += "| p50 ms | |";
  for (std::size_t m = 0; m < methods; ++m) out += fmt::format(" {:.2f} |", summary.latencies[m].p50);
  return out + '\n';
}

std::string collections_json(const std::vector<MeasuredCollection>& collections, const Summary& summary,
                             std::size_t measure, std::size_t base) {
  const auto& results = collections.front().results;
  std::string out;
  for (std::size_t m = 0; m < results.run_names.size(); ++m) {
    JsonObject line;
    line.text("measure", results.measures[measure].name()).text("run", results.run_names[m]);
    line.number("collections", std::uint64_t{summary.groups.size()}).number("mean", summary.overall[m]);
    line.number("p50_ms", summary.latencies[m].p50).number("p90_ms", summary.latencies[m].p90);
    if (m != base) {
      line.number("difference", summary.overall[m] - summary.overall[base]);
      line.number("low", summary.intervals[m].low).number("high", summary.intervals[m].high);
      line.number("p_questions_holm", summary.p_queries[m]).number("p_collections_holm", summary.p_groups[m]);
      const auto [won, lost] = won_and_lost(summary, m, base);
      line.number("won", std::uint64_t{won}).number("lost", std::uint64_t{lost});
    }
    JsonObject means;
    for (std::size_t g = 0; g < summary.groups.size(); ++g) means.number(summary.groups[g], summary.means[g][m]);
    line.raw("means", std::move(means).finish());
    out += std::move(line).finish() + '\n';
  }
  return out;
}

}  // namespace tamis::cli
