#pragma once

#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace tamis::docs {

/// A regular file found under a root.
struct FoundFile {
  std::string path;  ///< relative to the root, '/' between parts; the file's own name when the root is a file
  std::uint64_t size_bytes = 0;
  std::int64_t mtime_ns = 0;
  std::uint64_t inode = 0;
};
/// Something that was left out, and why ("ignored by docs/.gitignore:3", "hidden", "symbolic link out of the folder",
/// …).
struct SkippedPath {
  std::string path;
  std::string reason;
  bool expected =
      true;  ///< left out by a rule (ignored, hidden); false = a problem the user should see (no permission)
};
struct WalkOptions {
  bool hidden = false;     ///< also files and folders whose name begins with a dot
  bool use_ignore = true;  ///< .gitignore, .tamisignore and .git/info/exclude, with git's rules
  std::uint32_t max_depth = 256;
};
/// Walks a folder (or takes one file), sorted by path, so that a run is repeatable. `.git` and `.tamis` are never
/// entered; links to files inside the root are followed once, loops end; devices, sockets and pipes are skipped.
/// One lstat a file: 20,000 files take well under a second. kNotFound when the root does not exist.
[[nodiscard]] Status walk(const std::filesystem::path& root, const WalkOptions& options,
                          const std::function<Status(FoundFile&&)>& found,
                          const std::function<void(SkippedPath&&)>& skipped, const CancelToken& cancel = {});

}  // namespace tamis::docs
