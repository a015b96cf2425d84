
#include "fusion.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>

namespace tamis::search {
namespace {

constexpr std::uint32_t kTerms = 12;

/// Fields over the same passages in the same segments, most of whose scores are equal to many others.
class World {
 public:
  World(std::mt19937& rng, std::size_t num_fields) {
    const auto num_segments = 1 + rng() % 3;
    const auto num_passages = rng() % 4 == 0 ? rng() % 20 : rng() % 1500;
    const auto max_level = static_cast<std::uint32_t>(1 + rng() % 6);
    std::vector<std::size_t> segment_of;
    for (std::size_t p = 0; p < num_passages; ++p) segment_of.push_back(rng() % num_segments);
    fields_.resize(num_fields);
    for (std::size_t f = 0; f < num_fields; ++f) {
      const auto density = 1 + rng() % 6;
      std::vector<sparse::SparseVector> vectors(num_passages);
      for (auto& vector : vectors) {
        for (TermId term = 0; term < kTerms; ++term) {
          if (rng() % (density + term) != 0) continue;
          vector.terms.push_back(term);
          vector.weights.push_back(static_cast<float>(1 + rng() % max_level));
        }
      }
      for (std::size_t s = 0; s < num_segments; ++s) build(f, s, segment_of, vectors);
    }
    for (std::size_t s = 0; s < num_segments; ++s) {
      index::Bitmap allowed(fields_[0][s].num_passages(), true);
      for (std::uint32_t i = 0; i < allowed.size(); ++i) {
        if (rng() % 10 == 0) allowed.reset(i);
      }
      allowed_.push_back(std::move(allowed));
    }
    filtered_ = rng() % 2 == 0;
    for (std::size_t s = 0; s < num_segments; ++s) {
      blocks_.push_back(rng() % 4 == 0 ? nullptr : build_blocks(s));  // a segment may have none
    }
    for (std::size_t s = 0; s < num_segments; ++s) {
      segment_blocks_.push_back({blocks_[s].get(), {}});
      for (const auto& field : fields_) segment_blocks_.back().fields.push_back(&field[s]);
    }
  }

  std::vector<FieldQuery> random_queries(std::mt19937& rng) const {
    std::vector<FieldQuery> queries;
    for (const auto& segments : fields_) {
      FieldQuery query;
      sparse::SparseVector vector;
      for (TermId term = 0; term < kTerms; ++term) {
        if (rng() % 3 != 0) continue;
        vector.terms.push_back(term);
        vector.weights.push_back(static_cast<float>(1 + rng() % 3));
      }
      query.query = index::prepare_query(vector, segments[0].config().scale).value();
      query.vector = std::move(vector);
      for (std::size_t s = 0; s < segments.size(); ++s) {
        query.views.push_back({&segments[s], filtered_ ? &allowed_[s] : nullptr, {}});
        query.blocks.push_back(&segment_blocks_[s]);
      }
      queries.push_back(std::move(query));
    }
    return queries;
  }

  /// The definition: every passage that may be found, by the sum of its shares.
  std::vector<ScoredPassage> exhaustive(const std::vector<FieldQuery>& queries) const {
    std::vector<double> largest(queries.size(), 0);
    std::map<PassageId, std::vector<double>> scores;
    for (std::size_t f = 0; f < queries.size(); ++f) {
      for (const auto& view : queries[f].views) {
        for (std::uint32_t i = 0; i < view.field->num_passages(); ++i) {
          if (view.allowed != nullptr && !view.allowed->test(i)) continue;
          const double score = static_cast<double>(queries[f].query.score(view.field->score(i, queries[f].query)));
          largest[f] = std::max(largest[f], score);
          scores.try_emplace(view.field->ids()[i], queries.size(), 0.0).first->second[f] = score;
        }
      }
    }
    std::vector<std::pair<double, PassageId>> sums;
    for (const auto& [id, of] : scores) {
      double sum = 0;
      for (std::size_t f = 0; f < of.size(); ++f) sum += largest[f] > 0 ? of[f] / largest[f] : 0;
      if (sum > 0) sums.emplace_back(-sum, id);
    }
    std::sort(sums.begin(), sums.end());
    std::vector<ScoredPassage> out;
    for (const auto& [sum, id] : sums) out.push_back({id, static_cast<Score>(-sum)});
    return out;
  }

 private:
  void build(std::size_t field, std::size_t segment, const std::vector<std::size_t>& segment_of,
             const std::vector<sparse::SparseVector>& vectors) {
    index::FieldBuilder builder({fmt::format("field{}", field), "test", {255.0F, 8}});
    for (std::size_t p = 0; p < vectors.size(); ++p) {
      if (segment_of[p] == segment) {
        ASSERT_TRUE(builder.add(3 * p + 1, vectors[p]));
      }
    }
    const auto path = std::filesystem::temp_directory_path() / fmt::format("tamis-fusion-{}", std::random_device{}());
    ThreadPool pool(1);
    ASSERT_TRUE(builder.finish(path, pool));
    fields_[field].push_back(index::SparseField::open(path).value());
    std::filesystem::remove(path);  // it stays mapped
  }

  std::unique_ptr<sieve::BlockIndex> build_blocks(std::size_t segment) const {
    sieve::BlockIndexBuilder builder({1.0F, 16});
    std::vector<TermId> terms;
    std::vector<std::uint16_t> levels;
    for (LocalId passage = 0; passage < fields_[0][segment].num_passages(); ++passage) {
      std::map<TermId, std::uint16_t> joined;
      for (std::size_t f = 0; f < fields_.size(); ++f) {
        fields_[f][segment].vector(passage, terms, levels);
        for (std::size_t i = 0; i < terms.size(); ++i) {
          joined[static_cast<TermId>(terms[i] * fields_.size() + f)] = levels[i];
        }
      }
      terms.clear();
      levels.clear();
      for (const auto& [term, level] : joined) {
        terms.push_back(term);
        levels.push_back(level);
      }
      EXPECT_TRUE(builder.add_levels(passage, terms, levels));
    }
    ThreadPool pool(1);
    NoProgress progress;
    return std::make_unique<sieve::BlockIndex>(std::move(builder.finish(pool, progress)).value());
  }

  std::vector<std::vector<index::SparseField>> fields_;     // [field][segment]
  std::vector<std::unique_ptr<sieve::BlockIndex>> blocks_;  // [segment]
  std::vector<SegmentBlocks> segment_blocks_;
  std::vector<index::Bitmap> allowed_;
  bool filtered_ = false;
};

TEST(Fusion, the_sum_is_ranked_alike_by_every_algorithm_and_is_the_sum_of_shares) {
  constexpr double kRounding = 1e-5;
  for (std::uint32_t seed = 0; seed < 120; ++seed) {
    std::mt19937 rng(seed);
    const World world(rng, 1 + seed % 3);
    const auto definition = index::make_query_algorithm("exhaustive").value();
    for (int q = 0; q < 4; ++q) {
      const auto queries = world.random_queries(rng);
      const auto wanted = world.exhaustive(queries);
      const auto where = fmt::format("seed={} q={}", seed, q);
      Work work;
      sieve::SearchScratch scratch;
      const Ranker by_definition(*definition, false, scratch);
      const auto sum = sum_of(by_definition, queries, work).value();
      const auto all = by_definition.best(sum, 5000, {}, work).value();
      ASSERT_EQ(all.size(), wanted.size()) << where;
      for (std::size_t i = 0; i < all.size(); ++i) ASSERT_NEAR(all[i].score, wanted[i].score, kRounding) << where;
      for (std::size_t way = 0; way < 2 * index::query_algorithm_names().size(); ++way) {
        const auto name =
            fmt::format("{} {}", index::query_algorithm_names()[way / 2], way % 2 == 0 ? "" : "and blocks");
        const auto algorithm = index::make_query_algorithm(index::query_algorithm_names()[way / 2]).value();
        const Ranker ranker(*algorithm, way % 2 == 1, scratch);
        const auto same = sum_of(ranker, queries, work).value();
        for (const std::size_t depth : {std::size_t{1}, std::size_t{10}, std::size_t{130}}) {
          const auto found = ranker.best(same, depth, {}, work).value();
          ASSERT_EQ(found.size(), std::min(depth, all.size())) << where << name;
          for (std::size_t i = 0; i < found.size(); ++i) {
            ASSERT_EQ(found[i].id, all[i].id) << where << name << " rank " << i;
            ASSERT_EQ(found[i].score, all[i].score) << where << name << " rank " << i;
          }
        }
      }
    }
  }
}

TEST(Fusion, fields_that_find_nothing_leave_the_others_as_they_are) {
  std::mt19937 rng(9);
  const World world(rng, 2);
  const auto algorithm = index::make_query_algorithm(index::query_algorithm_names().front()).value();
  auto queries = world.random_queries(rng);
  queries[1].vector = {};
  queries[1].query = {};
  Work work;
  sieve::SearchScratch scratch;
  const Ranker ranker(*algorithm, true, scratch);
  const auto alone = ranker.best(queries[0], 20, {}, work).value();
  const auto found = ranker.best(sum_of(ranker, queries, work).value(), 20, {}, work).value();
  ASSERT_EQ(found.size(), alone.size());
  ASSERT_FALSE(found.empty());
  EXPECT_FLOAT_EQ(found[0].score, 1.0F);
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i].score, alone[i].score / alone[0].score, 1e-5);
  queries[0] = queries[1];
  EXPECT_TRUE(ranker.best(sum_of(ranker, queries, work).value(), 20, {}, work).value().empty());
}

}  // namespace
}  // namespace tamis::search
