// The operating system says no: disk full, no permission. A clear error, and nothing lost.
#include <fmt/format.h>
#include <sys/mount.h>

#include "children.h"
#include "engine_world.h"

namespace tamis::test {
namespace {

/// Indexed once, then changed: what the next run should bring.
void make_changed_world(const World& world, std::mt19937& rng) {
  for (int i = 0; i < 20; ++i) world.write(fmt::format("{}.txt", i), "before " + random_text(rng, 40));
  ASSERT_TRUE(ingest(world).has_value());
  for (int i = 10; i < 60; ++i) world.write(fmt::format("{}.txt", i), "after " + random_text(rng, 100));
}

/// Either the state before, or the whole of the state after.
void expect_one_state(const World& world, const std::string& where) {
  ASSERT_EQ(verify(world.index()), Names()) << where;
  const auto before = documents_found(world.index(), "before").size();
  const auto after = documents_found(world.index(), "after").size();
  EXPECT_TRUE((before == 20 && after == 0) || (before == 10 && after == 50)) << before << " " << after << where;
}

TEST(Disk, full_at_any_size_is_an_error_and_loses_nothing) {
  int failed = 0, succeeded = 0;
  std::mt19937 rng(1);
  for (rlim_t limit = 0; limit < 400'000; limit += 1 + limit / 5 + rng() % 700) {
    const World world;
    make_changed_world(world, rng);
    const auto where = fmt::format(" (limit {})", limit);
    const int status = run_in_child([&]() -> std::string {
      limit_file_size(limit);
      const auto report = ingest(world);
      if (report) return "";
      if (report.error().code != Code::kIo) return "the wrong error: " + report.error().message;
      return report.error().message.find("too large") != std::string::npos ||
                     report.error().message.find("full") != std::string::npos ||
                     report.error().message.find("I/O") != std::string::npos
                 ? "expected"
                 : "not clear: " + report.error().message;
    });
    ASSERT_TRUE(status == 0 || status == 1) << status << where;
    ++(status == 0 ? succeeded : failed);
    expect_one_state(world, where);
    if (HasFatalFailure()) return;
    ASSERT_TRUE(ingest(world).has_value()) << where;
    EXPECT_EQ(documents_found(world.index(), "after").size(), 50U) << where;
    EXPECT_EQ(orphans(world.index()), Names()) << where;
  }
  EXPECT_GT(failed, 10);
  EXPECT_GT(succeeded, 1);
}

/// A file system of a given size, while it lives. Only root may mount.
class SmallDisk {
 public:
  SmallDisk(const fs::path& path, std::size_t bytes) : path_(path) {
    fs::create_directories(path);
    mounted_ = ::mount("tmpfs", path.c_str(), "tmpfs", 0, fmt::format("size={}", bytes).c_str()) == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] bool resize(std::size_t bytes) const {
    return ::mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT, fmt::format("size={}", bytes).c_str()) == 0;
  }

 private:
  fs::path path_;
  bool mounted_ = false;
};

TEST(Disk, a_full_file_system_is_an_error_and_loses_nothing) {
  int failed = 0;
  for (std::uint32_t seed = 0; seed < 12; ++seed) {
    std::mt19937 rng(seed);
    const World world;
    const auto disk_path = world.path() / "disk";
    const SmallDisk disk(disk_path, 64 << 20);
    if (!disk.mounted()) GTEST_SKIP() << "this user may not mount a file system";
    const auto index = disk_path / "index";
    for (int i = 0; i < 20; ++i) world.write(fmt::format("{}.txt", i), "before " + random_text(rng, 40));
    ASSERT_TRUE(ingest(index, {world.files()}).has_value());
    std::uint64_t used = 0;
    for (const auto& [name, content] : read_folder(disk_path)) used += (content.size() + 4095) / 4096 * 4096;
    ASSERT_TRUE(disk.resize(used + 4096 * (2 + seed * 12)));
    for (int i = 10; i < 60; ++i) world.write(fmt::format("{}.txt", i), "after " + random_text(rng, 100));
    const auto report = ingest(index, {world.files()});
    if (!report) {
      ++failed;
      EXPECT_EQ(report.error().code, Code::kIo) << report.error().message;
    }
    EXPECT_EQ(verify(index), Names()) << "seed=" << seed;
    const auto after = documents_found(index, "after").size();
    EXPECT_TRUE(after == 0 || after == 50) << after << " seed=" << seed;
    ASSERT_TRUE(disk.resize(64 << 20));
    ASSERT_TRUE(ingest(index, {world.files()}).has_value()) << "seed=" << seed;
    EXPECT_EQ(documents_found(index, "after").size(), 50U);
    EXPECT_EQ(orphans(index), Names());
  }
  EXPECT_GT(failed, 0);
}

TEST(Disk, a_read_only_folder_can_be_searched_and_refuses_to_be_written) {
  const World world;
  std::mt19937 rng(3);
  make_changed_world(world, rng);
  for (const auto& entry : fs::recursive_directory_iterator(world.index())) {
    fs::permissions(entry.path(), entry.is_directory() ? fs::perms(0555) : fs::perms(0444));
  }
  fs::permissions(world.index(), fs::perms(0555));
  const int status = run_in_child([&]() -> std::string {
    become_nobody();
    auto engine = Engine::open(world.index());
    if (!engine) return engine.error().message;
    const auto snapshot = engine->snapshot();
    if (!snapshot) return snapshot.error().message;
    const auto found = answers(**snapshot, "before");
    if (!found) return found.error().message;
    if (found->size() < 20) return "too few answers";
    if (const auto findings = verify(world.index()); !findings.empty()) return findings.front();
    const auto report = ingest(world);
    if (report) return "it wrote";
    if (report.error().code != Code::kIo) return "the wrong error: " + report.error().message;
    return "";
  });
  EXPECT_EQ(status, 0);
}

TEST(Disk, an_index_that_cannot_be_made_is_a_clear_error) {
  const World world;
  const int status = run_in_child([&]() -> std::string {
    become_nobody();
    const auto report = ingest(world.path() / "not" / "allowed", {world.files()});
    if (report) return "it wrote";
    return report.error().code == Code::kIo ? "" : "the wrong error: " + report.error().message;
  });
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace tamis::test
