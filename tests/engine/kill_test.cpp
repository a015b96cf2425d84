// Durability: a process killed at any moment leaves a published state, and the next run finishes the work.
#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "children.h"
#include "engine_world.h"

namespace tamis::test {
namespace {

constexpr int kFiles = 30;
constexpr int kKills = 220;

std::string round_text(int round, int file) {
  return fmt::format("copper round{} file{} {}\n", std::string(static_cast<std::size_t>(round % 50), 'x'), file,
                     words()[static_cast<std::size_t>(round + file) % words().size()]);
}
void write_round(const World& world, int round) {
  for (int i = 0; i < kFiles; ++i) {
    const auto name = fmt::format("{:02}.txt", i);
    if ((round + i) % 11 == 0) {
      world.remove(name);
    } else {
      world.write(name, round_text(round, i));
    }
  }
}

IngestOptions options_of(std::uint32_t seed) {
  auto options = plain_options();
  options.threads = 1 + seed % 2;
  if (seed % 3 == 0) options.memory_bytes = 1;  // several publications a run
  return options;
}

/// Endless: index, change, index again, merge. Returns only what goes wrong.
std::string work_forever(const World& world, std::uint32_t seed, int round) {
  for (;; ++round) {
    write_round(world, round);
    const auto report = ingest(world, options_of(seed));
    if (!report) return "ingest: " + report.error().message;
    if (!report->tidy_problem.empty()) return "merge after: " + report->tidy_problem;
    if (round % 2 == 0) {
      if (const auto merged = merge(world.index(), round % 4 == 0); !merged) return "merge: " + merged.error().message;
    }
  }
}

using Texts = std::map<std::string, std::string>;  // by document

/// What stands in the index is a state that was published: sound, every file once, and unless a run publishes in parts,
/// the whole of one round, or what the last run over half-written files `left` there.
void check_survivor(const World& world, bool in_parts, const Texts& left, const std::string& where) {
  if (!fs::exists(world.index() / "catalogue.sqlite")) return;  // killed before there was an index
  ASSERT_EQ(verify(world.index()), Names()) << where;
  auto engine = Engine::open(world.index()).value();
  const auto snapshot = engine.snapshot();
  ASSERT_TRUE(snapshot.has_value()) << snapshot.error().message << where;
  const auto found = answers(**snapshot, "copper");
  ASSERT_TRUE(found.has_value()) << found.error().message << where;
  Texts documents;
  std::set<std::string> rounds;
  for (const auto& answer : *found) {
    EXPECT_TRUE(documents.emplace(answer.document, answer.text).second) << answer.document << " twice" << where;
    rounds.insert(answer.text.substr(0, answer.text.find(" file")));
  }
  if (!in_parts && documents != left) {
    EXPECT_LE(rounds.size(), 1U) << where;
    EXPECT_TRUE(found->empty() || found->size() >= kFiles - 3) << found->size() << where;
  }
}

TEST(Killed, at_random_moments_every_survivor_is_sound_and_the_next_run_finishes) {
  int kills = 0;
  int survivors_with_orphans = 0;
  for (std::uint32_t seed = 0; kills < kKills; ++seed) {
    const World world;
    std::mt19937 rng(seed);
    Texts left;
    for (int i = 0; i < 11; ++i, ++kills) {
      const auto where = fmt::format(" (seed={} kill={})", seed, i);
      const pid_t child = start_child([&] { return work_forever(world, seed, i * 100); });
      std::this_thread::sleep_for(std::chrono::microseconds(rng() % 150'000));
      ::kill(child, SIGKILL);
      ASSERT_EQ(wait_for(child), 128 + SIGKILL) << where;
      check_survivor(world, seed % 3 == 0, left, where);
      if (HasFatalFailure()) return;
      if (fs::exists(world.index() / "catalogue.sqlite"))
        survivors_with_orphans += orphans(world.index()).empty() ? 0 : 1;
      if (rng() % 3 == 0) continue;  // killed again before anything was repaired
      const auto report = ingest(world, options_of(seed));
      ASSERT_TRUE(report.has_value()) << report.error().message << where;
      ASSERT_EQ(verify(world.index()), Names()) << where;
      ASSERT_EQ(orphans(world.index()), Names()) << where;
      Texts seen;
      left.clear();
      for (const auto& answer : sorted_answers(world.index(), "copper")) {
        left[answer.document] = answer.text;
        seen[fs::path(answer.document).filename().string()] = answer.text + "\n";
      }
      auto expected = read_folder(world.files());
      std::erase_if(expected, [](const auto& entry) { return entry.second.empty(); });  // killed while writing it
      for (const auto& [name, text] : expected) {
        if (text.ends_with("\n")) {
          ASSERT_EQ(seen[name], text) << where;
        }
      }
    }
  }
  EXPECT_GT(survivors_with_orphans, 0) << "no kill hit a run in the middle of its files";
  RecordProperty("kills", kills);
  RecordProperty("survivors_with_orphans", survivors_with_orphans);
}

}  // namespace
}  // namespace tamis::test
