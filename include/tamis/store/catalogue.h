#pragma once

#include <tamis/base/ids.h>
#include <tamis/base/result.h>
#include <tamis/docs/document.h>

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tamis::store {

using SourceId = std::int64_t;
using SegmentId = std::int64_t;

/// Something that was indexed: a folder, a file, standard input, a vector file.
struct SourceRow {
  SourceId id = 0;
  std::string kind;    ///< "folder", "file", "stdin", "vectors"
  std::string root;    ///< absolute path; for stdin the name that the user gave
  std::string config;  ///< JSON of what it was read with
};

/// A file of a source, indexed or not: what the next run compares with.
struct FileRow {
  SourceId source = 0;
  std::string path;  ///< relative to the root
  std::uint64_t size_bytes = 0;
  std::int64_t mtime_ns = 0;
  std::uint64_t inode = 0;
  std::uint64_t content_hash = 0;
  std::string reader;   ///< "" when it was not read
  std::string skipped;  ///< why nothing of it is indexed; "" = indexed
  std::uint64_t num_documents = 0;
};

struct PassageRow {
  PassageId id = 0;
  std::uint32_t begin = 0, end = 0;  ///< bytes of the document's extracted text
  std::uint32_t origin = 1;          ///< line or page
  std::uint8_t language = 0;         ///< text::Language
  std::uint32_t length = 0;          ///< words, as BM25 counts them
  std::string heading;               ///< heading path
};

struct DocumentRow {
  DocumentId id = 0;
  SourceId source = 0;
  std::string path;  ///< of its file, relative to the source's root
  std::string item;  ///< id inside the file, "" for one-document files
  std::string title;
  docs::OriginKind origin_kind = docs::OriginKind::kLine;
  std::string encoding;
  SegmentId segment = 0;          ///< whose text file holds the text
  std::uint64_t text_offset = 0;  ///< in that text file's stream
  std::uint64_t text_bytes = 0;
  PassageId first_passage = 0;  ///< passages have consecutive ids
  std::uint32_t num_passages = 0;
  std::vector<docs::MetaField> metadata;
  /// What users call it: the item when there is one and the path is a collection file's, else path.
  [[nodiscard]] std::string external_id() const;
};

/// A published file set: `name`.<field>.field files and `name`.text in the segments folder.
struct SegmentRow {
  SegmentId id = 0;
  std::vector<std::string> files;  ///< file names inside the segments folder
  std::uint64_t num_passages = 0, num_bytes = 0;
};

/// Deleted passages of a published segment: ids [first, first + count).
struct Tombstone {
  SegmentId segment = 0;
  PassageId first = 0;
  std::uint32_t count = 0;
};

/// One published state, as a reader sees it.
struct Generation {
  std::uint64_t number = 0;
  std::vector<SegmentRow> segments;       ///< by id
  std::vector<std::string> vocabularies;  ///< file names, chain order
  std::vector<Tombstone> tombstones;
  std::vector<std::pair<std::string, std::string>> settings;  ///< key, value: encoder, BM25 configuration, analyser …
  std::vector<std::uint8_t> languages;                        ///< of passages, most frequent first
  std::uint64_t num_documents = 0, num_passages = 0, num_words = 0;
  [[nodiscard]] std::string setting(std::string_view key) const;  ///< "" if there is none
};

/// Changes that become visible together.
struct Publication {
  std::vector<SourceRow> sources;  ///< insert or replace
  std::vector<FileRow> files;      ///< insert or replace by (source, path)
  std::vector<std::pair<SourceId, std::string>> removed_files;
  std::vector<SourceId> removed_sources;  ///< and their files; kInvalidArgument while they still have documents
  struct NewDocument {
    DocumentRow row;
    std::vector<PassageRow> passages;
  };
  std::deque<NewDocument> documents;          ///< there can be many: no copy while they are gathered
  std::vector<DocumentId> removed_documents;  ///< rows go, tombstones of their passages are added
  std::vector<SegmentRow> added_segments;
  std::vector<SegmentId> removed_segments;  ///< their tombstones go too
  /// A file more of a segment that is published already.
  struct AddedFile {
    SegmentId segment = 0;
    std::string name;
    std::uint64_t num_bytes = 0;
  };
  std::vector<AddedFile> added_files;
  /// A file that a segment does not have any more; the bytes are those that it had.
  std::vector<AddedFile> dropped_files;
  /// After a merge: documents whose text now lies elsewhere.
  struct Moved {
    DocumentId id = 0;
    SegmentId segment = 0;
    std::uint64_t text_offset = 0;
  };
  std::vector<Moved> moved;
  std::vector<std::string> added_vocabularies;
  bool replace_vocabularies = false;
  std::vector<std::pair<std::string, std::string>> settings;
  std::optional<PassageId> next_passage;
  std::optional<DocumentId> next_document;
};

/// The one SQLite file that publishes everything (docs/formats/catalogue.md). A generation appears in one transaction.
/// One thread a Catalogue object.
class Catalogue {
 public:
  /// @par Errors  kNotFound; kUnsupported for another schema version; kCorrupt; kIo
  [[nodiscard]] static Result<Catalogue> create(const std::filesystem::path& path);
  [[nodiscard]] static Result<Catalogue> open(const std::filesystem::path& path, bool writable);
  Catalogue(Catalogue&&) noexcept;
  Catalogue& operator=(Catalogue&&) noexcept;
  ~Catalogue();

  /// Pins the state seen now for all later reads of this object, until unpin(). For snapshots.
  [[nodiscard]] Status pin();
  void unpin();
  [[nodiscard]] Result<Generation> generation() const;
  [[nodiscard]] Result<PassageId> next_passage() const;
  [[nodiscard]] Result<DocumentId> next_document() const;
  [[nodiscard]] Result<SegmentId> next_segment() const;

  [[nodiscard]] Result<std::vector<SourceRow>> sources() const;
  /// Files of a source, by path.
  [[nodiscard]] Result<std::vector<FileRow>> files(SourceId source) const;
  /// Names of the metadata fields that documents have, by name.
  [[nodiscard]] Result<std::vector<std::string>> metadata_names() const;
  /// (document id, item) of a file's documents.
  [[nodiscard]] Result<std::vector<std::pair<DocumentId, std::string>>> documents_of(SourceId source,
                                                                                     std::string_view path) const;
  [[nodiscard]] Result<DocumentRow> document(DocumentId id) const;
  [[nodiscard]] Result<DocumentRow> document_of_passage(PassageId id) const;
  [[nodiscard]] Result<PassageRow> passage(PassageId id) const;
  [[nodiscard]] Result<std::vector<PassageRow>> passages(DocumentId id) const;
  /// All documents of a segment by first passage, without metadata: for merging, verifying and id tables.
  [[nodiscard]] Status for_each_document(SegmentId segment,
                                         const std::function<Status(const DocumentRow&)>& visit) const;
  /// (first passage, count) of the documents that pass, by first passage: path by glob (`*`, `?`, `[…]`, `**`),
  /// metadata fields and title by comparison.
  struct Condition {
    enum class Op { kEqual, kLess, kLessEqual, kGreater, kGreaterEqual, kGlob };
    std::string field;  ///< "path", "title", "id", or a metadata name
    Op op = Op::kEqual;
    docs::MetaValue value;
  };
  [[nodiscard]] Result<std::vector<std::pair<PassageId, std::uint32_t>>> matching(const Condition& condition) const;

  /// All or nothing, durable when it returns; the generation number grows by one.
  [[nodiscard]] Status publish(const Publication& publication);
  /// SQLite's own check plus: passages consecutive and inside their documents, counts, segments known.
  [[nodiscard]] Status verify() const;
  struct Impl;

 private:
  explicit Catalogue(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tamis::store
