#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tamis/base/section_file.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/scratch_folder.h"
#include "layout.h"
#include "sieve_worlds.h"

namespace tamis::sieve {
namespace {

using tamis::testing::ScratchFolder;

[[nodiscard]] std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST(BlockIndexFile, an_opened_file_answers_as_the_index_that_wrote_it) {
  const ScratchFolder folder;
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 rng(seed);
    const auto world = random_world(rng);
    const auto index = make_index(world, 1, shape_of(seed));
    const auto path = folder / "a.blocks";
    ASSERT_TRUE(index.save(path));
    ASSERT_TRUE(index.verify());
    for (const auto residence : {Residence::kLoaded, Residence::kMapped}) {
      const auto opened = BlockIndex::open(path, residence);
      ASSERT_TRUE(opened) << opened.error().message << " seed " << seed;
      SearchScratch scratch;
      for (int q = 0; q < 3; ++q) {
        const auto query = random_query(rng, world, index.scale());
        SearchWork first, second;
        ASSERT_TRUE(opened->check_lists(query)) << "seed " << seed;
        ASSERT_EQ(index.search(query, 10, {}, scratch, &first), opened->search(query, 10, {}, scratch, &second));
        ASSERT_EQ(first.runs, second.runs);
      }
      ASSERT_TRUE(opened->verify()) << "seed " << seed;
      ASSERT_EQ(index.memory_bytes(), opened->memory_bytes());
      ASSERT_EQ(index.scale(), opened->scale());
    }
  }
}

TEST(BlockIndexFile, the_same_vectors_give_the_same_bytes_whatever_the_number_of_threads) {
  const ScratchFolder folder;
  std::mt19937 rng(5);
  const auto world = random_world(rng);
  ASSERT_TRUE(make_index(world, 1).save(folder / "one"));
  ASSERT_TRUE(make_index(world, 4).save(folder / "four"));
  EXPECT_EQ(read_file(folder / "one"), read_file(folder / "four"));
}

TEST(BlockIndexFile, a_file_that_is_cut_or_changed_anywhere_is_refused) {
  const ScratchFolder folder;
  std::mt19937 rng(7);
  World world;
  while (world.rows.size() < 100) world = random_world(rng);
  ASSERT_TRUE(make_index(world).save(folder / "good"));
  const auto good = read_file(folder / "good");
  const auto refused = [&](const std::string& bytes, std::size_t at) {
    write_file(folder / "bad", bytes);
    const auto opened = BlockIndex::open(folder / "bad");
    ASSERT_FALSE(opened) << "at " << at;
    ASSERT_NE(opened.error().message.find("bad"), std::string::npos) << opened.error().message;
  };
  for (std::size_t at = 0; at < good.size(); at += 1 + rng() % 97) refused(good.substr(0, at), at);
  for (std::size_t at = 0; at < good.size(); at += 1 + rng() % 97) {
    auto bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << rng() % 8));
    refused(bytes, at);
  }
  EXPECT_EQ(BlockIndex::open(folder / "none").error().code, Code::kNotFound);
}

TEST(BlockIndexFile, a_damaged_file_that_is_mapped_never_gives_another_answer) {
  const ScratchFolder folder;
  std::mt19937 rng(13);
  World world;
  while (world.rows.size() < 300 || world.num_terms < 10) world = random_world(rng);
  std::size_t answered = 0, by_list = 0;
  std::optional<BlockIndex> index;
  for (std::uint32_t i = 0; i < 3000; ++i) {
    if (i % 750 == 0) {
      index = make_index(world, 1, shape_of(i / 750));
      ASSERT_TRUE(index->save(folder / "good"));
    }
    auto bytes = read_file(folder / "good");
    const std::size_t at = rng() % bytes.size();
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << rng() % 8));
    write_file(folder / "bad", bytes);
    const auto opened = BlockIndex::open(folder / "bad", Residence::kMapped);
    if (!opened) continue;
    EXPECT_FALSE(opened->verify()) << "at " << at;
    SearchScratch scratch;
    for (int q = 0; q < 5; ++q) {
      const auto query = random_query(rng, world, index->scale());
      const auto checked = opened->check_lists(query);
      if (!checked) {
        ASSERT_EQ(checked.error().code, Code::kCorrupt);
        ASSERT_NE(checked.error().message.find("bad: list of term"), std::string::npos) << checked.error().message;
        ++by_list;
        continue;
      }
      ASSERT_EQ(opened->search(query, 5, {}, scratch), index->exhaustive(query, 5)) << "at " << at;
      ++answered;
    }
  }
  EXPECT_GT(answered, 500U);
  EXPECT_GT(by_list, 500U);
}

/// Copies a file with one section changed, checksums made anew.
void rewrite(const std::filesystem::path& from, const std::filesystem::path& to, std::string_view section,
             const std::function<void(std::vector<std::byte>&)>& change) {
  const auto file = SectionFile::open(from, {'B', 'L', 'K', '1'}, 4, 4).value();
  auto writer = SectionWriter::create(to, {'B', 'L', 'K', '1'}, 4).value();
  for (const auto& info : file.sections()) {
    const auto bytes = file.bytes(info.name).value();
    std::vector<std::byte> copy(bytes.begin(), bytes.end());
    if (info.name == section) change(copy);
    ASSERT_TRUE(writer.add(info.name, std::span<const std::byte>(copy)));
  }
  ASSERT_TRUE(writer.finish());
}

TEST(BlockIndexFile, arrays_that_contradict_each_other_are_refused_or_cannot_be_told_from_others) {
  const ScratchFolder folder;
  std::mt19937 rng(11);
  World world;
  while (world.rows.size() < 200) world = random_world(rng);
  std::size_t refused = 0;
  std::vector<SectionFile::SectionInfo> sections;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    if (i % 500 == 0) {
      ASSERT_TRUE(make_index(world, 1, shape_of(i / 500)).save(folder / "good"));
      sections = SectionFile::open(folder / "good", {'B', 'L', 'K', '1'}, 4, 4).value().sections();
    }
    const auto& section = sections[rng() % sections.size()];
    if (section.size == 0) continue;
    rewrite(folder / "good", folder / "crafted", section.name, [&](std::vector<std::byte>& bytes) {
      if (rng() % 8 == 0) {
        bytes.resize(rng() % bytes.size());
        return;
      }
      bytes[rng() % bytes.size()] = static_cast<std::byte>(rng());
    });
    for (const auto residence : {Residence::kLoaded, Residence::kMapped}) {
      const auto opened = BlockIndex::open(folder / "crafted", residence);
      if (!opened) {
        ++refused;
        continue;
      }
      // Other ids or scales: an index of something else, which must not be read beyond its ends.
      SearchScratch scratch;
      const auto query = random_query(rng, world, opened->scale());
      if (!opened->check_lists(query)) continue;
      ASSERT_EQ(opened->search(query, 5, {}, scratch), opened->exhaustive(query, 5)) << section.name;
    }
  }
  EXPECT_GT(refused, 1000U);
}

}  // namespace
}  // namespace tamis::sieve
