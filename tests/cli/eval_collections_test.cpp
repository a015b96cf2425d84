#include "eval_collections.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tamis::cli {
namespace {

std::vector<MeasuredCollection> random_collections(std::mt19937& rng, std::size_t methods) {
  std::vector<MeasuredCollection> out(1 + rng() % 5);
  for (std::size_t c = 0; c < out.size(); ++c) {
    auto& results = out[c].results;
    out[c].name = "c" + std::to_string(c);
    if (rng() % 2 == 0) out[c].group = "g" + std::to_string(rng() % 2);
    const std::size_t queries = 1 + rng() % 3;
    for (std::size_t m = 0; m < methods; ++m) {
      results.run_names.push_back("m" + std::to_string(m));
      auto& evaluation = results.evaluations.emplace_back();
      evaluation.answered.assign(queries, true);
      auto& values = evaluation.values.emplace_back();
      while (values.size() < queries) values.push_back(static_cast<double>(rng() % 5) / 4);
      results.latencies.push_back({static_cast<double>(rng() % 9), 9.0});
    }
  }
  return out;
}

double mean_of(const MeasuredCollection& collection, std::size_t method) {
  return collection.results.evaluations[method].mean(0, eval::MissingQueries::kZero);
}

TEST(EvalCollections, groups_weigh_alike_and_so_do_their_collections) {
  eval::CompareOptions options;
  options.resamples = 50;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    const auto collections = random_collections(rng, 3);
    const auto made = summarise(collections, 0, 1, options);
    for (std::size_t m = 0; m < 3; ++m) {
      double sum = 0, difference = 0;
      for (std::size_t g = 0; g < made.groups.size(); ++g) {
        double of_group = 0;
        for (const auto member : made.members[g]) of_group += mean_of(collections[member], m);
        of_group /= static_cast<double>(made.members[g].size());
        EXPECT_NEAR(made.means[g][m], of_group, 1e-12) << "seed=" << seed;
        if (m != 1) {
          EXPECT_NEAR(made.comparisons[g][m].mean, of_group - made.means[g][1], 1e-12) << "seed=" << seed;
        }
        sum += of_group;
        difference += of_group - made.means[g][1];
      }
      EXPECT_NEAR(made.overall[m], sum / static_cast<double>(made.groups.size()), 1e-12) << "seed=" << seed;
      EXPECT_LE(made.intervals[m].low, difference / static_cast<double>(made.groups.size()) + 1e-12);
      EXPECT_GE(made.intervals[m].high, difference / static_cast<double>(made.groups.size()) - 1e-12);
      EXPECT_GT(made.p_groups[m], 0.0);
      EXPECT_LE(made.p_queries[m], 1.0);
    }
    EXPECT_EQ(made.p_groups[1], 1.0);
  }
}

TEST(EvalCollections, a_choice_never_sees_the_collection_that_it_is_for) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    auto collections = random_collections(rng, 4);
    const std::vector<std::size_t> candidates = {3, 0, 2};
    const auto chosen = choose_on_others(collections, candidates, eval::MissingQueries::kZero);
    ASSERT_EQ(chosen.size(), collections.size());
    const std::size_t changed = rng() % collections.size();
    for (auto& evaluation : collections[changed].results.evaluations) {
      for (auto& value : evaluation.values[0]) value = static_cast<double>(rng() % 5) / 4;
    }
    const auto again = choose_on_others(collections, candidates, eval::MissingQueries::kZero);
    EXPECT_EQ(again[changed], chosen[changed]) << "seed=" << seed;
    for (const auto method : chosen) EXPECT_NE(method, 1U) << "seed=" << seed;
  }
}

TEST(EvalCollections, a_choice_is_a_name_and_methods) {
  const auto choice = parse_choice(" pick = bm25, a+b:rrf(k=60, x=1) ,c").value();
  EXPECT_EQ(choice.name, "pick");
  EXPECT_EQ(choice.methods, (std::vector<std::string>{"bm25", "a+b:rrf(k=60, x=1)", "c"}));
  for (const char* text : {"", "bm25", "= bm25", "x =", "x = a,,b", "x = a, a"}) {
    EXPECT_EQ(parse_choice(text).error().code, Code::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace tamis::cli
