#include "row_ids.h"

#include <fmt/format.h>

#include <utility>

namespace tamis::sparse {
namespace {

constexpr std::size_t kMaxIdBytes = 1 << 16;

}  // namespace

Result<RowIds> RowIds::open(const std::filesystem::path& path) {
  RowIds source;
  auto file = InputFile::open(path);
  if (file) {
    source.file_ = std::make_unique<InputFile>(std::move(*file));
    source.cursor_.emplace(*source.file_);
  } else if (file.error().code != Code::kNotFound) {
    return within(path.filename().string(), std::move(file).error());
  }
  source.name_ = path.filename().string();
  return source;
}

Result<std::string> RowIds::next(std::uint64_t row) {
  if (!cursor_) return std::to_string(row);
  std::string id;
  auto more = cursor_->line(id, kMaxIdBytes);
  if (!more) return within(fmt::format("{}: line {}", name_, row + 1), std::move(more).error());
  if (!*more || id.empty()) {
    return Error{Code::kCorrupt, fmt::format("{}: no id in line {} (wanted one a row)", name_, row + 1)};
  }
  return id;
}

Status RowIds::expect_end(std::uint64_t rows) {
  if (!cursor_) return ok();
  std::string id;
  TAMIS_TRY(const bool more, cursor_->line(id, kMaxIdBytes));
  if (!more) return ok();
  return Error{Code::kCorrupt, fmt::format("{}: more lines than the {} rows", name_, rows)};
}

}  // namespace tamis::sparse
