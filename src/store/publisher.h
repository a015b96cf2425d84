#pragma once

#include <tamis/base/result.h>
#include <tamis/store/catalogue.h>

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "catalogue_impl.h"
#include "field_values.h"

namespace tamis::store {

/// Writes one publication inside a transaction that the caller has begun. One use.
class Publisher {
 public:
  explicit Publisher(const Catalogue::Impl& impl) : impl_(impl) {}
  [[nodiscard]] Status apply(const Publication& publication);

 private:
  // publisher_documents.cpp
  [[nodiscard]] Status add_document(const Publication::NewDocument& document);
  [[nodiscard]] Status pack_metadata(const DocumentRow& row);
  [[nodiscard]] Status write_field_values();
  [[nodiscard]] Status remove_field_values(DocumentId document, std::span<const std::byte> packed);
  [[nodiscard]] Status move_document(const Publication::Moved& moved);
  [[nodiscard]] Status remove_document(DocumentId id);
  [[nodiscard]] Status write_tombstones();
  [[nodiscard]] Status write_tombstone(Tombstone range);
  void count(const PassageRow& passage, std::int64_t sign);

  // publisher.cpp
  [[nodiscard]] Status put_source(const SourceRow& source);
  [[nodiscard]] Status remove_source(SourceId source);
  [[nodiscard]] Status put_file(const FileRow& file);
  [[nodiscard]] Status remove_file(SourceId source, std::string_view path);
  [[nodiscard]] Status drop_unused_files();
  [[nodiscard]] Status add_segment(const SegmentRow& segment);
  [[nodiscard]] Status add_segment_file(const Publication::AddedFile& file);
  [[nodiscard]] Status drop_segment_file(const Publication::AddedFile& file);
  [[nodiscard]] Status remove_segment(SegmentId segment);
  [[nodiscard]] Status load_known();
  [[nodiscard]] Status known_segment(SegmentId segment, DocumentId of) const;
  [[nodiscard]] Status put_vocabularies(const Publication& publication);
  [[nodiscard]] Status put_settings(const Publication& publication);
  [[nodiscard]] Status put_counters(const Publication& publication);
  [[nodiscard]] Status add_to_counter(std::string_view name, std::int64_t difference);
  [[nodiscard]] Status raise_counter(std::string_view name, std::int64_t to);
  /// The number of a label (reader, encoding) or of a metadata field, made at its first use.
  using Numbers = std::map<std::string, std::int64_t, std::less<>>;
  [[nodiscard]] Result<std::int64_t> number_of(Numbers& known, const char* find, const char* insert,
                                               std::string_view name);
  [[nodiscard]] Result<std::int64_t> label(std::string_view text);
  [[nodiscard]] Result<std::int64_t> field(std::string_view name);
  /// The row of a document's file; made, unlisted, when no FileRow came for it.
  [[nodiscard]] Result<std::int64_t> file_of(SourceId source, std::string_view path);

  const Catalogue::Impl& impl_;
  Numbers labels_, fields_;
  struct LastFile {  ///< documents come file by file
    SourceId source = 0;
    std::string path;
    std::int64_t id = -1;
  } last_file_;
  std::unordered_set<std::int64_t> sources_, segments_;  ///< what rows may refer to
  std::unordered_set<std::int64_t> left_files_;          ///< of removed documents
  std::vector<Tombstone> tombstones_;
  std::vector<FieldValue> field_values_;
  std::string packed_, packed_metadata_;                   ///< scratch
  std::int64_t documents_ = 0, passages_ = 0, words_ = 0;  ///< differences
  std::array<std::int64_t, 256> languages_{};
  std::int64_t next_document_ = 0, next_passage_ = 0, next_segment_ = 0;  ///< above all ids seen here
};

[[nodiscard]] inline Error refuse(std::string message) { return Error{Code::kInvalidArgument, std::move(message)}; }

}  // namespace tamis::store
