#include "model_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <tamis/base/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tamis::models {
namespace {

namespace fs = std::filesystem;
constexpr int kMaxDepth = 2;

/// Other exports of the same weights.
constexpr std::string_view kOtherFolders[] = {"onnx/", "openvino/", "coreml/", "runs/", "eval/", "checkpoint"};

Error io_error(const fs::path& path, const std::error_code& error) {
  return Error{Code::kIo, fmt::format("{}: {}", path.string(), error.message())};
}

}  // namespace

bool is_inside(std::string_view path) noexcept {
  if (path.empty() || path.front() == '/' || path.find('\\') != std::string_view::npos ||
      path.find('\0') != std::string_view::npos) {
    return false;
  }
  while (!path.empty()) {
    const auto part = path.substr(0, path.find('/'));
    if (part.empty() || part == "." || part == "..") return false;
    path.remove_prefix(std::min(path.size(), part.size() + 1));
  }
  return true;
}

bool is_model_file(std::string_view path) noexcept {
  if (!is_inside(path) || std::count(path.begin(), path.end(), '/') >= kMaxDepth) return false;
  for (const auto folder : kOtherFolders) {
    if (path.starts_with(folder)) return false;
  }
  const auto name = path.substr(path.rfind('/') + 1);
  if (name.starts_with('.')) return false;
  if (name.starts_with("LICENSE") || name.starts_with("LICENCE") || name.starts_with("NOTICE")) return true;
  if (name.ends_with(".safetensors")) return name.starts_with("model");
  return name.ends_with(".json") || name.ends_with(".txt");
}

Status sync_file(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return io_error(path, {errno, std::generic_category()});
  const int failed = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return failed == 0 ? ok() : Status(io_error(path, {failed, std::generic_category()}));
}

Status copy_model_files(const fs::path& from, const fs::path& to, std::uint64_t max_bytes) {
  std::error_code error;
  std::uint64_t sum = 0;
  fs::recursive_directory_iterator at(from, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (at.depth() >= kMaxDepth) at.disable_recursion_pending();
    const std::string relative = at->path().lexically_relative(from).generic_string();
    std::error_code ignored;
    if (!is_model_file(relative) || !fs::is_regular_file(at->path(), ignored)) continue;
    sum += fs::file_size(at->path(), ignored);
    if (sum > max_bytes) {
      return Error{Code::kExhausted, fmt::format("{}: more than {} bytes", from.string(), max_bytes)};
    }
    const fs::path target = to / relative;
    fs::create_directories(target.parent_path(), error);
    if (!error) fs::copy_file(at->path(), target, error);
    if (error) return io_error(target, error);
    TAMIS_TRY_OK(sync_file(target));
    TAMIS_TRY_OK(sync_folder(target.parent_path()));
  }
  if (error) return io_error(from, error);
  return ok();
}

std::uint64_t folder_bytes(const fs::path& folder) {
  std::error_code error;
  std::uint64_t sum = 0;
  fs::recursive_directory_iterator at(folder, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code ignored;
    if (at->is_regular_file(ignored)) sum += at->file_size(ignored);
  }
  return sum;
}

}  // namespace tamis::models
