#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tamis/base/file.h>
#include <tamis/base/section_file.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <random>
#include <string>
#include <utility>

#include "scratch_folder.h"

namespace tamis {
namespace {

using testing::ScratchFolder;

constexpr std::uint64_t kLimit = 1 << 30;

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Runs `body` in a child process; its exit status, 99 when it died.
template <class Body>
int in_child(const Body& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

/// From now on no file of this process may grow beyond `bytes`: what a full disk does, without a disk to fill.
void limit_file_size(rlim_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit = {bytes, bytes};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

TEST(File, what_is_written_is_read_back_whatever_the_size) {
  const ScratchFolder folder;
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 rng(seed);
    std::string content(rng() % (seed < 50 ? 300 : 300'000), '\0');
    for (char& c : content) c = static_cast<char>(rng());
    ASSERT_TRUE(write_file_atomic(folder / "f", content)) << "seed=" << seed;
    ASSERT_EQ(read_file(folder / "f", kLimit).value(), content) << "seed=" << seed;
    const auto mapped = MappedFile::open(folder / "f").value();
    ASSERT_EQ(text_of(mapped.bytes()), content) << "seed=" << seed;
  }
  EXPECT_EQ(folder.num_entries(), 1U);
}

TEST(File, read_file_keeps_its_limit_exactly) {
  const ScratchFolder folder;
  for (const std::size_t size : {0UL, 1UL, 65535UL, 65536UL, 65537UL, 200000UL}) {
    write_file_atomic(folder / "f", std::string(size, 'x')).value();
    EXPECT_EQ(read_file(folder / "f", size).value().size(), size);
    EXPECT_EQ(read_file(folder / "f", size + 1).value().size(), size);
    if (size == 0) continue;
    const auto error = read_file(folder / "f", size - 1).error();
    EXPECT_EQ(error.code, Code::kExhausted);
    EXPECT_NE(error.message.find((folder / "f").string()), std::string::npos);
  }
  EXPECT_EQ(read_file("/dev/zero", 100'000).error().code, Code::kExhausted) << "a file without end and stated size";
  EXPECT_FALSE(read_file("/proc/self/status", kLimit).value().empty()) << "states size 0, has content";
}

TEST(File, missing_files_and_folders_are_told_apart_and_named) {
  const ScratchFolder folder;
  EXPECT_EQ(read_file(folder / "absent", kLimit).error().code, Code::kNotFound);
  EXPECT_EQ(MappedFile::open(folder / "absent").error().code, Code::kNotFound);
  EXPECT_EQ(MappedFile::open(folder / "absent").error().message,
            (folder / "absent").string() + ": cannot open: No such file or directory");
  EXPECT_EQ(read_file(folder.path(), kLimit).error().code, Code::kIo);
  EXPECT_EQ(MappedFile::open(folder.path()).error().code, Code::kInvalidArgument);
  EXPECT_EQ(write_file_atomic(folder / "absent/f", "x").error().code, Code::kNotFound);
  EXPECT_EQ(sync_folder(folder / "absent").error().code, Code::kNotFound);
  EXPECT_TRUE(sync_folder(folder.path()));
}

TEST(File, mapping_a_pipe_neither_hangs_nor_succeeds) {
  const ScratchFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(MappedFile::open(folder / "pipe").error().code, Code::kInvalidArgument);
}

TEST(File, a_mapping_survives_moves_and_the_removal_of_the_file) {
  const ScratchFolder folder;
  write_file_atomic(folder / "f", "content").value();
  auto first = MappedFile::open(folder / "f").value();
  const auto* const data = first.bytes().data();
  MappedFile second = std::move(first);
  MappedFile third;
  third = std::move(second);
  std::filesystem::remove(folder / "f");
  EXPECT_EQ(third.bytes().data(), data);
  EXPECT_EQ(text_of(third.bytes()), "content");
}

TEST(File, any_range_of_a_random_access_file_is_read_and_beyond_its_end_is_an_error) {
  const ScratchFolder folder;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    std::string content(rng() % 5000, '\0');
    for (auto& byte : content) byte = static_cast<char>(rng());
    ASSERT_TRUE(write_file_atomic(folder / "a", content));
    auto opened = RandomAccessFile::open(folder / "a").value();
    const RandomAccessFile file = std::move(opened);
    EXPECT_EQ(file.size(), content.size());
    const std::size_t at = rng() % 6000;
    std::string out(rng() % 3000, '\0');
    const auto status = file.read(at, std::as_writable_bytes(std::span(out)));
    const bool inside = out.empty() || at + out.size() <= content.size();
    EXPECT_EQ(status.has_value(), inside) << "seed=" << seed;
    if (inside && !out.empty()) {
      EXPECT_EQ(out, content.substr(at, out.size())) << "seed=" << seed;
    }
    EXPECT_TRUE(inside || status.error().code == Code::kCorrupt) << "seed=" << seed;
  }
}

TEST(File, a_random_access_file_that_is_cut_short_while_it_is_open_is_an_error) {
  const ScratchFolder folder;
  ASSERT_TRUE(write_file_atomic(folder / "a", std::string(10000, 'x')));
  const auto file = RandomAccessFile::open(folder / "a").value();
  std::filesystem::resize_file(folder / "a", 5000);
  std::string out(1000, '\0');
  EXPECT_TRUE(file.read(4000, std::as_writable_bytes(std::span(out))));
  const auto error = file.read(4500, std::as_writable_bytes(std::span(out))).error();
  EXPECT_EQ(error.code, Code::kCorrupt);
  EXPECT_EQ(error.message,
            (folder / "a").string() + ": ends at byte 5000 (wanted 500 more): cut short while it was read?");
  EXPECT_EQ(RandomAccessFile::open(folder / "none").error().code, Code::kNotFound);
  EXPECT_EQ(RandomAccessFile::open(folder.path()).error().code, Code::kInvalidArgument);
}

TEST(File, a_full_disk_is_an_io_error_that_names_the_file_and_keeps_the_old_one) {
  const ScratchFolder folder;
  const auto path = folder / "f";
  write_file_atomic(path, "old").value();
  const int outcome = in_child([&] {
    limit_file_size(100'000);
    const auto status = write_file_atomic(path, std::string(100'001, 'n'));
    if (status || status.error().code != Code::kIo) return 1;
    return status.error().message.find(path.string()) != std::string::npos ? 0 : 2;
  });
  EXPECT_EQ(outcome, 0);
  EXPECT_EQ(read_file(path, kLimit).value(), "old");
  EXPECT_EQ(folder.num_entries(), 1U) << "no temporary file is left";
}

TEST(File, a_full_disk_at_any_byte_of_a_section_file_is_an_error_that_keeps_the_old_one) {
  const ScratchFolder folder;
  const auto path = folder / "f";
  const auto write = [&](std::size_t size) -> Status {
    TAMIS_TRY(auto writer, SectionWriter::create(path, {'T', 'E', 'S', 'T'}, 1));
    TAMIS_TRY_OK(writer.begin("a"));
    const std::string piece(1000, 'x');
    for (std::size_t done = 0; done < size; done += piece.size()) {
      TAMIS_TRY_OK(writer.append(std::as_bytes(std::span(piece))));
    }
    return writer.finish();
  };
  write(5000).value();
  const auto old = read_file(path, kLimit).value();
  constexpr std::size_t kSize = 3'000'000;
  for (const rlim_t limit : {rlim_t{0}, rlim_t{1}, rlim_t{1} << 20, rlim_t{2} << 20, rlim_t{kSize}, rlim_t{kSize + 64},
                             rlim_t{kSize + 64 + 64}, rlim_t{kSize + 64 + 64 + 63}}) {
    const int outcome = in_child([&] {
      limit_file_size(limit);
      const auto status = write(kSize);
      if (status || status.error().code != Code::kIo) return 1;
      return status.error().message.find(path.string()) != std::string::npos ? 0 : 2;
    });
    EXPECT_EQ(outcome, 0) << "limit " << limit;
    EXPECT_EQ(read_file(path, kLimit).value(), old) << "limit " << limit;
    EXPECT_EQ(folder.num_entries(), 1U) << "limit " << limit;
  }
  EXPECT_EQ(in_child([&] {
              limit_file_size(kSize + 64 + 64 + 64);
              return write(kSize) ? 0 : 1;
            }),
            0)
      << "the file has exactly this size";
}

TEST(File, a_writer_that_is_killed_leaves_the_old_file_and_a_temporary_that_says_what_it_is) {
  const ScratchFolder folder;
  const auto path = folder / "f";
  write_file_atomic(path, "old").value();
  EXPECT_EQ(in_child([&] {
              auto writer = SectionWriter::create(path, {'T', 'E', 'S', 'T'}, 1).value();
              ::raise(SIGKILL);
              return 0;
            }),
            99);
  EXPECT_EQ(read_file(path, kLimit).value(), "old");
  ASSERT_EQ(folder.num_entries(), 2U);
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    const auto name = entry.path().filename().string();
    EXPECT_TRUE(name == "f" || name.rfind("f.tmp.", 0) == 0) << name;
  }
}

TEST(File, a_reader_sees_the_old_or_the_new_content_never_a_mixture) {
  const ScratchFolder folder;
  const auto path = folder / "f";
  write_file_atomic(path, std::string(10'000, 'a')).value();
  const pid_t child = ::fork();
  if (child == 0) {
    for (int round = 0; round < 100'000; ++round) {
      static_cast<void>(write_file_atomic(path, std::string(10'000, static_cast<char>('a' + round % 26))));
    }
    ::_exit(0);
  }
  // Until some writes were seen to happen between reads, however the machine shares its time.
  int changes = 0;
  pid_t ended = 0;
  for (char before = 'a'; changes < 20 && (ended = ::waitpid(child, nullptr, WNOHANG)) == 0;) {
    const auto content = read_file(path, kLimit).value();
    ASSERT_EQ(content.size(), 10'000U);
    ASSERT_EQ(content.find_first_not_of(content[0]), std::string::npos);
    changes += content[0] != before ? 1 : 0;
    before = content[0];
  }
  if (ended == 0) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  EXPECT_EQ(changes, 20);
}

TEST(FileLock, a_second_holder_is_refused_and_told_who_has_it) {
  const ScratchFolder folder;
  const auto path = folder / "lock";
  {
    const auto lock = FileLock::acquire(path).value();
    const auto refused = FileLock::acquire(path);
    ASSERT_FALSE(refused) << "even in the same process";
    EXPECT_EQ(refused.error().code, Code::kBusy);
    EXPECT_EQ(refused.error().message, path.string() + ": locked by process " + std::to_string(::getpid()));
    EXPECT_EQ(in_child([&] { return FileLock::acquire(path) ? 1 : 0; }), 0);
  }
  EXPECT_TRUE(FileLock::acquire(path)) << "released with the object";
}

TEST(FileLock, moves_with_the_object_and_goes_with_the_process) {
  const ScratchFolder folder;
  const auto path = folder / "lock";
  auto first = FileLock::acquire(path).value();
  {
    FileLock second = std::move(first);
    EXPECT_FALSE(FileLock::acquire(path));
    first = std::move(second);
  }
  EXPECT_FALSE(FileLock::acquire(path));
  { const FileLock dropped = std::move(first); }
  EXPECT_EQ(in_child([&] {
              auto lock = FileLock::acquire(path).value();
              ::raise(SIGKILL);
              return 0;
            }),
            99);
  EXPECT_TRUE(FileLock::acquire(path)) << "the holder was killed";
}

TEST(FileLock, where_no_file_can_be_made_the_error_names_the_path) {
  const ScratchFolder folder;
  const auto error = FileLock::acquire(folder / "absent/lock").error();
  EXPECT_EQ(error.code, Code::kNotFound);
  EXPECT_NE(error.message.find("absent/lock"), std::string::npos);
}

}  // namespace
}  // namespace tamis
