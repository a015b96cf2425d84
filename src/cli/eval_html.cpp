#include "eval_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "display.h"
#include "plots.h"

namespace tamis::cli {
namespace {

/// Blue is better, orange is worse, as marks say too: nobody needs to tell colours apart.
constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2024;--soft:#5c656e;--line:#dfe3e7;--stripe:#f6f7f9;--plain:#8b96a1;--base:#3d464f;--better:#1f6fd6;--worse:#c9560a}
@media(prefers-color-scheme:dark){:root{--paper:#14171a;--ink:#e6e9ec;--soft:#9aa4ae;--line:#2e343a;--stripe:#1b1f23;--plain:#6f7a85;--base:#c3cad1;--better:#62a6ff;--worse:#f19450}}
body{margin:2rem auto;max-width:60rem;padding:0 1rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2.2rem 0 .6rem}h3{font-size:1rem;margin:1.2rem 0 .3rem}
p,caption{color:var(--soft)}p{margin:.3rem 0 .8rem}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:14px}
th,td{padding:.25rem .7rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left}td.words{text-align:left;white-space:normal}
tbody tr:nth-child(even){background:var(--stripe)}thead th{color:var(--soft);font-weight:600}
.best{font-weight:700}.up{color:var(--better)}.down{color:var(--worse)}
svg{max-width:100%;height:auto;display:block;margin-bottom:.7rem}svg text{font:12px system-ui,sans-serif}
.axis{fill:var(--soft)}.label{fill:var(--ink)}.grid{stroke:var(--line)}.lead{stroke:var(--plain);stroke-width:.6}
.plain{fill:var(--plain)}.base{fill:var(--base)}.better{fill:var(--better)}.worse{fill:var(--worse)}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(25rem,1fr));gap:.4rem 1.5rem}
details{margin:.6rem 0;border-top:1px solid var(--line);padding-top:.5rem}summary{cursor:pointer;font-weight:600}
)";

Tone tone_of(const eval::Comparison& comparison, bool is_base, double alpha) {
  if (is_base) return Tone::kBase;
  const char mark = mark_of(comparison, alpha);
  return mark == '+' ? Tone::kBetter : mark == '-' ? Tone::kWorse : Tone::kPlain;
}

std::string cell(double value, bool best, char mark) {
  const std::string_view sign = mark == '+'   ? " <span class=\"up\">▲</span>"
                                : mark == '-' ? " <span class=\"down\">▼</span>"
                                              : "";
  return fmt::format("<td{}>{:.4f}{}</td>", best ? " class=\"best\"" : "", value, sign);
}

/// A method's overall difference as a comparison, so that it is marked like others.
eval::Comparison overall_comparison(const Summary& summary, std::size_t method, std::size_t base) {
  eval::Comparison out;
  out.mean = summary.overall[method] - summary.overall[base];
  out.p_holm = summary.p_queries[method];
  return out;
}

class Page {
 public:
  Page(const std::vector<MeasuredCollection>& collections, std::size_t base, const EvalReportOptions& options)
      : collections_(collections),
        results_(collections.front().results),
        base_(base),
        options_(options),
        alpha_(options.tests.alpha) {
    for (std::size_t m = 0; m < results_.measures.size(); ++m) {
      summaries_.push_back(summarise(collections, m, base, options.tests));
    }
  }

  [[nodiscard]] std::string methods() const {
    std::string out = "<div class=\"wide\"><table><thead><tr><th>method</th>";
    for (const auto& measure : results_.measures) out += fmt::format("<th>{}</th>", html_text(measure.name()));
    const bool timed = !results_.latencies.empty();
    out += timed ? "<th>p50 ms</th><th>p90 ms</th></tr></thead><tbody>\n" : "</tr></thead><tbody>\n";
    for (std::size_t run = 0; run < results_.run_names.size(); ++run) {
      out += fmt::format("<tr><td>{}</td>", html_text(results_.run_names[run]));
      for (const auto& summary : summaries_) {
        const double best = *std::max_element(summary.overall.begin(), summary.overall.end());
        const char mark = run == base_ ? ' ' : mark_of(overall_comparison(summary, run, base_), alpha_);
        out += cell(summary.overall[run], summary.overall[run] == best, mark);
      }
      if (timed) {
        const auto& latency = summaries_.front().latencies[run];
        out += fmt::format("<td>{:.2f}</td><td>{:.2f}</td>", latency.p50, latency.p90);
      }
      out += "</tr>\n";
    }
    return out + fmt::format(
                     "</tbody></table></div><p>▲ better, ▼ worse than {} (p Holm &lt; {:g}); the best of a "
                     "column is bold.</p>\n",
                     html_text(results_.run_names[base_]), alpha_);
  }

  [[nodiscard]] std::string latency() const {
    if (results_.latencies.empty()) return {};
    std::vector<Point> points;
    const auto& summary = summaries_.front();
    constexpr double kLeastMs = 0.001;
    for (std::size_t run = 0; run < results_.run_names.size(); ++run) {
      points.push_back({results_.run_names[run], std::max(kLeastMs, summary.latencies[run].p50), summary.overall[run],
                        tone_of(overall_comparison(summary, run, base_), run == base_, alpha_)});
    }
    return "<h2>Quality against latency</h2>\n" +
           scatter_plot(points, "p50 of a question, ms", results_.measures.front().name());
  }

  [[nodiscard]] std::string groups() const {
    const auto& summary = summaries_.front();
    if (summary.groups.size() < 2) return {};
    std::string out = fmt::format("<h2>{} of each collection</h2>\n<div class=\"panels\">\n",
                                  html_text(results_.measures.front().name()));
    double most = 0;
    for (const auto& means : summary.means) most = std::max(most, *std::max_element(means.begin(), means.end()));
    for (std::size_t g = 0; g < summary.groups.size(); ++g) {
      std::vector<Bar> bars;
      for (std::size_t run = 0; run < results_.run_names.size(); ++run) {
        bars.push_back({results_.run_names[run], summary.means[g][run],
                        tone_of(summary.comparisons[g][run], run == base_, alpha_)});
      }
      out += fmt::format("<div><h3>{}</h3>{}</div>\n", html_text(summary.groups[g]), bar_plot(bars, most));
    }
    return out + fmt::format("</div><p>Blue is significantly better than {}, orange worse, grey neither.</p>\n",
                             html_text(results_.run_names[base_]));
  }

  [[nodiscard]] std::string differences() const {
    if (results_.run_names.size() < 2) return {};
    std::string out = fmt::format("<h2>{} of each question, against {}</h2>\n",
                                  html_text(results_.measures.front().name()), html_text(results_.run_names[base_]));
    for (const auto& collection : collections_) {
      const bool alone = collections_.size() == 1;
      out += alone ? "" : fmt::format("<details><summary>{}</summary>\n", html_text(collection.name));
      for (std::size_t run = 0; run < collection.results.run_names.size(); ++run) {
        if (run != base_) out += run_differences(collection.results, run);
      }
      out += alone ? "" : "</details>\n";
    }
    return out;
  }

 private:
  [[nodiscard]] std::string run_differences(const EvalResults& results, std::size_t run) const {
    const auto& made = results.comparisons.front()[run];
    const auto& name = results.run_names[run];
    constexpr std::uint32_t kUsual = 5;
    const auto extremes = eval::extreme_differences(made.differences.values,
                                                    options_.queries_worst > 0 ? options_.queries_worst : kUsual);
    std::string out =
        fmt::format("<h3>{}</h3><p>{:+.4f} ({:+.4f} … {:+.4f}), p Holm {}; {} better, {} worse, {} alike</p>{}",
                    html_text(name), made.mean, made.interval.low, made.interval.high, html_text(p_text(made.p_holm)),
                    made.better, made.worse, made.differences.values.size() - made.better - made.worse,
                    difference_plot(made.differences.values, "differences of " + name));
    out += "<div class=\"wide\"><table><thead><tr><th>question</th><th></th><th>" +
           html_text(results.run_names[base_]) + "</th><th>" + html_text(name) + "</th><th></th></tr></thead><tbody>\n";
    for (const auto* places : {&extremes.lowest, &extremes.highest}) {
      for (const std::size_t place : *places) {
        const std::size_t query = made.differences.queries[place];
        const double change = made.differences.values[place];
        out += fmt::format(
            "<tr><td>{}</td><td class=\"words\">{}</td><td>{:.4f}</td><td>{:.4f}</td><td "
            "class=\"{}\">{:+.4f}</td></tr>\n",
            html_text(results.query_names[query]),
            results.questions.empty() ? "" : html_text(shorten(results.questions[query], kQuestionColumns)),
            results.evaluations[base_].values.front()[query], results.evaluations[run].values.front()[query],
            change > 0 ? "up" : "down", change);
      }
    }
    return out + "</tbody></table></div>\n";
  }

  static constexpr std::size_t kQuestionColumns = 160;
  const std::vector<MeasuredCollection>& collections_;
  const EvalResults& results_;
  std::size_t base_;
  const EvalReportOptions& options_;
  double alpha_;
  std::vector<Summary> summaries_;  // [measures]
};

}  // namespace

std::string eval_html(const std::vector<MeasuredCollection>& collections, std::size_t base,
                      const EvalReportOptions& options, const std::string& title, const std::string& conditions) {
  const Page page(collections, base, options);
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><title>{0}</title><style>{1}</style></head><body>\n<h1>{0}</h1>\n"
      "<p>{2}</p>\n{3}{4}{5}{6}</body></html>\n",
      html_text(title), kStyle, html_text(conditions), page.methods(), page.latency(), page.groups(),
      page.differences());
}

}  // namespace tamis::cli
