#include "blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "cleanup.h"
#include "segment_writer.h"

namespace tamis::engine {
namespace {

constexpr std::uint32_t kBlockBits = 16;

/// The fields of a segment that an index of blocks is of.
Result<std::vector<const index::SparseField*>> fields_of(const OpenSegment& segment,
                                                         const std::vector<std::string>& names) {
  std::vector<const index::SparseField*> fields;
  for (const auto& name : names) {
    const auto* field = segment.find_field(name);
    if (field == nullptr) return Error{Code::kCorrupt, fmt::format("segment {}: no field {}", segment.row.id, name)};
    fields.push_back(field);
  }
  return fields;
}

/// The term of one of n fields among the terms of all; they may be too many for an index of blocks.
[[nodiscard]] bool terms_fit(const std::vector<const index::SparseField*>& fields) {
  return std::all_of(fields.begin(), fields.end(), [&](const auto* field) {
    const auto terms = field->terms();
    return terms.empty() || terms.back() < std::numeric_limits<TermId>::max() / fields.size();
  });
}

/// A passage's vectors of all fields as one.
class JoinedVectors {
 public:
  explicit JoinedVectors(std::vector<const index::SparseField*> fields) : fields_(std::move(fields)) {}

  void read(LocalId passage) {
    joined_.clear();
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      fields_[f]->vector(passage, terms_, levels_);
      for (std::size_t i = 0; i < terms_.size(); ++i) {
        joined_.emplace_back(static_cast<TermId>(terms_[i] * fields_.size() + f), levels_[i]);
      }
    }
    if (fields_.size() > 1) std::sort(joined_.begin(), joined_.end());
    terms_.clear();
    levels_.clear();
    for (const auto& [term, level] : joined_) {
      terms_.push_back(term);
      levels_.push_back(level);
    }
  }
  [[nodiscard]] std::span<const TermId> terms() const { return terms_; }
  [[nodiscard]] std::span<const std::uint16_t> levels() const { return levels_; }

 private:
  std::vector<const index::SparseField*> fields_;
  std::vector<TermId> terms_;
  std::vector<std::uint16_t> levels_;
  std::vector<std::pair<TermId, std::uint16_t>> joined_;
};

/// Builds the index of one segment and writes its file.
Status write_blocks(const OpenSegment& segment, const std::vector<std::string>& names,
                    const std::filesystem::path& path, ThreadPool& pool, ProgressSink& progress,
                    const CancelToken& cancel) {
  TAMIS_TRY(auto fields, fields_of(segment, names));
  if (!terms_fit(fields)) return Error{Code::kExhausted, "more terms than an index of blocks can have"};
  // Damage must not spread into the new file.
  for (const auto* field : fields) TAMIS_TRY_OK(field->verify());
  JoinedVectors vectors(fields);
  sieve::BlockIndexBuilder builder({1.0F, kBlockBits});
  for (LocalId passage = 0; passage < segment.field.num_passages(); ++passage) {
    if (cancel.cancelled()) return Error{Code::kCancelled, "cancelled"};
    vectors.read(passage);
    TAMIS_TRY_OK(builder.add_levels(passage, vectors.terms(), vectors.levels()));
  }
  TAMIS_TRY(const auto index, builder.finish(pool, progress));
  return index.save(path);
}

/// What a posting adds to a sum that says whether two sets of postings are the same.
[[nodiscard]] std::uint64_t mark_of(PassageId passage, std::uint16_t level) {
  std::uint64_t x = (passage << 16U | level) * 0x9E3779B97F4A7C15ULL;
  x ^= x >> 32U;
  x *= 0xD6E8FEB86659FD93ULL;
  return x ^ x >> 32U;
}

}  // namespace

std::vector<std::string> block_fields(const store::SegmentRow& row, std::span<const EncoderSettings> encoders) {
  std::vector<std::string> fields;
  for (const auto name : {kBm25Field, kVectorField}) {
    if (has_field(row, name)) fields.emplace_back(name);
  }
  for (const auto& encoder : encoders) {
    if (has_field(row, encoder.name)) fields.push_back(encoder.name);
  }
  return fields;
}

Status make_blocks(const IndexPaths& paths, store::Catalogue& catalogue, std::uint64_t least_passages, ThreadPool& pool,
                   ProgressSink& progress, const CancelToken& cancel) {
  TAMIS_TRY(const auto generation, catalogue.generation());
  TAMIS_TRY(const auto settings, settings_of(generation));
  std::vector<const store::SegmentRow*> missing;
  for (const auto& row : generation.segments) {
    const bool waiting = std::any_of(settings.encoders.begin(), settings.encoders.end(),
                                     [&](const auto& encoder) { return !has_field(row, encoder.name); });
    if (waiting || row.num_passages < least_passages) continue;
    if (blocks_file_of(row) != blocks_file_name(row.id, block_fields(row, settings.encoders))) missing.push_back(&row);
  }
  std::sort(missing.begin(), missing.end(),
            [](const auto* a, const auto* b) { return a->num_passages < b->num_passages; });
  for (const auto* row : missing) {
    TAMIS_TRY(const auto segment, open_segment(paths, *row, generation.tombstones, settings.encoders));
    const auto fields = block_fields(*row, settings.encoders);
    const auto name = blocks_file_name(row->id, fields);
    auto written = write_blocks(segment, fields, paths.segment_file(name), pool, progress, cancel);
    if (!written && written.error().code == Code::kExhausted) continue;  // it is searched by windows
    TAMIS_TRY_OK(std::move(written));
    store::Publication publication;
    if (const auto old = blocks_file_of(*row); !old.empty()) {
      publication.dropped_files.push_back({row->id, old, file_bytes(paths.segment_file(old))});
    }
    publication.added_files.push_back({row->id, name, file_bytes(paths.segment_file(name))});
    TAMIS_TRY_OK(catalogue.publish(publication));
  }
  return missing.empty() ? ok() : remove_orphans(paths, catalogue);
}

Status verify_blocks(const OpenSegment& segment) {
  if (!segment.blocks) return ok();
  const auto name = blocks_file_of(segment.row);
  TAMIS_TRY(auto fields, fields_of(segment, fields_of_blocks(name)));
  const auto terms = segment.blocks->terms();
  std::vector<std::uint64_t> wanted(terms.size());
  JoinedVectors vectors(std::move(fields));
  for (LocalId passage = 0; passage < segment.field.num_passages(); ++passage) {
    vectors.read(passage);
    for (std::size_t i = 0; i < vectors.terms().size(); ++i) {
      const auto at = std::lower_bound(terms.begin(), terms.end(), vectors.terms()[i]);
      if (at == terms.end() || *at != vectors.terms()[i]) {
        return Error{Code::kCorrupt, fmt::format("{}: no list of term {}", name, vectors.terms()[i])};
      }
      wanted[static_cast<std::size_t>(at - terms.begin())] += mark_of(passage, vectors.levels()[i]);
    }
  }
  std::vector<std::pair<PassageId, std::uint16_t>> postings;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    segment.blocks->postings(terms[i], postings);
    std::uint64_t sum = 0;
    for (const auto& [passage, level] : postings) sum += mark_of(passage, level);
    if (sum != wanted[i]) {
      return Error{Code::kCorrupt, fmt::format("{}: the list of term {} is not the fields'", name, terms[i])};
    }
  }
  return ok();
}

}  // namespace tamis::engine
