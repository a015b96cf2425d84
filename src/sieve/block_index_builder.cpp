#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "document_order.h"
#include "layout.h"

namespace tamis::sieve {
namespace {

/// Lists are made in pieces of about so many postings, each by one worker: what is in memory beside the result.
constexpr std::uint64_t kPiecePostings = 1U << 21;

struct Posting {
  std::uint32_t passage = 0;
  std::uint16_t level = 0;
};

/// The lists of some terms, numbered from `first`, and their arrays from 0.
struct Piece {
  std::size_t first = 0, last = 0;
  std::vector<List> lists;
  std::vector<std::uint8_t> bounds;
  std::vector<RunLine> lines;
  std::vector<std::uint8_t> data;
  std::vector<std::uint32_t> flat_passages;
  std::vector<Weight> flat_weights;
};

class ListWriter {
 public:
  ListWriter(const BlockIndex::Parts& parts, Piece& piece) : parts_(parts), piece_(piece) {}

  /// @param postings  ascending by passage
  void add(std::span<const Posting> postings) {
    std::uint32_t largest = 0;
    std::uint32_t runs = 0;
    std::uint32_t last = BlockIndex::Parts::kNoList;
    for (const auto& [passage, level] : postings) {
      largest = std::max<std::uint32_t>(largest, level);
      runs += passage / kBlock != last ? 1 : 0;
      last = passage / kBlock;
    }
    List list;
    list.count = static_cast<std::uint32_t>(postings.size());
    list.step = static_cast<std::uint16_t>(step_of(largest));
    list.is_row = std::uint64_t{runs} * kRowShare >= parts_.num_blocks() ? 1 : 0;
    if (list.is_row != 0) {
      list.first = piece_.bounds.size() / parts_.row_blocks();
      list.data = piece_.data.size();
      add_row(postings, list);
    } else {
      list.first = piece_.flat_passages.size();
      for (const auto& [passage, level] : postings) {
        piece_.flat_passages.push_back(passage);
        piece_.flat_weights.push_back(split_level(level, list.step));
      }
    }
    piece_.lists.push_back(list);
  }

 private:
  void add_row(std::span<const Posting> postings, const List& list) {
    const std::size_t bounds = piece_.bounds.size();
    const std::size_t lines = piece_.lines.size();
    piece_.bounds.resize(bounds + parts_.row_blocks());
    piece_.lines.resize(lines + parts_.row_lines());
    auto next = postings.begin();
    for (std::uint32_t block = 0; block < parts_.row_lines() * kLineBlocks; ++block) {
      auto& line = piece_.lines[lines + block / kLineBlocks];
      const std::uint32_t at = block % kLineBlocks;
      if (at == 0) line.base = static_cast<std::uint32_t>(piece_.data.size() - list.data);
      const auto first = next;
      while (next != postings.end() && next->passage / kBlock == block) ++next;
      if (next != first) {
        piece_.bounds[bounds + block] = add_run({first, next}, list.step);
      }
      line.at[at + 1] = static_cast<std::uint16_t>(piece_.data.size() - list.data - line.base);
    }
  }
  /// Returns the largest code.
  std::uint8_t add_run(std::span<const Posting> run, std::uint32_t step) {
    auto& data = piece_.data;
    if (run.size() <= kFew) {
      for (const auto& posting : run) data.push_back(static_cast<std::uint8_t>(posting.passage % kBlock));
    } else {
      std::uint64_t mask = 0;
      for (const auto& posting : run) mask |= 1ULL << (posting.passage % kBlock);
      for (std::uint32_t byte = 0; byte < 8; ++byte) data.push_back(static_cast<std::uint8_t>(mask >> (8 * byte)));
    }
    std::uint8_t largest = 0;
    for (const auto& posting : run) {
      const auto code = split_level(posting.level, step).code;
      data.push_back(code);
      largest = std::max(largest, code);
    }
    for (const auto& posting : run) data.push_back(split_level(posting.level, step).rest);
    return largest;
  }

  const BlockIndex::Parts& parts_;
  Piece& piece_;
};

/// Gathers the postings of terms [first, last) from all rows, in the order of places.
void make_piece(const Rows& rows, std::span<const std::uint32_t> order, const BlockIndex::Parts& parts, Piece& piece) {
  const auto terms = std::span(parts.terms.data(), parts.terms.size()).subspan(piece.first, piece.last - piece.first);
  const TermId lowest = terms.front();
  const TermId highest = terms.back();
  std::vector<std::uint64_t> ends(terms.size() + 1);
  for (std::size_t i = 0; i < terms.size(); ++i) ends[i + 1] = ends[i] + parts.lists[piece.first + i].count;
  std::vector<std::uint64_t> at(ends.begin(), ends.end() - 1);
  std::vector<Posting> postings(ends.back());
  for (std::uint32_t place = 0; place < order.size(); ++place) {
    const auto begin = rows.terms.begin() + static_cast<std::ptrdiff_t>(rows.starts[order[place]]);
    const auto end = rows.terms.begin() + static_cast<std::ptrdiff_t>(rows.starts[order[place] + 1]);
    for (auto term = std::lower_bound(begin, end, lowest); term != end && *term <= highest; ++term) {
      const std::size_t number =
          parts.numbers.empty()
              ? static_cast<std::size_t>(std::lower_bound(terms.begin(), terms.end(), *term) - terms.begin())
              : parts.numbers[*term] - piece.first;
      postings[at[number]++] = {place, rows.levels[static_cast<std::size_t>(term - rows.terms.begin())]};
    }
  }
  ListWriter writer(parts, piece);
  for (std::size_t i = 0; i < terms.size(); ++i)
    writer.add(std::span(postings).subspan(ends[i], ends[i + 1] - ends[i]));
  piece.bounds.shrink_to_fit();
  piece.lines.shrink_to_fit();
  piece.data.shrink_to_fit();
  piece.flat_passages.shrink_to_fit();
  piece.flat_weights.shrink_to_fit();
}

/// Counts the terms; their lists hold their counts then.
void count_terms(const Rows& rows, BlockIndex::Parts& parts) {
  constexpr TermId kCounted = 1U << 26;  // larger ones are sorted
  std::vector<std::uint32_t> counts;
  std::vector<TermId> beyond;
  for (const auto term : rows.terms) {
    if (term >= kCounted) {
      beyond.push_back(term);
      continue;
    }
    if (term >= counts.size()) counts.resize(std::max<std::size_t>(term + 1, 2 * counts.size()));
    ++counts[term];
  }
  std::sort(beyond.begin(), beyond.end());
  std::vector<std::pair<TermId, std::uint32_t>> all;
  for (std::size_t term = 0; term < counts.size(); ++term) {
    if (counts[term] > 0) all.emplace_back(static_cast<TermId>(term), counts[term]);
  }
  for (const auto term : beyond) {
    if (all.empty() || all.back().first != term) all.emplace_back(term, 0);
    ++all.back().second;
  }
  parts.terms = AlignedBuffer<TermId>(all.size());
  parts.lists = AlignedBuffer<List>(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    parts.terms[i] = all[i].first;
    parts.lists[i].count = all[i].second;
  }
}

[[nodiscard]] std::vector<Piece> cut_pieces(const BlockIndex::Parts& parts) {
  std::vector<Piece> pieces;
  std::uint64_t postings = 0;
  for (std::size_t i = 0; i < parts.terms.size(); ++i) {
    if (pieces.empty() || postings >= kPiecePostings) {
      pieces.emplace_back().first = i;
      postings = 0;
    }
    postings += parts.lists[i].count;
    pieces.back().last = i + 1;
  }
  return pieces;
}

template <class T>
void append(std::vector<T>& from, AlignedBuffer<T>& to, std::size_t& at) {
  std::copy(from.begin(), from.end(), to.data() + at);
  at += from.size();
  from = {};
}

/// One after the other, numbers shifted to where they then are.
void join(std::vector<Piece>& pieces, BlockIndex::Parts& parts) {
  std::size_t bounds = 0, lines = 0, data = 0, flat = 0;
  for (const auto& piece : pieces) {
    bounds += piece.bounds.size();
    lines += piece.lines.size();
    data += piece.data.size();
    flat += piece.flat_passages.size();
  }
  parts.bounds = AlignedBuffer<std::uint8_t>(bounds);
  parts.lines = AlignedBuffer<RunLine>(lines);
  parts.data = AlignedBuffer<std::uint8_t>(data + BlockIndex::Parts::kDataPadding);
  parts.flat_passages = AlignedBuffer<std::uint32_t>(flat);
  parts.flat_weights = AlignedBuffer<Weight>(flat);
  bounds = lines = data = flat = 0;
  for (auto& piece : pieces) {
    const std::size_t rows = parts.row_blocks() == 0 ? 0 : bounds / parts.row_blocks();
    for (std::size_t i = 0; i < piece.lists.size(); ++i) {
      auto list = piece.lists[i];
      list.first += list.is_row != 0 ? rows : flat;
      list.data += list.is_row != 0 ? data : 0;
      parts.lists[piece.first + i] = list;
    }
    append(piece.bounds, parts.bounds, bounds);
    append(piece.lines, parts.lines, lines);
    append(piece.data, parts.data, data);
    std::size_t weights = flat;
    append(piece.flat_weights, parts.flat_weights, weights);
    append(piece.flat_passages, parts.flat_passages, flat);
  }
  parts.num_rows = static_cast<std::uint32_t>(parts.row_blocks() == 0 ? 0 : bounds / parts.row_blocks());
}

}  // namespace

BlockIndexBuilder::BlockIndexBuilder(sparse::WeightScale scale) : scale_(scale) {}

Status BlockIndexBuilder::add(PassageId id, sparse::SparseView vector) {
  TAMIS_TRY_OK(scale_.validate());
  if (vector.terms.size() != vector.weights.size()) {
    return Error{Code::kInvalidArgument,
                 fmt::format("passage {}: {} terms but {} weights", id, vector.terms.size(), vector.weights.size())};
  }
  for (std::size_t i = 0; i < vector.weights.size(); ++i) {
    if (!(vector.weights[i] > 0) || vector.weights[i] > std::numeric_limits<float>::max()) {
      return Error{Code::kInvalidArgument, fmt::format("passage {}: weight {} of term {} (wanted finite and above 0)",
                                                       id, vector.weights[i], vector.terms[i])};
    }
  }
  scratch_.resize(vector.weights.size());
  const auto clipped = sparse::quantize(scale_, vector.weights, scratch_);
  TAMIS_TRY_OK(add_levels(id, vector.terms, scratch_));
  num_clipped_ += clipped;
  return ok();
}

Status BlockIndexBuilder::add_levels(PassageId id, std::span<const TermId> terms,
                                     std::span<const std::uint16_t> levels) {
  if (scale_.bits != 16) return Error{Code::kInvalidArgument, "block index: weights of 16 bits are wanted"};
  if (ids_.size() >= std::numeric_limits<std::uint32_t>::max() - kBlock) {
    return Error{Code::kExhausted, "block index: more than 2^32 - 64 passages"};
  }
  if (!ids_.empty() && id <= ids_.back()) {
    return Error{Code::kInvalidArgument, fmt::format("passage {} after {} (wanted ascending)", id, ids_.back())};
  }
  if (terms.size() != levels.size()) {
    return Error{Code::kInvalidArgument,
                 fmt::format("passage {}: {} terms but {} levels", id, terms.size(), levels.size())};
  }
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (i > 0 && terms[i] <= terms[i - 1]) {
      return Error{Code::kInvalidArgument,
                   fmt::format("passage {}: term {} after {} (wanted ascending)", id, terms[i], terms[i - 1])};
    }
    if (levels[i] == 0 || levels[i] > scale_.levels()) {
      return Error{Code::kInvalidArgument, fmt::format("passage {}: level {} of term {} (wanted 1 to {})", id,
                                                       levels[i], terms[i], scale_.levels())};
    }
  }
  ids_.push_back(id);
  terms_.insert(terms_.end(), terms.begin(), terms.end());
  levels_.insert(levels_.end(), levels.begin(), levels.end());
  starts_.push_back(terms_.size());
  return ok();
}

Result<BlockIndex> BlockIndexBuilder::finish(ThreadPool& pool, ProgressSink& progress) {
  auto parts = std::make_unique<BlockIndex::Parts>();
  const Rows rows{starts_, terms_, levels_};
  TAMIS_TRY(const auto order, order_rows(rows, kBlock, pool, progress));
  parts->scale = scale_;
  parts->num_passages = static_cast<std::uint32_t>(ids_.size());
  parts->num_postings = terms_.size();
  parts->ids = AlignedBuffer<PassageId>(ids_.size());
  for (std::size_t place = 0; place < order.size(); ++place) parts->ids[place] = ids_[order[place]];
  count_terms(rows, *parts);
  parts->number_terms();
  auto pieces = cut_pieces(*parts);
  progress.begin("cutting lists", pieces.size(), "pieces");
  TAMIS_TRY_OK(pool.parallel_for(pieces.size(), [&](std::size_t i, std::size_t) {
    make_piece(rows, order, *parts, pieces[i]);
    return ok();
  }));
  *this = BlockIndexBuilder(scale_);  // the vectors go before the lists are copied together
  join(pieces, *parts);
  progress.end();
  return BlockIndex(std::move(parts));
}

}  // namespace tamis::sieve
