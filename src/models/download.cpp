#include "download.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <tamis/base/section_file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <thread>

#include "checksum.h"
#include "http.h"

namespace tamis::models {
namespace {

namespace fs = std::filesystem;

/// The bytes that have come so far.
class PartialFile {
 public:
  static Result<PartialFile> open(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) return io_error(path);
    PartialFile out;
    out.path_ = path;
    out.descriptor_ = descriptor;
    const auto end = ::lseek(descriptor, 0, SEEK_END);
    if (end < 0) return io_error(path);
    out.size_ = static_cast<std::uint64_t>(end);
    return out;
  }
  PartialFile(PartialFile&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}
  PartialFile& operator=(PartialFile&&) = delete;
  ~PartialFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  Status clear() {
    if (::ftruncate(descriptor_, 0) != 0 || ::lseek(descriptor_, 0, SEEK_SET) < 0) return io_error(path_);
    size_ = 0;
    return ok();
  }
  Status append(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return io_error(path_);
      bytes.remove_prefix(static_cast<std::size_t>(written));
      size_ += static_cast<std::uint64_t>(written);
    }
    return ok();
  }
  Status sync() { return ::fsync(descriptor_) == 0 ? ok() : Status(io_error(path_)); }

 private:
  PartialFile() = default;
  static Error io_error(const fs::path& path) {
    return Error{Code::kIo, fmt::format("{}: {}", path.string(), std::strerror(errno))};
  }
  fs::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

std::uint64_t whole_number(std::string_view text) {
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

/// Whether an answer to a request for bytes `from` on holds just those: "bytes 100-199/200".
bool is_continuation(const HttpResponse& response, std::uint64_t from) {
  const auto range = response.header("content-range");
  return response.status == 206 && range.starts_with("bytes ") && whole_number(range.substr(6)) == from;
}

/// Statuses after which the same request may work a moment later.
bool may_work_later(long status) { return status == 408 || status == 429 || status >= 500; }

struct Attempt {
  bool complete = false;
  bool again = false;  ///< worth another attempt
  Error error;
};

/// One transfer from where the file ends.
Result<Attempt> attempt(const Download& wanted, PartialFile& file, std::uint64_t& total, const StoreSources& sources,
                        ProgressSink& progress, const CancelToken& cancel) {
  HttpRequest request;
  request.url = wanted.url;
  request.token = wanted.token;
  request.range_from = file.size();
  request.max_bytes = wanted.max_bytes;
  request.connect_timeout_s = sources.connect_timeout_s;
  request.stall_timeout_s = sources.stall_timeout_s;
  request.ca_file = sources.ca_file;
  // The hub's tag is not the one that its storage knows: with a checksum to compare there is no need to ask.
  const bool checked = !wanted.sha256.empty() || !wanted.git_id.empty();
  if (file.size() > 0 && !checked && !wanted.etag.empty())
    request.headers.push_back("If-Range: \"" + wanted.etag + "\"");
  bool local_failure = false;
  long status = 0;
  HttpSink sink;
  sink.begin = [&](const HttpResponse& response) -> Status {
    status = response.status;
    if (status != 200 && status != 206) return ok();
    if (file.size() > 0 && !is_continuation(response, file.size())) TAMIS_TRY_OK(file.clear());
    const auto length = whole_number(response.header("content-length"));
    if (total == 0 && length > 0) total = file.size() + length;
    progress.begin("downloading " + wanted.what, total, "bytes");
    return ok();
  };
  sink.piece = [&](std::string_view bytes) -> Status {
    if (status != 200 && status != 206) return ok();
    auto written = file.append(bytes);
    local_failure = !written;
    progress.update(file.size());
    return written;
  };
  auto response = http_exchange(request, sink, cancel);
  progress.end();
  if (!response) {
    if (local_failure || response.error().code != Code::kIo) return std::move(response).error();
    return Attempt{false, true, response.error()};
  }
  if (status == 416) {  // there is nothing behind what we have: it is all, or another file
    const bool all = total > 0 && file.size() == total;
    if (!all) TAMIS_TRY_OK(file.clear());
    return Attempt{all, !all, http_status_error(*response)};
  }
  if (status != 200 && status != 206) return Attempt{false, may_work_later(status), http_status_error(*response)};
  const bool whole = total == 0 || file.size() == total;
  return Attempt{whole, true, Error{Code::kIo, fmt::format("{}: {} of {} bytes came", wanted.url, file.size(), total)}};
}

Status check(const Download& wanted, const fs::path& path) {
  const auto compare = [&](std::string_view kind, const std::string& expected, const std::string& seen) -> Status {
    if (expected == seen) return ok();
    return Error{Code::kCorrupt,
                 fmt::format("{}: damaged on the way: {} {} (wanted {})", wanted.what, kind, seen, expected)};
  };
  if (!wanted.sha256.empty()) {
    TAMIS_TRY(const auto seen, file_sha256(path));
    TAMIS_TRY_OK(compare("SHA-256", wanted.sha256, seen));
  }
  if (!wanted.git_id.empty()) {
    TAMIS_TRY(const auto seen, file_git_id(path));
    TAMIS_TRY_OK(compare("git id", wanted.git_id, seen));
  }
  return ok();
}

/// Waits a little longer each time, in small steps so that it can be cancelled.
void pause(std::uint32_t number, const CancelToken& cancel) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(100U << std::min(number, 6U));
  while (std::chrono::steady_clock::now() < end && !cancel.cancelled()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

Status download(const Download& wanted, const fs::path& target, const fs::path& partial_folder,
                const StoreSources& sources, ProgressSink& progress, const CancelToken& cancel) {
  std::error_code error;
  fs::create_directories(partial_folder, error);
  const std::string version = wanted.sha256 + wanted.git_id + wanted.etag;
  const fs::path partial = partial_folder / fmt::format("{:016x}", hash_text(wanted.url + "\n" + version));
  // Without a version nobody can tell whether old bytes belong to the new ones.
  if (version.empty()) fs::remove(partial, error);
  TAMIS_TRY(auto file, PartialFile::open(partial));
  std::uint64_t total = wanted.num_bytes;
  Attempt last;
  if (total > 0 && file.size() == total) last.complete = true;
  if (total > 0 && file.size() > total) TAMIS_TRY_OK(file.clear());
  for (std::uint32_t i = 0; i < sources.attempts && !last.complete; ++i) {
    if (i > 0) pause(i, cancel);
    TAMIS_TRY(last, attempt(wanted, file, total, sources, progress, cancel));
    if (!last.complete && !last.again) break;
  }
  if (!last.complete) {
    if (!last.again) fs::remove(partial, error);
    return within(wanted.what, std::move(last.error));
  }
  TAMIS_TRY_OK(file.sync());
  if (auto status = check(wanted, partial); !status) {
    fs::remove(partial, error);
    return status;
  }
  fs::create_directories(target.parent_path(), error);
  fs::rename(partial, target, error);
  if (error) return Error{Code::kIo, fmt::format("{}: {}", target.string(), error.message())};
  return ok();
}

}  // namespace tamis::models
