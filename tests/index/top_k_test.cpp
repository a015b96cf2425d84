#include <gtest/gtest.h>
#include <tamis/index/top_k.h>

#include <algorithm>
#include <random>

namespace tamis::index {
namespace {

bool better(const Candidate& a, const Candidate& b) { return a.units != b.units ? a.units > b.units : a.id < b.id; }

TEST(TopK, equals_sorting_whatever_the_order_of_pushes) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    std::vector<Candidate> all;
    const std::size_t n = rng() % 120;
    for (PassageId id = 0; id < n; ++id) all.push_back({id, static_cast<Units>(rng() % 5)});
    std::shuffle(all.begin(), all.end(), rng);
    const std::size_t k = rng() % 13;
    TopK top(k);
    for (const auto& candidate : all) top.push(candidate.id, candidate.units);
    std::erase_if(all, [](const Candidate& c) { return c.units == 0; });
    std::sort(all.begin(), all.end(), better);
    if (all.size() > k) all.resize(k);
    EXPECT_EQ(top.take_sorted(), all) << "seed=" << seed;
  }
}

TEST(TopK, a_seeded_threshold_changes_nothing_when_it_is_true) {
  TopK top(2);
  top.push(9, 3);
  top.seed(5);
  top.push(1, 4);
  top.push(2, 5);
  top.push(3, 5);
  EXPECT_EQ(top.take_sorted(), (std::vector<Candidate>{{2, 5}, {3, 5}}));
}

}  // namespace
}  // namespace tamis::index
