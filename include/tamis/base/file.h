#pragma once

#include <tamis/base/result.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace tamis {

/// A file mapped read-only. Moving keeps the bytes where they are. Safe to read from any thread.
class MappedFile {
 public:
  [[nodiscard]] static Result<MappedFile> open(const std::filesystem::path& path);
  MappedFile() = default;
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

/// A file that is read at any place (pread). Slower than a mapping where bytes are looked up one by one, but a file
/// that is cut short while it is open is an error, where a mapping ends the process. Safe to read from any thread.
class RandomAccessFile {
 public:
  [[nodiscard]] static Result<RandomAccessFile> open(const std::filesystem::path& path);
  RandomAccessFile(RandomAccessFile&& other) noexcept;
  RandomAccessFile& operator=(RandomAccessFile&& other) noexcept;
  ~RandomAccessFile();
  /// Its length when it was opened.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Fills `out` from byte `at` on. kCorrupt, naming the path, when the file ends before.
  [[nodiscard]] Status read(std::uint64_t at, std::span<std::byte> out) const;

 private:
  RandomAccessFile(std::filesystem::path path, int descriptor, std::uint64_t size)
      : path_(std::move(path)), descriptor_(descriptor), size_(size) {}
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// The whole file as bytes. kExhausted when longer than `limit_bytes`, kNotFound, kIo; the message names the path. The
/// string's capacity has room for `spare_bytes` more, for parsers that look ahead.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit_bytes,
                                            std::size_t spare_bytes = 0);
/// Writes to a temporary beside `path`, syncs, renames over `path`, syncs the folder: the old or the new content is
/// seen, never half of one.
[[nodiscard]] Status write_file_atomic(const std::filesystem::path& path, std::string_view content);
[[nodiscard]] Status sync_folder(const std::filesystem::path& folder);

/// An exclusive advisory lock held while the object lives (flock). kBusy, naming the holder's process id, when taken.
class FileLock {
 public:
  [[nodiscard]] static Result<FileLock> acquire(const std::filesystem::path& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace tamis
