#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/walk.h>
#include <tamis/engine/engine.h>
#include <tamis/store/catalogue.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "sources.h"

namespace tamis::engine {

/// A file that has to be looked into.
struct WorkFile {
  std::size_t source = 0;  ///< index into the plan's sources
  docs::FoundFile found;
  std::filesystem::path path;  ///< to open
  bool known = false;          ///< the catalogue has a row of it: it may have documents
  bool compare = false;        ///< when the content's hash is still `old.content_hash`, only the row is renewed
  store::FileRow old;          ///< if known
};

/// What differs between the folders and the catalogue.
struct IngestPlan {
  std::vector<SourcePlan> sources;
  std::vector<WorkFile> work;  ///< by source, then path: documents get their numbers in this order
  std::vector<std::pair<store::SourceId, std::string>> removed;
  std::uint64_t work_bytes = 0;
};

/// Stands in FileRow::mtime_ns for "must be looked at again": a file of which only a part is published.
inline constexpr std::int64_t kUnfinishedTime = INT64_MIN;

/// Why a file is not indexed, as the catalogue keeps it: "unsupported: binary file".
[[nodiscard]] std::string skip_reason(const Error& error);
/// The same for the report: what a rule left out is expected, a problem is not.
[[nodiscard]] IngestReport::Skipped skipped_line(std::string path, std::string_view stored_reason);
/// The file's path as the user sees it.
[[nodiscard]] std::filesystem::path full_path(const store::SourceRow& source, std::string_view relative);

/// Walks all sources and compares size, time and inode with the catalogue: one lstat a file, no content is read. Fills
/// in the report's file counts and skips. Files below a folder that cannot be read now keep their last state.
[[nodiscard]] Result<IngestPlan> plan_ingest(const store::Catalogue& catalogue, std::vector<SourcePlan> sources,
                                             const IngestOptions& options, IngestReport& report,
                                             const CancelToken& cancel);

}  // namespace tamis::engine
