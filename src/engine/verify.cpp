#include "verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "blocks.h"
#include "open_segments.h"
#include "settings.h"
#include "vocabulary_chain.h"

namespace tamis::engine {
namespace {

constexpr int kOpenAttempts = 10;

/// One pass over one pinned state.
class IndexCheck {
 public:
  IndexCheck(const IndexPaths& paths, store::Catalogue& catalogue, ProgressSink& progress)
      : paths_(paths), catalogue_(catalogue), progress_(progress) {}

  /// False: a file was missing; a merge may have removed it, and the newest state should be looked at.
  bool open() {
    auto generation = catalogue_.generation();
    if (!generation) {
      finding(generation.error());
      return true;
    }
    generation_ = std::move(*generation);
    bool all_there = true;
    const auto note = [&](const Error& error) {
      all_there = all_there && error.code != Code::kNotFound;
      finding(error);
    };
    auto vocabulary = open_vocabulary(paths_, generation_.vocabularies);
    if (vocabulary) {
      vocabulary_ = std::move(*vocabulary);
    } else {
      note(vocabulary.error());
    }
    if (auto settings = settings_of(generation_)) {
      settings_ = std::move(*settings);
    } else {
      finding(settings.error());
    }
    for (const auto& row : generation_.segments) {
      auto segment = open_segment(paths_, row, generation_.tombstones, settings_.encoders);
      if (segment) {
        segments_.push_back(std::move(*segment));
      } else {
        note(within(fmt::format("segment {}", row.id), segment.error()));
      }
    }
    return all_there;
  }

  std::vector<std::string> run() {
    progress_.begin("verifying", segments_.size() + 1, "segments");
    check(catalogue_.verify());
    if (vocabulary_) check(vocabulary_->verify());
    std::uint64_t done = 1;
    for (const auto& segment : segments_) {
      progress_.update(done++);
      check_files(segment);
      check_config(segment);
      check_rows(segment);
    }
    progress_.end();
    return std::move(findings_);
  }

 private:
  void finding(const Error& error) { findings_.push_back(error.message); }
  void check(const Status& status) {
    if (!status) finding(status.error());
  }

  void check_files(const OpenSegment& segment) {
    check(segment.field.verify());
    for (const auto& vectors : segment.vectors) {
      if (vectors) check(vectors->verify());
    }
    if (segment.texts) check(segment.texts->verify());
    check(verify_blocks(segment));
    std::uint64_t bytes = 0;
    bool all_there = true;  // a merge may have removed them meanwhile; we still have them open
    for (const auto& name : segment.row.files) {
      const auto size = file_bytes(paths_.segment_file(name));
      all_there = all_there && size > 0;
      bytes += size;
    }
    if (all_there && bytes != segment.row.num_bytes) {
      findings_.push_back(fmt::format("segment {}: its files have {} bytes (the catalogue says {})", segment.row.id,
                                      bytes, segment.row.num_bytes));
    }
  }

  void check_config(const OpenSegment& segment) {
    const auto& first = segments_.front().field.config();
    if (!(segment.field.config() == first)) {
      findings_.push_back(fmt::format("segment {}: another encoder or scale ({}) than segment {} ({})", segment.row.id,
                                      segment.field.config().fingerprint, segments_.front().row.id, first.fingerprint));
    }
    const auto terms = segment.field.terms();
    if (vocabulary_ && !settings_.numbered_terms && !terms.empty() && terms.back() >= vocabulary_->size()) {
      findings_.push_back(fmt::format("segment {}: term {} is not in the vocabulary of {}", segment.row.id,
                                      terms.back(), vocabulary_->size()));
    }
  }

  /// The field's passages are those of the segment's documents, live or deleted; their texts are where the rows say.
  void check_rows(const OpenSegment& segment) {
    std::vector<std::pair<PassageId, std::uint64_t>> ranges;
    std::optional<TextCursor> cursor;
    if (segment.texts) cursor.emplace(*segment.texts);
    const auto visited = catalogue_.for_each_document(segment.row.id, [&](const store::DocumentRow& document) {
      if (document.num_passages > 0) ranges.emplace_back(document.first_passage, document.num_passages);
      check(check_text(document, cursor));
      return ok();
    });
    check(visited);
    for (const auto& tombstone : generation_.tombstones) {
      if (tombstone.segment == segment.row.id) ranges.emplace_back(tombstone.first, tombstone.count);
    }
    std::sort(ranges.begin(), ranges.end());
    const auto ids = segment.field.ids();
    std::size_t at = 0;
    for (const auto& [first, count] : ranges) {
      for (std::uint64_t i = 0; i < count; ++i, ++at) {
        if (at < ids.size() && ids[at] == first + i) continue;
        findings_.push_back(fmt::format("segment {}: the catalogue has passage {}, the field {}", segment.row.id,
                                        first + i, at < ids.size() ? fmt::format("goes on with {}", ids[at]) : "ends"));
        return;
      }
    }
    if (at != ids.size()) {
      findings_.push_back(
          fmt::format("segment {}: the field has passage {}, the catalogue has no row of it", segment.row.id, ids[at]));
    }
  }

  Status check_text(const store::DocumentRow& document, std::optional<TextCursor>& cursor) {
    const auto wrong = [&](std::string why) {
      return Error{Code::kCorrupt, fmt::format("document {} ({}): {}", document.id, document.external_id(), why)};
    };
    std::string_view text;
    if (document.text_bytes > 0) {
      if (!cursor) return wrong("has a text, but its segment has no text file");
      auto read = cursor->read(document.text_offset, document.text_bytes);
      if (!read) return wrong(read.error().message);
      text = *read;
    }
    TAMIS_TRY(const auto passages, catalogue_.passages(document.id));
    if (passages.size() != document.num_passages) {
      return wrong(fmt::format("{} passages (wanted {})", passages.size(), document.num_passages));
    }
    const auto is_border = [&](std::uint32_t at) {
      return at <= text.size() && (at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U);
    };
    std::uint32_t before = 0;
    for (const auto& passage : passages) {
      if (passage.begin < before || passage.begin > passage.end || !is_border(passage.begin) ||
          !is_border(passage.end)) {
        return wrong(fmt::format("passage {} is bytes {} to {} of {}, or not at a character", passage.id, passage.begin,
                                 passage.end, text.size()));
      }
      before = passage.end;
    }
    return ok();
  }

  const IndexPaths& paths_;
  store::Catalogue& catalogue_;
  ProgressSink& progress_;
  store::Generation generation_;
  IndexSettings settings_;
  std::optional<index::Vocabulary> vocabulary_;
  std::vector<OpenSegment> segments_;
  std::vector<std::string> findings_;
};

}  // namespace

Result<std::vector<std::string>> verify_index(const IndexPaths& paths, ProgressSink& progress) {
  for (int attempt = 1;; ++attempt) {
    auto catalogue = store::Catalogue::open(paths.catalogue(), false);
    if (!catalogue) {
      if (catalogue.error().code == Code::kCorrupt) return std::vector<std::string>{catalogue.error().message};
      return std::move(catalogue).error();
    }
    if (const auto pinned = catalogue->pin(); !pinned) {
      if (pinned.error().code == Code::kCorrupt) return std::vector<std::string>{pinned.error().message};
      return pinned.error();
    }
    IndexCheck check(paths, *catalogue, progress);
    if (!check.open() && attempt < kOpenAttempts) continue;
    return check.run();
  }
}

}  // namespace tamis::engine
