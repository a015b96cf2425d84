#include "blocks.h"

#include <fmt/format.h>
#include <tamis/base/freed_memory.h>
#include <tamis/sieve/row_source.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "cleanup.h"
#include "segment_writer.h"

namespace tamis::engine {
namespace {

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
class JoinedVectors final : public sieve::RowSource {
 public:
  explicit JoinedVectors(std::vector<const index::SparseField*> fields) : fields_(std::move(fields)) {}
  [[nodiscard]] std::uint64_t size() const override { return fields_.front()->num_passages(); }
  [[nodiscard]] PassageId id(std::uint64_t row) const override { return row; }
  [[nodiscard]] Status read(std::uint64_t row, std::vector<TermId>& terms,
                            std::vector<std::uint16_t>& levels) const override {
    const auto passage = static_cast<LocalId>(row);
    fields_.front()->vector(passage, terms, levels);
    if (fields_.size() == 1) return ok();
    std::vector<std::pair<TermId, std::uint16_t>> joined;
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      if (f > 0) fields_[f]->vector(passage, terms, levels);
      for (std::size_t i = 0; i < terms.size(); ++i) {
        joined.emplace_back(static_cast<TermId>(terms[i] * fields_.size() + f), levels[i]);
      }
    }
    std::sort(joined.begin(), joined.end());
    terms.clear();
    levels.clear();
    for (const auto& [term, level] : joined) {
      terms.push_back(term);
      levels.push_back(level);
    }
    return ok();
  }

 private:
  std::vector<const index::SparseField*> fields_;
};

/// Builds the index of one segment and writes its file.
Status write_blocks(const OpenSegment& segment, const std::vector<std::string>& names,
                    const std::filesystem::path& path, ThreadPool& pool, ProgressSink& progress,
                    const CancelToken& cancel) {
  TAMIS_TRY(auto fields, fields_of(segment, names));
  if (!terms_fit(fields)) return Error{Code::kExhausted, "more terms than an index of blocks can have"};
  // Damage must not spread into the new file.
  for (const auto* field : fields) TAMIS_TRY_OK(field->verify());
  // The fewest bits that keep all levels as they are.
  std::uint32_t bits = 8;
  for (const auto* field : fields) bits = std::max(bits, field->config().scale.bits);
  TAMIS_TRY(const auto index,
            sieve::build_block_index(JoinedVectors(std::move(fields)), {1.0F, bits}, pool, progress, cancel));
  return index.save(path);
}

/// Whether a segment has an index of blocks of these fields that this program can read.
Result<bool> has_usable_blocks(const IndexPaths& paths, const store::SegmentRow& row,
                               const std::vector<std::string>& fields) {
  const auto name = blocks_file_name(row.id, fields);
  if (blocks_file_of(row) != name) return false;
  const auto opened = sieve::BlockIndex::open(paths.segment_file(name), sieve::Residence::kMapped);
  if (!opened && opened.error().code != Code::kUnsupported) return opened.error();
  return opened.has_value();
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

std::uint64_t block_memory(const IndexPaths& paths, const store::SegmentRow& row) {
  // While the order is found it is so much a passage, then about as much as the fields' files have.
  constexpr std::uint64_t kBytesAPassage = 400;
  std::uint64_t fields = 0;
  for (const auto& name : row.files) {
    if (name.ends_with(kFieldEnding)) fields += file_bytes(paths.segment_file(name));
  }
  return std::max(fields, row.num_passages * kBytesAPassage);
}

Status make_blocks(const IndexPaths& paths, store::Catalogue& catalogue, std::uint64_t least_passages,
                   std::uint64_t memory_bytes, ThreadPool& pool, ProgressSink& progress, const CancelToken& cancel) {
  TAMIS_TRY(const auto generation, catalogue.generation());
  TAMIS_TRY(const auto settings, settings_of(generation));
  std::vector<const store::SegmentRow*> missing;
  for (const auto& row : generation.segments) {
    const bool waiting = std::any_of(settings.encoders.begin(), settings.encoders.end(),
                                     [&](const auto& encoder) { return !has_field(row, encoder.name); });
    if (waiting || row.num_passages < least_passages || block_memory(paths, row) > memory_bytes) continue;
    TAMIS_TRY(const bool usable, has_usable_blocks(paths, row, block_fields(row, settings.encoders)));
    if (!usable) missing.push_back(&row);
  }
  std::sort(missing.begin(), missing.end(),
            [](const auto* a, const auto* b) { return a->num_passages < b->num_passages; });
  give_back_freed_memory();
  for (const auto* row : missing) {
    TAMIS_TRY(const auto segment, open_segment(paths, *row, generation.tombstones, settings.encoders));
    const auto fields = block_fields(*row, settings.encoders);
    const auto name = blocks_file_name(row->id, fields);
    const auto old = blocks_file_of(*row);
    const auto old_bytes = old.empty() ? 0 : file_bytes(paths.segment_file(old));
    auto written = write_blocks(segment, fields, paths.segment_file(name), pool, progress, cancel);
    if (!written && written.error().code == Code::kExhausted) continue;  // it is searched by windows
    TAMIS_TRY_OK(std::move(written));
    store::Publication publication;
    if (!old.empty()) publication.dropped_files.push_back({row->id, old, old_bytes});
    publication.added_files.push_back({row->id, name, file_bytes(paths.segment_file(name))});
    TAMIS_TRY_OK(catalogue.publish(publication));
  }
  return missing.empty() ? ok() : remove_orphans(paths, catalogue);
}

Status verify_blocks(const OpenSegment& segment) {
  if (!segment.blocks) return ok();
  TAMIS_TRY_OK(segment.blocks->verify());
  const auto name = blocks_file_of(segment.row);
  TAMIS_TRY(auto fields, fields_of(segment, fields_of_blocks(name)));
  const auto terms = segment.blocks->terms();
  std::vector<std::uint64_t> wanted(terms.size());
  const JoinedVectors vectors(std::move(fields));
  std::vector<TermId> of_passage;
  std::vector<std::uint16_t> levels;
  for (LocalId passage = 0; passage < segment.field.num_passages(); ++passage) {
    TAMIS_TRY_OK(vectors.read(passage, of_passage, levels));
    for (std::size_t i = 0; i < of_passage.size(); ++i) {
      const auto at = std::lower_bound(terms.begin(), terms.end(), of_passage[i]);
      if (at == terms.end() || *at != of_passage[i]) {
        return Error{Code::kCorrupt, fmt::format("{}: no list of term {}", name, of_passage[i])};
      }
      wanted[static_cast<std::size_t>(at - terms.begin())] += mark_of(passage, levels[i]);
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
