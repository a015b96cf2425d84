#include "snapshot.h"

#include <fmt/format.h>
#include <tamis/docs/document.h>

#include <algorithm>

#include "encoder_text.h"
#include "ingest_plan.h"
#include "vocabulary_chain.h"

namespace tamis::engine {
namespace {

constexpr int kOpenAttempts = 10;
/// One question asks the catalogue; a run of many is served by a table of all documents, which takes longer to read.
constexpr std::uint32_t kLookupsBeforeTable = 256;

/// What stands above a passage: "Title › Heading path", each once.
std::string heading_line(const std::string& title, const std::string& heading) {
  if (heading.empty() || heading == title) return title;
  if (title.empty() || heading.starts_with(title + " › ")) return heading;
  return title + " › " + heading;
}

}  // namespace

IndexSnapshot::IndexSnapshot(store::Catalogue catalogue, store::Generation generation, IndexSettings settings)
    : catalogue_(std::move(catalogue)), generation_(std::move(generation)), settings_(std::move(settings)) {
  for (const auto language : generation_.languages) languages_.push_back(static_cast<text::Language>(language));
}

Result<std::shared_ptr<const Snapshot>> IndexSnapshot::open(const IndexPaths& paths) {
  for (int attempt = 1;; ++attempt) {
    TAMIS_TRY(auto catalogue, store::Catalogue::open(paths.catalogue(), false));
    TAMIS_TRY_OK(catalogue.pin());
    TAMIS_TRY(auto generation, catalogue.generation());
    TAMIS_TRY(auto settings, settings_of(generation));
    auto snapshot = std::make_shared<IndexSnapshot>(std::move(catalogue), std::move(generation), std::move(settings));
    auto opened = snapshot->open_files(paths);
    if (opened) return std::shared_ptr<const Snapshot>(std::move(snapshot));
    // A merge published a newer state and removed files of this one between our looking and our opening.
    if (opened.error().code == Code::kNotFound && attempt < kOpenAttempts) continue;
    if (opened.error().code == Code::kNotFound) {
      return Error{Code::kCorrupt, fmt::format("the index names a file that is not there: {}", opened.error().message)};
    }
    return std::move(opened).error();
  }
}

Status IndexSnapshot::open_files(const IndexPaths& paths) {
  folder_ = paths.folder;
  std::vector<std::size_t> whole;  // encoders that every segment has vectors of
  TAMIS_TRY(sources_, catalogue_.sources());
  TAMIS_TRY(vocabulary_, open_vocabulary(paths, generation_.vocabularies));
  segments_.reserve(generation_.segments.size());
  for (const auto& row : generation_.segments) {
    TAMIS_TRY(auto segment, open_segment(paths, row, generation_.tombstones, settings_.encoders));
    segment_numbers_.emplace(row.id, segments_.size());
    num_live_ += segment.num_live();
    segments_.push_back(std::move(segment));
  }
  encoders_ = encoder_infos(settings_, generation_);
  for (std::size_t i = 0; i < encoders_.size(); ++i) {
    if (encoders_[i].passages_waiting > 0) continue;
    vector_fields_.push_back(encoders_[i].name);
    whole.push_back(i);
  }
  for (const auto& segment : segments_) {
    auto& view = views_.emplace_back();
    view.field = &segment.field;
    view.deleted = segment.num_deleted == 0 ? nullptr : &segment.deleted;
    for (const auto i : whole) view.vectors.push_back(&*segment.vectors[i]);
    if (!segment.blocks) continue;
    view.blocks.index = segment.blocks.get();
    for (const auto& name : fields_of_blocks(blocks_file_of(segment.row))) {
      view.blocks.fields.push_back(segment.find_field(name));
    }
  }
  return ok();
}

Result<store::DocumentRow> IndexSnapshot::document(PassageId passage) const {
  return catalogue_.document_of_passage(passage);
}

Result<std::string> IndexSnapshot::read_text(const store::DocumentRow& document, std::uint64_t begin,
                                             std::uint64_t end) const {
  if (begin > end || end > document.text_bytes) {
    return Error{Code::kCorrupt, fmt::format("document {}: bytes {} to {} of a text of {}", document.id, begin, end,
                                             document.text_bytes)};
  }
  if (begin == end) return std::string();
  const auto found = segment_numbers_.find(document.segment);
  if (found == segment_numbers_.end() || !segments_[found->second].texts) {
    return Error{Code::kCorrupt, fmt::format("document {}: segment {} has no texts", document.id, document.segment)};
  }
  return segments_[found->second].texts->read(document.text_offset + begin, end - begin);
}

Result<std::string> IndexSnapshot::document_text(PassageId passage) const {
  TAMIS_TRY(const auto row, document(passage));
  return read_text(row, 0, row.text_bytes);
}

Result<Hit> IndexSnapshot::make_hit(PassageId id) const {
  TAMIS_TRY(const auto row, catalogue_.document_of_passage(id));
  TAMIS_TRY(auto passage, catalogue_.passage(id));
  Hit hit;
  hit.passage = id;
  hit.document = row.id;
  hit.document_id = row.external_id();
  const auto source = std::find_if(sources_.begin(), sources_.end(),
                                   [&](const store::SourceRow& candidate) { return candidate.id == row.source; });
  hit.path = source == sources_.end() ? row.path : full_path(*source, row.path).string();
  hit.origin = row.origin_kind == docs::OriginKind::kPage ? "page" : "line";
  hit.line = passage.origin;
  hit.begin = passage.begin;
  hit.end = passage.end;
  hit.title = row.title;
  hit.heading = std::move(passage.heading);
  hit.language = static_cast<text::Language>(passage.language);
  TAMIS_TRY(hit.text, read_text(row, passage.begin, passage.end));
  return hit;
}

Result<std::vector<Hit>> IndexSnapshot::hits(const std::vector<search::ScoredPassage>& passages) const {
  std::vector<Hit> hits;
  hits.reserve(passages.size());
  for (const auto& [id, score] : passages) {
    TAMIS_TRY(auto hit, make_hit(id));
    hit.rank = static_cast<std::uint32_t>(hits.size() + 1);
    hit.score = score;
    hits.push_back(std::move(hit));
  }
  return hits;
}

Result<Hit> IndexSnapshot::show(PassageId passage) const { return make_hit(passage); }

Status IndexSnapshot::load_document_ids() const {
  for (const auto& segment : segments_) {
    TAMIS_TRY_OK(catalogue_.for_each_document(segment.row.id, [&](const store::DocumentRow& row) {
      document_ids_.push_back({row.first_passage, row.num_passages, row.id, row.external_id()});
      return ok();
    }));
  }
  std::sort(document_ids_.begin(), document_ids_.end(),
            [](const DocumentIdEntry& a, const DocumentIdEntry& b) { return a.first < b.first; });
  document_ids_loaded_ = true;
  return ok();
}

Result<const IndexSnapshot::DocumentIdEntry*> IndexSnapshot::document_entry(PassageId passage) const {
  if (!document_ids_loaded_) {
    document_ids_.clear();
    TAMIS_TRY_OK(load_document_ids());
  }
  const auto after = std::upper_bound(document_ids_.begin(), document_ids_.end(), passage,
                                      [](PassageId id, const DocumentIdEntry& entry) { return id < entry.first; });
  if (after != document_ids_.begin() && passage - std::prev(after)->first < std::prev(after)->count) {
    return &*std::prev(after);
  }
  return Error{Code::kNotFound, fmt::format("passage {}: no document has it", passage)};
}

Result<std::string_view> IndexSnapshot::document_id(PassageId passage) const {
  TAMIS_TRY(const auto* entry, document_entry(passage));
  return std::string_view(entry->id);
}

Result<DocumentId> IndexSnapshot::document_of(PassageId id) const {
  if (!document_ids_loaded_ && ++num_document_lookups_ <= kLookupsBeforeTable) {
    TAMIS_TRY(const auto row, catalogue_.document_of_passage(id));
    return row.id;
  }
  TAMIS_TRY(const auto* entry, document_entry(id));
  return entry->document;
}

Result<std::string> IndexSnapshot::passage_text(PassageId id) const {
  TAMIS_TRY(const auto row, catalogue_.document_of_passage(id));
  TAMIS_TRY(const auto passage, catalogue_.passage(id));
  TAMIS_TRY(const auto text, read_text(row, passage.begin, passage.end));
  const auto heading = heading_line(row.title, passage.heading);
  return heading.empty() ? text : heading + '\n' + text;
}

Result<std::string> IndexSnapshot::encoder_text(PassageId id) const {
  TAMIS_TRY(const auto row, catalogue_.document_of_passage(id));
  TAMIS_TRY(const auto passage, catalogue_.passage(id));
  TAMIS_TRY(const auto text, read_text(row, passage.begin, passage.end));
  return engine::encoder_text(row.title, passage.heading, text);
}

Result<text::Language> IndexSnapshot::passage_language(PassageId id) const {
  TAMIS_TRY(const auto passage, catalogue_.passage(id));
  return static_cast<text::Language>(passage.language);
}

}  // namespace tamis::engine
