#include "distinct.h"

#include <gtest/gtest.h>
#include <tamis/search/pipeline.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>

#include "world.h"

namespace tamis::search {
namespace {

using Shingles = std::vector<std::uint64_t>;

double jaccard(const Shingles& a, const Shingles& b) {
  Shingles both, all;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
  return all.empty() ? 0 : static_cast<double>(both.size()) / static_cast<double>(all.size());
}

TEST(Distinct, each_set_is_stood_for_by_the_first_left_that_is_near_enough) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    std::vector<Shingles> sets(rng() % 20);
    for (auto& one : sets) {
      std::set<std::uint64_t> numbers;
      for (auto count = rng() % 6; count > 0; --count) numbers.insert(rng() % 8);
      one.assign(numbers.begin(), numbers.end());
    }
    const double least = 0.05 * (1 + static_cast<double>(rng() % 20));
    const auto stands = representatives(sets, least);
    ASSERT_EQ(stands.size(), sets.size());
    for (std::size_t i = 0; i < sets.size(); ++i) {
      std::size_t wanted = i;
      for (std::size_t other = 0; other < i && wanted == i; ++other) {
        if (stands[other] == other && jaccard(sets[i], sets[other]) >= least) wanted = other;
      }
      ASSERT_EQ(stands[i], wanted) << "seed " << seed << " set " << i;
    }
  }
}

TEST(Distinct, shingles_are_of_three_words_whatever_their_case_and_signs) {
  text::Analyzer analyzer;
  EXPECT_EQ(shingles_of(analyzer, "One, two: three four").size(), 2U);
  EXPECT_EQ(shingles_of(analyzer, "one two three one two three").size(), 3U);
  EXPECT_EQ(shingles_of(analyzer, "ONE two-three four"), shingles_of(analyzer, "one; Two three. Four"));
  EXPECT_NE(shingles_of(analyzer, "one two three"), shingles_of(analyzer, "onet wo three"));
  EXPECT_EQ(shingles_of(analyzer, "one two").size(), 1U);
  EXPECT_TRUE(shingles_of(analyzer, " ... ").empty());
}

struct World {
  explicit World(std::mt19937& rng) : collection(passages(rng), 1 + rng() % 3, 0.0F) {}
  static std::vector<TestPassage> passages(std::mt19937& rng) {
    static constexpr const char* kWords[] = {"ant", "bee", "cat", "dog"};
    text::Analyzer analyzer;
    std::vector<TestPassage> out;
    for (PassageId id = 1; id <= 40; ++id) {
      TestPassage passage;
      passage.id = id;
      if (id > 5 && rng() % 2 == 0) {  // nearly another
        passage.body = out[rng() % out.size()].body + (rng() % 2 == 0 ? "" : " bee");
      } else {
        for (auto count = 1 + rng() % 12; count > 0; --count) passage.body += std::string(kWords[rng() % 4]) + ' ';
      }
      passage.segment = rng() % 3;
      index_passage(analyzer, rng, 4, passage);
      out.push_back(passage);
    }
    for (auto& passage : out) passage.segment = 0;
    return out;
  }
  SearchResult run(std::string_view method, std::uint32_t k) {
    SearchOptions options;
    options.k = k;
    options.method = parse_method(method).value();
    return searcher.search(collection, plain_query("ant cat").value(), options).value();
  }
  Shingles shingles(PassageId id) { return shingles_of(analyzer, collection.passage_text(id).value()); }

  TestCollection collection;
  Searcher searcher;
  text::Analyzer analyzer;
};

TEST(Distinct, what_is_left_is_in_its_order_unlike_and_counts_what_is_not) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 rng(seed);
    World world(rng);
    const auto all = world.run("bm25", 40);
    EXPECT_TRUE(all.similar.empty());
    const auto n = 1 + rng() % 40;
    const auto method = "bm25>distinct(t=0.6,n=" + std::to_string(n) + ")";
    const auto left = world.run(method, 40);
    ASSERT_EQ(left.similar.size(), left.passages.size());
    std::map<PassageId, std::size_t> rank;
    for (std::size_t i = 0; i < all.passages.size(); ++i) rank[all.passages[i].id] = i;
    std::size_t counted = left.passages.size();
    for (std::size_t i = 0; i < left.passages.size(); ++i) {
      const auto id = left.passages[i].id;
      counted += left.similar[i];
      if (i > 0) {
        ASSERT_LT(rank.at(left.passages[i - 1].id), rank.at(id)) << "seed " << seed;
      }
      if (rank.at(id) >= n) {
        ASSERT_EQ(left.similar[i], 0U) << "seed " << seed;
        continue;  // behind the first n nothing is compared
      }
      for (std::size_t j = 0; j < i; ++j) {
        ASSERT_LT(jaccard(world.shingles(id), world.shingles(left.passages[j].id)), 0.6) << "seed " << seed;
      }
    }
    ASSERT_EQ(counted, all.passages.size()) << "seed " << seed;
  }
}

TEST(Distinct, as_many_hits_come_as_were_asked_for) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 rng(seed);
    World world(rng);
    const auto left = world.run("bm25>distinct(t=0.6)", 40);
    for (const std::uint32_t k : {1U, 5U, 15U}) {
      const auto few = world.run("bm25>distinct(t=0.6)", k);
      ASSERT_EQ(few.passages.size(), std::min<std::size_t>(k, left.passages.size())) << "seed " << seed;
      for (std::size_t i = 0; i < few.passages.size(); ++i) {
        ASSERT_EQ(few.passages[i].id, left.passages[i].id) << "seed " << seed;
        ASSERT_EQ(few.similar[i], left.similar[i]) << "seed " << seed;
      }
      // What was left out stays out behind a step that ranks anew, and counts of two steps add up.
      const auto reranked = world.run("bm25>distinct(t=0.6)>rerank:bm25(n=5)>distinct(t=0.6)", 40);
      ASSERT_EQ(reranked.passages.size(), left.passages.size()) << "seed " << seed;
      ASSERT_EQ(reranked.similar, left.similar) << "seed " << seed;
    }
  }
}

TEST(Distinct, equal_texts_alone_at_a_share_of_one) {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    std::mt19937 rng(seed);
    World world(rng);
    std::map<Shingles, std::uint32_t> copies;
    for (const auto& one : world.run("bm25", 40).passages) ++copies[world.shingles(one.id)];
    const auto left = world.run("bm25>distinct(t=1)", 40);
    ASSERT_EQ(left.passages.size(), copies.size()) << "seed " << seed;
    for (std::size_t i = 0; i < left.passages.size(); ++i) {
      ASSERT_EQ(left.similar[i] + 1, copies.at(world.shingles(left.passages[i].id))) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace tamis::search
