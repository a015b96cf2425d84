#include "temporary_file.h"

#include <fcntl.h>
#include <tamis/base/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

namespace tamis::detail {

TemporaryFile::TemporaryFile(std::filesystem::path target, std::filesystem::path name, Descriptor file)
    : target_(std::move(target)), name_(std::move(name)), file_(std::move(file)) {}

Result<TemporaryFile> TemporaryFile::create(const std::filesystem::path& target) {
  const std::string stem = target.string() + ".tmp." + std::to_string(::getpid());
  constexpr int kAttempts = 10'000;  // two writers of one process, or leftovers of an earlier process with this number
  for (int i = 0; i < kAttempts; ++i) {
    const std::string name = i == 0 ? stem : stem + "." + std::to_string(i);
    const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0) return TemporaryFile(target, name, Descriptor(descriptor));
    if (errno != EEXIST && errno != EINTR) return os_error(name, "create", errno);
  }
  return Error{Code::kIo, stem + ": too many temporary files of this name"};
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : target_(std::move(other.target_)), name_(std::exchange(other.name_, {})), file_(std::move(other.file_)) {}

TemporaryFile& TemporaryFile::operator=(TemporaryFile&& other) noexcept {
  std::swap(target_, other.target_);
  std::swap(name_, other.name_);
  std::swap(file_, other.file_);
  return *this;
}

TemporaryFile::~TemporaryFile() { discard(); }

void TemporaryFile::discard() noexcept {
  const Descriptor closing = std::move(file_);
  if (!name_.empty()) ::unlink(name_.c_str());
  name_.clear();
}

Status TemporaryFile::write(std::span<const std::byte> bytes) { return write_all(file_.get(), bytes, target_); }

Status TemporaryFile::commit() {
  if (::fsync(file_.get()) != 0) return os_error(target_, "sync", errno);
  // Some file systems report a full disk only here.
  if (::close(file_.release()) != 0 && errno != EINTR) return os_error(target_, "close", errno);
  if (std::rename(name_.c_str(), target_.c_str()) != 0) return os_error(target_, "rename into place", errno);
  name_.clear();
  const auto folder = target_.parent_path();
  return sync_folder(folder.empty() ? "." : folder);
}

}  // namespace tamis::detail
