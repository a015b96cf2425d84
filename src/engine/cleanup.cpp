#include "cleanup.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <vector>

namespace tamis::engine {
namespace {

namespace fs = std::filesystem;

Result<std::vector<fs::path>> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(it->path());
  }
  if (error) return Error{Code::kIo, fmt::format("{}: {}", folder.string(), error.message())};
  return entries;
}

Status remove_file(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error) return Error{Code::kIo, fmt::format("{}: cannot be removed: {}", path.string(), error.message())};
  return ok();
}

}  // namespace

Status remove_orphans(const IndexPaths& paths, const store::Catalogue& catalogue) {
  TAMIS_TRY(const auto generation, catalogue.generation());
  std::set<std::string> named(generation.vocabularies.begin(), generation.vocabularies.end());
  for (const auto& segment : generation.segments) named.insert(segment.files.begin(), segment.files.end());
  TAMIS_TRY(const auto files, entries_of(paths.segments()));
  for (const auto& file : files) {
    if (!named.contains(file.filename().string())) TAMIS_TRY_OK(remove_file(file));
  }
  TAMIS_TRY(const auto others, entries_of(paths.folder));
  for (const auto& file : others) {
    if (file.filename().string().starts_with("catalogue.sqlite.new")) TAMIS_TRY_OK(remove_file(file));
  }
  return ok();
}

}  // namespace tamis::engine
