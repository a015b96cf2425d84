#include <gtest/gtest.h>
#include <tamis/base/config.h>
#include <tamis/sparse/bm25.h>

#include <cmath>
#include <limits>
#include <map>
#include <random>

namespace tamis::sparse {
namespace {

/// The textbook's score of a bag of words, in double.
double naive_bm25(const std::vector<std::vector<TermId>>& passages, std::size_t passage,
                  const std::vector<TermId>& query, double k1, double b) {
  double total = 0;
  for (const auto& words : passages) total += static_cast<double>(words.size());
  const double average = total / static_cast<double>(passages.size());
  double score = 0;
  for (const TermId term : query) {
    double tf = 0;
    double df = 0;
    for (std::size_t i = 0; i < passages.size(); ++i) {
      const auto n = static_cast<double>(std::count(passages[i].begin(), passages[i].end(), term));
      if (i == passage) tf = n;
      if (n > 0) ++df;
    }
    if (tf == 0) continue;
    const auto n = static_cast<double>(passages.size());
    const double robertson = std::log((n - df + 0.5) / (df + 0.5));
    const double lucene = std::log(1 + (n - df + 0.5) / (df + 0.5));
    const double idf = robertson > lucene / 3 ? robertson : lucene / 3;
    const double ratio = static_cast<double>(passages[passage].size()) / average;
    score += idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * ratio));
  }
  return score;
}

std::vector<TermCount> count(const std::vector<TermId>& words) {
  std::map<TermId, std::uint32_t> counts;
  for (const TermId word : words) ++counts[word];
  std::vector<TermCount> out;
  for (const auto& [term, n] : counts) out.push_back({term, n});
  return out;
}

TEST(Bm25, the_two_encoders_together_give_the_textbook_score) {
  for (std::uint32_t seed = 0; seed < 1000; ++seed) {
    std::mt19937 rng(seed);
    std::vector<std::vector<TermId>> passages(1 + rng() % 20);
    double total = 0;
    std::map<TermId, std::uint64_t> frequency;
    for (auto& words : passages) {
      words.resize(1 + rng() % 15);
      for (auto& word : words) word = static_cast<TermId>(rng() % 12);
      total += static_cast<double>(words.size());
      for (const auto& [term, n] : count(words)) frequency[term] += n > 0 ? 1 : 0;
    }
    Bm25Config config;
    config.k1 = static_cast<float>(rng() % 30) / 10.0F;
    config.b = static_cast<float>(rng() % 11) / 10.0F;
    config.avg_length = static_cast<float>(total / static_cast<double>(passages.size()));
    const auto documents = make_bm25_document_encoder(config).value();
    const auto queries = make_bm25_query_encoder(passages.size(), [&](TermId term) { return frequency[term]; });
    std::vector<TermId> query(rng() % 6);
    for (auto& word : query) word = static_cast<TermId>(rng() % 14);
    const auto query_counts = count(query);
    SparseVector query_vector;
    ASSERT_TRUE(queries->encode({.title = "", .text = "", .counts = query_counts, .length = 0}, query_vector));
    for (std::size_t i = 0; i < passages.size(); ++i) {
      const auto counts = count(passages[i]);
      SparseVector vector;
      const auto length = static_cast<std::uint32_t>(passages[i].size());
      ASSERT_TRUE(documents->encode({.title = "", .text = "", .counts = counts, .length = length}, vector));
      const double expected =
          naive_bm25(passages, i, query, static_cast<double>(config.k1), static_cast<double>(config.b));
      EXPECT_NEAR(static_cast<double>(dot(vector, query_vector)), expected, 1e-5 * (1 + expected)) << "seed=" << seed;
      for (std::size_t j = 0; j < counts.size(); ++j) {
        EXPECT_EQ(vector.weights[j], bm25_impact(config, counts[j].count, length));
      }
    }
  }
}

TEST(Bm25, an_impact_is_positive_and_never_above_the_declared_ceiling) {
  for (std::uint32_t seed = 0; seed < 20000; ++seed) {
    std::mt19937 rng(seed);
    Bm25Config config;
    config.k1 = static_cast<float>(rng() % 1001) / 100.0F;
    config.b = static_cast<float>(rng() % 101) / 100.0F;
    config.avg_length = std::ldexp(1.0F, static_cast<int>(rng() % 40) - 9);
    ASSERT_TRUE(config.validate());
    const auto encoder = make_bm25_document_encoder(config).value();
    const std::uint32_t tf = static_cast<std::uint32_t>(rng()) >> (rng() % 32);
    const std::uint32_t length = static_cast<std::uint32_t>(rng()) >> (rng() % 32);
    const float impact = bm25_impact(config, std::max(tf, 1U), length);
    EXPECT_GT(impact, 0.0F) << "seed=" << seed;
    EXPECT_LE(impact, encoder->ceiling()) << "seed=" << seed;
  }
  EXPECT_EQ(bm25_impact({}, 0, 10), 0.0F);
}

TEST(Bm25, idf_is_positive_falls_with_frequency_and_bears_counts_of_deleted_passages) {
  for (const std::uint64_t n : {1ULL, 2ULL, 10ULL, 1000000ULL, 1ULL << 40}) {
    float before = std::numeric_limits<float>::infinity();
    for (std::uint64_t df = 1; df <= n; df = df * 3 + 1) {
      const float idf = bm25_idf(n, df);
      EXPECT_GT(idf, 0.0F);
      EXPECT_LT(idf, before);
      before = idf;
    }
    EXPECT_EQ(bm25_idf(n, n + 5), bm25_idf(n, n));
  }
}

TEST(Bm25, configurations_out_of_range_are_refused_by_name) {
  const auto refused = [](auto&& change, std::string_view name) {
    Bm25Config config;
    config.avg_length = 10;
    change(config);
    const auto made = make_bm25_document_encoder(config);
    ASSERT_FALSE(made.has_value()) << name;
    EXPECT_NE(made.error().message.find(name), std::string::npos) << made.error().message;
  };
  refused([](Bm25Config& c) { c.k1 = -0.1F; }, "k1");
  refused([](Bm25Config& c) { c.k1 = std::nanf(""); }, "k1");
  refused([](Bm25Config& c) { c.b = 1.1F; }, "b is");
  refused([](Bm25Config& c) { c.avg_length = 1e-9F; }, "avg_length");
  refused([](Bm25Config& c) { c.avg_length = 0.0F; }, "average length");
  refused([](Bm25Config& c) { c.title_weight = 11.0F; }, "title_weight");
}

TEST(Bm25, the_fingerprint_tells_document_sides_apart_and_only_those) {
  const auto print = [](auto&& change) {
    Bm25Config config;
    config.avg_length = 10;
    change(config);
    return make_bm25_document_encoder(config).value()->fingerprint();
  };
  const auto plain = print([](Bm25Config&) {});
  EXPECT_NE(print([](Bm25Config& c) { c.k1 = 1.2F; }), plain);
  EXPECT_NE(print([](Bm25Config& c) { c.b = 0.75F; }), plain);
  EXPECT_NE(print([](Bm25Config& c) { c.avg_length = 11.0F; }), plain);
  EXPECT_EQ(print([](Bm25Config& c) { c.title_weight = 2.0F; }), plain);
}

TEST(Bm25, counts_that_break_the_contract_are_an_error) {
  Bm25Config config;
  config.avg_length = 10;
  const auto encoder = make_bm25_document_encoder(config).value();
  SparseVector out;
  for (const auto& counts : {std::vector<TermCount>{{2, 1}, {1, 1}}, {{1, 1}, {1, 1}}, {{1, 0}}}) {
    EXPECT_FALSE(encoder->encode({.title = "", .text = "", .counts = counts, .length = 2}, out));
  }
}

TEST(Bm25, title_keys_never_meet_body_terms) {
  EXPECT_EQ(title_key("log"), std::string("\x01") + "log");
  EXPECT_NE(title_key("log"), "log");
}

}  // namespace
}  // namespace tamis::sparse
