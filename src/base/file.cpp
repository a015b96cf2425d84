#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <tamis/base/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "os.h"
#include "temporary_file.h"

namespace tamis {

using detail::os_error;

namespace {

struct RegularFile {
  detail::Descriptor descriptor;
  std::uint64_t size = 0;
};
Result<RegularFile> open_regular(const std::filesystem::path& path) {
  TAMIS_TRY(auto file, detail::open_file(path, O_RDONLY | O_NONBLOCK));  // non-blocking: a pipe must not hang us
  struct stat info = {};
  if (::fstat(file.get(), &info) != 0) return os_error(path, "stat", errno);
  if (!S_ISREG(info.st_mode)) return Error{Code::kInvalidArgument, path.string() + ": not a regular file"};
  return RegularFile{std::move(file), static_cast<std::uint64_t>(info.st_size)};
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  TAMIS_TRY(const auto opened, open_regular(path));
  const auto& [file, length] = opened;
  MappedFile mapped;
  if (length == 0) return mapped;
  const auto size = static_cast<std::size_t>(length);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  if (data == MAP_FAILED) return os_error(path, "map", errno);
  mapped.bytes_ = {static_cast<const std::byte*>(data), size};
  return mapped;
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

Result<RandomAccessFile> RandomAccessFile::open(const std::filesystem::path& path) {
  TAMIS_TRY(auto file, open_regular(path));
  return RandomAccessFile(path, file.descriptor.release(), file.size);
}

RandomAccessFile::RandomAccessFile(RandomAccessFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

RandomAccessFile& RandomAccessFile::operator=(RandomAccessFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

RandomAccessFile::~RandomAccessFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status RandomAccessFile::read(std::uint64_t at, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t got = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error(path_, "read", errno);
    if (got == 0) {
      return Error{Code::kCorrupt, path_.string() + ": ends at byte " + std::to_string(at) + " (wanted " +
                                       std::to_string(out.size()) + " more): cut short while it was read?"};
    }
    at += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return ok();
}

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit_bytes, std::size_t spare_bytes) {
  TAMIS_TRY(const auto file, detail::open_file(path, O_RDONLY));
  struct stat info = {};
  if (::fstat(file.get(), &info) != 0) return os_error(path, "stat", errno);
  const auto too_long = [&] {
    return Error{Code::kExhausted,
                 path.string() + ": longer than the limit of " + std::to_string(limit_bytes) + " bytes"};
  };
  const auto stated = S_ISREG(info.st_mode) ? static_cast<std::uint64_t>(info.st_size) : 0;
  if (stated > limit_bytes) return too_long();
  // The stated size is a hint only: the file may grow while it is read, and /proc states 0.
  constexpr std::uint64_t kStep = 64 << 10;
  std::string content;
  std::size_t used = 0;
  try {
    content.resize(static_cast<std::size_t>(std::min(std::max(stated, kStep), limit_bytes) + 1 + spare_bytes));
    for (;;) {
      const ssize_t got = ::read(file.get(), content.data() + used, content.size() - used);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return os_error(path, "read", errno);
      if (got == 0) break;
      used += static_cast<std::size_t>(got);
      if (used > limit_bytes) return too_long();
      if (used == content.size()) {
        content.resize(static_cast<std::size_t>(std::min<std::uint64_t>(used * 2ULL, limit_bytes) + 1 + spare_bytes));
      }
    }
    content.resize(used);
    content.reserve(used + spare_bytes);
  } catch (const std::exception&) {
    return Error{Code::kExhausted, path.string() + ": not enough memory to read it"};
  }
  return content;
}

Status write_file_atomic(const std::filesystem::path& path, std::string_view content) {
  TAMIS_TRY(auto file, detail::TemporaryFile::create(path));
  TAMIS_TRY_OK(file.write(std::as_bytes(std::span(content))));
  return file.commit();
}

Status sync_folder(const std::filesystem::path& folder) {
  TAMIS_TRY(const auto descriptor, detail::open_file(folder, O_RDONLY | O_DIRECTORY));
  // EINVAL: this file system has no notion of syncing a folder; there is nothing more to do.
  if (::fsync(descriptor.get()) != 0 && errno != EINVAL) return os_error(folder, "sync the folder", errno);
  return ok();
}

namespace {

Error busy(int descriptor, const std::filesystem::path& path) {
  char text[24] = {};
  const ssize_t got = ::pread(descriptor, text, sizeof text, 0);
  long holder = 0;
  // Empty for the moment between taking the lock and writing the number.
  if (got > 0) std::from_chars(text, text + got, holder);
  const std::string who = holder > 0 ? "process " + std::to_string(holder) : std::string("another process");
  return Error{Code::kBusy, path.string() + ": locked by " + who};
}

}  // namespace

Result<FileLock> FileLock::acquire(const std::filesystem::path& path) {
  TAMIS_TRY(auto file, detail::open_file(path, O_RDWR | O_CREAT));
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return busy(file.get(), path);
    if (errno != EINTR) return os_error(path, "lock", errno);
  }
  // The number is for the other's message only: where it cannot be written (disk full), the lock is held all the same.
  const std::string holder = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file.get(), 0) == 0)
    static_cast<void>(detail::write_all(file.get(), std::as_bytes(std::span(holder)), path));
  return FileLock(file.release());
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ < 0) return;
  // The file itself stays: removing it would let two processes lock two files of one name.
  if (::ftruncate(descriptor_, 0) != 0) errno = 0;
  ::close(descriptor_);
}

}  // namespace tamis
