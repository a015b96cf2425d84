#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>
#include <tamis/engine/engine.h>
#include <tamis/index/field_builder.h>
#include <tamis/sparse/encoder.h>
#include <tamis/store/catalogue.h>
#include <tamis/store/text_file.h>

#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "paths.h"

namespace tamis::engine {

/// A segment of texts in the making: term counts are gathered in memory, texts go to disk at once. Weights are computed
/// when it is closed, because BM25's average length may be known only then. What is not finished leaves no file.
class SegmentWriter {
 public:
  /// @param first  id of the first passage; the others follow one by one
  [[nodiscard]] static Result<SegmentWriter> create(const IndexPaths& paths, store::SegmentId id, PassageId first);

  [[nodiscard]] store::SegmentId id() const noexcept { return id_; }
  /// Returns the text's offset in the segment's stream.
  [[nodiscard]] Result<std::uint64_t> add_text(std::string_view text) { return texts_.append(text); }
  /// @param counts  global terms, each once, in any order
  void add_passage(std::span<const sparse::TermCount> counts, std::uint32_t length);
  [[nodiscard]] std::uint64_t num_passages() const noexcept { return num_passages_; }
  [[nodiscard]] double mean_length() const noexcept;
  /// Of the gathered counts, as the same input always gives it, and of what closing takes on top.
  [[nodiscard]] std::uint64_t memory_bytes() const noexcept;

  /// Encodes, inverts and writes: the segment's files stand, synced, when it returns.
  [[nodiscard]] Result<store::SegmentRow> finish(const IndexPaths& paths, const sparse::DocumentEncoder& encoder,
                                                 ThreadPool& pool, IngestReport& report);

 private:
  /// Passages of about kChunkEntries counts: the unit of parallel encoding, freed as soon as it is encoded.
  struct Chunk {
    std::vector<sparse::TermCount> counts;
    std::vector<std::uint32_t> ends;  ///< of each passage, in counts
    std::vector<std::uint32_t> lengths;
  };
  struct EncodedChunk {
    std::vector<TermId> terms;
    std::vector<std::uint16_t> levels;
    std::vector<std::uint32_t> ends;
  };
  SegmentWriter(store::SegmentId id, PassageId first, store::TextWriter texts)
      : id_(id), first_(first), texts_(std::move(texts)) {}
  [[nodiscard]] static Status encode(const sparse::DocumentEncoder& encoder, const sparse::WeightScale& scale,
                                     Chunk& chunk, EncodedChunk& out);
  [[nodiscard]] Status build(index::FieldBuilder& builder, const sparse::DocumentEncoder& encoder,
                             const sparse::WeightScale& scale, ThreadPool& pool);

  store::SegmentId id_;
  PassageId first_;
  store::TextWriter texts_;
  std::deque<Chunk> chunks_;
  std::uint64_t num_passages_ = 0, num_counts_ = 0, num_words_ = 0;
};

/// The field of a text index.
inline constexpr std::string_view kBm25Field = "bm25";
/// The field of an index of external vectors.
inline constexpr std::string_view kVectorField = "vectors";
inline constexpr std::uint32_t kBm25Bits = 8;

}  // namespace tamis::engine
