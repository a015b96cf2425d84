#include "rerank.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace tamis::search {
namespace {

struct Case {
  std::vector<ScoredPassage> candidates;
  std::map<PassageId, Score> truth;
};

Case random_case(std::mt19937& rng) {
  Case out;
  const auto range = 1 + rng() % 30;
  for (PassageId id = 0; id < rng() % 60; ++id) {
    out.candidates.push_back({id, static_cast<Score>(1 + rng() % range)});
    out.truth[id] = static_cast<Score>(rng() % range);
  }
  std::sort(out.candidates.begin(), out.candidates.end(),
            [](const auto& a, const auto& b) { return a.score != b.score ? a.score > b.score : a.id < b.id; });
  return out;
}

ScoreCandidates by(const Case& world, std::vector<PassageId>& asked) {
  return [&](std::span<const ScoredPassage> some, std::span<float> out) {
    for (std::size_t i = 0; i < some.size(); ++i) {
      out[i] = world.truth.at(some[i].id);
      asked.push_back(some[i].id);
    }
    return ok();
  };
}

std::vector<PassageId> first_by_truth(const Case& world, const std::vector<PassageId>& of, std::size_t count) {
  auto ids = of;
  std::stable_sort(ids.begin(), ids.end(),
                   [&](PassageId a, PassageId b) { return world.truth.at(a) > world.truth.at(b); });
  ids.resize(std::min(count, ids.size()));
  return ids;
}

std::vector<PassageId> ids_of(const std::vector<ScoredPassage>& passages, std::size_t count = 1000) {
  std::vector<PassageId> ids;
  for (std::size_t i = 0; i < std::min(count, passages.size()); ++i) ids.push_back(passages[i].id);
  return ids;
}

TEST(Rerank, without_rules_all_candidates_are_scored_and_ranked_by_that) {
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_case(rng);
    std::vector<PassageId> asked;
    const auto found = rerank(world.candidates, {1 + rng() % 20, {}, {}, 1}, by(world, asked)).value();
    EXPECT_EQ(found.num_scored, world.candidates.size());
    EXPECT_EQ(ids_of(found.passages), first_by_truth(world, ids_of(world.candidates), 1000)) << "seed=" << seed;
  }
}

TEST(Rerank, pruning_keeps_exactly_what_reaches_the_share_of_the_kth_score) {
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_case(rng);
    const std::size_t top = 1 + rng() % 20;
    std::size_t last = 0;
    for (const double alpha : {0.0, 0.015, 0.05, 0.3, 1.0}) {
      std::vector<PassageId> asked, wanted;
      ASSERT_TRUE(rerank(world.candidates, {top, alpha, {}, 1}, by(world, asked)));
      for (const auto& [id, score] : world.candidates) {
        const bool all = world.candidates.size() < top;
        const auto kth = all ? 0.0 : static_cast<double>(world.candidates[top - 1].score);
        if (static_cast<double>(score) >= kth * (1 - alpha)) wanted.push_back(id);
      }
      ASSERT_EQ(asked, wanted) << "seed=" << seed << " alpha=" << alpha;
      ASSERT_GE(asked.size(), last) << "more is kept with a larger alpha";
      last = asked.size();
    }
    ASSERT_EQ(last, world.candidates.size());
  }
}

/// The rule, word for word.
std::vector<PassageId> early_exit(const Case& world, std::size_t top, std::size_t beta) {
  std::vector<PassageId> scored;
  std::size_t stalled = 0;
  for (const auto& [id, score] : world.candidates) {
    if (scored.size() >= top) {
      const auto best = first_by_truth(world, scored, top);
      const bool beats = world.truth.at(id) > world.truth.at(best.back());
      scored.push_back(id);
      stalled = beats ? 0 : stalled + 1;
      if (stalled == beta) break;
    } else {
      scored.push_back(id);
    }
  }
  return scored;
}

TEST(Rerank, the_exit_comes_after_so_many_in_a_row_that_do_not_enter) {
  std::size_t saved = 0;
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_case(rng);
    const std::size_t top = 1 + rng() % 12;
    for (const std::size_t beta : {std::size_t{1}, std::size_t{2}, std::size_t{4}, std::size_t{1000}}) {
      std::vector<PassageId> asked;
      const auto found = rerank(world.candidates, {top, {}, beta, 1}, by(world, asked)).value();
      ASSERT_EQ(asked, early_exit(world, top, beta)) << "seed=" << seed << " beta=" << beta;
      ASSERT_EQ(found.num_scored, asked.size());
      ASSERT_EQ(ids_of(found.passages, asked.size()), first_by_truth(world, asked, 1000)) << "seed=" << seed;
      saved += world.candidates.size() - asked.size();
      if (beta + top < world.candidates.size()) continue;
      ASSERT_EQ(asked.size(), world.candidates.size()) << "an exit that cannot come";
    }
  }
  EXPECT_GT(saved, 1000U);
}

TEST(Rerank, what_was_not_scored_follows_in_its_order_and_nothing_is_lost) {
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_case(rng);
    std::vector<PassageId> asked;
    const RerankOptions options{1 + rng() % 5, 0.1, 1 + rng() % 3, static_cast<double>(rng() % 5) / 4};
    const auto found = rerank(world.candidates, options, by(world, asked)).value();
    ASSERT_EQ(found.passages.size(), world.candidates.size());
    for (std::size_t i = found.num_scored; i < found.passages.size(); ++i) {
      ASSERT_EQ(found.passages[i].id, world.candidates[i].id) << "seed=" << seed;
    }
    std::set<PassageId> ids;
    for (std::size_t i = 0; i < found.passages.size(); ++i) {
      ids.insert(found.passages[i].id);
      if (i > 0) {
        ASSERT_LE(found.passages[i].score, found.passages[i - 1].score) << "seed=" << seed;
      }
    }
    ASSERT_EQ(ids.size(), world.candidates.size());
  }
}

TEST(Rerank, a_weight_goes_from_the_old_order_to_the_new) {
  const std::vector<ScoredPassage> candidates = {{1, 10}, {2, 9}, {3, 0}};
  const ScoreCandidates score = [](std::span<const ScoredPassage> some, std::span<float> out) {
    for (std::size_t i = 0; i < some.size(); ++i) out[i] = static_cast<float>(some[i].id);
    return ok();
  };
  const auto order = [&](double weight) { return ids_of(rerank(candidates, {1, {}, {}, weight}, score)->passages); };
  EXPECT_EQ(order(0), (std::vector<PassageId>{1, 2, 3}));
  EXPECT_EQ(order(0.4), (std::vector<PassageId>{2, 1, 3}));  // .6 · .9 + .4 · .5 = .74 · · · .6 · 1 · · · .4 · 1
  EXPECT_EQ(order(1), (std::vector<PassageId>{3, 2, 1}));
}

TEST(Rerank, a_score_that_is_no_number_is_an_error_and_so_is_what_the_reranker_says) {
  const std::vector<ScoredPassage> candidates = {{1, 10}, {2, 9}};
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    const auto found = rerank(candidates, {}, [&](std::span<const ScoredPassage>, std::span<float> out) {
      out[1] = bad;
      return ok();
    });
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().message.find("passage 2"), std::string::npos) << found.error().message;
  }
  const auto failed = rerank(candidates, {}, [](std::span<const ScoredPassage>, std::span<float>) -> Status {
    return Error{Code::kIo, "no"};
  });
  EXPECT_EQ(failed.error().code, Code::kIo);
  EXPECT_TRUE(rerank({}, {}, [](std::span<const ScoredPassage>, std::span<float>) { return ok(); })->passages.empty());
}

}  // namespace
}  // namespace tamis::search
