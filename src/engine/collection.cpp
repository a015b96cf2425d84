// The side of a snapshot that the search pipeline sees: terms, fields and filters.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "snapshot.h"

namespace tamis::engine {
namespace {

using Op = store::Catalogue::Condition::Op;

Op op_of(search::Clause::Compare compare) {
  switch (compare) {
    case search::Clause::Compare::kEqual:
      return Op::kEqual;
    case search::Clause::Compare::kLess:
      return Op::kLess;
    case search::Clause::Compare::kLessEqual:
      return Op::kLessEqual;
    case search::Clause::Compare::kGreater:
      return Op::kGreater;
    case search::Clause::Compare::kGreaterEqual:
      return Op::kGreaterEqual;
    case search::Clause::Compare::kGlob:
      return Op::kGlob;
  }
  return Op::kEqual;
}

/// The first element not below `id` from `from` on, by doubling steps: near ones are cheap.
std::size_t gallop(std::span<const PassageId> ids, std::size_t from, PassageId id) {
  std::size_t step = 1;
  std::size_t low = from;
  while (low + step < ids.size() && ids[low + step] < id) {
    low += step;
    step *= 2;
  }
  const auto high = std::min(low + step + 1, ids.size());
  const auto found = std::lower_bound(ids.begin() + static_cast<std::ptrdiff_t>(low),
                                      ids.begin() + static_cast<std::ptrdiff_t>(high), id);
  return static_cast<std::size_t>(found - ids.begin());
}

constexpr double kSecondsADay = 86400;

/// The day that a document says of itself, by the first name of these that it has.
std::optional<double> said_day(const std::vector<docs::MetaField>& metadata) {
  for (const std::string_view name : {"date", "updated", "modified", "published", "created", "time"}) {
    for (const auto& field : metadata) {
      const auto* date = std::get_if<docs::Date>(&field.value);
      if (date != nullptr && field.name == name) return static_cast<double>(date->seconds) / kSecondsADay;
    }
  }
  for (const auto& field : metadata) {
    const auto* year = std::get_if<double>(&field.value);
    if (year != nullptr && field.name == "year") return (*year - 1970) * 365.2425;
  }
  return std::nullopt;
}

}  // namespace

std::optional<TermId> IndexSnapshot::find_term(std::string_view key) const {
  if (!settings_.numbered_terms) return vocabulary_.find(key);
  TermId number = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
  if (error != std::errc() || end != key.data() + key.size()) return std::nullopt;
  return number;
}

Result<std::optional<double>> IndexSnapshot::document_day(PassageId id) const {
  TAMIS_TRY(const auto row, catalogue_.document_of_passage(id));
  if (const auto said = said_day(row.metadata)) return said;
  if (!row.item.empty()) return std::optional<double>();  // a file of many says nothing of one
  const auto [times, is_new] = file_times_.try_emplace(row.source);
  if (is_new) {
    TAMIS_TRY(const auto files, catalogue_.files(row.source));
    for (const auto& file : files) times->second[file.path] = file.mtime_ns;
  }
  const auto found = times->second.find(row.path);
  if (found == times->second.end() || found->second <= 0) return std::optional<double>();
  return std::optional(static_cast<double>(found->second) * 1e-9 / kSecondsADay);
}

const std::vector<std::string>& IndexSnapshot::field_names() const {
  if (field_names_.empty()) {
    field_names_ = {"path", "title", "id"};
    // Without them the words of the query stay plain words; a damaged catalogue shows itself in what follows.
    if (auto names = catalogue_.metadata_names()) {
      for (auto& name : *names) {
        if (std::find(field_names_.begin(), field_names_.end(), name) == field_names_.end()) {
          field_names_.push_back(std::move(name));
        }
      }
    }
  }
  return field_names_;
}

Result<std::vector<index::Bitmap>> IndexSnapshot::matching(const search::Clause& clause) const {
  store::Catalogue::Condition condition;
  condition.field = clause.field;
  condition.op = op_of(clause.compare);
  condition.value = clause.text;  // the catalogue compares it with numbers and dates too, where it reads as one
  TAMIS_TRY(const auto ranges, catalogue_.matching(condition));
  std::vector<index::Bitmap> bitmaps;
  for (const auto& segment : segments_) {
    const auto ids = segment.field.ids();
    index::Bitmap bitmap(segment.field.num_passages());
    std::size_t at = 0;
    for (const auto& [first, count] : ranges) {
      if (at == ids.size()) break;
      at = gallop(ids, at, first);
      for (; at < ids.size() && ids[at] - first < count; ++at) bitmap.set(static_cast<std::uint32_t>(at));
    }
    bitmaps.push_back(std::move(bitmap));
  }
  return bitmaps;
}

}  // namespace tamis::engine
