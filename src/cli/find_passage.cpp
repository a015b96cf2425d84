#include "find_passage.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

namespace tamis::cli {
namespace {

namespace fs = std::filesystem;

template <class T>
std::optional<T> whole_number(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The passages of documents whose field is exactly `value`, by id.
Result<std::vector<PassageId>> passages_with(const search::Collection& collection, std::string_view field,
                                             std::string_view value) {
  search::Clause clause;
  clause.kind = search::Clause::Kind::kField;
  clause.field = field;
  clause.text = value;
  TAMIS_TRY(const auto sets, collection.matching(clause));
  std::vector<PassageId> out;
  for (std::size_t s = 0; s < sets.size(); ++s) {
    const auto& segment = collection.segments()[s];
    const auto ids = segment.field->ids();
    for (std::uint32_t i = 0; i < sets[s].size(); ++i) {
      if (sets[s].test(i) && (segment.deleted == nullptr || !segment.deleted->test(i))) out.push_back(ids[i]);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// Paths below a source are stored relative to it: the file may belong to any source around it.
std::vector<std::string> stored_names(const std::string& path, const std::vector<store::SourceRow>& sources) {
  std::vector<std::string> names = {path};
  std::error_code error;
  const std::string whole = fs::weakly_canonical(fs::absolute(path, error), error).string();
  for (const auto& source : sources) {
    const std::string folder = source.root.ends_with('/') ? source.root : source.root + '/';
    if (whole.starts_with(folder)) names.push_back(whole.substr(folder.size()));
    if (whole == source.root) names.push_back(fs::path(whole).filename().string());
  }
  return names;
}

/// The passage of a file that a line lies in: the last one that begins at or before it.
Result<std::optional<PassageId>> passage_at(const Snapshot& snapshot, const std::vector<PassageId>& ids,
                                            std::uint32_t line) {
  std::optional<PassageId> best;
  std::uint32_t best_line = 0;
  const auto look = [&](PassageId id) -> Result<std::uint32_t> {
    TAMIS_TRY(const auto hit, snapshot.show(id));
    if (hit.line <= line && (!best || hit.line > best_line)) {
      best = id;
      best_line = hit.line;
    }
    return hit.line;
  };
  // Ids follow the lines, unless parts of the file were replaced later: halving finds a good start, and a look at every
  // passage of a file that is not huge finds the right one in any case.
  constexpr std::size_t kLookAtAll = 4096;
  if (ids.size() <= kLookAtAll) {
    for (const auto id : ids) TAMIS_TRY_OK(look(id));
    return best;
  }
  std::size_t low = 0;
  std::size_t high = ids.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    TAMIS_TRY(const auto at, look(ids[middle]));
    if (at <= line) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return best;
}

}  // namespace

Result<PassageId> find_passage(const Engine& engine, const Snapshot& snapshot, const std::string& name) {
  const auto& collection = snapshot.collection();
  if (const auto id = whole_number<PassageId>(name.starts_with('p') ? std::string_view(name).substr(1) : name))
    return *id;
  const auto colon = name.rfind(':');
  std::optional<std::uint32_t> line;
  if (colon != std::string::npos) line = whole_number<std::uint32_t>(std::string_view(name).substr(colon + 1));
  const std::string path = line ? name.substr(0, colon) : name;
  TAMIS_TRY(const auto info, engine.info());
  for (const auto& stored : stored_names(path, info.sources)) {
    TAMIS_TRY(const auto ids, passages_with(collection, "path", stored));
    if (ids.empty()) continue;
    if (!line) return ids.front();
    TAMIS_TRY(const auto found, passage_at(snapshot, ids, *line));
    return found.value_or(ids.front());
  }
  TAMIS_TRY(const auto by_id, passages_with(collection, "id", name));
  if (!by_id.empty()) return by_id.front();
  return Error{
      Code::kNotFound,
      fmt::format("{}: no such passage (wanted one of \"tamis search\": p1042, path:line, a path or a document's id)",
                  name)};
}

}  // namespace tamis::cli
