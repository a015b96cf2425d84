#include "fuse_lists.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace tamis::search {
namespace {

using Scores = std::map<PassageId, double>;

MethodPart part_of(const std::string& name) { return {name}; }

std::vector<std::string> list_fusions() {
  std::vector<std::string> names;
  for (const auto& one : known_fusions()) {
    if (fusion_of(part_of(std::string(one.name))).values != nullptr) names.emplace_back(one.name);
  }
  return names;
}

std::vector<ScoredPassage> sorted(std::vector<ScoredPassage> passages) {
  std::sort(passages.begin(), passages.end(),
            [](const auto& a, const auto& b) { return a.score != b.score ? a.score > b.score : a.id < b.id; });
  return passages;
}

/// Scores are whole numbers, so that many are equal.
std::vector<ScoredPassage> random_list(std::mt19937& rng) {
  std::vector<ScoredPassage> list;
  const auto range = 1 + rng() % 40;
  const auto offset = static_cast<int>(rng() % 3) - 1;
  for (PassageId id = 0; id < 60; ++id) {
    if (rng() % 3 == 0) list.push_back({id, static_cast<Score>(static_cast<int>(rng() % range) + offset)});
  }
  return sorted(std::move(list));
}

std::vector<WeightedList> random_lists(std::mt19937& rng, std::size_t count) {
  std::vector<WeightedList> lists;
  for (std::size_t i = 0; i < count; ++i) {
    const double weight = static_cast<double>(rng() % 5) / 2;
    lists.push_back({rng() % 8 == 0 ? std::vector<ScoredPassage>() : random_list(rng), weight});
  }
  return lists;
}

/// The definitions, passage by passage: what a list says of one.
double said(const std::string& fusion, const std::vector<ScoredPassage>& list, PassageId id) {
  const auto at = std::find_if(list.begin(), list.end(), [&](const auto& one) { return one.id == id; });
  const bool is_in = at != list.end();
  double sum = 0, most = -1e30, least = 1e30, not_better = 0;
  for (const auto& one : list) {
    const auto score = static_cast<double>(one.score);
    sum += score;
    most = std::max(most, score);
    least = std::min(least, score);
    if (is_in && one.score <= at->score) ++not_better;
  }
  const auto count = static_cast<double>(list.size());
  const double score = is_in ? static_cast<double>(at->score) : least;
  if (fusion == "zscore") {
    double squares = 0;
    for (const auto& one : list) squares += std::pow(static_cast<double>(one.score) - sum / count, 2);
    return squares > 0 ? (score - sum / count) / std::sqrt(squares / count) : 0;
  }
  if (!is_in) return 0;
  if (fusion == "rrf") return 1 / (60 + static_cast<double>(at - list.begin()) + 1);
  if (fusion == "percentile") return not_better / count;
  return most > least ? (score - least) / (most - least) : 1;  // combsum, combmnz
}

TEST(ListFusion, is_the_weighted_sum_of_what_the_definitions_say) {
  for (std::uint32_t seed = 0; seed < 1000; ++seed) {
    std::mt19937 rng(seed);
    const auto lists = random_lists(rng, 1 + seed % 4);
    for (const auto& name : list_fusions()) {
      if (name == "mixture") continue;  // fitted: its laws are below
      Scores wanted;
      for (const auto& list : lists) {
        for (const auto& one : list.weight > 0 ? list.passages : std::vector<ScoredPassage>()) wanted[one.id] = 0;
      }
      for (auto& [id, total] : wanted) {
        double holding = 0;
        for (const auto& [passages, weight] : lists) {
          if (passages.empty() || weight == 0) continue;
          total += weight * said(name, passages, id);
          const auto has = [passage = id](const auto& one) { return one.id == passage; };
          holding += std::any_of(passages.begin(), passages.end(), has) ? 1 : 0;
        }
        if (name == "combmnz") total *= holding;
      }
      const auto found = fuse(lists, part_of(name));
      ASSERT_EQ(found.size(), wanted.size()) << name << " seed=" << seed;
      for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_NEAR(static_cast<double>(found[i].score), wanted[found[i].id], 1e-5) << name << " seed=" << seed;
        if (i == 0) continue;
        const bool in_order = found[i - 1].score > found[i].score ||
                              (found[i - 1].score == found[i].score && found[i - 1].id < found[i].id);
        ASSERT_TRUE(in_order) << name << " seed=" << seed << " rank " << i;
      }
    }
  }
}

std::vector<PassageId> ids_of(const std::vector<ScoredPassage>& passages) {
  std::vector<PassageId> ids;
  for (const auto& one : passages) ids.push_back(one.id);
  return ids;
}

TEST(ListFusion, does_not_know_the_order_of_lists_nor_the_unit_of_weights) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    auto lists = random_lists(rng, 2 + seed % 3);
    for (const auto& name : list_fusions()) {
      const auto found = fuse(lists, part_of(name));
      auto turned = lists;
      std::shuffle(turned.begin(), turned.end(), rng);
      const auto again = fuse(turned, part_of(name));
      ASSERT_EQ(ids_of(again), ids_of(found)) << name << " seed=" << seed;
      for (std::size_t i = 0; i < found.size(); ++i) ASSERT_EQ(again[i].score, found[i].score) << name;
      for (auto& list : turned) list.weight *= 8;
      ASSERT_EQ(ids_of(fuse(turned, part_of(name))), ids_of(found)) << name << " seed=" << seed;
    }
  }
}

TEST(ListFusion, of_one_list_is_that_list) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    auto list = random_list(rng);
    for (const auto& name : list_fusions()) {
      const std::vector<WeightedList> one = {{list, 0.5}};
      const auto found = fuse(one, part_of(name));
      ASSERT_EQ(found.size(), list.size()) << name;
      if (name == "mixture") {  // it may call different scores equally likely, never a better one less so
        std::map<PassageId, Score> before;
        for (const auto& [id, score] : list) before[id] = score;
        for (std::size_t i = 1; i < found.size(); ++i) {
          ASSERT_TRUE(found[i - 1].score == found[i].score || before[found[i - 1].id] > before[found[i].id]) << seed;
        }
      } else {
        ASSERT_EQ(ids_of(found), ids_of(list)) << name << " seed=" << seed;
      }
    }
  }
}

TEST(ListFusion, by_ranks_does_not_see_scores) {
  std::mt19937 rng(5);
  const auto lists = random_lists(rng, 3);
  auto bent = lists;
  for (auto& list : bent) {
    for (auto& one : list.passages) one.score = std::exp(one.score / 10) * 3;
  }
  for (const auto* name : {"rrf", "percentile"}) {
    EXPECT_EQ(ids_of(fuse(bent, part_of(name))), ids_of(fuse(lists, part_of(name)))) << name;
  }
}

TEST(ListFusion, the_mixture_finds_the_scores_that_stand_out) {
  std::vector<ScoredPassage> list;
  std::mt19937 rng(3);
  std::exponential_distribution<double> irrelevant(8);
  std::normal_distribution<double> relevant(5, 0.2);
  for (PassageId id = 0; id < 400; ++id) {
    list.push_back({id, static_cast<Score>(id < 20 ? relevant(rng) : irrelevant(rng))});
  }
  list = sorted(std::move(list));
  const auto said = mixture_fusion().values(list, part_of("mixture"));
  for (std::size_t i = 0; i < list.size(); ++i) {
    EXPECT_NEAR(said.values[i], list[i].id < 20 ? 1 : 0, 0.05) << "rank " << i << " score " << list[i].score;
  }
}

TEST(ListFusion, shares_add_up_to_the_score) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 rng(seed);
    const auto lists = random_lists(rng, 3);
    for (const auto& name : list_fusions()) {
      for (const auto& [id, score] : fuse(lists, part_of(name))) {
        double sum = 0;
        for (const double share : fused_shares(lists, part_of(name), id)) sum += share;
        ASSERT_NEAR(sum, static_cast<double>(score), 1e-5) << name << " seed=" << seed;
      }
    }
  }
}

TEST(ListFusion, odd_lists_give_numbers) {
  for (const auto& name : list_fusions()) {
    EXPECT_TRUE(fuse({}, part_of(name)).empty()) << name;
    const std::vector<std::vector<ScoredPassage>> odd = {
        {}, {{7, 0}}, {{7, -3}}, {{1, 5}, {2, 5}, {3, 5}}, {{1, 3e38F}, {2, -3e38F}}, {{4, 1e-38F}, {5, 0}}};
    for (const auto& a : odd) {
      for (const auto& b : odd) {
        const std::vector<WeightedList> lists = {{a, 1}, {b, 2}};
        for (const auto& one : fuse(lists, part_of(name))) EXPECT_TRUE(std::isfinite(one.score)) << name;
      }
    }
  }
}

}  // namespace
}  // namespace tamis::search
