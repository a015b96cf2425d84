#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <tamis/docs/walk.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

#include "file_descriptor.h"
#include "ignore_rules.h"

namespace tamis::docs {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using OpenFolder = std::unique_ptr<DIR, CloseFolder>;

/// Folders carry a '/' at the end, so that sorting names sorts whole paths: "a-b" before "a/x" before "a0".
struct Entry {
  std::string name;
  unsigned char type = DT_UNKNOWN;
};

struct Frame {
  OpenFolder folder;
  std::vector<Entry> entries;
  std::size_t next = 0;
  std::size_t path_bytes = 0;  ///< length of this folder's path, its '/' included
};

std::string system_reason(int code) { return std::generic_category().message(code); }

std::uint64_t inode_of(const struct stat& info) { return static_cast<std::uint64_t>(info.st_ino); }

FoundFile found_file(std::string path, const struct stat& info) {
  return {std::move(path), static_cast<std::uint64_t>(info.st_size),
          static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec, inode_of(info)};
}

/// Never indexed, whatever the options: the two programs' own data.
bool is_reserved(std::string_view name) { return name == ".git" || name == ".tamis"; }

class Walker {
 public:
  Walker(std::filesystem::path root, const WalkOptions& options, const std::function<Status(FoundFile&&)>& found,
         const std::function<void(SkippedPath&&)>& skipped, const CancelToken& cancel)
      : root_(std::move(root)), options_(options), found_(found), skipped_(skipped), cancel_(cancel) {}

  Status run();

 private:
  Status open_root();
  void push(OpenFolder folder);
  void pop();
  Status take(const Entry& entry);
  void enter_folder(int parent, const Entry& entry);
  Status take_file(int parent, const std::string& name);
  Status take_link(int parent, const std::string& name);
  [[nodiscard]] std::string reason_to_skip(std::string_view name, bool is_folder) const;
  [[nodiscard]] bool found_at_its_own_place(const std::filesystem::path& target) const;
  void skip(std::string reason, bool expected) { skipped_({path_, std::move(reason), expected}); }

  std::filesystem::path root_, canonical_root_;
  const WalkOptions& options_;
  const std::function<Status(FoundFile&&)>& found_;
  const std::function<void(SkippedPath&&)>& skipped_;
  const CancelToken& cancel_;
  std::vector<Frame> frames_;
  std::string path_;  ///< of the entry at hand, without a '/' at the end
  IgnoreRules above_, rules_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> linked_;  ///< (device, inode) taken through a link
};

Status Walker::open_root() {
  OpenFolder folder(::opendir(root_.c_str()));
  if (!folder) return Error{Code::kIo, root_.string() + ": cannot be read: " + system_reason(errno)};
  std::error_code code;
  canonical_root_ = std::filesystem::canonical(root_, code);
  if (code) return Error{Code::kIo, root_.string() + ": " + code.message()};
  if (options_.use_ignore) {
    rules_.enter_above(canonical_root_, [&](std::string path, std::string reason) {
      skipped_({std::move(path), std::move(reason), false});
    });
    above_ = rules_;
  }
  push(std::move(folder));
  return ok();
}

/// Reads the names of the folder whose path is `path_`.
void Walker::push(OpenFolder folder) {
  Frame frame;
  if (!path_.empty()) path_ += '/';
  frame.path_bytes = path_.size();
  errno = 0;
  while (const dirent* item = ::readdir(folder.get())) {
    std::string name = item->d_name;
    if (name == "." || name == "..") continue;
    unsigned char type = item->d_type;
    if (type == DT_UNKNOWN) {
      struct stat info {};
      if (::fstatat(::dirfd(folder.get()), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
        type = static_cast<unsigned char>(IFTODT(info.st_mode));
      }
    }
    if (type == DT_DIR) name += '/';
    frame.entries.push_back({std::move(name), type});
    errno = 0;
  }
  if (errno != 0) skip("not read to its end: " + system_reason(errno), false);
  std::sort(frame.entries.begin(), frame.entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  if (options_.use_ignore) {
    rules_.enter(::dirfd(folder.get()), path_, [&](std::string path, std::string reason) {
      skipped_({std::move(path), std::move(reason), false});
    });
  }
  frame.folder = std::move(folder);
  frames_.push_back(std::move(frame));
}

void Walker::pop() {
  frames_.pop_back();
  if (options_.use_ignore) rules_.leave();
}

Status Walker::run() {
  TAMIS_TRY_OK(open_root());
  while (!frames_.empty()) {
    if (cancel_.cancelled()) return Error{Code::kCancelled, "cancelled"};
    Frame& frame = frames_.back();
    if (frame.next == frame.entries.size()) {
      pop();
      continue;
    }
    const Entry entry = std::move(frame.entries[frame.next++]);
    path_.resize(frame.path_bytes);
    path_ += entry.name;
    if (entry.type == DT_DIR) path_.pop_back();
    TAMIS_TRY_OK(take(entry));
  }
  return ok();
}

/// "" = the entry `path_` is wanted. `name` has no '/' at the end.
std::string Walker::reason_to_skip(std::string_view name, bool is_folder) const {
  if (is_reserved(name)) return name == ".git" ? "git's own data" : "an index";
  if (!options_.hidden && name.front() == '.') return "hidden";
  if (!options_.use_ignore) return {};
  const auto line = rules_.ignoring(path_, is_folder);
  return line ? "ignored by " + *line : std::string();
}

Status Walker::take(const Entry& entry) {
  const bool is_folder = entry.type == DT_DIR;
  const std::string_view name = is_folder ? std::string_view(entry.name).substr(0, entry.name.size() - 1) : entry.name;
  if (auto reason = reason_to_skip(name, is_folder); !reason.empty()) {
    skip(std::move(reason), true);
    return ok();
  }
  const int parent = ::dirfd(frames_.back().folder.get());
  switch (entry.type) {
    case DT_REG:
      return take_file(parent, entry.name);
    case DT_LNK:
      return take_link(parent, entry.name);
    case DT_DIR:
      enter_folder(parent, entry);
      return ok();
    case DT_FIFO:
      skip("a pipe, not a file", true);
      return ok();
    case DT_SOCK:
      skip("a socket, not a file", true);
      return ok();
    case DT_CHR:
    case DT_BLK:
      skip("a device, not a file", true);
      return ok();
    default:
      skip("of unknown type", false);
      return ok();
  }
}

void Walker::enter_folder(int parent, const Entry& entry) {
  if (frames_.size() > options_.max_depth) {
    skip("more than " + std::to_string(options_.max_depth) + " folders deep", false);
    return;
  }
  // O_NOFOLLOW: the entry may have become a link since its folder was read.
  FileDescriptor descriptor(::openat(parent, entry.name.substr(0, entry.name.size() - 1).c_str(),
                                     O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!descriptor.is_open()) {
    const int code = errno;
    skip(code == ENOENT ? "deleted meanwhile" : "folder not read: " + system_reason(code), code == ENOENT);
    return;
  }
  OpenFolder folder(::fdopendir(descriptor.get()));
  if (!folder) {
    skip("folder not read: " + system_reason(errno), false);
    return;
  }
  static_cast<void>(descriptor.release());  // now closed by closedir
  push(std::move(folder));
}

Status Walker::take_file(int parent, const std::string& name) {
  struct stat info {};
  if (::fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    const int code = errno;
    skip(code == ENOENT ? "deleted meanwhile" : "not read: " + system_reason(code), code == ENOENT);
    return ok();
  }
  if (!S_ISREG(info.st_mode)) {
    skip("changed its type meanwhile", true);
    return ok();
  }
  return found_(found_file(path_, info));
}

/// Links to files inside the root are followed unless the file is found at its own place; links to folders never are,
/// so there are no loops.
Status Walker::take_link(int parent, const std::string& name) {
  struct stat info {};
  if (::fstatat(parent, name.c_str(), &info, 0) != 0) {
    const int code = errno;
    skip(code == ENOENT  ? "broken symbolic link"
         : code == ELOOP ? "symbolic link in a loop"
                         : system_reason(code),
         code == ENOENT || code == ELOOP);
    return ok();
  }
  std::error_code code;
  const auto target = std::filesystem::canonical(canonical_root_ / path_, code).lexically_relative(canonical_root_);
  if (code || target.empty() || *target.begin() == "..") {
    skip("symbolic link out of the folder", true);
  } else if (S_ISDIR(info.st_mode)) {
    skip("symbolic link to the folder " + target.string(), true);
  } else if (!S_ISREG(info.st_mode)) {
    skip("symbolic link to something that is not a file", true);
  } else if (found_at_its_own_place(target)) {
    skip("symbolic link to " + target.string() + ", which is read there", true);
  } else if (!linked_.insert({static_cast<std::uint64_t>(info.st_dev), inode_of(info)}).second) {
    skip("second symbolic link to " + target.string(), true);
  } else {
    return found_(found_file(path_, info));
  }
  return ok();
}

/// Whether the walk meets the file under its own name: no part of its path is hidden or ignored. For files in reserved
/// folders it says yes, so that no link leads into them.
bool Walker::found_at_its_own_place(const std::filesystem::path& target) const {
  const std::string path = target.string();
  IgnoreRules rules = above_;
  bool visible = true;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const auto name = std::string_view(path).substr(begin, end - begin);
    if (is_reserved(name)) return true;
    if (!options_.hidden && name.front() == '.') visible = false;
    if (options_.use_ignore) {
      const FileDescriptor folder(::open((canonical_root_ / path.substr(0, begin)).c_str(), O_RDONLY | O_CLOEXEC));
      rules.enter(folder.get(), std::string_view(path).substr(0, begin), [](const std::string&, const std::string&) {});
      if (rules.ignoring(std::string_view(path).substr(0, end), end != path.size())) visible = false;
    }
    begin = end + 1;
  }
  return visible;
}

}  // namespace

Status walk(const std::filesystem::path& root, const WalkOptions& options,
            const std::function<Status(FoundFile&&)>& found, const std::function<void(SkippedPath&&)>& skipped,
            const CancelToken& cancel) {
  struct stat info {};
  if (::stat(root.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return Error{Code::kNotFound, root.string() + ": no such file or folder"};
    return Error{Code::kIo, root.string() + ": " + system_reason(errno)};
  }
  if (S_ISREG(info.st_mode)) return found(found_file(root.filename().string(), info));
  if (!S_ISDIR(info.st_mode)) return Error{Code::kUnsupported, root.string() + ": neither a file nor a folder"};
  try {
    return Walker(root, options, found, skipped, cancel).run();
  } catch (const std::filesystem::filesystem_error& error) {
    return Error{Code::kIo, root.string() + ": " + error.code().message()};
  }
}

}  // namespace tamis::docs
