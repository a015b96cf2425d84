#pragma once

#include <tamis/base/section_file.h>
#include <tamis/index/field_builder.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

#include "invert.h"

namespace tamis::index {

/// Writes a field's file from lists and records as they come: what a build and a merge have in common. Lists first,
/// then the records of the passages; only the directories are kept until the end. A writer that is destroyed before
/// finish() leaves nothing.
class FieldWriter {
 public:
  [[nodiscard]] static Result<FieldWriter> create(const std::filesystem::path& path, FieldConfig config);

  /// The next lists.
  Status add_lists(ListChunk chunk);
  /// After the last list, before the first record.
  /// @param terms  [number of lists] ascending
  Status end_lists(std::vector<TermId> terms);
  /// The next passages' records, as append_record() made them.
  /// @param sizes  of each, in units of kRecordAlign
  Status add_records(std::span<const std::byte> records, std::span<const std::uint32_t> sizes);
  /// @param ids  [number of records] ascending
  [[nodiscard]] Result<FieldReport> finish(std::span<const PassageId> ids, std::uint64_t num_clipped);

 private:
  FieldWriter(std::filesystem::path path, FieldConfig config, SectionWriter writer)
      : path_(std::move(path)), config_(std::move(config)), writer_(std::move(writer)) {}

  std::filesystem::path path_;
  FieldConfig config_;
  SectionWriter writer_;
  ListChunk directory_;  // of all lists so far; its payload is in the file
  std::uint64_t payload_ = 0;
  std::vector<TermId> terms_;
  std::vector<std::uint32_t> forward_offsets_{0};
  std::uint64_t num_postings_ = 0;
};

/// Whether records of a field with so many terms hold them in 4 bytes instead of 2.
[[nodiscard]] constexpr bool wide_terms(std::size_t num_terms) noexcept { return num_terms > 65536; }

/// Adds a passage's record to `out`; its size in units of kRecordAlign.
/// @param numbers  of the terms among those of the field, ascending
/// @param levels   [numbers.size()] of level_bytes each
std::uint32_t append_record(std::span<const std::uint32_t> numbers, const void* levels, std::size_t level_bytes,
                            bool wide, std::vector<std::byte>& out);

}  // namespace tamis::index
