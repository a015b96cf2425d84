#pragma once

#include <tamis/base/result.h>

#include <cstddef>
#include <filesystem>
#include <span>

#include "os.h"

namespace tamis::detail {

/// A new file beside `target`, named `<target>.tmp.<pid>` (and a number where that is taken), that becomes `target` by
/// commit() and is removed when destroyed before. A killed process leaves it: its name tells that it may be cleared.
class TemporaryFile {
 public:
  [[nodiscard]] static Result<TemporaryFile> create(const std::filesystem::path& target);
  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&& other) noexcept;
  ~TemporaryFile();

  [[nodiscard]] Status write(std::span<const std::byte> bytes);
  /// Syncs the file, renames it over the target, syncs the folder. An error before the rename leaves the target as it
  /// was.
  [[nodiscard]] Status commit();
  /// Closes and removes the file.
  void discard() noexcept;
  [[nodiscard]] const std::filesystem::path& target() const noexcept { return target_; }

 private:
  TemporaryFile(std::filesystem::path target, std::filesystem::path name, Descriptor file);
  std::filesystem::path target_, name_;  ///< name_ is empty when there is nothing to remove
  Descriptor file_;
};

}  // namespace tamis::detail
