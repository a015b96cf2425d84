#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <tamis/docs/walk.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "docs/git_oracle.h"

namespace tamis::docs {
namespace {

struct Walked {
  std::vector<std::string> found;
  std::map<std::string, SkippedPath> skipped;
};

Walked walked(const std::filesystem::path& root, const WalkOptions& options = {}) {
  Walked result;
  const auto status = walk(
      root, options,
      [&](FoundFile&& file) {
        result.found.push_back(file.path);
        return ok();
      },
      [&](SkippedPath&& path) { result.skipped.emplace(path.path, path); });
  EXPECT_TRUE(status.has_value()) << (status ? "" : status.error().message);
  return result;
}
using Paths = std::vector<std::string>;

TEST(Walk, order_is_that_of_whole_paths) {
  const ScratchFolder folder;
  for (const auto* name : {"a/x", "a-b", "a.txt", "a0", "b/c/d", "b/c.d", "B", "\xC3\xA9", "\xFF\xFE"}) {
    folder.write(name, "x");
  }
  const auto result = walked(folder.path());
  EXPECT_EQ(result.found, (Paths{"B", "a-b", "a.txt", "a/x", "a0", "b/c.d", "b/c/d", "\xC3\xA9", "\xFF\xFE"}));
  auto sorted = result.found;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(result.found, sorted);
}

TEST(Walk, a_file_as_root_is_taken_whatever_the_rules_say) {
  const ScratchFolder folder;
  folder.write(".hidden/.notes.md", "12345");
  folder.write(".hidden/.gitignore", "*\n");
  FoundFile found;
  const auto status = walk(
      folder.path() / ".hidden/.notes.md", {},
      [&](FoundFile&& file) {
        found = std::move(file);
        return ok();
      },
      [](SkippedPath&&) { FAIL(); });
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(found.path, ".notes.md");
  EXPECT_EQ(found.size_bytes, 5U);
  EXPECT_NE(found.inode, 0U);
  EXPECT_GT(found.mtime_ns, 1'500'000'000'000'000'000);
}

TEST(Walk, a_missing_root_is_named) {
  const auto status = walk(
      "/no/such/folder", {}, [](FoundFile&&) { return ok(); }, [](SkippedPath&&) {});
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, Code::kNotFound);
  EXPECT_NE(status.error().message.find("/no/such/folder"), std::string::npos);
}

TEST(Walk, hidden_and_reserved_names_are_left_out_and_reported) {
  const ScratchFolder folder;
  for (const auto* name : {".git/HEAD", ".tamis/catalogue", ".config/x", ".profile", "a", "sub/.tamis/x", "sub/b"}) {
    folder.write(name, "x");
  }
  auto result = walked(folder.path());
  EXPECT_EQ(result.found, (Paths{"a", "sub/b"}));
  EXPECT_EQ(result.skipped[".profile"].reason, "hidden");
  EXPECT_EQ(result.skipped[".git"].reason, "git's own data");
  EXPECT_EQ(result.skipped["sub/.tamis"].reason, "an index");
  for (const auto& [path, skip] : result.skipped) EXPECT_TRUE(skip.expected) << path;
  result = walked(folder.path(), {.hidden = true, .use_ignore = true, .max_depth = 256});
  EXPECT_EQ(result.found, (Paths{".config/x", ".profile", "a", "sub/b"}));
  EXPECT_EQ(walked(folder.path() / ".config").found, (Paths{"x"})) << "an explicit root is entered";
}

TEST(Walk, an_ignored_path_names_the_line_that_did_it) {
  const ScratchFolder folder;
  folder.write("docs/.gitignore", "# built\n\nbuild/\n*.tmp\n!keep.tmp\n");
  for (const auto* name : {"docs/build/x", "docs/a.tmp", "docs/keep.tmp", "docs/deep/b.tmp", "a.tmp"}) {
    folder.write(name, "x");
  }
  auto result = walked(folder.path());
  EXPECT_EQ(result.found, (Paths{"a.tmp", "docs/keep.tmp"}));
  EXPECT_EQ(result.skipped["docs/build"].reason, "ignored by docs/.gitignore:3");
  EXPECT_EQ(result.skipped["docs/deep/b.tmp"].reason, "ignored by docs/.gitignore:4");
  EXPECT_TRUE(result.skipped["docs/build"].expected);
  WalkOptions all;
  all.use_ignore = false;
  EXPECT_EQ(walked(folder.path(), all).found.size(), 5U);
}

TEST(Walk, tamisignore_wins_over_every_git_rule) {
  const ScratchFolder folder;
  folder.write(".tamisignore", "!*.gen.md\nsecret.md\n");
  folder.write("sub/.gitignore", "*.gen.md\n!secret.md\n");
  for (const auto* name : {"sub/a.gen.md", "sub/secret.md", "sub/b.md"}) folder.write(name, "x");
  auto result = walked(folder.path());
  EXPECT_EQ(result.found, (Paths{"sub/a.gen.md", "sub/b.md"}));
  EXPECT_EQ(result.skipped["sub/secret.md"].reason, "ignored by .tamisignore:2");
}

TEST(Walk, rules_above_the_root_hold_inside_a_work_tree_only) {
  const ScratchFolder folder;
  folder.write("repo/.git/info/exclude", "*.ex\n");
  folder.write("repo/.gitignore", "*.o\n/docs/old/\n");
  folder.write("repo/docs/.gitignore", "!b.o\n");
  for (const auto* name : {"a.o", "b.o", "c.md", "d.ex", "old/x", "in/old/y"}) {
    folder.write(std::string("repo/docs/") + name, "x");
  }
  auto result = walked(folder.path() / "repo/docs");
  EXPECT_EQ(result.found, (Paths{"b.o", "c.md", "in/old/y"}));
  EXPECT_EQ(result.skipped["a.o"].reason, "ignored by " + (folder.path() / "repo/.gitignore:1").string());
  EXPECT_EQ(result.skipped["d.ex"].reason, "ignored by " + (folder.path() / "repo/.git/info/exclude:1").string());
  std::filesystem::remove_all(folder.path() / "repo/.git");
  EXPECT_EQ(walked(folder.path() / "repo/docs").found.size(), 6U) << "no work tree: only the files from the root down";
}

TEST(Walk, a_second_work_tree_uses_the_excludes_of_its_repository) {
  if (!git_is_there()) GTEST_SKIP() << "git is not installed";
  const ScratchFolder folder;
  git(folder.path(), "init -q main");
  folder.write("main/f", "x");
  git(folder.path() / "main", "add f");
  git(folder.path() / "main", "-c user.name=t -c user.email=t@t commit -q -m t");
  git(folder.path() / "main", "worktree add -q ../second 2> /dev/null");
  folder.write("main/.git/info/exclude", "*.log\n");
  folder.write("second/x.log", "x");
  auto result = walked(folder.path() / "second");
  EXPECT_EQ(result.found, (Paths{"f"}));
  EXPECT_EQ(result.skipped["x.log"].reason, "ignored by .git/info/exclude:1");
}

TEST(Walk, links_are_followed_inside_the_root_once_and_never_in_circles) {
  const ScratchFolder folder;
  const auto link = [&](const std::string& name, const std::string& target) {
    std::filesystem::create_symlink(target, folder.path() / "root" / name);
  };
  folder.write("outside.md", "x");
  folder.write("root/docs/a.md", "x");
  folder.write("root/.data/b.md", "four");
  folder.write("root/.git/config", "x");
  link("to-a.md", "docs/a.md");
  link("to-b.md", ".data/b.md");
  link("to-b2.md", ".data/b.md");
  link("out.md", "../outside.md");
  link("self", ".");
  link("docs/up", "../docs");
  link("loop1", "loop2");
  link("loop2", "loop1");
  link("broken", "nowhere");
  link("config", ".git/config");
  auto result = walked(folder.path() / "root");
  EXPECT_EQ(result.found, (Paths{"docs/a.md", "to-b.md"}));
  EXPECT_EQ(result.skipped["to-a.md"].reason, "symbolic link to docs/a.md, which is read there");
  EXPECT_EQ(result.skipped["to-b2.md"].reason, "second symbolic link to .data/b.md");
  EXPECT_EQ(result.skipped["out.md"].reason, "symbolic link out of the folder");
  EXPECT_EQ(result.skipped["self"].reason, "symbolic link to the folder .");
  EXPECT_EQ(result.skipped["docs/up"].reason, "symbolic link to the folder docs");
  EXPECT_EQ(result.skipped["loop1"].reason, "symbolic link in a loop");
  EXPECT_EQ(result.skipped["broken"].reason, "broken symbolic link");
  EXPECT_EQ(result.skipped["config"].reason, "symbolic link to .git/config, which is read there");
  std::filesystem::create_symlink("root", folder.path() / "alias");
  EXPECT_EQ(walked(folder.path() / "alias").found, result.found) << "the root itself may be a link";
}

TEST(Walk, what_is_no_file_is_reported) {
  const ScratchFolder folder;
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = (folder.path() / "socket").string();
  ASSERT_LT(name.size(), sizeof(address.sun_path));
  std::copy(name.begin(), name.end(), address.sun_path);
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  auto result = walked(folder.path());
  ::close(socket);
  EXPECT_TRUE(result.found.empty());
  EXPECT_EQ(result.skipped["pipe"].reason, "a pipe, not a file");
  EXPECT_EQ(result.skipped["socket"].reason, "a socket, not a file");
  EXPECT_EQ(walk(
                "/dev/null", {}, [](FoundFile&&) { return ok(); }, [](SkippedPath&&) {})
                .error()
                .code,
            Code::kUnsupported);
}

/// The superuser may read everything, so the test takes another user's rights for its life.
class OrdinaryUser {
 public:
  OrdinaryUser() : changed_(::geteuid() == 0 && ::seteuid(65534) == 0) {}
  ~OrdinaryUser() {
    if (changed_ && ::seteuid(0) != 0) ADD_FAILURE() << "rights not given back";
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;

 private:
  bool changed_;
};

TEST(Walk, unreadable_folders_are_problems_but_not_the_end) {
  using std::filesystem::perms;
  const ScratchFolder folder;
  folder.write("closed/x", "x");
  folder.write("open/y", "y");
  folder.write("open/.gitignore", "y\n");
  std::filesystem::permissions(folder.path(), perms(0755));
  std::filesystem::permissions(folder.path() / "closed", perms::none);
  std::filesystem::permissions(folder.path() / "open/.gitignore", perms::none);
  Walked result;
  {
    const OrdinaryUser user;
    result = walked(folder.path());
    EXPECT_EQ(walk(
                  folder.path() / "closed", {}, [](FoundFile&&) { return ok(); }, [](SkippedPath&&) {})
                  .error()
                  .code,
              Code::kIo);
  }
  std::filesystem::permissions(folder.path() / "closed", perms::owner_all);
  EXPECT_EQ(result.found, (Paths{"open/y"}));
  EXPECT_FALSE(result.skipped["closed"].expected);
  EXPECT_EQ(result.skipped["closed"].reason, "folder not read: Permission denied");
  EXPECT_FALSE(result.skipped["open/.gitignore"].expected);
  EXPECT_EQ(result.skipped["open/.gitignore"].reason, "ignore file not used: Permission denied");
}

TEST(Walk, depth_ends_at_the_limit) {
  const ScratchFolder folder;
  std::string path;
  for (int depth = 0; depth < 40; ++depth) {
    folder.write(path + "f", "x");
    path += "d/";
  }
  WalkOptions options;
  options.max_depth = 10;
  auto result = walked(folder.path(), options);
  EXPECT_EQ(result.found.size(), 11U);
  ASSERT_EQ(result.skipped.size(), 1U);
  EXPECT_FALSE(result.skipped.begin()->second.expected);
  EXPECT_EQ(result.skipped.begin()->second.reason, "more than 10 folders deep");
  EXPECT_EQ(walked(folder.path()).found.size(), 40U);
}

TEST(Walk, stops_when_told_to) {
  const ScratchFolder folder;
  for (int i = 0; i < 10; ++i) folder.write(std::to_string(i), "x");
  int calls = 0;
  auto status = walk(
      folder.path(), {},
      [&](FoundFile&&) -> Status {
        if (++calls == 3) return Error{Code::kIo, "enough"};
        return ok();
      },
      [](SkippedPath&&) {});
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().message, "enough");
  EXPECT_EQ(calls, 3);
  CancelToken cancel;
  status = walk(
      folder.path(), {},
      [&](FoundFile&&) {
        cancel.cancel();
        return ok();
      },
      [](SkippedPath&&) {}, cancel);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, Code::kCancelled);
}

TEST(Walk, an_ignore_file_that_is_a_link_is_not_used_and_reported) {
  const ScratchFolder folder;
  folder.write("rules", "*\n");
  folder.write("a.md", "x");
  std::filesystem::create_symlink("rules", folder.path() / ".gitignore");
  auto result = walked(folder.path());
  EXPECT_EQ(result.found, (Paths{"a.md", "rules"}));
  std::filesystem::remove(folder.path() / ".gitignore");
  std::filesystem::create_directory(folder.path() / ".gitignore");
  EXPECT_EQ(walked(folder.path()).found, (Paths{"a.md", "rules"}));
}

void random_tree(std::mt19937& rng, const ScratchFolder& folder, const std::string& base, int depth) {
  const auto random_ignore = [&] {
    std::string lines;
    for (auto count = 1 + rng() % 5; count > 0; --count) {
      lines += random_pattern(rng) + (rng() % 10 == 0 ? "\r\n" : "\n");
    }
    if (rng() % 10 == 0) lines = "\xEF\xBB\xBF" + lines;
    if (rng() % 10 == 0) lines.pop_back();
    return lines;
  };
  if (rng() % 2 == 0) folder.write(base + ".gitignore", random_ignore());
  std::set<std::string> names;
  for (auto count = 1 + rng() % 6; count > 0; --count) names.insert(random_name(rng));
  for (const auto& name : names) {
    if (depth < 3 && rng() % 2 == 0) {
      random_tree(rng, folder, base + name + "/", depth + 1);
    } else {
      folder.write(base + name, "");
    }
  }
}

TEST(Walk, random_trees_give_the_files_that_git_lists) {
  if (!git_is_there()) GTEST_SKIP() << "git is not installed: nothing to compare with";
  std::size_t kept = 0, ignored = 0;
  for (std::uint32_t seed = 0; seed < 8; ++seed) {
    std::mt19937 rng(seed);
    const ScratchFolder folder;
    git(folder.path(), "init -q .");
    for (int world = 0; world < 60; ++world) random_tree(rng, folder, "w" + std::to_string(world) + "/", 0);
    folder.write(".gitignore", "w1/*\n!w1/a\nw2/**/b\n");
    folder.write(".git/info/exclude", "abc\n!foo\nw3/\n");
    auto expected = split_at(git(folder.path(), "ls-files -co --exclude-standard -z"), '\0');
    std::sort(expected.begin(), expected.end());
    auto result = walked(folder.path(), {.hidden = true, .use_ignore = true, .max_depth = 256});
    EXPECT_EQ(result.found, expected) << "seed=" << seed;
    kept += expected.size();
    // Each reason names the line that git names.
    std::string questions;
    Paths asked;
    for (const auto& [path, skip] : result.skipped) {
      if (skip.reason.rfind("ignored by ", 0) != 0) continue;
      questions += path + '\0';
      asked.push_back(path);
    }
    ignored += asked.size();
    folder.write(".git/questions", questions);
    const auto answers = split_at(
        git(folder.path(), "check-ignore -z -v --stdin < '" + folder.path().string() + "/.git/questions'"), '\0');
    ASSERT_EQ(answers.size(), asked.size() * 4) << "seed=" << seed;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      EXPECT_EQ(result.skipped[asked[i]].reason, "ignored by " + answers[4 * i] + ":" + answers[4 * i + 1])
          << "seed=" << seed << " path '" << asked[i] << "'";
    }
  }
  EXPECT_GT(kept, 1000U);
  EXPECT_GT(ignored, 300U);
}

TEST(Walk, twenty_thousand_files_take_well_under_a_second) {
  const ScratchFolder folder;
  folder.write(".gitignore", "*.o\nbuild/\n/out\n*.tmp\n!keep.tmp\ndoc/**/x\n");
  for (int i = 0; i < 200; ++i) {
    const auto sub = folder.path() / ("folder" + std::to_string(i));
    std::filesystem::create_directory(sub);
    for (int j = 0; j < 100; ++j) {
      std::FILE* file = std::fopen((sub / ("file" + std::to_string(j) + ".md")).c_str(), "w");
      ASSERT_NE(file, nullptr);
      std::fclose(file);
    }
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(walked(folder.path()).found.size(), 20000U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(2500)) << "unoptimised, shared machine";
}

}  // namespace
}  // namespace tamis::docs
