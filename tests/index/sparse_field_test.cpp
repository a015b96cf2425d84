#include <tamis/index/sparse_field.h>

#include <fstream>
#include <limits>

#include "worlds.h"

namespace tamis::index {
namespace {

std::string file_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void expect_lists(const SparseField& field, const World& world) {
  std::map<TermId, std::set<PassageId>> lists;
  for (std::size_t p = 0; p < world.ids.size(); ++p) {
    for (const auto& [term, level] : world.passages[p]) lists[term].insert(world.ids[p]);
  }
  ASSERT_EQ(field.num_terms(), lists.size());
  for (const auto& [term, ids] : lists) {
    ASSERT_EQ(field.document_frequency(term), ids.size());
    const auto bits = field.passages_with(term).value();
    ASSERT_EQ(bits.count(), ids.size());
    for (const auto id : ids) ASSERT_TRUE(bits.test(*field.local(id)));
  }
  ASSERT_EQ(field.passages_with(4'000'000'000U).value().count(), 0U);
}

TEST(SparseField, gives_back_the_vectors_and_lists_it_was_built_from) {
  const ScratchFolder folder;
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 rng(seed);
    const auto world = random_world(rng);
    const auto report = write_world(world, 0, world.ids.size(), folder / "f").value();
    const auto field = SparseField::open(folder / "f").value();
    ASSERT_EQ(field.config(), world.config);
    ASSERT_EQ(field.num_passages(), world.ids.size());
    ASSERT_EQ(field.num_postings(), report.num_postings);
    const auto sound = field.verify();
    ASSERT_TRUE(sound) << sound.error().message;
    std::vector<TermId> terms;
    std::vector<std::uint16_t> levels;
    for (LocalId p = 0; p < field.num_passages(); ++p) {
      field.vector(p, terms, levels);
      std::map<TermId, std::uint16_t> back;
      for (std::size_t i = 0; i < terms.size(); ++i) back[terms[i]] = levels[i];
      ASSERT_EQ(back, world.passages[p]);
      ASSERT_EQ(field.local(world.ids[p]), p);
    }
    ASSERT_NO_FATAL_FAILURE(expect_lists(field, world));
  }
}

TEST(SparseField, the_file_is_the_same_for_any_number_of_threads) {
  const ScratchFolder folder;
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_world(rng);
    ASSERT_TRUE(write_world(world, 0, world.ids.size(), folder / "one", 1));
    ASSERT_TRUE(write_world(world, 0, world.ids.size(), folder / "three", 3));
    ASSERT_EQ(file_bytes(folder / "one"), file_bytes(folder / "three")) << "seed=" << seed;
  }
}

TEST(SparseField, merging_equals_building_at_once) {
  const ScratchFolder folder;
  ThreadPool pool(2);
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_world(rng);
    const std::size_t parts = 1 + rng() % 4;
    std::vector<SparseField> fields;
    std::vector<Bitmap> deleted;
    World left;
    left.config = world.config;
    for (std::size_t part = 0; part < parts; ++part) {
      const auto begin = world.ids.size() * part / parts, end = world.ids.size() * (part + 1) / parts;
      ASSERT_TRUE(write_world(world, begin, end, folder / std::to_string(part)));
      fields.push_back(SparseField::open(folder / std::to_string(part)).value());
      auto& bits = deleted.emplace_back(fields.back().num_passages());
      for (auto p = begin; p < end; ++p) {
        if (rng() % 4 == 0) {
          bits.set(static_cast<LocalId>(p - begin));
        } else {
          left.ids.push_back(world.ids[p]);
          left.passages.push_back(world.passages[p]);
        }
      }
    }
    std::vector<const Bitmap*> pointers;
    for (const auto& bits : deleted) pointers.push_back(bits.count() == 0 ? nullptr : &bits);
    std::reverse(fields.begin(), fields.end());  // the order of the parts must not matter
    std::reverse(pointers.begin(), pointers.end());
    ASSERT_TRUE(merge_fields(fields, pointers, folder / "merged", pool));
    ASSERT_TRUE(write_world(left, 0, left.ids.size(), folder / "left"));
    ASSERT_EQ(file_bytes(folder / "merged"), file_bytes(folder / "left")) << "seed=" << seed;
  }
}

TEST(FieldBuilder, refuses_vectors_that_break_the_law) {
  using Vector = sparse::SparseVector;
  FieldBuilder builder({"f", "p", {1.0F, 8}});
  ASSERT_TRUE(builder.add(5, Vector{{1, 2}, {0.5F, 1.5F}}));
  EXPECT_FALSE(builder.add(5, Vector{{1}, {1}}));
  EXPECT_FALSE(builder.add(6, Vector{{2, 1}, {1, 1}}));
  EXPECT_FALSE(builder.add(6, Vector{{1}, {0}}));
  EXPECT_FALSE(builder.add(6, Vector{{1}, {-1}}));
  EXPECT_FALSE(builder.add(6, Vector{{1}, {std::numeric_limits<float>::quiet_NaN()}}));
  const std::uint16_t zero[1] = {0};
  const TermId term[1] = {1};
  EXPECT_FALSE(builder.add_levels(6, term, zero));
  const ScratchFolder folder;
  ThreadPool pool(1);
  const auto report = builder.finish(folder / "f", pool).value();
  EXPECT_EQ(report.num_passages, 1U);
  EXPECT_EQ(report.num_clipped, 1U);
}

/// Small, but with short lists, sparse blocks and a dense block.
World damage_world() {
  World world;
  world.config = {"bm25", "bm25 k1=0.9", {1.9F, 8}};
  for (PassageId id = 1; id <= 1200; ++id) {
    world.ids.push_back(id);
    auto& vector = world.passages.emplace_back();
    if (id <= 1100) vector[1] = static_cast<std::uint16_t>(1 + id % 7);
    if (id % 4 == 0) vector[2] = static_cast<std::uint16_t>(1 + id % 5);
    if (id % 100 == 0) vector[3] = 255;
  }
  return world;
}

/// The answers that a file gives, or nothing where it says that it is damaged.
std::vector<std::vector<Candidate>> answers(const SparseField& field, bool& refused) {
  std::vector<std::vector<Candidate>> all;
  const SegmentView view{&field, nullptr};
  for (const auto& terms : {std::vector<TermId>{1, 2, 3}, {2, 3}, {3}, {1}}) {
    const sparse::SparseVector vector{terms, std::vector<float>(terms.size(), 1.0F)};
    const auto query = prepare_query(vector, field.config().scale).value();
    SearchStats stats;
    auto found = search_segments(*make_query_algorithm("block-max-score").value(), {&view, 1}, query, 10, stats);
    if (!found) {
      refused = true;
      EXPECT_EQ(found.error().code, Code::kCorrupt);
      return {};
    }
    all.push_back(*std::move(found));
  }
  return all;
}

TEST(SparseField, a_flipped_bit_gives_an_error_or_the_same_answer) {
  const ScratchFolder folder;
  const auto world = damage_world();
  ASSERT_TRUE(write_world(world, 0, world.ids.size(), folder / "good"));
  const auto good = file_bytes(folder / "good");
  bool refused = false;
  const auto expected = answers(SparseField::open(folder / "good").value(), refused);
  ASSERT_FALSE(refused);
  std::string bytes = good;
  for (std::size_t bit = 0; bit < good.size() * 8; bit += 29) {  // 29: each bit of a byte gets its turn
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    std::ofstream(folder / "bad", std::ios::binary) << bytes;
    bytes[bit / 8] = good[bit / 8];
    const auto opened = SparseField::open(folder / "bad");
    if (!opened) continue;
    bool damaged = false;
    const auto got = answers(*opened, damaged);
    if (!damaged) {
      ASSERT_EQ(got, expected) << "bit " << bit;
    }
    ASSERT_FALSE(opened->verify()) << "bit " << bit;
  }
}

TEST(SparseField, every_cut_file_is_refused) {
  const ScratchFolder folder;
  const auto world = damage_world();
  ASSERT_TRUE(write_world(world, 0, world.ids.size(), folder / "good"));
  const auto good = file_bytes(folder / "good");
  for (std::size_t length = 0; length < good.size(); length += 1 + length / 512) {
    std::ofstream(folder / "bad", std::ios::binary) << good.substr(0, length);
    ASSERT_FALSE(SparseField::open(folder / "bad")) << length;
  }
}

}  // namespace
}  // namespace tamis::index
