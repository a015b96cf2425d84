// Damaged files: a clear error or an unchanged answer, never a crash and never another answer.
#include <fmt/format.h>

#include <functional>

#include "engine_world.h"

namespace tamis::test {
namespace {

/// Everything that a reader of a small index can see.
struct Sight {
  std::vector<Answers> answers;
  Names texts;
  bool operator==(const Sight&) const = default;
};

Result<Sight> look(const fs::path& index) {
  Sight sight;
  TAMIS_TRY(auto engine, Engine::open(index));
  TAMIS_TRY(const auto snapshot, engine.snapshot());
  for (const std::string question :
       {"copper", "river lantern", "\"red copper\"", "walnut path:*.md", "-copper harbor"}) {
    TAMIS_TRY(auto found, answers(*snapshot, question));
    sight.answers.push_back(std::move(found));
  }
  for (PassageId id = 0; id < 40; ++id) {
    auto text = snapshot->document_text(id);
    if (!text && text.error().code != Code::kNotFound) return std::move(text).error();
    sight.texts.push_back(text ? *text : "");
    auto name = snapshot->document_id(id);
    if (!name && name.error().code != Code::kNotFound) return std::move(name).error();
    sight.texts.emplace_back(name ? *name : "");
  }
  return sight;
}

/// Two segments, with deleted passages and two vocabulary files.
void make_index(const World& world) {
  auto options = plain_options();
  world.write("a.md", "# River\n\nred copper lantern\n\n## Two\n\nwalnut harbor\n");
  world.write("b.txt", "copper violin thunder\n");
  world.write("c.txt", "harbor\n");
  world.write("e.txt", "meadow signal\n");
  world.write("f.txt", "meadow marble\n");
  ASSERT_TRUE(ingest(world, options).has_value());
  world.write("c.txt", "harbor candle forest\n");
  world.write("d.txt", "river pepper walnut copper\n");
  ASSERT_TRUE(ingest(world, options).has_value());
  const auto info = Engine::open(world.index()).value().info().value();
  ASSERT_EQ(info.generation.segments.size(), 2U);
  ASSERT_GT(info.deleted_passages, 0U);
}

using Damage = std::function<void(std::string& bytes)>;

/// Damages a file, looks, and puts it back.
class Damaged {
 public:
  explicit Damaged(const World& world) : index_(world.index()), expected_(look(index_).value()) {}

  void try_one(const std::string& name, const std::string& sound, const Damage& damage, const std::string& what) {
    std::string bytes = sound;
    damage(bytes);
    write(name, bytes);
    const auto seen = look(index_);
    const bool same = seen.has_value() && *seen == expected_;
    EXPECT_TRUE(same || !seen.has_value()) << name << ": another answer after " << what;
    if (!seen.has_value()) {
      ++errors_;
      EXPECT_FALSE(seen.error().message.empty()) << name << " " << what;
    }
    if (same) ++unchanged_;
    // What readers notice, verify names; it also reads what they did not.
    const auto findings = verify(index_);
    EXPECT_TRUE(seen.has_value() || !findings.empty()) << name << ": verify is content after " << what;
    noticed_ += findings.empty() ? 0 : 1;
    write(name, sound);
  }
  [[nodiscard]] int errors() const { return errors_; }
  [[nodiscard]] int unchanged() const { return unchanged_; }
  [[nodiscard]] int noticed() const { return noticed_; }

 private:
  void write(const std::string& name, const std::string& bytes) const {
    // A new file, as a damaged one would be there from the start: earlier maps keep the old one.
    fs::remove(index_ / name);
    std::ofstream(index_ / name, std::ios::binary) << bytes;
  }
  fs::path index_;
  Sight expected_;
  int errors_ = 0, unchanged_ = 0, noticed_ = 0;
};

constexpr int kFlipsAFile = 700;
constexpr int kCutsAFile = 150;

TEST(Damage, a_flipped_bit_is_an_error_or_changes_nothing) {
  const World world;
  make_index(world);
  Damaged damaged(world);
  std::mt19937 rng(11);
  int flips = 0;
  for (const auto& [name, sound] : read_folder(world.index())) {
    if (name == "lock" || sound.empty()) continue;
    for (int i = 0; i < kFlipsAFile; ++i) {
      const std::size_t bit = rng() % (sound.size() * 8);
      damaged.try_one(
          name, sound,
          [&](std::string& bytes) { bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8))); },
          fmt::format("flipping bit {} of {}", bit, sound.size() * 8));
      ++flips;
    }
  }
  // Bits that nobody reads are few; verify reads all of them but SQLite's unused ones.
  EXPECT_GT(damaged.noticed(), flips * 9 / 10) << damaged.unchanged() << " unchanged of " << flips;
  EXPECT_GT(damaged.errors(), 0);
}

TEST(Damage, a_file_cut_short_or_gone_is_an_error) {
  const World world;
  make_index(world);
  Damaged damaged(world);
  std::mt19937 rng(12);
  for (const auto& [name, sound] : read_folder(world.index())) {
    if (name == "lock" || sound.empty()) continue;
    const int errors_before = damaged.errors();
    for (int i = 0; i < kCutsAFile; ++i) {
      const std::size_t length = i == 0 ? 0 : i == 1 ? sound.size() - 1 : rng() % sound.size();
      damaged.try_one(
          name, sound, [&](std::string& bytes) { bytes.resize(length); },
          fmt::format("cutting at {} of {}", length, sound.size()));
    }
    // The last page of the catalogue may be one that nobody reads; every other file knows its end.
    const int wanted = name == "catalogue.sqlite" ? kCutsAFile / 2 : kCutsAFile;
    EXPECT_GE(damaged.errors() - errors_before, wanted) << name;
    fs::rename(world.index() / name, world.path() / "aside");
    EXPECT_FALSE(look(world.index()).has_value()) << name << " is gone";
    EXPECT_FALSE(verify(world.index()).empty()) << name << " is gone";
    fs::rename(world.path() / "aside", world.index() / name);
  }
}

TEST(Damage, a_run_on_a_damaged_index_never_crashes) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    const World world;
    make_index(world);
    std::mt19937 rng(seed);
    auto files = read_folder(world.index());
    files.erase("lock");
    auto victim = std::next(files.begin(), static_cast<std::ptrdiff_t>(rng() % files.size()));
    for (int i = 0; i < 3; ++i) victim->second[rng() % victim->second.size()] ^= static_cast<char>(1 << (rng() % 8));
    fs::remove(world.index() / victim->first);
    std::ofstream(world.index() / victim->first, std::ios::binary) << victim->second;
    world.write("c.txt", "another harbor\n");
    const auto report = ingest(world);
    const auto merged = merge(world.index());
    if (!report) {
      EXPECT_FALSE(report.error().message.empty());
    }
    if (!merged) {
      EXPECT_FALSE(merged.error().message.empty());
    }
    auto options = plain_options();
    options.rebuild = true;
    const auto rebuilt = ingest(world, options);
    const bool catalogue = victim->first == "catalogue.sqlite";
    EXPECT_TRUE(rebuilt.has_value() || catalogue)
        << victim->first << ": a rebuild does not need it: " << rebuilt.error().message;
    if (rebuilt && !catalogue) {
      EXPECT_EQ(verify(world.index()), Names()) << victim->first << " seed=" << seed;
    }
  }
}

}  // namespace
}  // namespace tamis::test
