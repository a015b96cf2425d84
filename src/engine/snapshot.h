#pragma once

#include <tamis/base/result.h>
#include <tamis/engine/engine.h>
#include <tamis/index/vocabulary.h>
#include <tamis/search/collection.h>
#include <tamis/store/catalogue.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "open_segments.h"
#include "paths.h"
#include "settings.h"

namespace tamis::engine {

/// A published state with all its files open: what a later merge removes stays readable here. Opening maps files and
/// marks deleted passages; it reads nothing a passage.
class IndexSnapshot final : public Snapshot, public search::Collection {
 public:
  /// Opens the newest state; again if a writer removed its files in between.
  [[nodiscard]] static Result<std::shared_ptr<const Snapshot>> open(const IndexPaths& paths);
  IndexSnapshot(store::Catalogue catalogue, store::Generation generation, IndexSettings settings);

  // Snapshot
  [[nodiscard]] const search::Collection& collection() const override { return *this; }
  [[nodiscard]] std::uint64_t generation() const override { return generation_.number; }
  [[nodiscard]] const std::filesystem::path& folder() const override { return folder_; }
  [[nodiscard]] const std::vector<EncoderInfo>& encoders() const override { return encoders_; }
  [[nodiscard]] Result<std::string> encoder_text(PassageId id) const override;
  [[nodiscard]] Result<std::vector<Hit>> hits(const std::vector<search::ScoredPassage>& passages) const override;
  [[nodiscard]] Result<std::string_view> document_id(PassageId passage) const override;
  [[nodiscard]] Result<Hit> show(PassageId passage) const override;
  [[nodiscard]] Result<store::DocumentRow> document(PassageId passage) const override;
  [[nodiscard]] Result<std::string> document_text(PassageId passage) const override;

  // search::Collection
  [[nodiscard]] std::span<const search::CollectionSegment> segments() const override { return views_; }
  [[nodiscard]] const std::vector<std::string>& vector_fields() const override { return vector_fields_; }
  [[nodiscard]] std::uint64_t num_passages() const override { return num_live_; }
  [[nodiscard]] double recall() const override { return settings_.recall; }
  [[nodiscard]] bool has_curve(std::string_view method, std::size_t k) const override {
    return settings_.curves.contains({std::string(method), static_cast<std::uint32_t>(k)});
  }
  [[nodiscard]] sieve::Effort effort_for(std::string_view method, std::size_t k, double recall) const override {
    return settings_.effort_for(method, k, recall);
  }
  [[nodiscard]] std::optional<TermId> find_term(std::string_view key) const override;
  [[nodiscard]] std::string_view term(TermId id) const override {
    return id < vocabulary_.size() ? vocabulary_.term(id) : "";
  }
  [[nodiscard]] TermId num_terms() const override { return settings_.numbered_terms ? 0 : vocabulary_.size(); }
  [[nodiscard]] std::span<const text::Language> languages() const override { return languages_; }
  [[nodiscard]] float title_weight() const override { return settings_.bm25.title_weight; }
  [[nodiscard]] const std::vector<std::string>& field_names() const override;
  [[nodiscard]] Result<std::vector<index::Bitmap>> matching(const search::Clause& clause) const override;
  [[nodiscard]] Result<std::string> passage_text(PassageId id) const override;
  [[nodiscard]] Result<text::Language> passage_language(PassageId id) const override;
  [[nodiscard]] Result<DocumentId> document_of(PassageId id) const override;
  /// A date or year of its metadata; else, of a file that is one document, when the file was changed last.
  [[nodiscard]] Result<std::optional<double>> document_day(PassageId id) const override;

 private:
  [[nodiscard]] Status open_files(const IndexPaths& paths);
  [[nodiscard]] bool is_live(PassageId id) const;
  [[nodiscard]] Result<std::string> read_text(const store::DocumentRow& document, std::uint64_t begin,
                                              std::uint64_t end) const;
  [[nodiscard]] Result<Hit> make_hit(PassageId id) const;
  [[nodiscard]] Status load_document_ids() const;

  std::filesystem::path folder_;
  store::Catalogue catalogue_;  // pinned
  store::Generation generation_;
  IndexSettings settings_;
  std::vector<store::SourceRow> sources_;
  std::vector<OpenSegment> segments_;
  std::vector<search::CollectionSegment> views_;
  std::vector<EncoderInfo> encoders_;
  std::vector<std::string> vector_fields_;
  std::unordered_map<store::SegmentId, std::size_t> segment_numbers_;
  index::Vocabulary vocabulary_;
  std::vector<text::Language> languages_;
  std::uint64_t num_live_ = 0;

  // Filled on first use; a snapshot belongs to one thread at a time.
  mutable std::vector<std::string> field_names_;
  struct DocumentIdEntry {
    PassageId first = 0;
    std::uint32_t count = 0;
    DocumentId document = 0;
    std::string id;
  };
  /// The entry of a passage's document; reads the table of all documents the first time.
  [[nodiscard]] Result<const DocumentIdEntry*> document_entry(PassageId passage) const;
  mutable std::vector<DocumentIdEntry> document_ids_;  // by first passage
  mutable bool document_ids_loaded_ = false;
  mutable std::uint32_t num_document_lookups_ = 0;
  mutable std::map<store::SourceId, std::unordered_map<std::string, std::int64_t>> file_times_;  // ns, by path
};

}  // namespace tamis::engine
