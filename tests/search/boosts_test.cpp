#include "boosts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>

#include "world.h"

namespace tamis::search {
namespace {

constexpr const char* kWords[] = {"ant", "bee", "cat", "dog", "eel"};

/// 40 passages of these words, and 160 of others, so that these are rare.
TestCollection random_collection(std::mt19937& rng) {
  text::Analyzer analyzer;
  std::vector<TestPassage> passages;
  const auto num_segments = 1 + rng() % 3;
  for (PassageId id = 0; id < 200; ++id) {
    TestPassage passage;
    passage.id = id;
    passage.body = "sand";
    for (auto count = id < 40 ? 1 + rng() % 9 : 0; count > 0; --count) {
      passage.body += rng() % 3 == 0 ? " sand" : ' ' + std::string(kWords[rng() % std::size(kWords)]);
    }
    passage.year = static_cast<int>(rng() % 5);
    passage.segment = rng() % num_segments;
    index_passage(analyzer, rng, 4, passage);
    passages.push_back(passage);
  }
  return {passages, num_segments, 0.0F};
}

SearchResult run(const Collection& collection, std::string_view method, std::string_view question, std::uint32_t k) {
  Searcher searcher;
  SearchOptions options;
  options.k = k;
  options.method = parse_method(method).value();
  return searcher.search(collection, plain_query(question).value(), options).value();
}

std::vector<float> shares(const Boost& boost, const MethodPart& part, const Collection& collection,
                          std::string_view question, std::span<const ScoredPassage> passages) {
  text::Analyzer analyzer;
  std::vector<float> out(passages.size(), -1);
  EXPECT_TRUE(boost.share({collection, analyzer, question}, part, passages, out));
  return out;
}

std::vector<ScoredPassage> first(PassageId count) {
  std::vector<ScoredPassage> out;
  for (PassageId id = 0; id < count; ++id) out.push_back({id, 1});
  return out;
}

/// The words that have neighbours: in some, but not in a fifth of the passages.
std::map<std::string, double> weights(const TestCollection& collection) {
  std::map<std::string, double> with;
  for (const auto& passage : collection.passages()) {
    for (const auto& [key, level] : passage.levels) with[key] += key.front() == '\x01' ? 0 : 1;
  }
  std::map<std::string, double> out;
  for (const auto& [key, count] : with) {
    if (count > 0 && count <= 40) out[key] = std::log(200 / count);
  }
  return out;
}

TEST(Proximity, neighbours_count_by_their_least_distance) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    const auto collection = random_collection(rng);
    const auto weight = weights(collection);
    text::Analyzer analyzer;
    std::vector<std::string> question;
    for (auto count = rng() % 5; count > 0; --count) question.push_back(kWords[rng() % std::size(kWords)]);
    std::string asked;
    for (const auto& word : question) asked += word + (rng() % 2 == 0 ? " sand " : " unheard ");
    const auto got = shares(proximity_boost(), {"proximity"}, collection, asked, first(50));
    for (PassageId id = 0; id < 50; ++id) {
      const auto words = terms_of(analyzer, collection.passages()[id].body, text::Language::kEnglish);
      double sum = 0, total = 0;
      for (std::size_t i = 1; i < question.size(); ++i) {
        const auto a = terms_of(analyzer, question[i - 1], text::Language::kEnglish).front();
        const auto b = terms_of(analyzer, question[i], text::Language::kEnglish).front();
        if (a == b || !weight.contains(a) || !weight.contains(b)) continue;
        const double pair = std::min(weight.at(a), weight.at(b));
        total += pair;
        double least = INFINITY;
        for (std::size_t x = 0; x < words.size(); ++x) {
          for (std::size_t y = 0; y < words.size(); ++y) {
            if (words[x] == a && words[y] == b)
              least = std::min(least, std::abs(static_cast<double>(x) - static_cast<double>(y)));
          }
        }
        sum += pair / (least * least);
      }
      ASSERT_NEAR(got[id], total > 0 ? sum / total : 0, 1e-5) << "seed " << seed << " passage " << id;
    }
  }
}

TEST(Recent, halves_with_age_and_leaves_documents_without_a_time) {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    std::mt19937 rng(seed);
    const auto collection = random_collection(rng);
    const auto passages = first(1 + rng() % 40);
    int newest = 0;
    for (const auto& one : passages) newest = std::max(newest, collection.passages()[one.id].year);
    const auto got = shares(recent_boost(), {"recent", {{"half", 730}}}, collection, "", passages);
    for (const auto& one : passages) {
      const int year = collection.passages()[one.id].year;
      ASSERT_NEAR(got[one.id], year == 0 ? 0 : std::exp2(-(newest - year) / 2.0), 1e-6) << "seed " << seed;
    }
  }
}

TEST(Boosts, add_their_share_to_scaled_scores_and_weight_zero_changes_nothing) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 rng(seed);
    const auto collection = random_collection(rng);
    const std::string question = "ant bee cat dog";
    for (const auto* boost : boosts()) {
      const std::string name(boost->info.name);
      const auto before = run(collection, "bm25", question, 200).passages;
      const auto off = run(collection, "bm25>" + name + "(weight=0)", question, 200).passages;
      ASSERT_EQ(off.size(), before.size());
      for (std::size_t i = 0; i < off.size(); ++i) ASSERT_EQ(off[i].id, before[i].id) << name << " seed " << seed;

      const std::size_t n = std::min<std::size_t>(before.size(), 1 + rng() % 30);
      const auto after =
          run(collection, "bm25>" + name + "(weight=0.5,n=" + std::to_string(n) + ")", question, 200).passages;
      ASSERT_EQ(after.size(), before.size());
      const auto head = std::span(before).first(n);
      const auto share = shares(*boost, {name}, collection, question, head);
      const auto least = static_cast<double>(head.back().score), most = static_cast<double>(head.front().score);
      std::map<PassageId, double> wanted;
      for (std::size_t i = 0; i < n; ++i) {
        const double scaled = most > least ? (static_cast<double>(head[i].score) - least) / (most - least) : 1;
        wanted[head[i].id] = scaled + 0.5 * static_cast<double>(share[i]);
      }
      for (std::size_t i = 0; i < after.size(); ++i) {
        if (i >= n) {
          ASSERT_EQ(after[i].id, before[i].id) << name << " seed " << seed;
          continue;
        }
        ASSERT_TRUE(wanted.contains(after[i].id)) << name << " seed " << seed;
        ASSERT_NEAR(after[i].score, wanted.at(after[i].id), 1e-5) << name << " seed " << seed;
        ASSERT_GE(after[i == 0 ? 0 : i - 1].score, after[i].score) << name << " seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace tamis::search
