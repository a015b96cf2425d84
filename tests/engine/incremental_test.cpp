// The law of ingest: an index that was kept up to date through any history answers as one made at once.
#include <fmt/format.h>

#include "engine_world.h"

namespace tamis::test {
namespace {

std::string random_name(std::mt19937& rng) {
  static const char* const kEndings[] = {"txt", "md", "jsonl"};
  return fmt::format("{}{}.{}", rng() % 3 == 0 ? "sub/" : "", rng() % 12, kEndings[rng() % 3]);
}

std::string random_content(std::mt19937& rng, const std::string& name) {
  if (!name.ends_with("jsonl")) return rng() % 10 == 0 ? "" : random_text(rng, rng() % 60);
  std::string lines;
  for (std::size_t i = 0, n = rng() % 5; i < n; ++i) {
    lines += fmt::format("{{\"_id\":\"{}-{}\",\"title\":\"{}\",\"text\":\"{}\"}}\n", name, i,
                         rng() % 2 == 0 ? random_word(rng) : "", random_line(rng, rng() % 20));
  }
  return lines;
}

void change(std::mt19937& rng, const World& world) {
  for (std::size_t i = 0, n = 1 + rng() % 4; i < n; ++i) {
    const auto name = random_name(rng);
    const auto to = random_name(rng);
    const auto what = rng() % 4;
    if (what == 0) {
      world.remove(name);
    } else if (what == 1 && fs::path(to).extension() == fs::path(name).extension()) {
      std::error_code missing;
      fs::create_directories((world.files() / to).parent_path());
      fs::rename(world.files() / name, world.files() / to, missing);
    } else {
      world.write(name, random_content(rng, name));
    }
  }
}

/// The same answers to every word. Scores are compared when nothing deleted is left: until a merge takes them away,
/// deleted passages count in document frequencies.
void expect_equal(const fs::path& kept, const fs::path& fresh, bool with_scores, std::uint32_t seed) {
  for (const auto& word : words()) {
    auto a = sorted_answers(kept, word);
    auto b = sorted_answers(fresh, word);
    for (auto* side : {&a, &b}) {
      for (auto& answer : *side) answer.score = with_scores ? answer.score : 0.0F;
      std::sort(side->begin(), side->end());
    }
    ASSERT_EQ(a.size(), b.size()) << word << " seed=" << seed;
    for (std::size_t i = 0; i < a.size(); ++i) {
      ASSERT_TRUE(a[i] == b[i]) << word << " seed=" << seed << ": " << a[i].document << " " << a[i].score << " "
                                << b[i].document << " " << b[i].score;
    }
  }
}

TEST(Incremental, any_history_answers_as_one_run) {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    std::mt19937 rng(seed);
    const World world;
    auto options = plain_options();
    if (rng() % 2 == 0) options.memory_bytes = 1;  // a segment a batch
    for (std::size_t run = 0, runs = 1 + rng() % 6; run < runs; ++run) {
      change(rng, world);
      const bool named = run == 0 || rng() % 2 == 0;  // the same is meant when no path is
      const auto report = named ? ingest(world, options) : ingest(world.index(), {}, options);
      ASSERT_TRUE(report.has_value()) << report.error().message << " seed=" << seed;
      if (rng() % 4 == 0) {
        ASSERT_TRUE(merge(world.index(), rng() % 2 == 0).has_value()) << "seed=" << seed;
      }
    }
    ASSERT_EQ(verify(world.index()), Names()) << "seed=" << seed;
    const auto fresh = world.path() / "fresh";
    ASSERT_TRUE(ingest(fresh, {world.files()}).has_value());
    expect_equal(world.index(), fresh, false, seed);
    ASSERT_TRUE(merge(world.index()).has_value());
    ASSERT_EQ(verify(world.index()), Names()) << "seed=" << seed;
    ASSERT_EQ(orphans(world.index()), Names()) << "seed=" << seed;
    expect_equal(world.index(), fresh, true, seed);
  }
}

/// A JSON-lines file that is streamed, in several batches.
std::string many_lines(std::mt19937& rng, int count, std::size_t num_words) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    lines += fmt::format("{{\"_id\":\"{}\",\"title\":\"t{}\",\"text\":\"{}\"}}\n", i, i, random_line(rng, num_words));
  }
  return lines + std::string(1 << 20, ' ') + "\n";
}

TEST(Incremental, the_cut_into_segments_does_not_change_answers) {
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    std::mt19937 rng(seed);
    const World world;
    world.write("big.jsonl", many_lines(rng, 1500, 2));
    world.write("small.txt", random_text(rng, 30));
    auto options = plain_options();
    options.memory_bytes = 1;
    ASSERT_TRUE(ingest(world, options).has_value());
    const auto whole = world.path() / "whole";
    ASSERT_TRUE(ingest(whole, {world.files()}).has_value());
    EXPECT_GT(Engine::open(world.index()).value().info().value().generation.segments.size(),
              Engine::open(whole).value().info().value().generation.segments.size());
    expect_equal(world.index(), whole, true, seed);
    EXPECT_EQ(ingest(world, options).value().files_unchanged, 2U) << "the file over a border is finished";
    EXPECT_EQ(verify(world.index()), Names());
  }
}

TEST(Incremental, a_rebuild_in_several_segments_is_one_publication) {
  std::mt19937 rng(7);
  const World world;
  world.write("big.jsonl", many_lines(rng, 1500, 4));
  ASSERT_TRUE(ingest(world).has_value());
  const auto before = Engine::open(world.index()).value().info().value().generation.number;
  auto options = plain_options();
  options.rebuild = true;
  options.memory_bytes = 1;
  options.blocks_from = 100'000;  // these are publications of their own
  ASSERT_TRUE(ingest(world, options).has_value());
  const auto after = Engine::open(world.index()).value().info().value().generation;
  EXPECT_EQ(after.number, before + 1);
  EXPECT_GT(after.segments.size(), 1U);
  EXPECT_TRUE(after.tombstones.empty());
  const auto fresh = world.path() / "fresh";
  ASSERT_TRUE(ingest(fresh, {world.files()}).has_value());
  expect_equal(world.index(), fresh, true, 7);
  EXPECT_EQ(verify(world.index()), Names());
  EXPECT_EQ(orphans(world.index()), Names());
}

TEST(Incremental, the_number_of_threads_changes_no_byte) {
  for (std::uint32_t seed = 0; seed < 6; ++seed) {
    std::mt19937 rng(seed);
    const World world;
    for (int i = 0; i < 100; ++i) world.write(fmt::format("{}.md", i), random_text(rng, rng() % 80));
    world.write("big.jsonl", many_lines(rng, 1500, 40));
    std::map<std::string, std::string> expected;
    for (const std::uint32_t threads : {1U, 2U, 4U}) {
      auto options = plain_options();
      options.language = "";  // the vote too
      options.bm25.avg_length = 0;
      options.threads = threads;
      if (seed % 2 == 1) options.memory_bytes = 1 << 20;
      const auto index = world.path() / fmt::format("index{}", threads);
      ASSERT_TRUE(ingest(index, {world.files()}, options).has_value());
      auto files = read_folder(index / "segments");
      if (threads == 1) expected = std::move(files);
      EXPECT_TRUE(threads == 1 || files == expected) << threads << " threads, seed=" << seed;
    }
    EXPECT_GE(expected.size(), 3U);
  }
}

/// What the last run over each root saw, and nothing else, is found.
TEST(Incremental, two_roots_keep_apart_through_any_history) {
  for (std::uint32_t seed = 0; seed < 15; ++seed) {
    std::mt19937 rng(seed + 1000);
    const World world;
    for (const auto* root : {"one", "two"}) fs::create_directories(world.files() / root);
    std::map<std::string, std::string> expected;
    for (int run = 0; run < 8; ++run) {
      for (int i = 0; i < 6; ++i) {
        const auto name = fmt::format("{}/{}.txt", rng() % 2 == 0 ? "one" : "two", rng() % 5);
        if (rng() % 3 == 0) {
          world.remove(name);
        } else {
          world.write(name, random_word(rng) + "\n");
        }
      }
      const std::string root = rng() % 2 == 0 ? "one" : "two";
      ASSERT_TRUE(ingest(world.index(), {world.files() / root}).has_value());
      std::erase_if(expected, [&](const auto& entry) { return entry.first.starts_with(root); });
      for (const auto& [name, text] : read_folder(world.files() / root)) {
        expected[root + "/" + name] = text.substr(0, text.size() - 1);
      }
      std::map<std::string, std::string> seen;
      for (const auto& word : words()) {
        for (const auto& answer : sorted_answers(world.index(), word)) {
          const auto name = fs::path(answer.document).lexically_relative(fs::canonical(world.files())).string();
          EXPECT_TRUE(seen.emplace(name, answer.text).second) << name << " twice, seed=" << seed;
        }
      }
      ASSERT_EQ(seen, expected) << "seed=" << seed << " run=" << run;
    }
    EXPECT_EQ(verify(world.index()), Names()) << "seed=" << seed;
  }
}

}  // namespace
}  // namespace tamis::test
