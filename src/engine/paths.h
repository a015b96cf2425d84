#pragma once

#include <tamis/base/result.h>
#include <tamis/store/catalogue.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::engine {

/// Where things lie in an index folder (docs/formats/index-folder.md).
struct IndexPaths {
  std::filesystem::path folder;
  [[nodiscard]] std::filesystem::path catalogue() const { return folder / "catalogue.sqlite"; }
  [[nodiscard]] std::filesystem::path lock() const { return folder / "lock"; }
  [[nodiscard]] std::filesystem::path segments() const { return folder / "segments"; }
  [[nodiscard]] std::filesystem::path segment_file(std::string_view name) const { return segments() / name; }
};

/// What the name of every field's file ends in.
inline constexpr std::string_view kFieldEnding = ".field";
/// "000007.bm25.field"
[[nodiscard]] std::string field_file_name(store::SegmentId segment, std::string_view field);
/// "000007.bm25+splade-tiny.blocks": an index of blocks of these fields, in this order.
[[nodiscard]] std::string blocks_file_name(store::SegmentId segment, const std::vector<std::string>& fields);
/// The index of blocks among a segment's files, "" where there is none, and its fields.
[[nodiscard]] std::string blocks_file_of(const store::SegmentRow& segment);
[[nodiscard]] std::vector<std::string> fields_of_blocks(std::string_view file_name);
/// "000007.text"
[[nodiscard]] std::string text_file_name(store::SegmentId segment);
/// "000007.vocab": the terms that segment 7 brought.
[[nodiscard]] std::string vocabulary_file_name(store::SegmentId segment);
/// "g000012.vocab": all terms, made one file from generation 12.
[[nodiscard]] std::string merged_vocabulary_file_name(std::uint64_t generation);
/// "000007.splade-tiny.part.000012": the thirteenth part of a field in the making. Lies unpublished beside the
/// segment's files until the field is whole.
[[nodiscard]] std::string part_file_name(store::SegmentId segment, std::string_view field, std::size_t number);
/// The name of the field that a part is of; "" for other files.
[[nodiscard]] std::string field_of_part(std::string_view file_name);
/// The file of a segment's first field, which every segment has: its words, or the vectors that it was given; kCorrupt
/// when it has none.
[[nodiscard]] Result<std::string> field_file_of(const store::SegmentRow& segment);
/// Whether a segment has the named field.
[[nodiscard]] bool has_field(const store::SegmentRow& segment, std::string_view field);
/// The text file among a segment's files, "" for segments of vectors.
[[nodiscard]] std::string text_file_of(const store::SegmentRow& segment);

/// Absolute, without links, dots and a trailing slash, as far as the path exists.
[[nodiscard]] Result<std::filesystem::path> canonical_path(const std::filesystem::path& path);
/// What `path` is called below `folder`; "" when it is not strictly below. Both canonical.
[[nodiscard]] std::string path_below(std::string_view path, std::string_view folder);
/// Bytes of a file, 0 when it cannot be asked.
[[nodiscard]] std::uint64_t file_bytes(const std::filesystem::path& path);

}  // namespace tamis::engine
