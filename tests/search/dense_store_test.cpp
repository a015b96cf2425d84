#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tamis/search/dense_store.h>

#include <cmath>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/scratch_folder.h"

namespace tamis::search {
namespace {

std::vector<float> random_vector(std::mt19937& rng, std::size_t dimension) {
  std::vector<float> out;
  const float size = rng() % 5 == 0 ? 0.0F : static_cast<float>(std::pow(10.0, static_cast<double>(rng() % 9) - 4));
  for (std::size_t d = 0; d < dimension; ++d) {
    out.push_back(size * (static_cast<float>(rng() % 2001) / 1000.0F - 1.0F));
  }
  return out;
}

TEST(DenseStore, gives_back_vectors_to_a_half_step_by_their_texts) {
  const testing::ScratchFolder folder;
  const auto path = folder.path() / "a.dense";
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 rng(seed);
    const std::size_t dimension = 1 + rng() % 40;
    std::map<std::string, std::vector<float>> wanted;
    DenseStoreWriter writer(dimension);
    for (auto count = rng() % 200; count > 0; --count) {
      const auto text = fmt::format("text {}", rng() % 150);
      const auto vector = random_vector(rng, dimension);
      wanted.try_emplace(text, vector);  // the first of a text stays
      writer.add(DenseStore::key_of(text), vector);
    }
    ASSERT_TRUE(writer.finish(path, "model/1"));
    const auto store = DenseStore::open(path, "model/1").value();
    ASSERT_EQ(store.size(), wanted.size());
    DenseStoreWriter again(dimension);
    for (const auto& [text, vector] : wanted) {
      const auto found = store.find(DenseStore::key_of(text)).value();
      ASSERT_TRUE(found) << text;
      float largest = 0;
      for (const float x : vector) largest = std::max(largest, std::abs(x));
      for (std::size_t d = 0; d < dimension; ++d) {
        const float value = static_cast<float>(found->values[d]) * found->scale;
        ASSERT_NEAR(value, vector[d], largest / 127 * 0.51F) << "seed=" << seed;
      }
      ASSERT_TRUE(again.copy(store, DenseStore::key_of(text)));
    }
    EXPECT_FALSE(store.find(DenseStore::key_of("another text")).value());
    EXPECT_FALSE(store.contains(DenseStore::key_of("")));
    const auto second = folder.path() / "b.dense";
    ASSERT_TRUE(again.finish(second, "model/1"));
    std::ifstream a(path, std::ios::binary), b(second, std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(a), {}), std::string(std::istreambuf_iterator<char>(b), {}));
  }
}

TEST(DenseStore, of_another_model_or_damaged_is_an_error_and_never_another_vector) {
  const testing::ScratchFolder folder;
  const auto path = folder.path() / "a.dense";
  std::mt19937 rng(1);
  DenseStoreWriter writer(8);
  std::map<std::string, std::vector<std::int8_t>> wanted;
  for (int i = 0; i < 20; ++i) writer.add(DenseStore::key_of(fmt::format("t{}", i)), random_vector(rng, 8));
  ASSERT_TRUE(writer.finish(path, "model/1"));
  EXPECT_EQ(DenseStore::open(path, "model/2").error().code, Code::kUnsupported);
  EXPECT_EQ(DenseStore::open(folder.path() / "none", "model/1").error().code, Code::kNotFound);
  {
    const auto store = DenseStore::open(path, "model/1").value();
    for (int i = 0; i < 20; ++i) {
      const auto text = fmt::format("t{}", i);
      const auto found = store.find(DenseStore::key_of(text)).value();
      wanted[text].assign(found->values.begin(), found->values.end());
    }
  }
  std::ifstream in(path, std::ios::binary);
  const std::string image(std::istreambuf_iterator<char>(in), {});
  const auto damaged = folder.path() / "damaged.dense";
  std::size_t refused = 0, checked = 0;
  for (std::size_t at = 0; at < image.size(); ++at) {
    auto bytes = image;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
    std::ofstream(damaged, std::ios::binary | std::ios::trunc) << bytes;
    const auto store = DenseStore::open(damaged, "model/1");
    if (!store) {
      ++refused;
      continue;
    }
    for (const auto& [text, values] : wanted) {
      const auto found = store->find(DenseStore::key_of(text));
      if (!found) {
        ++checked;
        continue;
      }
      ASSERT_TRUE(*found) << "byte " << at;
      ASSERT_TRUE(std::equal(values.begin(), values.end(), (*found)->values.begin())) << "byte " << at;
    }
  }
  EXPECT_GT(refused, 500U);
  EXPECT_EQ(checked, 20U * 8U) << "each byte of each vector";
}

}  // namespace
}  // namespace tamis::search
