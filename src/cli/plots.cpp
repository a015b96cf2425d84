#include "plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "display.h"

namespace tamis::cli {
namespace {

constexpr double kWidth = 720, kLineHeight = 16;

/// A number as short as it is exact enough for a plot.
std::string number(double value) {
  auto out = fmt::format("{:.1f}", value);
  if (out.ends_with(".0")) out.resize(out.size() - 2);
  return out == "-0" ? "0" : out;
}

std::string text_at(double x, double y, std::string_view css, std::string_view text,
                    std::string_view anchor = "start") {
  return fmt::format("<text x=\"{}\" y=\"{}\" class=\"{}\" text-anchor=\"{}\">{}</text>", number(x), number(y), css,
                     anchor, html_text(text));
}

std::string line_between(double x1, double y1, double x2, double y2, std::string_view css) {
  return fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" class=\"{}\"/>", number(x1), number(y1), number(x2),
                     number(y2), css);
}

std::string svg(double width, double height, std::string_view title, const std::string& content) {
  return fmt::format("<svg viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\" role=\"img\" aria-label=\"{}\">{}</svg>\n",
                     number(width), number(height), number(width), number(height), html_text(title), content);
}

/// 1, 2, 5 times powers of ten inside [low, high].
std::vector<double> log_ticks(double low, double high) {
  std::vector<double> out;
  for (double power = std::pow(10.0, std::floor(std::log10(low))); power <= high; power *= 10) {
    for (const double step : {1.0, 2.0, 5.0}) {
      if (step * power >= low && step * power <= high) out.push_back(step * power);
    }
  }
  return out;
}

/// Where labels stand so that none covers another: from the top down, each at least a line below the one before.
std::vector<double> spread_labels(const std::vector<double>& wanted, double lowest) {
  std::vector<std::size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
  std::vector<double> out = wanted;
  for (std::size_t i = 1; i < order.size(); ++i) {
    out[order[i]] = std::max(out[order[i]], out[order[i - 1]] + kLineHeight);
  }
  // What ran out at the bottom pushes the others up again.
  for (std::size_t i = order.size(); i-- > 0;) {
    const double limit = i + 1 < order.size() ? out[order[i + 1]] - kLineHeight : lowest;
    out[order[i]] = std::min(out[order[i]], limit);
  }
  return out;
}

struct Frame {
  double left = 64, right = kWidth - 230, top = 12, bottom = 330;
  double low_x = 0, high_x = 1, low_y = 0, high_y = 1;  ///< x as logarithm
  [[nodiscard]] double x(double value) const {
    return left + (std::log10(value) - low_x) / (high_x - low_x) * (right - left);
  }
  [[nodiscard]] double y(double value) const { return bottom - (value - low_y) / (high_y - low_y) * (bottom - top); }
};

Frame frame_of(std::span<const Point> points, double height) {
  Frame frame;
  frame.bottom = height - 48;
  const auto [least_x, most_x] =
      std::minmax_element(points.begin(), points.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
  const auto [least_y, most_y] =
      std::minmax_element(points.begin(), points.end(), [](const Point& a, const Point& b) { return a.y < b.y; });
  constexpr double kMargin = 0.15, kLeastDecades = 0.3, kLeastHeight = 0.02;
  const double width_x = std::max(kLeastDecades, std::log10(most_x->x / least_x->x));
  const double height_y = std::max(kLeastHeight, most_y->y - least_y->y);
  frame.low_x = std::log10(least_x->x) - kMargin * width_x;
  frame.high_x = std::max(std::log10(most_x->x), std::log10(least_x->x) + width_x) + kMargin * width_x;
  frame.low_y = least_y->y - kMargin * height_y;
  frame.high_y = std::max(most_y->y, least_y->y + height_y) + kMargin * height_y;
  return frame;
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : harmless(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string_view to_string(Tone tone) {
  constexpr std::string_view kNames[] = {"plain", "base", "better", "worse"};
  return kNames[static_cast<std::size_t>(tone)];
}

std::vector<double> round_ticks(double low, double high, std::size_t count) {
  const double wanted = (high - low) / static_cast<double>(std::max<std::size_t>(1, count));
  if (!(wanted > 0)) return {low};
  const double power = std::pow(10.0, std::floor(std::log10(wanted)));
  double step = 10 * power;
  for (const double times : {5.0, 2.0, 1.0}) {
    if (times * power >= wanted) step = times * power;
  }
  std::vector<double> out;
  for (double tick = std::ceil(low / step); tick * step <= high; ++tick) out.push_back(tick * step);
  return out;
}

std::string scatter_plot(std::span<const Point> points, std::string_view x_title, std::string_view y_title) {
  if (points.empty()) return {};
  constexpr double kRadius = 5, kGap = 14, kTick = 18;
  const double height = std::max(380.0, 80 + kLineHeight * static_cast<double>(points.size()));
  const Frame frame = frame_of(points, height);
  std::string out;
  for (const double tick : round_ticks(frame.low_y, frame.high_y, 6)) {
    out += line_between(frame.left, frame.y(tick), frame.right, frame.y(tick), "grid");
    out += text_at(frame.left - 8, frame.y(tick) + 4, "axis", fmt::format("{:.3g}", tick), "end");
  }
  for (const double tick : log_ticks(std::pow(10.0, frame.low_x), std::pow(10.0, frame.high_x))) {
    out += line_between(frame.x(tick), frame.top, frame.x(tick), frame.bottom, "grid");
    out += text_at(frame.x(tick), frame.bottom + kTick, "axis", fmt::format("{:g}", tick), "middle");
  }
  out += text_at((frame.left + frame.right) / 2, height - 8, "axis", x_title, "middle");
  out += fmt::format("<text transform=\"translate(14 {}) rotate(-90)\" class=\"axis\" text-anchor=\"middle\">{}</text>",
                     number((frame.top + frame.bottom) / 2), html_text(y_title));
  std::vector<double> wanted;
  for (const auto& point : points) wanted.push_back(frame.y(point.y) + 4);
  const auto labels = spread_labels(wanted, frame.bottom);
  constexpr std::size_t kLabelColumns = 30;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double x = frame.x(points[i].x), y = frame.y(points[i].y);
    out += line_between(x, y, frame.right + kGap - 4, labels[i] - 4, "lead");
    out += text_at(frame.right + kGap, labels[i], "label", shorten(points[i].label, kLabelColumns));
  }
  for (const auto& point : points) {
    out +=
        fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" class=\"{}\"><title>{}: {:.4f}, {:.2f} ms</title></circle>",
                    number(frame.x(point.x)), number(frame.y(point.y)), number(kRadius), to_string(point.tone),
                    html_text(point.label), point.y, point.x);
  }
  return svg(kWidth, height, fmt::format("{} against {}", y_title, x_title), out);
}

std::string bar_plot(std::span<const Bar> bars, double most) {
  constexpr double kRow = 20, kBarWidth = 190, kBarHeight = 12, kLabelWidth = 175, kAll = 430;
  constexpr std::size_t kLabelColumns = 24;
  std::string out;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double y = kRow * static_cast<double>(i);
    const double width = most > 0 ? bars[i].value / most * kBarWidth : 0;
    out += text_at(kLabelWidth - 8, y + 14, "label", shorten(bars[i].label, kLabelColumns), "end");
    out += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2\" class=\"{}\"/>",
                       number(kLabelWidth), number(y + 4), number(width), number(kBarHeight), to_string(bars[i].tone));
    out += text_at(kLabelWidth + width + 6, y + 14, "axis", fmt::format("{:.4f}", bars[i].value));
  }
  return svg(kAll, kRow * static_cast<double>(bars.size()) + 4, "bars", out);
}

std::string difference_plot(std::span<const double> differences, std::string_view title) {
  if (differences.empty()) return {};
  constexpr std::size_t kMost = 300;
  constexpr double kHeight = 130, kLeft = 48, kRight = kWidth - 12, kTop = 8;
  std::vector<double> sorted(differences.begin(), differences.end());
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  const std::size_t steps = std::min(kMost, sorted.size());
  std::vector<double> shown;
  for (std::size_t i = 0; i < steps; ++i) {
    const std::size_t begin = i * sorted.size() / steps, end = (i + 1) * sorted.size() / steps;
    shown.push_back(std::accumulate(sorted.begin() + static_cast<std::ptrdiff_t>(begin),
                                    sorted.begin() + static_cast<std::ptrdiff_t>(end), 0.0) /
                    static_cast<double>(end - begin));
  }
  double most = 0.1;
  for (const double value : shown) most = std::max(most, std::fabs(value));
  const auto y = [&](double value) { return kTop + (1 - value / most) / 2 * (kHeight - 2 * kTop); };
  const auto x = [&](std::size_t i) {
    return kLeft + (kRight - kLeft) * static_cast<double>(i) / static_cast<double>(steps);
  };
  const auto area = [&](bool gains) {
    std::string path;
    for (std::size_t i = 0; i < steps; ++i) {
      if (gains ? shown[i] <= 0 : shown[i] >= 0) continue;
      path += fmt::format("M{} {}V{}H{}V{}Z", number(x(i)), number(y(0)), number(y(shown[i])), number(x(i + 1)),
                          number(y(0)));
    }
    return path.empty() ? path : fmt::format("<path d=\"{}\" class=\"{}\"/>", path, gains ? "better" : "worse");
  };
  std::string out;
  for (const double tick : {most, 0.0, -most}) {
    out += line_between(kLeft, y(tick), kRight, y(tick), "grid");
    out += text_at(kLeft - 8, y(tick) + 4, "axis", tick == 0 ? std::string("0") : fmt::format("{:+.2f}", tick), "end");
  }
  return svg(kWidth, kHeight, title, out + area(true) + area(false));
}

}  // namespace tamis::cli
