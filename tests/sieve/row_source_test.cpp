#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tamis/base/file.h>
#include <tamis/sieve/row_source.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/scratch_folder.h"
#include "sieve_worlds.h"

namespace tamis::sieve {
namespace {

using tamis::testing::ScratchFolder;

/// The rows of a world; what goes wrong with them is said from outside.
class WorldRows final : public RowSource {
 public:
  explicit WorldRows(const World& world, const Shape& shape = {})
      : world_(world), shape_(shape), reads_(world.rows.size()) {}
  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] std::uint64_t size() const override { return world_.rows.size(); }
  [[nodiscard]] PassageId id(std::uint64_t row) const override { return world_.rows[row].id; }
  [[nodiscard]] Status read(std::uint64_t row, std::vector<TermId>& terms,
                            std::vector<std::uint16_t>& levels) const override {
    ++reads_[row];
    terms.clear();
    std::vector<float> weights;
    for (const auto& [term, weight] : world_.rows[row].weights) {
      terms.push_back(term);
      weights.push_back(weight);
    }
    levels.resize(weights.size());
    sparse::quantize(shape_.scale, weights, levels);
    return spoil ? spoil(row, terms, levels) : ok();
  }
  [[nodiscard]] std::uint32_t most_reads() const {
    std::uint32_t most = 0;
    for (const auto& reads : reads_) most = std::max(most, reads.load());
    return most;
  }
  std::function<Status(std::uint64_t, std::vector<TermId>&, std::vector<std::uint16_t>&)> spoil;

 private:
  const World& world_;
  Shape shape_;
  mutable std::vector<std::atomic<std::uint32_t>> reads_;
};

[[nodiscard]] Result<BlockIndex> build(const WorldRows& rows, std::size_t threads, const CancelToken& cancel = {}) {
  ThreadPool pool(threads);
  NoProgress progress;
  return build_block_index(rows, rows.shape().scale, pool, progress, cancel, rows.shape().preset);
}

[[nodiscard]] std::string bytes_of(const BlockIndex& index, const ScratchFolder& folder) {
  EXPECT_TRUE(index.save(folder / "index"));
  return read_file(folder / "index", 1U << 30).value();
}

TEST(RowSource, gives_the_same_bytes_as_added_vectors_and_is_read_three_times) {
  const ScratchFolder folder;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_world(rng);
    const WorldRows rows(world, shape_of(seed));
    const auto index = build(rows, 1 + seed % 3);
    ASSERT_TRUE(index) << index.error().message;
    ASSERT_EQ(bytes_of(*index, folder), bytes_of(make_index(world, 1, shape_of(seed)), folder)) << "seed " << seed;
    ASSERT_LE(rows.most_reads(), 3U);
  }
}

TEST(RowSource, gives_the_same_bytes_whatever_the_number_of_threads_where_threads_share_ranges_and_tiles) {
  const ScratchFolder folder;
  std::mt19937 rng(3);
  World world;
  for (std::uint32_t copy = 0; copy < 3; ++copy) {
    for (auto& row : large_world(rng).rows) {
      row.id = world.rows.size();
      if (rng() % 3 == 0) row.weights[70'000 + copy] = 1.0F;
      world.rows.push_back(row);
    }
  }
  world.num_terms = 300;
  ASSERT_GT(world.rows.size(), 32'768U);
  const WorldRows rows(world);
  const auto one = build(rows, 1).value();
  const auto bytes = bytes_of(one, folder);
  for (const std::size_t threads : {2U, 3U, 8U}) {
    ASSERT_TRUE(bytes == bytes_of(build(rows, threads).value(), folder)) << threads;
  }
  const auto opened = BlockIndex::open(folder / "index");  // checks every run
  ASSERT_TRUE(opened) << opened.error().message;
  SearchScratch scratch;
  for (int q = 0; q < 30; ++q) {
    const auto query = random_query(rng, world, kScale);
    ASSERT_EQ(opened->search(query, 10, {}, scratch), opened->exhaustive(query, 10)) << q;
  }
}

TEST(RowSource, rows_that_are_none_are_errors) {
  std::mt19937 rng(2);
  World world;
  while (world.rows.size() < 300 || world.num_terms < 10) world = random_world(rng);
  const std::uint64_t bad = world.rows.size() / 2;
  WorldRows rows(world);
  const auto code_with = [&](auto change) {
    rows.spoil = [&, change](std::uint64_t row, std::vector<TermId>& terms, std::vector<std::uint16_t>& levels) {
      if (row == bad) change(terms, levels);
      return ok();
    };
    return build(rows, 2).error().code;
  };
  using Terms = std::vector<TermId>;
  using Levels = std::vector<std::uint16_t>;
  EXPECT_EQ(code_with([](Terms& terms, Levels& levels) { terms = {3, 3}, levels = {1, 1}; }), Code::kInvalidArgument);
  EXPECT_EQ(code_with([](Terms& terms, Levels& levels) { terms = {3}, levels = {0}; }), Code::kInvalidArgument);
  EXPECT_EQ(code_with([](Terms& terms, Levels& levels) { terms = {3}, levels = {65281}; }), Code::kInvalidArgument);
  EXPECT_EQ(code_with([](Terms& terms, Levels& levels) { terms = {3}, levels = {1, 2}; }), Code::kInvalidArgument);
  rows.spoil = [&](std::uint64_t row, Terms&, Levels&) {
    return row == bad ? Status(Error{Code::kIo, "the disk is gone"}) : ok();
  };
  const auto failed = build(rows, 2);
  EXPECT_EQ(failed.error().code, Code::kIo);
  EXPECT_EQ(failed.error().message, "the disk is gone");
  rows.spoil = {};
  world.rows[bad].id = world.rows[bad - 1].id;
  EXPECT_EQ(build(rows, 2).error().code, Code::kInvalidArgument);
}

TEST(RowSource, rows_that_change_between_two_readings_are_errors_or_an_index_that_can_be_searched) {
  std::size_t refused = 0;
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_world(rng);
    if (world.rows.empty()) continue;
    WorldRows rows(world, shape_of(seed));
    std::atomic<std::uint64_t> reads = 0;
    const auto from = rng() % (3 * world.rows.size());
    const auto kind = rng() % 3;
    rows.spoil = [&](std::uint64_t, std::vector<TermId>& terms, std::vector<std::uint16_t>& levels) {
      if (reads++ < from) return ok();
      if (kind == 0) {
        terms.clear();
        levels.clear();
      }
      for (auto& term : terms) term += kind == 1 ? 1 : 0;
      for (auto& level : levels) level = kind == 2 ? static_cast<std::uint16_t>(rows.shape().scale.levels()) : level;
      return ok();
    };
    const auto index = build(rows, 2);
    if (!index) {
      ASSERT_EQ(index.error().code, Code::kCorrupt) << index.error().message;
      ++refused;
      continue;
    }
    SearchScratch scratch;
    static_cast<void>(index->search(random_query(rng, world, index->scale()), 5, {}, scratch));
  }
  EXPECT_GT(refused, 100U);
}

TEST(RowSource, a_build_stops_when_it_is_asked_to) {
  std::mt19937 rng(4);
  const auto world = large_world(rng);
  const std::size_t all = 3 * world.rows.size();
  for (const std::size_t threads : {1U, 3U}) {
    for (std::size_t stop : {std::size_t{0}, all / 6, all / 3, all / 2, all * 5 / 6}) {
      WorldRows rows(world);
      CancelToken cancel;
      std::atomic<std::uint64_t> reads = 0;
      rows.spoil = [&](std::uint64_t, std::vector<TermId>&, std::vector<std::uint16_t>&) {
        if (reads++ == stop) cancel.cancel();
        return ok();
      };
      const auto index = build(rows, threads, cancel);
      ASSERT_FALSE(index);
      EXPECT_EQ(index.error().code, Code::kCancelled);
      EXPECT_LT(reads, stop + (2 * threads + 1) * 4096) << "went on reading";
    }
  }
}

}  // namespace
}  // namespace tamis::sieve
