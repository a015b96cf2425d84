#pragma once

#include <tamis/base/file.h>
#include <tamis/base/result.h>
#include <tamis/engine/engine.h>
#include <tamis/store/catalogue.h>

#include "paths.h"

namespace tamis::engine {

/// What every run that writes has: the index's lock, its catalogue, and a clean segments folder.
struct Writing {
  FileLock lock;
  store::Catalogue catalogue;
  /// @par Errors  kBusy when another process writes; kIo when the folder cannot be written; what open() gives
  [[nodiscard]] static Result<Writing> begin(const IndexPaths& paths);
  /// After a run that failed: the files that it had finished but not published go. Best effort; the next run repeats
  /// it.
  void undo(const IndexPaths& paths);
};

/// The runs behind Engine's functions.
[[nodiscard]] Result<IngestReport> ingest_texts(const IndexPaths& paths,
                                                const std::vector<std::filesystem::path>& roots,
                                                const IngestOptions& options, ProgressSink& progress,
                                                const CancelToken& cancel);
[[nodiscard]] Result<IngestReport> ingest_text_stream(const IndexPaths& paths, docs::ByteStream& stream,
                                                      const IngestOptions& options, ProgressSink& progress,
                                                      const CancelToken& cancel);
[[nodiscard]] Result<IngestReport> ingest_vector_file(const IndexPaths& paths, const std::filesystem::path& file,
                                                      sparse::VectorFormat format, const IngestOptions& options,
                                                      ProgressSink& progress, const CancelToken& cancel);
[[nodiscard]] Result<IngestReport> remove_source(const IndexPaths& paths, const std::filesystem::path& root);

/// What follows a published run: merges, and the indexes of blocks. A failure is none of the run: the report tells.
void tidy_after(const IndexPaths& paths, Writing& writing, const IngestOptions& options, ProgressSink& progress,
                const CancelToken& cancel, IngestReport& report);

}  // namespace tamis::engine
