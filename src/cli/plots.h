#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::cli {

// Plots as SVG elements to stand inside a page, whose style sheet has the colours: classes "better", "worse", "base"
// and "plain" of marks, "axis", "grid", "label" of the rest. Nothing is fetched, no script runs.

/// Text with everything escaped that HTML and SVG want escaped, and without control characters.
[[nodiscard]] std::string html_text(std::string_view text);

/// How a mark is coloured.
enum class Tone : std::uint8_t { kPlain, kBase, kBetter, kWorse };
[[nodiscard]] std::string_view to_string(Tone tone);

struct Point {
  std::string label;
  double x = 0, y = 0;  ///< x > 0
  Tone tone = Tone::kPlain;
};
/// Points with their labels, x logarithmic. "" without points.
[[nodiscard]] std::string scatter_plot(std::span<const Point> points, std::string_view x_title,
                                       std::string_view y_title);

struct Bar {
  std::string label;
  double value = 0;  ///< ≥ 0
  Tone tone = Tone::kPlain;
};
/// Horizontal bars, one under the other, from 0 to `most`, with label and value.
[[nodiscard]] std::string bar_plot(std::span<const Bar> bars, double most);

/// Differences from the largest to the smallest, as an area above and below zero. More than 300 are shown by as many
/// means of neighbours.
[[nodiscard]] std::string difference_plot(std::span<const double> differences, std::string_view title);

/// About `count` round numbers in [low, high]: 1, 2 or 5 times a power of ten apart.
[[nodiscard]] std::vector<double> round_ticks(double low, double high, std::size_t count);

}  // namespace tamis::cli
