#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tamis/base/file.h>
#include <tamis/base/section_file.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>

#include "base/scratch_folder.h"
#include "sieve_worlds.h"

namespace tamis::sieve {
namespace {

using tamis::testing::ScratchFolder;

constexpr std::uint32_t kVersion = 4;
constexpr Residence kResidences[] = {Residence::kLoaded, Residence::kMapped};

[[nodiscard]] std::filesystem::path kept_file() {
  return std::filesystem::path(TAMIS_SIEVE_DATA) / fmt::format("version-{}.blocks", kVersion);
}

/// What the kept file is of: lists in all blocks, in one, of one posting; long and short runs; tiny weights and large.
[[nodiscard]] World kept_world() {
  World world;
  world.num_terms = 6;
  for (PassageId id = 0; id < 100; ++id) {
    auto& row = world.rows.emplace_back();
    row.id = 3 * id + 1;
    row.weights[0] = id == 50 ? 4.0F : 0.001F * static_cast<float>(1 + id % 7);
    if (id % 2 == 0) row.weights[1] = 0.25F * static_cast<float>(1 + id % 15);
    if (id % 16 == 3) row.weights[2] = 1.0F;
    if (id < 5) row.weights[3] = 2.5F;
    if (id == 99) row.weights[4'000'000'000U] = 3.0F;
  }
  return world;
}

// Writes the kept file. To be run when the format's version is raised, with --gtest_also_run_disabled_tests; the file
// of the version before is then one that is refused.
TEST(BlockIndexCompatibility, DISABLED_write_the_kept_file) { ASSERT_TRUE(make_index(kept_world()).save(kept_file())); }

TEST(BlockIndexCompatibility, the_kept_file_of_this_version_answers_as_a_new_index_of_its_vectors) {
  const auto index = make_index(kept_world());
  for (const auto residence : kResidences) {
    const auto kept = BlockIndex::open(kept_file(), residence);
    ASSERT_TRUE(kept) << kept.error().message;
    ASSERT_TRUE(kept->verify());
    EXPECT_EQ(kept->scale(), index.scale());
    EXPECT_EQ(kept->num_passages(), 100U);
    EXPECT_EQ(kept->num_postings(), index.num_postings());
    SearchScratch scratch;
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
      std::mt19937 rng(seed);
      auto query = random_query(rng, kept_world(), kScale);
      if (seed % 3 == 0) query.terms.push_back({4'000'000'000U, 7});
      ASSERT_TRUE(kept->check_lists(query));
      ASSERT_EQ(kept->search(query, 5, {}, scratch), index.exhaustive(query, 5)) << "seed " << seed;
    }
  }
}

TEST(BlockIndexCompatibility, a_file_that_is_cut_at_any_length_is_refused) {
  const ScratchFolder folder;
  const auto bytes = read_file(kept_file(), 1U << 20).value();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_TRUE(write_file_atomic(folder / "cut", std::string_view(bytes).substr(0, size)));
    for (const auto residence : kResidences) {
      const auto opened = BlockIndex::open(folder / "cut", residence);
      ASSERT_FALSE(opened) << size;
      ASSERT_EQ(opened.error().code, Code::kCorrupt) << opened.error().message;
      ASSERT_NE(opened.error().message.find("cut"), std::string::npos) << opened.error().message;
    }
  }
}

TEST(BlockIndexCompatibility, a_file_of_another_version_or_byte_order_is_refused_by_name) {
  const ScratchFolder folder;
  const auto file = SectionFile::open(kept_file(), {'B', 'L', 'K', '1'}, kVersion, kVersion).value();
  for (const std::uint32_t version : {kVersion - 1, kVersion + 1}) {
    auto writer = SectionWriter::create(folder / "other", {'B', 'L', 'K', '1'}, version).value();
    for (const auto& section : file.sections()) {
      ASSERT_TRUE(writer.add(section.name, file.bytes(section.name).value()));
    }
    ASSERT_TRUE(writer.finish());
    for (const auto residence : kResidences) {
      const auto opened = BlockIndex::open(folder / "other", residence);
      ASSERT_FALSE(opened);
      EXPECT_EQ(opened.error().code, Code::kUnsupported);
      EXPECT_NE(opened.error().message.find(fmt::format("format version {}", version)), std::string::npos);
      EXPECT_NE(opened.error().message.find("other"), std::string::npos);
    }
  }
  const auto older = BlockIndex::open(std::filesystem::path(TAMIS_SIEVE_DATA) / "version-3.blocks");
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, Code::kUnsupported);
  EXPECT_NE(older.error().message.find("format version 3: this build reads 4 to 4"), std::string::npos);
  auto bytes = read_file(kept_file(), 1U << 20).value();
  for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4)
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i), bytes.begin() + static_cast<std::ptrdiff_t>(i) + 4);
  ASSERT_TRUE(write_file_atomic(folder / "swapped", bytes));
  const auto opened = BlockIndex::open(folder / "swapped");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kUnsupported);
  EXPECT_NE(opened.error().message.find("byte order"), std::string::npos) << opened.error().message;
}

}  // namespace
}  // namespace tamis::sieve
