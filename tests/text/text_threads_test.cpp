#include <gtest/gtest.h>
#include <tamis/text/language.h>
#include <tamis/text/unicode.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

#include "analyzer_laws.h"
#include "worlds.h"

namespace tamis::text {
namespace {

/// Everything that the room says of a text, as one string.
std::string report(std::string_view text, Analyzer& analyzer) {
  std::string out = fold(text);
  std::vector<Range> ranges;
  segment_words(text, ranges);
  segment_sentences(text, ranges);
  for (const Range& range : ranges) out += std::to_string(range.begin) + "-" + std::to_string(range.end) + " ";
  out += std::to_string(count_words(text)) + code(guess_language(text, Language::kNone)).data();
  for (const Spelled& token : spell(analyzer, text, Language::kFrench)) out += token.term + " ";
  return out;
}

TEST(Text, threads_agree_with_a_single_one) {
  constexpr std::uint32_t kTexts = 150;
  const auto all = [](std::uint32_t first) {
    Analyzer analyzer;
    std::vector<std::string> reports(kTexts);
    for (std::uint32_t i = 0; i < kTexts; ++i) {
      const std::uint32_t seed = (first + i) % kTexts;
      std::mt19937 rng(seed);
      reports[seed] = report(random_text(rng, 60), analyzer);
    }
    return reports;
  };
  const auto alone = all(0);
  std::vector<std::vector<std::string>> reports(4);
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < reports.size(); ++i) threads.emplace_back([&, i] { reports[i] = all(i * 37); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& report_of_thread : reports) EXPECT_EQ(report_of_thread, alone);
}

}  // namespace
}  // namespace tamis::text
