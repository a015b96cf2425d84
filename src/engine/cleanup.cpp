#include "cleanup.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "settings.h"

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

/// Whether a file is a part of a field that a segment is still to get.
bool is_wanted_part(const IndexSettings& settings, const store::Generation& generation, const std::string& name) {
  const auto field = field_of_part(name);
  const bool known = std::any_of(settings.encoders.begin(), settings.encoders.end(),
                                 [&](const auto& encoder) { return encoder.name == field; });
  return known && std::any_of(generation.segments.begin(), generation.segments.end(), [&](const auto& segment) {
           const auto whole = field_file_name(segment.id, field);
           return name.starts_with(whole.substr(0, whole.find('.') + 1)) && !has_field(segment, field);
         });
}

}  // namespace

Status remove_orphans(const IndexPaths& paths, const store::Catalogue& catalogue) {
  TAMIS_TRY(const auto generation, catalogue.generation());
  std::set<std::string> named(generation.vocabularies.begin(), generation.vocabularies.end());
  for (const auto& segment : generation.segments) named.insert(segment.files.begin(), segment.files.end());
  TAMIS_TRY(const auto files, entries_of(paths.segments()));
  TAMIS_TRY(const auto settings, settings_of(generation));
  for (const auto& file : files) {
    const auto name = file.filename().string();
    if (!named.contains(name) && !is_wanted_part(settings, generation, name)) TAMIS_TRY_OK(remove_file(file));
  }
  TAMIS_TRY(const auto others, entries_of(paths.folder));
  for (const auto& file : others) {
    if (file.filename().string().starts_with("catalogue.sqlite.new")) TAMIS_TRY_OK(remove_file(file));
  }
  return ok();
}

}  // namespace tamis::engine
