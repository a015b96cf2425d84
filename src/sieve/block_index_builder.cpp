#include <fmt/format.h>
#include <tamis/base/freed_memory.h>

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

#include "document_order.h"
#include "layout.h"
#include "list_maker.h"
#include "row_store.h"
#include "term_set.h"

namespace tamis::sieve {
namespace {

constexpr std::uint64_t kMostPassages = std::numeric_limits<std::uint32_t>::max() - std::uint64_t{kBlock} + 1;

/// What the first reading of all rows gives.
struct FirstReading {
  explicit FirstReading(std::size_t size) : short_rows(size) {}
  ShortRows short_rows;
  std::vector<TermId> terms;  ///< ascending
  std::uint64_t num_postings = 0;
};
struct FirstWorker {
  explicit FirstWorker(RowReader row_reader) : reader(std::move(row_reader)) {}
  RowReader reader;
  TermSet terms;
  std::uint64_t num_postings = 0;
  std::vector<std::uint32_t> places;
};

[[nodiscard]] Status read_piece(const RowSource& rows, std::size_t piece, FirstWorker& worker, ShortRows& out) {
  const std::uint64_t first = piece * ShortRows::kPieceRows;
  const std::uint64_t last = std::min<std::uint64_t>(rows.size(), first + ShortRows::kPieceRows);
  for (std::uint64_t row = first; row < last; ++row) {
    if (row > 0 && rows.id(row) <= rows.id(row - 1)) {
      return Error{Code::kInvalidArgument,
                   fmt::format("passage {} after {} (wanted ascending)", rows.id(row), rows.id(row - 1))};
    }
    TAMIS_TRY_OK(worker.reader.read(row));
    for (const auto term : worker.reader.terms()) worker.terms.add(term);
    worker.num_postings += worker.reader.terms().size();
    out.add_row(piece, worker.reader, worker.places);
  }
  out.end_piece(piece);
  return ok();
}

[[nodiscard]] Result<FirstReading> read_first(const RowSource& rows, const sparse::WeightScale& scale, ThreadPool& pool,
                                              const CancelToken& cancel) {
  FirstReading out(static_cast<std::size_t>(rows.size()));
  std::vector<FirstWorker> workers;
  for (std::size_t i = 0; i < pool.size(); ++i) workers.emplace_back(RowReader(rows, scale));
  TAMIS_TRY_OK(pool.parallel_for(
      out.short_rows.num_pieces(),
      [&](std::size_t piece, std::size_t worker) { return read_piece(rows, piece, workers[worker], out.short_rows); },
      cancel));
  for (std::size_t i = 0; i < workers.size(); ++i) {
    out.num_postings += workers[i].num_postings;
    if (i > 0) workers[0].terms.add_all(workers[i].terms);
  }
  out.terms = workers[0].terms.take();
  return out;
}

template <class T>
[[nodiscard]] AlignedBuffer<T> aligned(const std::vector<T>& values) {
  AlignedBuffer<T> out(values.size());
  std::copy(values.begin(), values.end(), out.data());
  return out;
}

[[nodiscard]] PassageIds ids_of(const RowSource& rows, std::span<const std::uint32_t> order) {
  PassageIds ids;
  if (order.empty()) return ids;
  ids.first = rows.id(0);
  if (rows.id(order.size() - 1) - ids.first <= std::numeric_limits<std::uint32_t>::max()) {
    AlignedBuffer<std::uint32_t> near(order.size());
    for (std::size_t place = 0; place < order.size(); ++place) {
      near[place] = static_cast<std::uint32_t>(rows.id(order[place]) - ids.first);
    }
    ids.near = std::move(near);
    return ids;
  }
  ids.first = 0;
  AlignedBuffer<PassageId> far(order.size());
  for (std::size_t place = 0; place < order.size(); ++place) far[place] = rows.id(order[place]);
  ids.far = std::move(far);
  return ids;
}

[[nodiscard]] Status make_parts(const RowSource& rows, BlockIndex::Parts& parts, Preset preset, ThreadPool& pool,
                                ProgressSink& progress, const CancelToken& cancel) {
  std::vector<std::uint32_t> order;
  {
    TAMIS_TRY(const FirstReading first, read_first(rows, parts.scale, pool, cancel));
    TAMIS_TRY(order, order_rows(first.short_rows, kBlock, pool, progress, cancel));
    parts.num_passages = static_cast<std::uint32_t>(rows.size());
    parts.num_postings = first.num_postings;
    parts.terms = aligned(first.terms);
  }
  give_back_freed_memory();
  if (preset == Preset::kSmall && parts.can_pack()) parts.flat_shift = 8;
  parts.ids = ids_of(rows, order);
  parts.number_terms();
  return ListMaker(rows, order, parts, pool, cancel).make(progress);
}

}  // namespace

Result<BlockIndex> build_block_index(const RowSource& rows, const sparse::WeightScale& scale, ThreadPool& pool,
                                     ProgressSink& progress, const CancelToken& cancel, Preset preset) {
  TAMIS_TRY_OK(scale.validate());
  if (rows.size() > kMostPassages) {
    return Error{Code::kExhausted, fmt::format("block index: {} passages (wanted at most 2^32 - 64)", rows.size())};
  }
  try {
    auto parts = std::make_unique<BlockIndex::Parts>();
    parts->scale = scale;
    parts->shape.width = scale.bits / 8;
    parts->row_share = row_share_of(preset);
    TAMIS_TRY_OK(make_parts(rows, *parts, preset, pool, progress, cancel));
    return BlockIndex(std::move(parts));
  } catch (const std::bad_alloc&) {
    return Error{Code::kExhausted, "block index: out of memory"};
  }
}

BlockIndexBuilder::BlockIndexBuilder(sparse::WeightScale scale, Preset preset)
    : scale_(scale), preset_(preset), rows_(std::make_unique<RowStore>()) {}
BlockIndexBuilder::BlockIndexBuilder(BlockIndexBuilder&&) noexcept = default;
BlockIndexBuilder& BlockIndexBuilder::operator=(BlockIndexBuilder&&) noexcept = default;
BlockIndexBuilder::~BlockIndexBuilder() = default;

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
  TAMIS_TRY_OK(scale_.validate());
  const std::uint64_t size = rows_->size();
  if (size >= kMostPassages) return Error{Code::kExhausted, "block index: more than 2^32 - 64 passages"};
  if (size > 0 && id <= rows_->id(size - 1)) {
    return Error{Code::kInvalidArgument,
                 fmt::format("passage {} after {} (wanted ascending)", id, rows_->id(size - 1))};
  }
  TAMIS_TRY_OK(check_vector(id, terms, levels, scale_));
  rows_->add(id, terms, levels);
  return ok();
}

Result<BlockIndex> BlockIndexBuilder::finish(ThreadPool& pool, ProgressSink& progress, const CancelToken& cancel) {
  const auto rows = std::exchange(rows_, std::make_unique<RowStore>());
  num_clipped_ = 0;
  return build_block_index(*rows, scale_, pool, progress, cancel, preset_);
}

}  // namespace tamis::sieve
