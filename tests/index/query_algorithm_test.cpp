#include <tamis/index/query_algorithm.h>

#include <limits>

#include "worlds.h"

namespace tamis::index {
namespace {

/// A world cut into one to three segments, with some passages not allowed.
struct Segmented {
  std::vector<SparseField> fields;
  std::vector<Bitmap> allowed;
  std::vector<SegmentView> views;
  std::set<PassageId> allowed_ids;
  bool filtered = false;
  [[nodiscard]] const std::set<PassageId>* filter() const { return filtered ? &allowed_ids : nullptr; }
};

Segmented open_segments(std::mt19937& rng, const World& world, const ScratchFolder& folder) {
  Segmented out;
  out.filtered = rng() % 2 == 0;
  const std::size_t parts = 1 + rng() % 3;
  for (std::size_t part = 0; part < parts; ++part) {
    const auto path = folder / (std::to_string(part) + ".field");
    EXPECT_TRUE(write_world(world, world.ids.size() * part / parts, world.ids.size() * (part + 1) / parts, path));
    out.fields.push_back(SparseField::open(path).value());
    auto& bits = out.allowed.emplace_back(out.fields.back().num_passages());
    for (LocalId p = 0; p < bits.size(); ++p) {
      if (rng() % 3 == 0) continue;
      bits.set(p);
      out.allowed_ids.insert(out.fields.back().ids()[p]);
    }
  }
  for (std::size_t part = 0; part < parts; ++part) {
    out.views.push_back({&out.fields[part], out.filtered ? &out.allowed[part] : nullptr});
  }
  return out;
}

void expect_all_equal(const Segmented& segments, const World& world, const PreparedQuery& query, std::size_t k,
                      std::uint32_t seed) {
  const auto expected = naive_search(world, query, k, segments.filter());
  for (const auto name : query_algorithm_names()) {
    const auto algorithm = make_query_algorithm(name).value();
    if (!algorithm->exact()) continue;
    SearchStats stats;
    ASSERT_EQ(search_segments(*algorithm, segments.views, query, k, stats).value(), expected)
        << name << " seed=" << seed << " k=" << k;
  }
}

TEST(QueryAlgorithm, exact_ones_equal_the_naive_sum_over_the_vectors) {
  const ScratchFolder folder;
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_world(rng);
    const auto segments = open_segments(rng, world, folder);
    const auto query = random_query(rng, world);
    for (std::size_t k = 0; k <= 12; ++k) ASSERT_NO_FATAL_FAILURE(expect_all_equal(segments, world, query, k, seed));
  }
}

/// Common terms with blocks too large to be added whole and too small to be columns, beside rare terms that set the
/// threshold; few levels, so that many sums stand exactly at it.
World world_of_lookups(std::mt19937& rng) {
  World world;
  world.config = {"test", "fingerprint", {2.0F, rng() % 2 == 0 ? 8U : 16U}};
  for (PassageId id = 0; id < 4096 + rng() % 4096; ++id) {
    world.ids.push_back(id);
    auto& vector = world.passages.emplace_back();
    for (TermId term = 1; term <= 3; ++term) {
      if (rng() % (4 + 2 * term) == 0) vector[term] = static_cast<std::uint16_t>(1 + rng() % 2);
    }
    for (TermId term = 4; term <= 5; ++term) {
      if (rng() % 300 == 0) vector[term] = static_cast<std::uint16_t>(3 + rng() % 3);
    }
  }
  return world;
}

/// Other vectors for the passages of a world.
World another_field(std::mt19937& rng, const World& world) {
  World other = world;
  const auto most = static_cast<std::uint32_t>(1 + rng() % 4);
  for (auto& vector : other.passages) {
    vector.clear();
    for (TermId term = 0; term < 8; ++term) {
      if (rng() % (term + 1) == 0) vector[term] = static_cast<std::uint16_t>(1 + rng() % most);
    }
  }
  return other;
}

TEST(QueryAlgorithm, a_query_of_two_fields_equals_one_of_a_field_with_the_terms_of_both) {
  constexpr TermId kSecond = 4'000'000'000U;  // above all terms of a random world
  const ScratchFolder folder;
  for (std::uint32_t seed = 0; seed < 1500; ++seed) {
    std::mt19937 rng(seed);
    const auto first = random_world(rng);
    const auto second = another_field(rng, first);
    World both = first;
    for (std::size_t p = 0; p < both.passages.size(); ++p) {
      for (const auto& [term, level] : second.passages[p]) both.passages[p][kSecond + term] = level;
    }
    auto query = random_query(rng, first);
    query.more.push_back(random_query(rng, second));
    auto joint = query;
    joint.more.clear();
    for (auto& term : query.terms) term.weight = 1 + term.weight % 1000;
    for (auto& term : query.more[0].terms) term.weight = 1 + term.weight % 1000;
    joint.terms = query.terms;
    for (const auto& [term, weight] : query.more[0].terms) joint.terms.push_back({kSecond + term, weight});
    ASSERT_TRUE(write_world(first, 0, first.ids.size(), folder / "first"));
    ASSERT_TRUE(write_world(second, 0, second.ids.size(), folder / "second"));
    const auto a = SparseField::open(folder / "first").value();
    const auto b = SparseField::open(folder / "second").value();
    const SegmentView view{&a, nullptr, {&b}};
    for (const std::size_t k : {std::size_t{1}, std::size_t{7}, std::size_t{100}}) {
      const auto expected = naive_search(both, joint, k, nullptr);
      for (const auto name : query_algorithm_names()) {
        SearchStats stats;
        ASSERT_EQ(search_segments(*make_query_algorithm(name).value(), {&view, 1}, query, k, stats).value(), expected)
            << name << " seed=" << seed << " k=" << k;
      }
    }
  }
}

TEST(QueryAlgorithm, looked_up_passages_that_just_reach_the_threshold_are_found) {
  const ScratchFolder folder;
  std::uint64_t passed_over = 0;
  for (std::uint32_t seed = 0; seed < 150; ++seed) {
    std::mt19937 rng(seed);
    const auto world = world_of_lookups(rng);
    const auto segments = open_segments(rng, world, folder);
    sparse::SparseVector vector;
    for (TermId term = 1; term <= 5; ++term) {
      if (rng() % 4 == 0) continue;
      vector.terms.push_back(term);
      vector.weights.push_back(static_cast<float>(1 + rng() % 2));
    }
    const auto query = prepare_query(vector, world.config.scale).value();
    for (const std::size_t k : {1U, 3U, 10U, 30U}) {
      ASSERT_NO_FATAL_FAILURE(expect_all_equal(segments, world, query, k, seed));
      SearchStats stats;
      const auto algorithm = make_query_algorithm("block-max-score").value();
      ASSERT_TRUE(search_segments(*algorithm, segments.views, query, k, stats));
      passed_over += stats.postings_total > stats.postings_scored ? 1 : 0;
    }
  }
  EXPECT_GT(passed_over, 100U) << "these worlds no longer reach what they are made for";
}

TEST(QueryAlgorithm, large_k_equals_the_naive_sum) {
  const ScratchFolder folder;
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    std::mt19937 rng(seed * 7919 + 5);
    World world = random_world(rng);
    while (world.ids.size() < 3000) world = random_world(rng);
    const auto segments = open_segments(rng, world, folder);
    const auto query = random_query(rng, world);
    for (const std::size_t k : {100U, 1000U, 2500U, 100000U}) {
      ASSERT_NO_FATAL_FAILURE(expect_all_equal(segments, world, query, k, seed));
    }
  }
}

/// Skewed like text: a frequent term (819 of 4096 passages: no column) with low weights, a rare one with high weights.
World skewed_world() {
  std::mt19937 rng(3);
  World world;
  world.config = {"test", "fingerprint", {2.0F, 8}};
  for (PassageId id = 0; id < 60000; ++id) {
    world.ids.push_back(id);
    auto& vector = world.passages.emplace_back();
    if (id % 5 == 0) vector[1] = static_cast<std::uint16_t>(1 + rng() % 20);
    if (rng() % 50 == 0) vector[2] = static_cast<std::uint16_t>(1 + rng() % 255);
    if (rng() % 2000 == 0) vector[3] = static_cast<std::uint16_t>(200 + rng() % 56);
  }
  return world;
}

TEST(QueryAlgorithm, skipping_does_a_fraction_of_the_exhaustive_work) {
  const ScratchFolder folder;
  const auto world = skewed_world();
  ASSERT_TRUE(write_world(world, 0, world.ids.size(), folder / "a"));
  const auto field = SparseField::open(folder / "a").value();
  const SegmentView view{&field, nullptr};
  const sparse::SparseVector vector{{1, 2, 3}, {0.2F, 2.0F, 5.0F}};
  const auto query = prepare_query(vector, world.config.scale).value();
  SearchStats fast, full;
  const auto a = search_segments(*make_query_algorithm("block-max-score").value(), {&view, 1}, query, 10, fast);
  const auto b = search_segments(*make_query_algorithm("window-exhaustive").value(), {&view, 1}, query, 10, full);
  EXPECT_EQ(*a, *b);
  EXPECT_EQ(full.postings_scored, full.postings_total);
  EXPECT_LT(fast.postings_scored * 5, full.postings_scored);
}

TEST(QueryAlgorithm, windows_without_hope_are_passed_over) {
  const ScratchFolder folder;
  auto world = skewed_world();
  for (PassageId id = 0; id < 10; ++id) world.passages[id][4] = 255;  // ten best, all in the first window
  ASSERT_TRUE(write_world(world, 0, world.ids.size(), folder / "a"));
  const auto field = SparseField::open(folder / "a").value();
  const SegmentView view{&field, nullptr};
  const sparse::SparseVector vector{{1, 4}, {0.1F, 9.0F}};
  const auto query = prepare_query(vector, world.config.scale).value();
  SearchStats stats;
  ASSERT_TRUE(search_segments(*make_query_algorithm("block-max-score").value(), {&view, 1}, query, 10, stats));
  EXPECT_EQ(stats.windows_total, 15U);
  EXPECT_EQ(stats.windows_scored, 1U);
}

TEST(QueryAlgorithm, unknown_names_list_the_known_ones) {
  const auto made = make_query_algorithm("wand");
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("block-max-score"), std::string::npos);
}

TEST(PreparedQuery, scores_stay_within_the_stated_rounding_of_the_float_sum) {
  std::mt19937 rng(11);
  for (int round = 0; round < 2000; ++round) {
    const sparse::WeightScale scale{1.9F, 8};
    sparse::SparseVector query;
    const std::size_t n = 1 + rng() % 30;
    std::vector<std::uint16_t> levels(n);
    double total = 0, exact = 0;
    for (TermId t = 0; t < n; ++t) {
      query.terms.push_back(t);
      query.weights.push_back(0.001F + static_cast<float>(rng() % 10000) / 1000.0F);
      levels[t] = static_cast<std::uint16_t>(1 + rng() % 255);
      total += static_cast<double>(query.weights[t]);
      exact += static_cast<double>(query.weights[t]) * levels[t] * static_cast<double>(scale.step());
    }
    const auto prepared = prepare_query(query, scale).value();
    std::uint64_t units = 0;
    for (TermId t = 0; t < n; ++t) units += std::uint64_t{prepared.terms[t].weight} * levels[t];
    ASSERT_LE(units, 0xFFFFFFFFULL);
    const double score = static_cast<double>(units) * static_cast<double>(prepared.unit);
    EXPECT_NEAR(score, exact, 1e-6 * exact + total * 1.9 * static_cast<double>(n) / 16'000'000.0) << round;
  }
}

TEST(PreparedQuery, refuses_what_is_no_query) {
  const sparse::WeightScale scale{1.0F, 8};
  using Vector = sparse::SparseVector;
  EXPECT_FALSE(prepare_query(Vector{{2, 1}, {1, 1}}, scale));
  EXPECT_FALSE(prepare_query(Vector{{1, 1}, {1, 1}}, scale));
  EXPECT_FALSE(prepare_query(Vector{{1}, {-1}}, scale));
  EXPECT_FALSE(prepare_query(Vector{{1}, {0}}, scale));
  EXPECT_FALSE(prepare_query(Vector{{1}, {std::numeric_limits<float>::quiet_NaN()}}, scale));
  EXPECT_FALSE(prepare_query(Vector{{1}, {std::numeric_limits<float>::infinity()}}, scale));
  EXPECT_TRUE(prepare_query(Vector{}, scale));
}

TEST(PreparedQuery, a_sum_over_fields_has_one_grid_and_cannot_overflow) {
  std::mt19937 rng(11);
  for (int i = 0; i < 2000; ++i) {
    std::vector<sparse::SparseVector> queries(1 + rng() % 4);
    std::vector<QueryPart> parts;
    for (auto& query : queries) {
      for (TermId term = 0; term < rng() % 30; ++term) {
        query.terms.push_back(term * 3);
        query.weights.push_back(static_cast<float>(1 + rng() % 1000) / 7.0F);
      }
      const sparse::WeightScale scale{static_cast<float>(1 + rng() % 50), 8};
      parts.push_back({query, scale, static_cast<double>(1 + rng() % 1000) / 300.0});
    }
    const auto prepared = prepare_sum(parts).value();
    ASSERT_EQ(prepared.more.size() + 1, parts.size());
    std::uint64_t most = 0;
    double exact = 0;
    for (std::size_t p = 0; p < parts.size(); ++p) {
      const auto& one = p == 0 ? prepared : prepared.more[p - 1];
      ASSERT_EQ(one.terms.size(), queries[p].size());
      for (std::size_t t = 0; t < one.terms.size(); ++t) {
        ASSERT_EQ(one.terms[t].term, parts[p].query.terms[t]);
        most += std::uint64_t{one.terms[t].weight} * 255U;
        exact += static_cast<double>(parts[p].query.weights[t]) * parts[p].factor *
                 static_cast<double>(parts[p].scale.ceiling);
      }
    }
    ASSERT_LT(most, std::uint64_t{1} << 32U) << i;
    ASSERT_NEAR(static_cast<double>(prepared.score(static_cast<Units>(most))), exact, 1e-4 * exact) << i;
  }
}

TEST(PreparedQuery, a_sum_refuses_what_cannot_be_added_up) {
  const sparse::SparseVector query{{1}, {1.0F}};
  EXPECT_EQ(prepare_sum(std::vector<QueryPart>{{query, {1.0F, 8}, 1}, {query, {1.0F, 16}, 1}}).error().code,
            Code::kUnsupported);
  for (const double factor :
       {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(prepare_sum(std::vector<QueryPart>{{query, {1.0F, 8}, factor}}).error().code, Code::kInvalidArgument);
  }
  EXPECT_TRUE(prepare_sum({}).value().terms.empty());
  const ScratchFolder folder;
  std::mt19937 rng(1);
  const auto world = random_world(rng);
  const auto segments = open_segments(rng, world, folder);
  auto prepared = prepare_query(query, {1.0F, 8}).value();
  prepared.more.emplace_back();
  SearchStats stats;
  const auto found = search_segments(*make_query_algorithm("exhaustive").value(), segments.views, prepared, 3, stats);
  EXPECT_EQ(found.error().code, Code::kInvalidArgument);
}

TEST(PreparedQuery, the_longest_query_cannot_overflow) {
  for (const std::uint32_t bits : {8U, 16U}) {
    const sparse::WeightScale scale{1.0F, bits};
    sparse::SparseVector query;
    for (TermId t = 0; t < kMaxQueryTerms; ++t) {
      query.terms.push_back(t);
      query.weights.push_back(t % 2 == 0 ? 1e-30F : 1.0F);
    }
    const auto prepared = prepare_query(query, scale).value();
    std::uint64_t most = 0;
    for (const auto& term : prepared.terms) most += std::uint64_t{term.weight} * scale.levels();
    EXPECT_LE(most, 0xFFFFFFFFULL);
  }
}

}  // namespace
}  // namespace tamis::index
