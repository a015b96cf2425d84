#include "merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "blocks.h"
#include "cleanup.h"
#include "open_segments.h"
#include "segment_writer.h"
#include "settings.h"
#include "vocabulary_chain.h"

namespace tamis::engine {
namespace {

constexpr std::uint64_t kSmallestTier = 1024;
constexpr std::uint64_t kTierFactor = 8;
constexpr std::uint64_t kMaxPassages = 1ULL << 31;

std::uint32_t tier_of(std::uint64_t live) {
  std::uint32_t tier = 0;
  for (std::uint64_t border = kSmallestTier; live >= border; border *= kTierFactor) ++tier;
  return tier;
}

/// Merges one group into a new segment.
class GroupMerge {
 public:
  GroupMerge(const IndexPaths& paths, store::Catalogue& catalogue, std::span<const EncoderSettings> encoders,
             ThreadPool& pool, const CancelToken& cancel)
      : paths_(paths), catalogue_(catalogue), encoders_(encoders), pool_(pool), cancel_(cancel) {}

  Result<std::uint64_t> run(const store::Generation& generation, const std::vector<store::SegmentId>& group) {
    for (const auto id : group) {
      const auto row = std::find_if(generation.segments.begin(), generation.segments.end(),
                                    [&](const auto& segment) { return segment.id == id; });
      TAMIS_TRY(auto segment, open_segment(paths_, *row, generation.tombstones, encoders_));
      num_live_ += segment.num_live();
      segments_.push_back(std::move(segment));
      publication_.removed_segments.push_back(id);
    }
    if (num_live_ > 0) TAMIS_TRY_OK(write());
    TAMIS_TRY_OK(catalogue_.publish(publication_));
    return num_live_;
  }

 private:
  Status write() {
    TAMIS_TRY(row_.id, catalogue_.next_segment());
    row_.num_passages = num_live_;
    TAMIS_TRY_OK(merge_all_fields());
    if (segments_.front().texts) TAMIS_TRY_OK(copy_texts());
    TAMIS_TRY_OK(move_documents());
    for (const auto& name : row_.files) row_.num_bytes += file_bytes(paths_.segment_file(name));
    publication_.added_segments.push_back(row_);
    return ok();
  }

  Status merge_all_fields() {
    std::vector<index::SparseField> fields;
    for (const auto& segment : segments_) fields.push_back(segment.field);
    TAMIS_TRY_OK(merge_field(fields));
    for (std::size_t i = 0; i < encoders_.size(); ++i) {
      if (!segments_.front().vectors[i]) continue;  // then none of the group has it
      fields.clear();
      for (const auto& segment : segments_) fields.push_back(*segment.vectors[i]);
      TAMIS_TRY_OK(merge_field(fields));
    }
    return ok();
  }

  Status merge_field(const std::vector<index::SparseField>& fields) {
    std::vector<const index::Bitmap*> deleted;
    for (const auto& segment : segments_) deleted.push_back(segment.num_deleted == 0 ? nullptr : &segment.deleted);
    row_.files.push_back(field_file_name(row_.id, fields.front().config().name));
    TAMIS_TRY(const auto report, index::merge_fields(fields, deleted, paths_.segment_file(row_.files.back()), pool_));
    if (report.num_passages == num_live_) return ok();
    return Error{Code::kCorrupt, fmt::format("segment {}: the merge gave {} passages (wanted {})", row_.id,
                                             report.num_passages, num_live_)};
  }

  /// Documents of all segments by first passage: the order of the merged stream, the same as of the passages.
  struct Text {
    PassageId first = 0;
    std::size_t segment = 0;
    DocumentId id = 0;
    std::uint64_t offset = 0, bytes = 0;
  };
  Result<std::vector<Text>> live_documents() const {
    std::vector<Text> texts;
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      TAMIS_TRY_OK(catalogue_.for_each_document(segments_[i].row.id, [&](const store::DocumentRow& document) {
        texts.push_back({document.first_passage, i, document.id, document.text_offset, document.text_bytes});
        return ok();
      }));
    }
    std::sort(texts.begin(), texts.end(), [](const Text& a, const Text& b) { return a.first < b.first; });
    return texts;
  }

  Status copy_texts() {
    row_.files.push_back(text_file_name(row_.id));
    TAMIS_TRY(auto writer, store::TextWriter::create(paths_.segment_file(row_.files.back())));
    std::vector<TextCursor> cursors;
    for (const auto& segment : segments_) {
      if (!segment.texts) return Error{Code::kCorrupt, fmt::format("segment {}: has no text file", segment.row.id)};
      cursors.emplace_back(*segment.texts);
    }
    TAMIS_TRY(const auto texts, live_documents());
    for (const auto& text : texts) {
      if (cancel_.cancelled()) return Error{Code::kCancelled, "cancelled"};
      TAMIS_TRY(const auto bytes, cursors[text.segment].read(text.offset, text.bytes));
      TAMIS_TRY(const auto offset, writer.append(bytes));
      publication_.moved.push_back({text.id, row_.id, offset});
    }
    return writer.finish();
  }

  Status move_documents() {
    if (segments_.front().texts) return ok();
    TAMIS_TRY(const auto texts, live_documents());
    for (const auto& text : texts) publication_.moved.push_back({text.id, row_.id, 0});
    return ok();
  }

  const IndexPaths& paths_;
  store::Catalogue& catalogue_;
  std::span<const EncoderSettings> encoders_;
  ThreadPool& pool_;
  const CancelToken& cancel_;
  std::vector<OpenSegment> segments_;
  std::uint64_t num_live_ = 0;
  store::SegmentRow row_;
  store::Publication publication_;
};

/// The segments that may be merged with each other: those with the same fields. One whose field is in the making is
/// left alone, for the sake of the parts that are there.
std::vector<std::vector<SegmentSize>> mergeable(const IndexPaths& paths, const store::Generation& generation,
                                                std::span<const EncoderSettings> encoders) {
  std::map<store::SegmentId, std::uint64_t> deleted;
  for (const auto& tombstone : generation.tombstones) deleted[tombstone.segment] += tombstone.count;
  std::map<std::vector<bool>, std::vector<SegmentSize>> sets;
  for (const auto& segment : generation.segments) {
    std::vector<bool> fields;
    bool in_the_making = false;
    for (const auto& encoder : encoders) {
      fields.push_back(has_field(segment, encoder.name));
      const auto first_part = paths.segment_file(part_file_name(segment.id, encoder.name, 0));
      in_the_making = in_the_making || (!fields.back() && file_bytes(first_part) > 0);
    }
    if (in_the_making) continue;
    sets[fields].push_back({segment.id, segment.num_passages, deleted[segment.id], block_memory(paths, segment)});
  }
  std::vector<std::vector<SegmentSize>> out;
  for (auto& [fields, segments] : sets) out.push_back(std::move(segments));
  return out;
}

/// Takes the smallest members as groups that stay within the limits; those that fit nowhere are left.
void gather(std::vector<SegmentSize>& members, std::uint64_t most_bytes,
            std::vector<std::vector<store::SegmentId>>& groups) {
  std::sort(members.begin(), members.end(), [](const SegmentSize& a, const SegmentSize& b) {
    return std::pair(a.passages - a.deleted, a.id) < std::pair(b.passages - b.deleted, b.id);
  });
  std::vector<SegmentSize> left;
  for (auto next = members.begin(); next != members.end();) {
    const auto first = next;
    std::uint64_t passages = 0, bytes = 0;
    for (; next != members.end(); ++next) {
      const auto live = next->passages - next->deleted;
      const auto live_bytes = static_cast<std::uint64_t>(static_cast<double>(next->bytes) * static_cast<double>(live) /
                                                         static_cast<double>(next->passages));
      if (next != first && (passages + live > kMaxPassages || bytes + live_bytes > most_bytes)) break;
      passages += live;
      bytes += live_bytes;
    }
    if (next - first == 1) {
      left.push_back(*first);
      continue;
    }
    std::vector<store::SegmentId> group;
    for (auto at = first; at != next; ++at) group.push_back(at->id);
    std::sort(group.begin(), group.end());
    groups.push_back(std::move(group));
  }
  members = std::move(left);
}

Status merge_vocabularies(const IndexPaths& paths, store::Catalogue& catalogue, bool everything) {
  TAMIS_TRY(const auto generation, catalogue.generation());
  const auto& names = generation.vocabularies;
  if (names.size() <= (everything ? 1 : kMaxVocabularies)) return ok();
  TAMIS_TRY(auto vocabulary, open_vocabulary(paths, names));
  const auto name = merged_vocabulary_file_name(generation.number);
  TAMIS_TRY_OK(index::VocabularyWriter(std::move(vocabulary)).write_all(paths.segment_file(name)));
  store::Publication publication;
  publication.added_vocabularies = {name};
  publication.replace_vocabularies = true;
  return catalogue.publish(publication);
}

}  // namespace

std::vector<std::vector<store::SegmentId>> plan_merges(const std::vector<SegmentSize>& segments, bool everything,
                                                       std::uint64_t most_bytes) {
  std::map<std::uint32_t, std::vector<SegmentSize>> tiers;
  std::vector<std::vector<store::SegmentId>> groups;
  std::vector<store::SegmentId> empty;
  for (const auto& segment : segments) {
    const auto live = segment.passages - segment.deleted;
    if (live == 0) {
      empty.push_back(segment.id);
    } else {
      tiers[everything ? 0 : tier_of(live)].push_back(segment);
    }
  }
  if (!empty.empty()) groups.push_back(std::move(empty));
  for (auto& [tier, members] : tiers) {
    if (members.size() > (everything ? 1 : kMaxSegmentsATier)) gather(members, most_bytes, groups);
    for (const auto& segment : members) {
      const bool rewrite = everything ? segment.deleted > 0 : segment.deleted * 10 > segment.passages * 3;
      if (rewrite) groups.push_back({segment.id});
    }
  }
  return groups;
}

Result<MergeReport> merge_segments(const IndexPaths& paths, store::Catalogue& catalogue, bool everything,
                                   std::uint64_t memory_bytes, ThreadPool& pool, ProgressSink& progress,
                                   const CancelToken& cancel) {
  TAMIS_TRY(auto generation, catalogue.generation());
  TAMIS_TRY(const auto settings, settings_of(generation));
  std::vector<std::vector<store::SegmentId>> groups;
  for (const auto& segments : mergeable(paths, generation, settings.encoders)) {
    for (auto& group : plan_merges(segments, everything, memory_bytes)) groups.push_back(std::move(group));
  }
  MergeReport report;
  if (!groups.empty()) progress.begin("merging", groups.size(), "groups");
  for (const auto& group : groups) {
    if (cancel.cancelled()) return Error{Code::kCancelled, "cancelled"};
    TAMIS_TRY(const auto passages,
              GroupMerge(paths, catalogue, settings.encoders, pool, cancel).run(generation, group));
    report.merged_segments += group.size();
    report.passages += passages;
    TAMIS_TRY_OK(remove_orphans(paths, catalogue));
    progress.update(static_cast<std::uint64_t>(&group - groups.data()) + 1);
  }
  if (!groups.empty()) progress.end();
  TAMIS_TRY_OK(merge_vocabularies(paths, catalogue, everything));
  TAMIS_TRY_OK(remove_orphans(paths, catalogue));
  TAMIS_TRY(generation, catalogue.generation());
  report.segments_left = generation.segments.size();
  return report;
}

}  // namespace tamis::engine
