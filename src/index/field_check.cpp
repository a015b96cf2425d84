#include <fmt/format.h>
#include <tamis/base/check.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "field_parts.h"

namespace tamis::index {
namespace {

/// Order-free fingerprint of a set of postings: equal sums mean equal sets but for one chance in 2^64.
std::uint64_t posting_hash(std::uint64_t term, std::uint64_t passage, std::uint64_t level) {
  std::uint64_t x = (term << 32 | passage) * 0x9E3779B97F4A7C15ULL ^ level * 0xC2B2AE3D27D4EB4FULL;
  x ^= x >> 31;
  x *= 0xD6E8FEB86659FD93ULL;
  return x ^ x >> 32;
}

Status check_short_list(const SparseField::Parts& parts, std::uint32_t number) {
  const List& list = parts.lists[number];
  const auto docs = parts.short_docs.subspan(list.first, list.count);
  for (std::uint32_t i = 0; i < list.count; ++i) {
    if (docs[i] >= parts.num_passages() || (i > 0 && docs[i] <= docs[i - 1])) {
      return parts.corrupt(fmt::format("term {}: passages of the list do not ascend", parts.terms[number]));
    }
  }
  return ok();
}

Status check_block(const SparseField::Parts& parts, std::uint32_t number, const Block& block) {
  const std::uint32_t base = block.window * kWindowPassages;
  const std::uint32_t size = std::min(kWindowPassages, parts.num_passages() - base);
  const auto* levels = parts.block_levels(block);
  std::uint32_t count = 0, most = 0;
  if (block.dense()) {
    for (std::uint32_t i = 0; i < kWindowPassages; ++i) {
      const auto level = parts.level_at(levels, i);
      count += level != 0 ? 1U : 0U;
      most = std::max(most, level);
      if (level != 0 && i >= size) count = kWindowPassages + 1;
    }
  } else {
    const auto* offsets = parts.block_offsets(block);
    for (std::uint32_t i = 0; i < block.count(); ++i) {
      if (offsets[i] >= size || (i > 0 && offsets[i] <= offsets[i - 1])) count = kWindowPassages + 1;
      const auto level = parts.level_at(levels, i);
      count += level != 0 ? 1U : 0U;
      most = std::max(most, level);
    }
  }
  if (count != block.count() || most != block.max_level) {
    return parts.corrupt(fmt::format("term {}: block of window {} does not hold what its entry says",
                                     parts.terms[number], block.window));
  }
  return ok();
}

Status check_blocks(const SparseField::Parts& parts, std::uint32_t number) {
  const List& list = parts.lists[number];
  const auto blocks = parts.blocks.subspan(list.first, list.num_blocks);
  std::uint64_t count = 0, end = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Block& block = blocks[i];
    const bool in_order = i == 0 || (block.window > blocks[i - 1].window && block.offset >= end);
    const std::uint64_t bytes = parts.block_bytes(block);
    const bool aligned = block.dense() ? block.offset % 64 == 0 : block.offset % 2 == 0;
    if (!in_order || !aligned || block.window >= parts.num_windows() || block.count() == 0 ||
        block.count() > kWindowPassages || block.offset > parts.payload.size() ||
        bytes > parts.payload.size() - block.offset) {
      return parts.corrupt(fmt::format("term {}: block {} lies outside the file", parts.terms[number], i));
    }
    end = block.offset + bytes;
    count += block.count();
    TAMIS_TRY_OK(check_block(parts, number, block));
  }
  if (count != list.count) {
    return parts.corrupt(
        fmt::format("term {}: blocks hold {} postings (list says {})", parts.terms[number], count, list.count));
  }
  return ok();
}

}  // namespace

void seed_levels_of(std::vector<std::uint16_t>& levels, std::uint16_t (&seeds)[4]) {
  // A list never asks for more than its 1000 best: selecting them first keeps long lists linear.
  const auto best = std::min<std::size_t>(levels.size(), kSeedRanks[3]);
  const auto middle = levels.begin() + static_cast<std::ptrdiff_t>(best);
  if (middle != levels.end()) std::nth_element(levels.begin(), middle - 1, levels.end(), std::greater<>());
  std::sort(levels.begin(), middle, std::greater<>());
  for (std::size_t rank = 0; rank < 4; ++rank) {
    seeds[rank] = kSeedRanks[rank] <= best ? levels[kSeedRanks[rank] - 1] : std::uint16_t{0};
  }
}

std::uint64_t SparseField::Parts::list_checksum(const List& list) const noexcept {
  if (list.num_blocks == 0) {
    const auto docs = hash_bytes(std::as_bytes(short_docs.subspan(list.first, list.count)));
    return hash_bytes(short_levels.subspan(list.first * level_bytes, std::size_t{list.count} * level_bytes), docs);
  }
  const auto used = blocks.subspan(list.first, list.num_blocks);
  const auto end = used.back().offset + block_bytes(used.back());
  return hash_bytes(payload.subspan(used.front().offset, end - used.front().offset), hash_bytes(std::as_bytes(used)));
}

Status SparseField::Parts::check_list(std::uint32_t number) const {
  const List& list = lists[number];
  TAMIS_TRY_OK(list.num_blocks == 0 ? check_short_list(*this, number) : check_blocks(*this, number));
  if (list_checksum(list) != list.checksum) {
    return corrupt(fmt::format("term {}: the list's checksum differs", terms[number]));
  }
  std::vector<std::uint16_t> levels;
  levels.reserve(list.count);
  bool zero = false;
  for_each_posting(list, [&](LocalId, std::uint32_t level) {
    zero = zero || level == 0;
    levels.push_back(static_cast<std::uint16_t>(level));
  });
  std::uint16_t seeds[4];
  seed_levels_of(levels, seeds);
  if (zero || !std::equal(seeds, seeds + 4, list.seed_levels)) {
    return corrupt(fmt::format("term {}: bounds of the list differ from its postings", terms[number]));
  }
  return ok();
}

Status SparseField::Parts::check_list_once(std::uint32_t number) const {
  if (checked[number].load(std::memory_order_acquire)) return ok();
  TAMIS_TRY_OK(check_list(number));
  checked[number].store(true, std::memory_order_release);
  return ok();
}

Status SparseField::verify() const {
  const auto& p = *parts_;
  TAMIS_TRY_OK(p.file.verify());
  std::uint64_t by_list = 0, by_record = 0;
  for (std::uint32_t number = 0; number < p.lists.size(); ++number) {
    TAMIS_TRY_OK(p.check_list(number));
    p.for_each_posting(p.lists[number],
                       [&](LocalId passage, std::uint32_t level) { by_list += posting_hash(number, passage, level); });
  }
  for (LocalId passage = 0; passage < p.num_passages(); ++passage) {
    const auto record = p.record(passage);
    std::uint32_t before = 0;
    for (std::uint32_t i = 0; i < record.count; ++i) {
      const auto number = p.record_term(record, i);
      if (i > 0 && number <= before) {
        return p.corrupt(fmt::format("forward record of passage {}: terms do not ascend", p.ids[passage]));
      }
      before = number;
      by_record += posting_hash(number, passage, p.level_at(record.levels, i));
    }
  }
  if (by_list != by_record) return p.corrupt("postings and forward records differ");
  return ok();
}

}  // namespace tamis::index
