#include <gtest/gtest.h>
#include <tamis/eval/measure.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

#include "reference_cases.h"

namespace tamis::eval {
namespace {

constexpr Grade kNone = kNotJudged;

double value(std::string_view name, const std::vector<Grade>& ranking, std::vector<Grade> judged) {
  std::sort(judged.begin(), judged.end(), std::greater<>());
  return Measure::parse(name).value().of({ranking, judged});
}

TEST(Measure, values_worked_by_hand) {
  const std::vector<Grade> ranking = {0, 2, kNone, 1}, judged = {0, 2, 1, 3, 0};
  const double second = 1.0 / std::log2(3.0), fourth = 1.0 / std::log2(5.0);
  const double best = 3.0 + 2.0 * second + 1.0 / std::log2(4.0);
  EXPECT_DOUBLE_EQ(value("nDCG", ranking, judged), (2.0 * second + fourth) / best);
  EXPECT_DOUBLE_EQ(value("nDCG@2", ranking, judged), 2.0 * second / (3.0 + 2.0 * second));
  EXPECT_DOUBLE_EQ(value("nDCG(dcg='exp-log2')@4", ranking, judged),
                   (3.0 * second + fourth) / (7.0 + 3.0 * second + 1.0 / std::log2(4.0)));
  EXPECT_DOUBLE_EQ(value("AP", ranking, judged), (1.0 / 2 + 2.0 / 4) / 3);
  EXPECT_DOUBLE_EQ(value("AP@3", ranking, judged), (1.0 / 2) / 3);
  EXPECT_DOUBLE_EQ(value("AP(rel=2)", ranking, judged), (1.0 / 2) / 2);
  EXPECT_DOUBLE_EQ(value("RR", ranking, judged), 1.0 / 2);
  EXPECT_DOUBLE_EQ(value("RR@1", ranking, judged), 0.0);
  EXPECT_DOUBLE_EQ(value("R@4", ranking, judged), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value("P@10", ranking, judged), 2.0 / 10);
  EXPECT_DOUBLE_EQ(value("P(judged_only=True)@3", ranking, judged), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value("Success@1", ranking, judged), 0.0);
  EXPECT_DOUBLE_EQ(value("Success@2", ranking, judged), 1.0);
  EXPECT_DOUBLE_EQ(value("Rprec", ranking, judged), 1.0 / 3);
  // Two documents are judged not relevant: one stands above both of the relevant ones that were found.
  EXPECT_DOUBLE_EQ(value("Bpref", ranking, judged), (0.5 + 0.5) / 3);
  EXPECT_DOUBLE_EQ(value("Judged@3", ranking, judged), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value("Judged@10", ranking, judged), 3.0 / 4);
  // P = 2/4, R = 2/3.
  EXPECT_DOUBLE_EQ(value("F2@10", ranking, judged), 5 * (2.0 / 4) * (2.0 / 3) / (4 * (2.0 / 4) + 2.0 / 3));
  EXPECT_DOUBLE_EQ(value("F1@2", ranking, judged), 2 * (1.0 / 2) * (1.0 / 3) / (1.0 / 2 + 1.0 / 3));
}

TEST(Measure, inferred_ap_worked_by_hand) {
  constexpr double kSmall = 1e-5;
  // A relevant document at rank 3, below one that is in the pool but not judged and one that is judged not relevant.
  const double expected = 1.0 / 3 + 2.0 / 3 * (2.0 / 2) * ((0 + kSmall) / (0 + 1 + 2 * kSmall));
  EXPECT_DOUBLE_EQ(value("infAP", {-1, 0, 1}, {-1, 0, 1}), expected);
  EXPECT_DOUBLE_EQ(value("infAP", {1}, {1, 1}), 0.5);
}

TEST(Measure, values_of_ir_measures) {
  for (std::size_t c = 0; c < reference_cases().size(); ++c) {
    const auto& reference = reference_cases()[c];
    std::vector<Grade> ranking, judged(reference.missed.begin(), reference.missed.end());
    for (const int grade : reference.ranking) {
      ranking.push_back(grade == kNo ? kNone : grade);
      if (grade != kNo) judged.push_back(grade);
    }
    for (std::size_t m = 0; m < kReferenceMeasures.size(); ++m) {
      EXPECT_NEAR(value(kReferenceMeasures[m], ranking, judged), reference.values[m], 1e-9)
          << kReferenceMeasures[m] << " of case " << c;
    }
  }
}

const std::vector<std::string> kAll = {
    "nDCG", "nDCG@3", "nDCG(dcg='exp-log2')@5", "AP", "AP@4", "RR", "RR@2", "R@5", "P@5", "Success@2", "Rprec", "Bpref",
    "F1@5", "F2"};

TEST(Measure, nothing_found_or_nothing_relevant_is_0_and_never_not_a_number) {
  for (const auto& name : kAll) {
    EXPECT_EQ(value(name, {}, {1, 0}), 0.0) << name;
    EXPECT_EQ(value(name, {kNone, kNone}, {1, 0}), 0.0) << name;
    EXPECT_EQ(value(name, {0, kNone, -1}, {0, -1, -1}), 0.0) << name;
    EXPECT_EQ(value(name, {}, {}), 0.0) << name;
  }
  EXPECT_EQ(value("infAP", {0, -1}, {0, -1}), 0.0);
  EXPECT_EQ(value("Judged@3", {}, {1}), 0.0);
  EXPECT_TRUE(std::isfinite(value("nDCG(dcg='exp-log2')", {1'000'000'000, 5}, {1'000'000'000, 999'999'999, 5})));
}

TEST(Measure, the_best_order_has_1_and_better_orders_have_more) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    std::vector<Grade> ranking;
    for (std::size_t n = 1 + rng() % 12; n > 0; --n) ranking.push_back(static_cast<Grade>(rng() % 4));
    ranking.push_back(1);
    std::vector<Grade> best = ranking, better = ranking;
    std::sort(best.begin(), best.end(), std::greater<>());
    // One pair of neighbours in the wrong order is put right.
    for (std::size_t i = 0; i + 1 < better.size(); ++i) {
      if (better[i] >= better[i + 1]) continue;
      std::swap(better[i], better[i + 1]);
      break;
    }
    for (const auto& name : kAll) {
      const double here = value(name, ranking, ranking), after = value(name, better, ranking);
      EXPECT_GE(here, 0.0) << name << " seed=" << seed;
      EXPECT_LE(here, 1.0 + 1e-12) << name << " seed=" << seed;
      EXPECT_GE(after, here - 1e-12) << name << " seed=" << seed;
    }
    for (const char* name : {"nDCG", "nDCG@3", "AP", "RR", "Rprec", "Bpref", "nDCG(dcg='exp-log2')@5"}) {
      EXPECT_NEAR(value(name, best, ranking), 1.0, 1e-12) << name << " seed=" << seed;
    }
  }
}

TEST(Measure, names_are_read_as_ir_measures_writes_them) {
  const auto name = [](std::string_view text) { return Measure::parse(text).value().name(); };
  EXPECT_EQ(name("ndcg@10"), "nDCG@10");
  EXPECT_EQ(name("MAP"), "AP");
  EXPECT_EQ(name("MRR@10"), "RR@10");
  EXPECT_EQ(name("recall( rel = 2 )@100"), "R(rel=2)@100");
  EXPECT_EQ(name("nDCG(dcg=\"exp-log2\")@10"), "nDCG(dcg='exp-log2')@10");
  EXPECT_EQ(name("P(rel=1,judged_only=False)@5"), "P@5");
  EXPECT_EQ(name("bpref"), "Bpref");
  for (const auto& info : known_measures()) {
    const std::string text = std::string(info.name) + (info.needs_cutoff ? "@7" : "");
    EXPECT_EQ(name(text), text);
    EXPECT_EQ(Measure::parse(std::string(info.name) + "@7").has_value(), info.takes_cutoff) << info.name;
  }
}

TEST(Measure, bad_names_are_errors_that_say_what_there_is) {
  for (const char* text :
       {"", "XYZ", "nDCG@", "nDCG@0", "nDCG@-1", "nDCG@5x", "nDCG(rel=2)@5", "nDCG(dcg=foo)", "P", "P@", "Rprec@5",
        "AP(rel=-1)", "AP(rel=x)", "AP(rel)", "AP(", "AP(rel=2", "AP)", "AP(rel=2)5", "P@99999999999"}) {
    const auto measure = Measure::parse(text);
    ASSERT_FALSE(measure.has_value()) << text;
    EXPECT_EQ(measure.error().code, Code::kInvalidArgument);
    EXPECT_NE(measure.error().message.find("Rprec"), std::string::npos) << measure.error().message;
  }
}

TEST(Measure, lists_are_split_at_blanks_and_commas_outside_of_parentheses) {
  const auto measures = parse_measures(" nDCG@10, AP(rel=2, judged_only=True)  R@100 ").value();
  ASSERT_EQ(measures.size(), 3U);
  EXPECT_EQ(measures[1].name(), "AP(rel=2,judged_only=True)");
  EXPECT_FALSE(parse_measures("  "));
  EXPECT_FALSE(parse_measures("AP MAP"));
  EXPECT_FALSE(parse_measures("AP(rel=2 RR"));
}

}  // namespace
}  // namespace tamis::eval
