#include "plots.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace tamis::cli {
namespace {

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

/// Elements are closed, and no number is broken.
void expect_sound(const std::string& svg, const std::string& where) {
  EXPECT_EQ(svg.find("nan"), std::string::npos) << where << svg;
  EXPECT_EQ(svg.find("inf"), std::string::npos) << where << svg;
  EXPECT_EQ(count(svg, "<text"), count(svg, "</text>")) << where;
  EXPECT_EQ(count(svg, "<svg"), count(svg, "</svg>")) << where;
}

TEST(Plots, text_cannot_become_markup) {
  EXPECT_EQ(html_text("<b a=\"x\" c='y'>&\x1b"), "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;");
  const std::vector<Point> points = {{"<script>", 1, 0.5, Tone::kBase}};
  EXPECT_EQ(scatter_plot(points, "x", "y").find("<script"), std::string::npos);
  const std::vector<Bar> bars = {{"<script>", 1, Tone::kBase}};
  EXPECT_EQ(bar_plot(bars, 1).find("<script"), std::string::npos);
}

TEST(Plots, whatever_the_values_each_has_its_mark) {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    std::mt19937 rng(seed);
    const std::string where = "seed=" + std::to_string(seed) + " ";
    std::vector<Point> points(1 + rng() % 30);
    std::vector<Bar> bars(1 + rng() % 9);
    std::vector<double> differences(1 + rng() % 900);
    const bool all_alike = rng() % 4 == 0;
    for (auto& point : points) {
      point.x = all_alike ? 2.0 : std::pow(10.0, static_cast<double>(rng() % 700) / 100 - 3);
      point.y = all_alike ? 0.5 : static_cast<double>(rng() % 1001) / 1000;
      point.label = "method";
    }
    for (auto& bar : bars) bar.value = all_alike ? 0.0 : static_cast<double>(rng() % 11) / 10;
    for (auto& difference : differences) difference = all_alike ? 0.0 : static_cast<double>(rng() % 21) / 10 - 1;
    const auto scatter = scatter_plot(points, "x", "y");
    expect_sound(scatter, where);
    EXPECT_EQ(count(scatter, "<circle"), points.size()) << where;
    const auto bar = bar_plot(bars, 1.0);
    expect_sound(bar, where);
    EXPECT_EQ(count(bar, "<rect"), bars.size()) << where;
    expect_sound(bar_plot(bars, 0.0), where);
    const auto area = difference_plot(differences, "d");
    expect_sound(area, where);
    EXPECT_LE(count(area, "M"), 300U) << where;
  }
  EXPECT_EQ(scatter_plot({}, "x", "y"), "");
  EXPECT_EQ(difference_plot({}, "d"), "");
}

TEST(Plots, labels_never_cover_each_other) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 rng(seed);
    std::vector<Point> points(2 + rng() % 25);
    for (auto& point : points)
      point = {"m", 1.0 + static_cast<double>(rng() % 50), static_cast<double>(rng() % 100) / 100, Tone::kPlain};
    const auto svg = scatter_plot(points, "x", "y");
    std::vector<double> heights;
    for (auto at = svg.find("class=\"label\""); at != std::string::npos; at = svg.find("class=\"label\"", at + 1)) {
      const auto y = svg.rfind("y=\"", at);
      heights.push_back(std::stod(svg.substr(y + 3)));
    }
    ASSERT_EQ(heights.size(), points.size());
    std::sort(heights.begin(), heights.end());
    for (std::size_t i = 1; i < heights.size(); ++i) EXPECT_GE(heights[i] - heights[i - 1], 15.8) << "seed=" << seed;
    EXPECT_GE(heights.front(), 0.0) << "seed=" << seed;
  }
}

TEST(Plots, ticks_are_round_and_inside) {
  EXPECT_EQ(round_ticks(0, 1, 5), (std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1}));
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    std::mt19937 rng(seed);
    const double low = static_cast<double>(rng() % 1000) / 997,
                 high = low + static_cast<double>(1 + rng() % 1000) / 997;
    const auto ticks = round_ticks(low, high, 6);
    EXPECT_LE(ticks.size(), 7U) << "seed=" << seed;
    for (const double tick : ticks) {
      EXPECT_GE(tick, low - 1e-9) << "seed=" << seed;
      EXPECT_LE(tick, high + 1e-9) << "seed=" << seed;
    }
  }
}

}  // namespace
}  // namespace tamis::cli
