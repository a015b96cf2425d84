#include <fmt/format.h>
#include <tamis/eval/per_query.h>

#include <algorithm>
#include <utility>

namespace tamis::eval {
namespace {

/// kCorrupt when two of the lines, which are of one query, name the same document.
template <class Item>
Status check_distinct(std::span<const QueryLine<Item>> lines, const Ids& ids,
                      std::vector<std::pair<std::uint32_t, std::uint32_t>>& room) {
  room.clear();
  for (const auto& line : lines) room.emplace_back(line.item.document, line.line);
  std::sort(room.begin(), room.end());
  const auto twice =
      std::adjacent_find(room.begin(), room.end(), [](const auto& a, const auto& b) { return a.first == b.first; });
  if (twice == room.end()) return ok();
  return Error{
      Code::kCorrupt,
      fmt::format("line {}: query \"{}\" has the document \"{}\" a second time (first in line {})", (twice + 1)->second,
                  ids.queries.name(lines.front().query), ids.documents.name(twice->first), twice->second)};
}

}  // namespace

template <class Item>
Result<PerQuery<Item>> PerQuery<Item>::gather(std::vector<QueryLine<Item>> lines, const Ids& ids) {
  PerQuery out;
  out.places_.assign(ids.queries.size(), kAbsent);
  for (const auto& line : lines) {
    auto& place = out.places_[line.query];
    if (place != kAbsent) continue;
    place = static_cast<std::uint32_t>(out.queries_.size());
    out.queries_.push_back(line.query);
  }
  const auto earlier = [&](const QueryLine<Item>& a, const QueryLine<Item>& b) {
    return out.places_[a.query] < out.places_[b.query];
  };
  // Most files have the lines of a query together.
  if (!std::is_sorted(lines.begin(), lines.end(), earlier)) std::stable_sort(lines.begin(), lines.end(), earlier);
  out.items_.reserve(lines.size());
  std::vector<std::pair<std::uint32_t, std::uint32_t>> room;
  for (std::size_t begin = 0; begin < lines.size();) {
    std::size_t end = begin;
    while (end < lines.size() && lines[end].query == lines[begin].query) out.items_.push_back(lines[end++].item);
    TAMIS_TRY_OK(check_distinct(std::span<const QueryLine<Item>>(lines).subspan(begin, end - begin), ids, room));
    out.starts_.push_back(out.items_.size());
    begin = end;
  }
  return out;
}

template class PerQuery<Judgement>;
template class PerQuery<Hit>;

}  // namespace tamis::eval
