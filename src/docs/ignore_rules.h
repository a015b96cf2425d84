#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ignore_pattern.h"

namespace tamis::docs {

/// The ignore files that hold for the folder a walk stands in.
///
/// Who wins: a `.tamisignore` of any folder over every git rule (it speaks to this program alone); among the files of
/// one kind the innermost folder; in one file the last line that matches; `.git/info/exclude` comes last. Folders that
/// are ignored are not to be entered, so what lies in them cannot be taken in again, as with git.
/// Paths are relative to the walk's root. Copyable; not thread-safe.
class IgnoreRules {
 public:
  /// An ignore file that is there but cannot be used: its path and what the system says.
  using Problem = std::function<void(std::string path, std::string reason)>;

  /// Takes in what stands above the root: the ignore files of the folders between the top of its git work tree and the
  /// root, and the repository's info/exclude. Nothing when the root is in no work tree.
  void enter_above(const std::filesystem::path& canonical_root, const Problem& problem);
  /// Takes in the ignore files of a folder; leave() drops them again.
  /// @param descriptor  the open folder
  /// @param path        of the folder, relative to the root: "" or "a/b/"
  void enter(int descriptor, std::string_view path, const Problem& problem);
  void leave();

  /// The line that says that the path is left out, e.g. "docs/.gitignore:3"; nullopt = it stays in.
  [[nodiscard]] std::optional<std::string> ignoring(std::string_view path, bool is_folder) const;

 private:
  struct Line {
    IgnorePattern pattern;
    std::size_t number = 0;
  };
  struct File {
    std::string label;
    std::size_t folder_bytes = 0;  ///< of `above_` + path that belong to the file's folder
    std::vector<Line> lines;
  };
  struct Level {
    std::size_t own_files = 0, git_files = 0, excludes = 0;
  };

  void add(std::vector<File>& files, int folder, const char* name, std::string label, std::size_t folder_bytes,
           const Problem& problem);
  void add_excludes(int folder, const std::string& folder_label, std::size_t folder_bytes, const Problem& problem);
  [[nodiscard]] static const Line* last_match(const File& file, std::string_view path, bool is_folder);

  std::string above_;  ///< from the top of the work tree to the root, "" or "a/b/"
  std::vector<File> own_, git_, excludes_;
  std::vector<Level> levels_;
};

}  // namespace tamis::docs
