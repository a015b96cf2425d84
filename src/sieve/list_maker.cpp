#include "list_maker.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <utility>

namespace tamis::sieve {
namespace {

Error changed() { return Error{Code::kCorrupt, "block index: rows were not the same when they were read again"}; }

}  // namespace

ListMaker::ListMaker(const RowSource& rows, std::span<const std::uint32_t> order, BlockIndex::Parts& parts,
                     ThreadPool& pool, const CancelToken& cancel)
    : rows_(rows), order_(order), parts_(parts), pool_(pool), cancel_(cancel), lists_(parts.terms.size()) {
  for (std::size_t i = 0; i < pool.size(); ++i) {
    auto& worker = workers_.emplace_back(RowReader(rows_, parts.scale));
    worker.totals.resize(parts.terms.size());
    worker.counts.resize(parts.terms.size());
  }
}

Status ListMaker::make(ProgressSink& progress) {
  TAMIS_TRY_OK(count_all(progress));
  TAMIS_TRY_OK(lay_out());
  TAMIS_TRY_OK(write_all(progress));
  return hand_over();
}

Result<std::uint32_t> ListMaker::list_of(TermId term) const {
  const auto number = parts_.number_of(term);
  if (number == BlockIndex::Parts::kNoList) return changed();
  return number;
}

Status ListMaker::count_tile(std::uint32_t tile, Workplace& work) const {
  const std::uint32_t first = tile * kTileBlocks;
  const std::uint32_t last = std::min(first + kTileBlocks, parts_.num_blocks());
  for (std::uint32_t block = first; block < last; ++block) {
    const std::uint32_t end = std::min((block + 1) * kBlock, parts_.num_passages);
    work.touched.clear();
    for (std::uint32_t place = block * kBlock; place < end; ++place) {
      TAMIS_TRY_OK(read_row(place, work.reader));
      for (std::size_t i = 0; i < work.reader.terms().size(); ++i) {
        TAMIS_TRY(const auto list, list_of(work.reader.terms()[i]));
        if (work.counts[list]++ == 0) work.touched.push_back(list);
        auto& largest = work.totals[list].largest;
        largest = std::max<std::uint32_t>(largest, work.reader.levels()[i]);
      }
    }
    for (const auto list : work.touched) {
      const std::uint32_t count = std::exchange(work.counts[list], 0U);
      work.totals[list].count += count;
      work.totals[list].runs += 1;
      work.totals[list].bytes += parts_.shape.bytes(count);
    }
  }
  return ok();
}

Status ListMaker::count_all(ProgressSink& progress) {
  progress.begin("counting lists", num_tiles(), "pieces");
  std::mutex mutex;
  std::uint64_t done = 0;
  const Status counted = pool_.parallel_for(
      num_tiles(),
      [&](std::size_t tile, std::size_t worker) -> Status {
        TAMIS_TRY_OK(count_tile(static_cast<std::uint32_t>(tile), workers_[worker]));
        const std::lock_guard lock(mutex);
        progress.update(++done);
        return ok();
      },
      cancel_);
  TAMIS_TRY_OK(counted);
  progress.end();
  totals_ = std::move(workers_[0].totals);
  for (std::size_t w = 1; w < workers_.size(); ++w) {
    for (std::size_t i = 0; i < totals_.size(); ++i) {
      const Totals& more = workers_[w].totals[i];
      totals_[i].bytes += more.bytes;
      totals_[i].count += more.count;
      totals_[i].runs += more.runs;
      totals_[i].largest = std::max(totals_[i].largest, more.largest);
    }
    workers_[w].totals = {};
  }
  return ok();
}

Status ListMaker::lay_out() {
  std::uint64_t data = 0, flat = 0;
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    const Totals& totals = totals_[i];
    if (totals.count == 0) return changed();
    List& list = lists_[i];
    list.count = totals.count;
    list.step = static_cast<std::uint16_t>(step_of(totals.largest));
    list.is_row = std::uint64_t{totals.runs} * parts_.row_share >= parts_.num_blocks() ? 1 : 0;
    if (list.is_row == 0) {
      list.first = flat;
      flat += totals.count;
      continue;
    }
    if (totals.bytes > std::numeric_limits<std::uint32_t>::max()) {
      return Error{Code::kExhausted, fmt::format("block index: the list of term {} takes {} bytes (wanted below 2^32)",
                                                 parts_.terms[i], totals.bytes)};
    }
    list.first = row_lists_.size();
    list.data = data;
    data += totals.bytes;
    row_lists_.push_back(static_cast<std::uint32_t>(i));
  }
  parts_.num_rows = static_cast<std::uint32_t>(row_lists_.size());
  ends_.assign(lists_.size(), 0);
  bounds_ = AlignedBuffer<std::uint8_t>(row_lists_.size() * parts_.row_blocks());
  lines_ = AlignedBuffer<RunLine>(row_lists_.size() * parts_.row_lines());
  data_ = AlignedBuffer<std::uint8_t>(data + BlockIndex::Parts::kDataPadding);
  flat_passages_ = AlignedBuffer<std::uint32_t>(flat);
  flat_width_ = parts_.flat_shift != 0 ? 0 : parts_.shape.width;
  flat_weights_ = AlignedBuffer<std::uint8_t>(flat * flat_width_);
  return ok();
}

std::uint8_t ListMaker::add_run(std::span<const Posting> run, std::uint32_t step,
                                std::vector<std::uint8_t>& data) const {
  if (run.size() <= kFew) {
    for (const auto& posting : run) data.push_back(static_cast<std::uint8_t>(posting.place % kBlock));
  } else {
    std::uint64_t mask = 0;
    for (const auto& posting : run) mask |= 1ULL << (posting.place % kBlock);
    for (std::uint32_t byte = 0; byte < 8; ++byte) data.push_back(static_cast<std::uint8_t>(mask >> (8 * byte)));
  }
  std::uint8_t largest = 0;
  for (const auto& posting : run) {
    const auto code = split_level(posting.level, step).code;
    data.push_back(code);
    largest = std::max(largest, code);
  }
  if (parts_.shape.width == 1) return largest;
  for (const auto& posting : run) data.push_back(split_level(posting.level, step).rest);
  return largest;
}

void ListMaker::fill_flat(const List& list, std::span<const Posting> postings, Tile& tile) {
  for (const auto& [place, level] : postings) {
    const std::uint32_t passage = tile.number * kTilePassages + place;
    const auto [code, rest] = split_level(level, list.step);
    tile.flat_passages.push_back(flat_width_ == 0 ? passage << 8U | code : passage);
    if (flat_width_ > 0) tile.flat_weights.push_back(code);
    if (flat_width_ > 1) tile.flat_weights.push_back(rest);
  }
  tile.sizes.push_back(static_cast<std::uint32_t>(postings.size()));
}

void ListMaker::fill_row(const List& list, std::span<const Posting> postings, Tile& tile) {
  const std::size_t begin = tile.data.size();
  std::uint8_t* const bounds = bounds_.data() + list.first * parts_.row_blocks();
  RunLine* const lines = lines_.data() + list.first * parts_.row_lines();
  const std::uint32_t first_block = tile.number * kTileBlocks;
  const std::uint32_t last_line = std::min((tile.number + 1) * 2, parts_.row_lines());
  auto next = postings.begin();
  for (std::uint32_t line = tile.number * 2; line < last_line; ++line) {
    // Seen from the tile's first run of the list: append() knows where that is.
    const std::size_t base = tile.data.size();
    lines[line].base = static_cast<std::uint32_t>(base - begin);
    for (std::uint32_t at = 0; at < kLineBlocks; ++at) {
      const std::uint32_t block = line * kLineBlocks + at;
      const auto first = next;
      while (next != postings.end() && first_block + next->place / kBlock == block) ++next;
      if (next != first) bounds[block] = add_run({first, next}, list.step, tile.data);
      lines[line].at[at + 1] = static_cast<std::uint16_t>(tile.data.size() - base);
    }
  }
  tile.sizes.push_back(static_cast<std::uint32_t>(tile.data.size() - begin));
}

Status ListMaker::fill_tile(Tile& tile, Workplace& work) {
  const std::uint32_t begin = tile.number * kTilePassages;
  const std::uint32_t end = std::min(begin + kTilePassages, parts_.num_passages);
  work.by_place.clear();
  for (std::uint32_t place = begin; place < end; ++place) {
    TAMIS_TRY_OK(read_row(place, work.reader));
    for (std::size_t i = 0; i < work.reader.terms().size(); ++i) {
      TAMIS_TRY(const auto list, list_of(work.reader.terms()[i]));
      if (work.counts[list]++ == 0) tile.lists.push_back(list);
      work.by_place.push_back({list, {static_cast<std::uint16_t>(place - begin), work.reader.levels()[i]}});
    }
  }
  std::sort(tile.lists.begin(), tile.lists.end());
  std::uint32_t sum = 0;
  for (const auto list : tile.lists) sum += std::exchange(work.counts[list], sum);
  work.by_list.resize(work.by_place.size());
  for (const auto& [list, posting] : work.by_place) work.by_list[work.counts[list]++] = posting;
  std::uint32_t first = 0;
  for (const auto number : tile.lists) {
    const std::uint32_t last = std::exchange(work.counts[number], 0U);
    const auto postings = std::span<const Posting>(work.by_list).subspan(first, last - first);
    first = last;
    const List& list = lists_[number];
    if (list.is_row != 0) {
      fill_row(list, postings, tile);
      continue;
    }
    fill_flat(list, postings, tile);
  }
  return ok();
}

Status ListMaker::append(const Tile& tile) {
  const std::uint32_t last_line = std::min((tile.number + 1) * 2, parts_.row_lines());
  for (std::size_t row = 0; row < row_lists_.size(); ++row) {
    RunLine* const lines = lines_.data() + row * parts_.row_lines();
    for (std::uint32_t line = tile.number * 2; line < last_line; ++line) {
      lines[line].base += static_cast<std::uint32_t>(ends_[row_lists_[row]]);
    }
  }
  std::size_t data = 0, flat = 0;
  for (std::size_t i = 0; i < tile.lists.size(); ++i) {
    const std::size_t number = tile.lists[i];
    const List& list = lists_[number];
    const std::size_t size = tile.sizes[i];
    const std::uint64_t end = ends_[number];
    if (size > (list.is_row != 0 ? totals_[number].bytes : list.count) - end) return changed();
    ends_[number] += size;
    if (list.is_row != 0) {
      std::copy_n(tile.data.begin() + static_cast<std::ptrdiff_t>(data), size, data_.data() + list.data + end);
      data += size;
      continue;
    }
    const auto from = static_cast<std::ptrdiff_t>(flat);
    std::copy_n(tile.flat_passages.begin() + from, size, flat_passages_.data() + list.first + end);
    std::copy_n(tile.flat_weights.begin() + from * static_cast<std::ptrdiff_t>(flat_width_), size * flat_width_,
                flat_weights_.data() + (list.first + end) * flat_width_);
    flat += size;
  }
  return ok();
}

Status ListMaker::write_all(ProgressSink& progress) {
  progress.begin("writing lists", num_tiles(), "pieces");
  std::uint32_t next = 0;
  const Status written = pool_.ordered_pipeline<Tile>(
      2 * pool_.size(),
      [&](Tile& tile) -> Result<bool> {
        tile.number = next++;
        return tile.number < num_tiles();
      },
      [&](Tile& tile, std::size_t worker) { return fill_tile(tile, workers_[worker]); },
      [&](Tile& tile) -> Status {
        TAMIS_TRY_OK(append(tile));
        progress.update(tile.number + 1);
        return ok();
      },
      cancel_);
  TAMIS_TRY_OK(written);
  progress.end();
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    if (ends_[i] != (lists_[i].is_row != 0 ? totals_[i].bytes : totals_[i].count)) return changed();
  }
  return ok();
}

Status ListMaker::hand_over() {
  parts_.bounds = std::move(bounds_);
  parts_.lines = std::move(lines_);
  parts_.data = std::move(data_);
  parts_.flat_passages = std::move(flat_passages_);
  parts_.flat_weights = std::move(flat_weights_);
  constexpr std::size_t kAtOnce = 64;
  TAMIS_TRY_OK(pool_.parallel_for((lists_.size() + kAtOnce - 1) / kAtOnce, [&](std::size_t piece, std::size_t) {
    const std::size_t last = std::min(lists_.size(), (piece + 1) * kAtOnce);
    for (std::size_t i = piece * kAtOnce; i < last; ++i) lists_[i].checksum = parts_.list_checksum(lists_[i]);
    return ok();
  }));
  parts_.lists = std::move(lists_);
  return ok();
}

}  // namespace tamis::sieve
