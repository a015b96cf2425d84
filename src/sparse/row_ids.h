#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "input_file.h"

namespace tamis::sparse {

/// The ids of a file of numbered rows: FILE.ids, one id a line, as many as there are rows; without that file, row
/// numbers.
class RowIds {
 public:
  /// @param path  FILE.ids, which need not exist
  [[nodiscard]] static Result<RowIds> open(const std::filesystem::path& path);
  /// Call for row 0, 1, 2, …
  /// @par Errors  kCorrupt: fewer lines than rows, an empty line
  [[nodiscard]] Result<std::string> next(std::uint64_t row);
  /// After the last row. @par Errors  kCorrupt: more lines than rows
  [[nodiscard]] Status expect_end(std::uint64_t rows);

 private:
  std::unique_ptr<InputFile> file_;
  std::optional<Cursor> cursor_;
  std::string name_;
};

}  // namespace tamis::sparse
