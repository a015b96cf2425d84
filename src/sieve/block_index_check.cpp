#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "layout.h"

namespace tamis::sieve {
namespace {

/// A weight that split_level() can give.
[[nodiscard]] bool is_level(Weight weight, const List& list, std::uint32_t most) {
  const auto level = static_cast<std::int32_t>(weight.code * std::uint32_t{list.step}) + weight.rest - 128;
  return level >= 1 && level <= static_cast<std::int32_t>(most) &&
         split_level(static_cast<std::uint32_t>(level), list.step).code == weight.code;
}

/// The postings of a run: passages ascending and below `room`, weights that are some, the bound the largest code.
[[nodiscard]] std::string check_run(std::span<const std::uint8_t> run, std::uint32_t room, std::uint8_t bound,
                                    const List& list, const BlockIndex::Parts& parts) {
  const auto size = static_cast<std::uint32_t>(run.size());
  const std::uint32_t length = parts.shape.length(size);
  const bool few = parts.shape.few(size);
  if (length == 0 || length > kBlock || size != parts.shape.bytes(length)) return "a run of no length";
  if (few) {
    for (std::uint32_t i = 0; i < length; ++i) {
      if (run[i] >= room || (i > 0 && run[i] <= run[i - 1])) return "a run's passages do not ascend";
    }
  } else {
    std::uint64_t mask = 0;
    std::memcpy(&mask, run.data(), 8);
    if (static_cast<std::uint32_t>(std::popcount(mask)) != length || (room < kBlock && mask >> room != 0)) {
      return "a run's passages are not as many as it says";
    }
  }
  const std::uint8_t* const codes = run.data() + (few ? length : 8);
  if (*std::max_element(codes, codes + length) != bound) return "a bound is not the largest code";
  for (std::uint32_t i = 0; i < length; ++i) {
    if (!is_level(parts.shape.weight(codes, length, i), list, parts.scale.levels())) return "a weight that is none";
  }
  return "";
}

/// Runs of a list with a row: offsets in order and inside the data, every run, no bounds beyond the last block.
[[nodiscard]] std::string check_row(const BlockIndex::Parts& parts, const List& list) {
  const std::uint64_t bytes = parts.data.size() - BlockIndex::Parts::kDataPadding - list.data;
  const RunLine* const lines = parts.line_row(list);
  const std::uint8_t* const bounds = parts.bound_row(list);
  std::uint64_t postings = 0, end = 0, runs = 0;
  for (std::uint32_t block = 0; block < parts.row_lines() * kLineBlocks; ++block) {
    const RunLine& line = lines[block / kLineBlocks];
    const std::uint32_t at = block % kLineBlocks;
    if (at == 0 && (line.base != end || line.at[0] != 0)) return "its runs do not follow each other";
    if (line.at[at + 1] < line.at[at]) return "its runs do not ascend";
    end = std::uint64_t{line.base} + line.at[at + 1];
    if (end > bytes) return "its runs end beyond the data";
    const bool is_block = block < parts.num_blocks();
    if (line.at[at + 1] == line.at[at] && (!is_block || bounds[block] == 0)) continue;
    if (!is_block) return "a run of no block";
    const auto run = parts.run_of(list, block);
    const std::uint32_t room = std::min(kBlock, parts.num_passages - block * kBlock);
    if (auto wrong = check_run(run, room, bounds[block], list, parts); !wrong.empty()) return wrong;
    postings += parts.shape.length(static_cast<std::uint32_t>(run.size()));
    ++runs;
  }
  for (std::uint32_t block = parts.num_blocks(); block < parts.row_blocks(); ++block) {
    if (bounds[block] != 0) return "a bound of no block";
  }
  if (runs * parts.row_share < parts.num_blocks()) return "a row though it stands in few blocks";
  return postings == list.count ? "" : "its postings are not as many as it says";
}

[[nodiscard]] std::string check_flat(const BlockIndex::Parts& parts, const List& list) {
  for (std::uint64_t i = list.first; i < list.first + list.count; ++i) {
    if (parts.flat_place(i) >= parts.num_passages) return "a passage that is not there";
    if (i > list.first && parts.flat_place(i) <= parts.flat_place(i - 1)) return "its passages do not ascend";
    if (!is_level(parts.flat_weight(i), list, parts.scale.levels())) return "a weight that is none";
  }
  return "";
}

template <class T>
[[nodiscard]] std::uint64_t hash_of(const T* values, std::size_t count, std::uint64_t seed) {
  return hash_bytes(std::as_bytes(std::span(values, count)), seed);
}

}  // namespace

Error BlockIndex::Parts::corrupt(std::string_view what) const {
  return Error{Code::kCorrupt, file ? fmt::format("{}: {}; build the index again", file->path().string(), what)
                                    : fmt::format("block index: {}", what)};
}

std::uint64_t BlockIndex::Parts::list_checksum(const List& list) const noexcept {
  if (list.is_row == 0) {
    const std::size_t width = flat_shift != 0 ? 0 : shape.width;
    return hash_of(flat_weights.data() + list.first * width, list.count * width,
                   hash_of(flat_passages.data() + list.first, list.count, 0));
  }
  const RunLine* const lines_of_list = line_row(list);
  const RunLine& last = lines_of_list[row_lines() - 1];
  const auto seed = hash_of(lines_of_list, row_lines(), hash_of(bound_row(list), row_blocks(), 0));
  return hash_of(data.data() + list.data, std::size_t{last.base} + last.at[kLineBlocks], seed);
}

Status BlockIndex::Parts::check_directories() const {
  std::uint64_t postings = 0;
  for (std::size_t i = 0; i < lists.size(); ++i) {
    if (i > 0 && terms[i] <= terms[i - 1]) return corrupt("terms do not ascend");
    const List& list = lists[i];
    const bool is_inside = list.is_row != 0
                               ? list.first < num_rows && list.data <= data.size() - kDataPadding
                               : list.first <= flat_passages.size() && list.count <= flat_passages.size() - list.first;
    if (list.count == 0 || list.step < 1 || list.step > 256 || list.is_row > 1 || !is_inside || num_passages == 0) {
      return corrupt(fmt::format("list of term {} lies outside the file", terms[i]));
    }
    postings += list.count;
  }
  if (postings != num_postings) {
    return corrupt(fmt::format("lists hold {} postings (meta says {})", postings, num_postings));
  }
  return ok();
}

Status BlockIndex::Parts::check_list(std::size_t number) const {
  const List& list = lists[number];
  std::string wrong = list.is_row != 0 ? check_row(*this, list) : check_flat(*this, list);
  if (wrong.empty() && list_checksum(list) != list.checksum) wrong = "its checksum differs";
  return wrong.empty() ? ok() : Status(corrupt(fmt::format("list of term {}: {}", terms[number], wrong)));
}

Status BlockIndex::Parts::check_list_once(std::size_t number) const {
  if (checked == nullptr || checked[number].load(std::memory_order_acquire)) return ok();
  TAMIS_TRY_OK(check_list(number));
  checked[number].store(true, std::memory_order_release);
  return ok();
}

Status BlockIndex::Parts::check_all() const {
  TAMIS_TRY_OK(check_directories());
  for (std::size_t i = 0; i < lists.size(); ++i) TAMIS_TRY_OK(check_list(i));
  std::vector<PassageId> sorted(ids.size());
  for (std::size_t place = 0; place < ids.size(); ++place) sorted[place] = ids[place];
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return corrupt("a passage stands there twice");
  return ok();
}

Status BlockIndex::check_lists(const index::PreparedQuery& query) const {
  for (const auto& term : query.terms) {
    const std::uint32_t number = parts_->number_of(term.term);
    if (number != Parts::kNoList) TAMIS_TRY_OK(parts_->check_list_once(number));
  }
  return ok();
}

Status BlockIndex::verify() const {
  if (parts_->file) TAMIS_TRY_OK(parts_->file->verify());
  return parts_->check_all();
}

}  // namespace tamis::sieve
