#include <algorithm>
#include <cmath>

#include "search.h"

namespace tamis::sieve {
namespace {

/// Passages whose postings are fetched at a time.
constexpr std::size_t kAtOnce = 16;

void prefetch(const void* address) { __builtin_prefetch(address); }

bool better(const index::Candidate& a, const index::Candidate& b) {
  return a.units != b.units ? a.units > b.units : a.id < b.id;
}

/// The level of a passage in a list without a row.
[[nodiscard]] std::uint32_t flat_level(const BlockIndex::Parts& parts, const List& list, std::uint32_t place) {
  const std::uint32_t* const first = parts.flat_passages.data() + list.first;
  const std::uint32_t* const last = first + list.count;
  const auto* const found = std::lower_bound(first, last, place << parts.flat_shift);
  if (found == last || *found >> parts.flat_shift != place) return 0;
  return level_of(parts.flat_weight(list.first + static_cast<std::uint64_t>(found - first)), list.step);
}

}  // namespace

std::uint32_t level_in_run(const Run& run, std::uint32_t passage, std::uint32_t step, RunShape shape) {
  const std::uint32_t length = shape.length(run.bytes);
  std::uint32_t number = 0;
  std::uint32_t header = length;
  if (shape.few(run.bytes)) {
    while (number < length && run.data[number] != passage) ++number;
    if (number == length) return 0;
  } else {
    std::uint64_t mask = 0;
    std::memcpy(&mask, run.data, 8);
    if ((mask >> passage & 1U) == 0) return 0;
    number = static_cast<std::uint32_t>(std::popcount(mask & ((1ULL << passage) - 1)));
    header = 8;
  }
  return level_of(shape.weight(run.data + header, length, number), step);
}

void score_places(const BlockIndex::Parts& parts, std::span<const QueryList> lists,
                  std::span<const std::uint32_t> places, std::uint32_t* units, std::vector<Run>& look_ups) {
  look_ups.resize(places.size() * lists.size());
  for (const auto place : places) {
    for (const auto& one : lists) {
      if (one.list->is_row != 0) prefetch(parts.line_row(*one.list) + place / kBlock / kLineBlocks);
    }
  }
  Run* run = look_ups.data();
  for (const auto place : places) {
    const std::uint32_t block = place / kBlock;
    for (const auto& one : lists) {
      const List& list = *one.list;
      Run& look_up = *run++;
      look_up = {};
      if (list.is_row == 0) continue;
      const auto bytes = parts.run_of(list, block);
      look_up.bytes = static_cast<std::uint16_t>(bytes.size());
      look_up.data = bytes.data();
      if (look_up.bytes == 0) continue;
      prefetch(look_up.data);
      prefetch(look_up.data + look_up.bytes - 1);
    }
  }
  run = look_ups.data();
  for (std::size_t i = 0; i < places.size(); ++i) {
    std::uint32_t sum = 0;
    for (const auto& one : lists) {
      const Run& look_up = *run++;
      if (one.list->is_row == 0) {
        sum += one.units * flat_level(parts, *one.list, places[i]);
      } else if (look_up.bytes != 0) {
        sum += one.units * level_in_run(look_up, places[i] % kBlock, one.list->step, parts.shape);
      }
    }
    units[i] = sum;
  }
}

void Search::score_wanted(std::vector<index::Candidate>& out) {
  std::vector<std::uint32_t>& wanted = scratch_.blocks;
  std::size_t count = 0;
  for (std::uint32_t block = 0; block < parts_.num_blocks(); ++block) {
    for (std::uint64_t mask = places_[block]; mask != 0; mask &= mask - 1) {
      wanted[count++] = block * kBlock + static_cast<std::uint32_t>(std::countr_zero(mask));
    }
  }
  std::uint32_t units[kAtOnce];
  for (std::size_t at = 0; at < count; at += kAtOnce) {
    const auto places = std::span(wanted).subspan(at, std::min(kAtOnce, count - at));
    score_places(parts_, scratch_.lists, places, units, scratch_.look_ups);
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (units[i] > 0 && units[i] >= wanted_.least) out.push_back({parts_.ids[places[i]], units[i]});
    }
  }
  work_.reranked += count;
  work_.look_ups += count * scratch_.lists.size();
  const std::size_t k = std::min(k_, out.size());
  std::partial_sort(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(k), out.end(), better);
  out.resize(k);
}

void Search::rerank(std::vector<index::Candidate>& out) {
  auto& found = scratch_.found;
  std::sort(found.begin(), found.end(), [](const Estimate& a, const Estimate& b) {
    return a.value != b.value ? a.value > b.value : a.place < b.place;
  });
  // Where all terms made the estimates they bound the scores: passages below what the k-th score needs end it.
  const bool bounded = num_used_ == scratch_.lists.size();
  const std::size_t most = effort_.rerank == 0 ? found.size() : std::min(found.size(), keep_);
  std::uint32_t places[kAtOnce];
  std::uint32_t units[kAtOnce];
  std::size_t next_check = k_;
  for (std::size_t at = 0; at < most;) {
    if (bounded && out.size() >= next_check) {
      std::nth_element(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(k_) - 1, out.end(), better);
      const double least = std::floor(static_cast<double>(out[k_ - 1].units) * grid_) - margin_;
      if (static_cast<double>(found[at].value) < least) break;
      next_check = out.size() + std::max<std::size_t>(kAtOnce, k_ / 4);
    }
    const std::size_t count = std::min(kAtOnce, most - at);
    for (std::size_t i = 0; i < count; ++i) places[i] = found[at + i].place;
    score_places(parts_, scratch_.lists, {places, count}, units, scratch_.look_ups);
    for (std::size_t i = 0; i < count; ++i) out.push_back({parts_.ids[places[i]], units[i]});
    at += count;
  }
  work_.reranked += out.size();
  work_.look_ups += out.size() * scratch_.lists.size();
  const std::size_t k = std::min(k_, out.size());
  std::partial_sort(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(k), out.end(), better);
  out.resize(k);
}

}  // namespace tamis::sieve
