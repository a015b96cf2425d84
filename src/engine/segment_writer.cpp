#include "segment_writer.h"

#include <tamis/base/freed_memory.h>
#include <tamis/sparse/quantize.h>

#include <algorithm>
#include <utility>

#include "stopwatch.h"

namespace tamis::engine {
namespace {

constexpr std::size_t kChunkEntries = 1 << 18;
/// A gathered count takes 8 bytes; encoded 5, and while it is inverted 13 more.
constexpr std::uint64_t kBytesACount = 18;
constexpr std::uint64_t kBytesAPassage = 24;

}  // namespace

Result<SegmentWriter> SegmentWriter::create(const IndexPaths& paths, store::SegmentId id, PassageId first) {
  TAMIS_TRY(auto texts, store::TextWriter::create(paths.segment_file(text_file_name(id))));
  return SegmentWriter(id, first, std::move(texts));
}

void SegmentWriter::add_passage(std::span<const sparse::TermCount> counts, std::uint32_t length) {
  if (chunks_.empty() || chunks_.back().counts.size() + counts.size() > kChunkEntries) {
    chunks_.emplace_back();
    chunks_.back().counts.reserve(std::max(kChunkEntries, counts.size()));
  }
  auto& chunk = chunks_.back();
  chunk.counts.insert(chunk.counts.end(), counts.begin(), counts.end());
  chunk.ends.push_back(static_cast<std::uint32_t>(chunk.counts.size()));
  chunk.lengths.push_back(length);
  ++num_passages_;
  num_counts_ += counts.size();
  num_words_ += length;
}

double SegmentWriter::mean_length() const noexcept {
  return num_passages_ == 0 ? 0.0 : static_cast<double>(num_words_) / static_cast<double>(num_passages_);
}

std::uint64_t SegmentWriter::memory_bytes() const noexcept {
  return num_counts_ * kBytesACount + num_passages_ * kBytesAPassage;
}

Status SegmentWriter::encode(const sparse::DocumentEncoder& encoder, const sparse::WeightScale& scale, Chunk& chunk,
                             EncodedChunk& out) {
  sparse::SparseVector vector;
  out.terms.reserve(chunk.counts.size());
  out.levels.reserve(chunk.counts.size());
  std::size_t begin = 0;
  for (std::size_t i = 0; i < chunk.ends.size(); ++i) {
    const auto counts = std::span(chunk.counts).subspan(begin, chunk.ends[i] - begin);
    begin = chunk.ends[i];
    std::sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.term < b.term; });
    sparse::EncoderInput input;
    input.counts = counts;
    input.length = chunk.lengths[i];
    TAMIS_TRY_OK(encoder.encode(input, vector));
    const auto at = out.levels.size();
    out.terms.insert(out.terms.end(), vector.terms.begin(), vector.terms.end());
    out.levels.resize(at + vector.size());
    sparse::quantize(scale, vector.weights, std::span(out.levels).subspan(at));
    out.ends.push_back(static_cast<std::uint32_t>(out.terms.size()));
  }
  chunk = {};
  return ok();
}

Status SegmentWriter::build(index::FieldBuilder& builder, const sparse::DocumentEncoder& encoder,
                            const sparse::WeightScale& scale, ThreadPool& pool) {
  const std::size_t at_once = pool.size() * 2;
  PassageId passage = first_;
  while (!chunks_.empty()) {
    std::vector<EncodedChunk> encoded(std::min(at_once, chunks_.size()));
    TAMIS_TRY_OK(pool.parallel_for(
        encoded.size(), [&](std::size_t i, std::size_t) { return encode(encoder, scale, chunks_[i], encoded[i]); }));
    for (auto& chunk : encoded) {
      std::size_t begin = 0;
      for (const auto end : chunk.ends) {
        TAMIS_TRY_OK(builder.add_levels(passage++, std::span(chunk.terms).subspan(begin, end - begin),
                                        std::span(chunk.levels).subspan(begin, end - begin)));
        begin = end;
      }
      chunk = {};
      chunks_.pop_front();
    }
  }
  return ok();
}

Result<store::SegmentRow> SegmentWriter::finish(const IndexPaths& paths, const sparse::DocumentEncoder& encoder,
                                                ThreadPool& pool, IngestReport& report) {
  store::SegmentRow row;
  row.id = id_;
  row.num_passages = num_passages_;
  const sparse::WeightScale scale{encoder.ceiling(), kBm25Bits};
  {
    const Stopwatch watch(report.build_seconds);
    index::FieldBuilder builder({std::string(kBm25Field), encoder.fingerprint(), scale});
    builder.reserve(num_passages_, num_counts_);
    TAMIS_TRY_OK(build(builder, encoder, scale, pool));
    give_back_freed_memory();  // the counts; inverting takes as much again
    row.files.push_back(field_file_name(id_, kBm25Field));
    TAMIS_TRY_OK(builder.finish(paths.segment_file(row.files.back()), pool));
  }
  const Stopwatch watch(report.text_seconds);
  row.files.push_back(text_file_name(id_));
  TAMIS_TRY_OK(texts_.finish());
  for (const auto& name : row.files) row.num_bytes += file_bytes(paths.segment_file(name));
  return row;
}

}  // namespace tamis::engine
