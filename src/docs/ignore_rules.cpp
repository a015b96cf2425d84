#include "ignore_rules.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "file_descriptor.h"

namespace tamis::docs {
namespace {

// An ignore file longer than this is a mistake; reading it would only cost memory.
constexpr std::size_t kMaxIgnoreBytes = 4U << 20;

struct Content {
  std::string bytes;
  std::string problem;  ///< "" = read
};

/// nullopt = there is no such file. Links are not followed below the top of a folder, as git does it.
std::optional<Content> read_small_file(int folder, const char* name) {
  const FileDescriptor file(::openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return Content{"", errno == ELOOP ? "is a symbolic link" : std::generic_category().message(errno)};
  }
  struct stat info {};
  if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  Content content;
  char buffer[8192];
  while (true) {
    const auto got = ::read(file.get(), buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Content{"", std::generic_category().message(errno)};
    if (got == 0) return content;
    content.bytes.append(buffer, static_cast<std::size_t>(got));
    if (content.bytes.size() > kMaxIgnoreBytes) return Content{"", "is longer than 4 MiB"};
  }
}

/// The value of "key: value" up to the line end; "" without the key in front.
std::string_view value_of(std::string_view text, std::string_view key) {
  if (text.substr(0, key.size()) != key) return {};
  text.remove_prefix(key.size());
  text = text.substr(0, text.find('\n'));
  while (!text.empty() && (text.front() == ' ')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

FileDescriptor open_folder(int folder, const std::string& path) {
  return FileDescriptor(::openat(folder, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/// The repository of a work tree whose `.git` is a file (a second work tree, a submodule): the file names the folder,
/// which may name the common one.
FileDescriptor linked_repository(int folder) {
  const auto link = read_small_file(folder, ".git");
  if (!link) return {};
  const std::string path(value_of(link->bytes, "gitdir:"));
  if (path.empty()) return {};
  FileDescriptor repository = open_folder(folder, path);
  if (!repository.is_open()) return {};
  const auto common = read_small_file(repository.get(), "commondir");
  if (!common || common->bytes.empty()) return repository;
  return open_folder(repository.get(), std::string(value_of(common->bytes, "")));
}

}  // namespace

void IgnoreRules::add(std::vector<File>& files, int folder, const char* name, std::string label,
                      std::size_t folder_bytes, const Problem& problem) {
  auto content = read_small_file(folder, name);
  if (!content) return;
  if (!content->problem.empty()) {
    problem(std::move(label), "ignore file not used: " + content->problem);
    return;
  }
  std::string_view rest = content->bytes;
  if (rest.substr(0, 3) == "\xEF\xBB\xBF") rest.remove_prefix(3);
  File file{std::move(label), folder_bytes, {}};
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    auto line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (auto pattern = IgnorePattern::parse(line)) file.lines.push_back({std::move(*pattern), number});
  }
  if (!file.lines.empty()) files.push_back(std::move(file));
}

void IgnoreRules::add_excludes(int folder, const std::string& folder_label, std::size_t folder_bytes,
                               const Problem& problem) {
  FileDescriptor repository(::openat(folder, ".git", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!repository.is_open()) repository = linked_repository(folder);
  if (!repository.is_open()) return;
  add(excludes_, repository.get(), "info/exclude", folder_label + ".git/info/exclude", folder_bytes, problem);
}

void IgnoreRules::enter_above(const std::filesystem::path& canonical_root, const Problem& problem) {
  std::filesystem::path top = canonical_root;
  std::error_code code;
  while (!std::filesystem::exists(top / ".git", code)) {
    if (top == top.parent_path()) return;
    top = top.parent_path();
  }
  if (top == canonical_root) return;  // enter() will find it
  above_ = canonical_root.lexically_relative(top).string() + "/";
  std::filesystem::path folder = top;
  std::size_t folder_bytes = 0;
  for (const auto& part : std::filesystem::path(above_.substr(0, above_.size() - 1))) {
    const FileDescriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::string label = (folder / "").string();
    if (open.is_open()) {
      if (folder_bytes == 0) add_excludes(open.get(), label, 0, problem);
      add(git_, open.get(), ".gitignore", label + ".gitignore", folder_bytes, problem);
      add(own_, open.get(), ".tamisignore", label + ".tamisignore", folder_bytes, problem);
    }
    folder /= part;
    folder_bytes += part.native().size() + 1;
  }
}

void IgnoreRules::enter(int descriptor, std::string_view path, const Problem& problem) {
  levels_.push_back({own_.size(), git_.size(), excludes_.size()});
  const std::string label(path);
  const std::size_t folder_bytes = above_.size() + path.size();
  add_excludes(descriptor, label, folder_bytes, problem);
  add(git_, descriptor, ".gitignore", label + ".gitignore", folder_bytes, problem);
  add(own_, descriptor, ".tamisignore", label + ".tamisignore", folder_bytes, problem);
}

void IgnoreRules::leave() {
  own_.erase(own_.begin() + static_cast<std::ptrdiff_t>(levels_.back().own_files), own_.end());
  git_.erase(git_.begin() + static_cast<std::ptrdiff_t>(levels_.back().git_files), git_.end());
  excludes_.erase(excludes_.begin() + static_cast<std::ptrdiff_t>(levels_.back().excludes), excludes_.end());
  levels_.pop_back();
}

const IgnoreRules::Line* IgnoreRules::last_match(const File& file, std::string_view path, bool is_folder) {
  path.remove_prefix(file.folder_bytes);
  for (auto line = file.lines.rbegin(); line != file.lines.rend(); ++line) {
    if (line->pattern.matches(path, is_folder)) return &*line;
  }
  return nullptr;
}

std::optional<std::string> IgnoreRules::ignoring(std::string_view path, bool is_folder) const {
  std::string joined;
  if (!above_.empty()) path = joined.append(above_).append(path);
  for (const auto* files : {&own_, &git_, &excludes_}) {
    for (auto file = files->rbegin(); file != files->rend(); ++file) {
      const Line* line = last_match(*file, path, is_folder);
      if (line == nullptr) continue;
      if (line->pattern.negated()) return std::nullopt;
      return file->label + ":" + std::to_string(line->number);
    }
  }
  return std::nullopt;
}

}  // namespace tamis::docs
