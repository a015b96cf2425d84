#include <tamis/index/vocabulary.h>

#include <fstream>

#include "worlds.h"

namespace tamis::index {
namespace {

std::string random_key(std::mt19937& rng) {
  std::string key;
  for (std::size_t i = rng() % 6; i-- > 0;) key.push_back(static_cast<char>(rng() % 4 == 0 ? rng() : 'a' + rng() % 3));
  return key;
}

void expect_same(const Vocabulary& vocabulary, const std::map<std::string, TermId>& model, std::mt19937& rng) {
  ASSERT_EQ(vocabulary.size(), model.size());
  ASSERT_TRUE(vocabulary.verify());
  for (const auto& [key, id] : model) {
    ASSERT_EQ(vocabulary.find(key), id);
    ASSERT_EQ(vocabulary.term(id), key);
  }
  for (int i = 0; i < 50; ++i) {
    const auto key = random_key(rng);
    ASSERT_EQ(vocabulary.find(key).has_value(), model.count(key) == 1);
  }
}

TEST(Vocabulary, a_chain_of_files_numbers_terms_as_a_map_does) {
  const ScratchFolder folder;
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 rng(seed);
    std::map<std::string, TermId> model;
    std::vector<std::filesystem::path> paths;
    for (std::uint32_t generation = 0; generation < 4; ++generation) {
      VocabularyWriter writer(Vocabulary::open(paths).value());
      for (std::size_t i = rng() % 300; i-- > 0;) {
        const auto key = random_key(rng);
        const auto expected = model.try_emplace(key, static_cast<TermId>(model.size())).first->second;
        ASSERT_EQ(writer.intern(key).value(), expected);
      }
      const auto path = folder / (std::to_string(generation) + ".vocab");
      const bool wrote = writer.write_new(path).value();
      ASSERT_EQ(wrote, writer.num_new() > 0);
      if (wrote) paths.push_back(path);
      ASSERT_TRUE(writer.write_all(folder / "all"));
    }
    const std::vector<std::filesystem::path> one{folder / "all"};
    ASSERT_NO_FATAL_FAILURE(expect_same(Vocabulary::open(paths).value(), model, rng));
    ASSERT_NO_FATAL_FAILURE(expect_same(Vocabulary::open(one).value(), model, rng));
  }
}

TEST(Vocabulary, a_gap_in_the_chain_is_refused) {
  const ScratchFolder folder;
  VocabularyWriter first({});
  ASSERT_TRUE(first.intern("a"));
  ASSERT_TRUE(first.write_new(folder / "1"));
  const std::vector<std::filesystem::path> one{folder / "1"};
  VocabularyWriter second(Vocabulary::open(one).value());
  ASSERT_TRUE(second.intern("b"));
  ASSERT_TRUE(second.write_new(folder / "2"));
  const std::vector<std::filesystem::path> gap{folder / "2"}, twice{folder / "1", folder / "1"};
  EXPECT_FALSE(Vocabulary::open(gap));
  EXPECT_FALSE(Vocabulary::open(twice));
}

TEST(Vocabulary, flipped_bits_and_cuts_are_refused) {
  const ScratchFolder folder;
  VocabularyWriter writer({});
  for (const auto* key : {"log", "rotate", "", "\x01title"}) ASSERT_TRUE(writer.intern(key));
  ASSERT_TRUE(writer.write_new(folder / "v"));
  std::ifstream in(folder / "v", std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  const std::vector<std::filesystem::path> bad{folder / "bad"};
  for (std::size_t bit = 0; bit < good.size() * 8; bit += 5) {
    std::string bytes = good;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    std::ofstream(bad[0], std::ios::binary) << bytes;
    ASSERT_FALSE(Vocabulary::open(bad)) << bit;
  }
  for (std::size_t length = 0; length < good.size(); ++length) {
    std::ofstream(bad[0], std::ios::binary) << good.substr(0, length);
    ASSERT_FALSE(Vocabulary::open(bad)) << length;
  }
}

}  // namespace
}  // namespace tamis::index
