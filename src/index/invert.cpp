#include "invert.h"

#include <algorithm>
#include <cstring>

#include "field_parts.h"

namespace tamis::index {
namespace {

/// Distinct terms, ascending, and for each posting the number of its term. Vocabularies that are small against the
/// postings are counted in an array; others (any u32 may come) are sorted.
std::vector<TermId> number_terms(std::span<const TermId> terms, std::vector<std::uint32_t>& numbers, ThreadPool& pool,
                                 Status& status) {
  std::vector<TermId> distinct;
  numbers.resize(terms.size());
  if (terms.empty()) return distinct;
  constexpr std::size_t kChunk = 1U << 20;
  const std::size_t num_chunks = (terms.size() + kChunk - 1) / kChunk;
  const auto chunk = [&](std::size_t c) { return std::pair(c * kChunk, std::min(terms.size(), (c + 1) * kChunk)); };
  const TermId largest = *std::max_element(terms.begin(), terms.end());
  if (largest < 4 * terms.size() + (1U << 20)) {
    std::vector<std::uint32_t> number_of(std::size_t{largest} + 1, 0);
    for (const auto term : terms) number_of[term] = 1;
    for (std::size_t term = 0; term < number_of.size(); ++term) {
      if (number_of[term] == 0) continue;
      number_of[term] = static_cast<std::uint32_t>(distinct.size());
      distinct.push_back(static_cast<TermId>(term));
    }
    status = pool.parallel_for(num_chunks, [&](std::size_t c, std::size_t) {
      for (auto [i, end] = chunk(c); i < end; ++i) numbers[i] = number_of[terms[i]];
      return ok();
    });
    return distinct;
  }
  distinct.assign(terms.begin(), terms.end());
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  status = pool.parallel_for(num_chunks, [&](std::size_t c, std::size_t) {
    for (auto [i, end] = chunk(c); i < end; ++i) {
      numbers[i] =
          static_cast<std::uint32_t>(std::lower_bound(distinct.begin(), distinct.end(), terms[i]) - distinct.begin());
    }
    return ok();
  });
  return distinct;
}

/// Postings by term: passages and levels of list t at [starts[t], starts[t + 1]), passages ascending.
template <class Level>
struct Sorted {
  std::vector<std::uint64_t> starts;
  std::vector<LocalId> docs;
  std::vector<Level> levels;
};

template <class Level>
Status sort_by_term(const ForwardInput<Level>& input, std::span<const std::uint32_t> numbers, std::size_t num_terms,
                    ThreadPool& pool, Sorted<Level>& out) {
  const std::size_t num_passages = input.starts.size() - 1;
  // One part a thread: each counts, then each scatters behind the parts before it, so order is that of one thread.
  const std::size_t num_parts = std::max<std::size_t>(1, std::min<std::size_t>(pool.size(), num_passages));
  const auto part_begin = [&](std::size_t part) { return num_passages * part / num_parts; };
  std::vector<std::vector<std::uint64_t>> cursors(num_parts);
  TAMIS_TRY_OK(pool.parallel_for(num_parts, [&](std::size_t part, std::size_t) {
    cursors[part].assign(num_terms, 0);
    const auto end = input.starts[part_begin(part + 1)];
    for (auto i = input.starts[part_begin(part)]; i < end; ++i) ++cursors[part][numbers[i]];
    return ok();
  }));
  out.starts.assign(num_terms + 1, 0);
  std::uint64_t position = 0;
  for (std::size_t term = 0; term < num_terms; ++term) {
    out.starts[term] = position;
    for (auto& cursor : cursors) {
      const auto count = cursor[term];
      cursor[term] = position;
      position += count;
    }
  }
  out.starts[num_terms] = position;
  out.docs.resize(position);
  out.levels.resize(position);
  return pool.parallel_for(num_parts, [&](std::size_t part, std::size_t) {
    for (auto passage = part_begin(part); passage < part_begin(part + 1); ++passage) {
      for (auto i = input.starts[passage]; i < input.starts[passage + 1]; ++i) {
        const auto at = cursors[part][numbers[i]]++;
        out.docs[at] = static_cast<LocalId>(passage);
        out.levels[at] = input.levels[i];
      }
    }
    return ok();
  });
}

void append(std::vector<std::byte>& out, const void* data, std::size_t bytes) {
  const auto* begin = static_cast<const std::byte*>(data);
  out.insert(out.end(), begin, begin + bytes);
}

void pad(std::vector<std::byte>& out, std::size_t alignment) {
  out.resize((out.size() + alignment - 1) / alignment * alignment, std::byte{0});
}

template <class Level>
void encode_block(std::span<const LocalId> docs, std::span<const Level> levels, ListChunk& chunk) {
  Block block;
  block.window = docs.front() / kWindowPassages;
  block.max_level = *std::max_element(levels.begin(), levels.end());
  block.count_and_kind = static_cast<std::uint16_t>(docs.size());
  const LocalId base = block.window * kWindowPassages;
  if (docs.size() >= kDenseCount) {
    block.count_and_kind |= Block::kDense;
    pad(chunk.payload, 64);
    block.offset = chunk.payload.size();
    std::vector<Level> window(kWindowPassages, Level{0});
    for (std::size_t i = 0; i < docs.size(); ++i) window[docs[i] - base] = levels[i];
    append(chunk.payload, window.data(), window.size() * sizeof(Level));
  } else {
    pad(chunk.payload, 2);
    block.offset = chunk.payload.size();
    for (const auto doc : docs) {
      const auto offset = static_cast<std::uint16_t>(doc - base);
      append(chunk.payload, &offset, 2);
    }
    append(chunk.payload, levels.data(), levels.size() * sizeof(Level));
  }
  chunk.blocks.push_back(block);
}

}  // namespace

template <class Level>
void encode_list(std::span<const LocalId> docs, std::span<const Level> levels, ListChunk& chunk) {
  List list;
  list.count = static_cast<std::uint32_t>(docs.size());
  std::vector<std::uint16_t> copy(levels.begin(), levels.end());
  seed_levels_of(copy, list.seed_levels);
  if (docs.size() <= kShortList) {
    list.first = chunk.short_docs.size();
    chunk.short_docs.insert(chunk.short_docs.end(), docs.begin(), docs.end());
    append(chunk.short_levels, levels.data(), levels.size() * sizeof(Level));
    chunk.lists.push_back(list);
    return;
  }
  list.first = chunk.blocks.size();
  for (std::size_t begin = 0; begin < docs.size();) {
    const auto limit = static_cast<std::uint64_t>(docs[begin] / kWindowPassages + 1) * kWindowPassages;
    const auto end =
        static_cast<std::size_t>(std::partition_point(docs.begin() + static_cast<std::ptrdiff_t>(begin), docs.end(),
                                                      [&](LocalId doc) { return doc < limit; }) -
                                 docs.begin());
    encode_block(docs.subspan(begin, end - begin), levels.subspan(begin, end - begin), chunk);
    begin = end;
  }
  list.num_blocks = static_cast<std::uint32_t>(chunk.blocks.size() - list.first);
  chunk.lists.push_back(list);
}

template void encode_list(std::span<const LocalId>, std::span<const std::uint8_t>, ListChunk&);
template void encode_list(std::span<const LocalId>, std::span<const std::uint16_t>, ListChunk&);

void end_chunk(ListChunk& chunk) { pad(chunk.payload, 64); }

std::vector<std::size_t> cut_into_chunks(std::span<const std::uint64_t> list_lengths) {
  constexpr std::uint64_t kChunkPostings = 1U << 20;
  std::vector<std::size_t> begins{0};
  std::uint64_t postings = 0;
  for (std::size_t term = 0; term < list_lengths.size(); ++term) {
    postings += list_lengths[term];
    if (postings < kChunkPostings && term + 1 < list_lengths.size()) continue;
    begins.push_back(term + 1);
    postings = 0;
  }
  return begins;
}

template <class Level>
Result<Inverted> invert(const ForwardInput<Level>& input, std::vector<std::uint32_t>& numbers, ThreadPool& pool) {
  Inverted inverted;
  Status status = ok();
  inverted.terms = number_terms(input.terms, numbers, pool, status);
  TAMIS_TRY_OK(status);
  Sorted<Level> sorted;
  TAMIS_TRY_OK(sort_by_term(input, numbers, inverted.terms.size(), pool, sorted));
  std::vector<std::uint64_t> lengths(inverted.terms.size());
  for (std::size_t term = 0; term < lengths.size(); ++term) {
    lengths[term] = sorted.starts[term + 1] - sorted.starts[term];
  }
  const auto begins = cut_into_chunks(lengths);
  inverted.chunks.resize(begins.size() - 1);
  TAMIS_TRY_OK(pool.parallel_for(inverted.chunks.size(), [&](std::size_t c, std::size_t) {
    for (std::size_t term = begins[c]; term < begins[c + 1]; ++term) {
      encode_list(std::span<const LocalId>(sorted.docs).subspan(sorted.starts[term], lengths[term]),
                  std::span<const Level>(sorted.levels).subspan(sorted.starts[term], lengths[term]),
                  inverted.chunks[c]);
    }
    end_chunk(inverted.chunks[c]);
    return ok();
  }));
  return inverted;
}

template Result<Inverted> invert(const ForwardInput<std::uint8_t>&, std::vector<std::uint32_t>&, ThreadPool&);
template Result<Inverted> invert(const ForwardInput<std::uint16_t>&, std::vector<std::uint32_t>&, ThreadPool&);

}  // namespace tamis::index
