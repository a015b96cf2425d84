#include <fmt/format.h>
#include <tamis/base/config.h>

#include <algorithm>
#include <utility>

#include "blocks.h"
#include "cleanup.h"
#include "encode_pass.h"
#include "merge.h"
#include "settings.h"
#include "sources.h"
#include "stopwatch.h"
#include "text_ingest.h"
#include "writing.h"

namespace tamis::engine {
namespace {

Status run_plan(const IndexPaths& paths, Writing& writing, const IngestPlan& plan, const IndexSettings& stored,
                docs::ByteStream* stream, const IngestOptions& options, IngestReport& report, ProgressSink& progress,
                const CancelToken& cancel) {
  TAMIS_TRY(auto settings, settings_for_text(stored, options));
  TAMIS_TRY(auto ingest, TextIngest::start(paths, writing.catalogue, plan, std::move(settings), options, report));
  return ingest.run(stream, progress, cancel);
}

/// The plan of a stream: one source, one file, nothing to compare with.
Result<IngestPlan> plan_stream(const store::Catalogue& catalogue, const IngestOptions& options) {
  TAMIS_TRY(const auto known, catalogue.sources());
  SourcePlan source;
  source.config = source_config(options);
  TAMIS_TRY_OK(source.config.validate());
  source.row.id = next_source(known);
  for (const auto& row : known) {
    const bool same = row.kind == kStdinSource && row.root == options.stdin_name;
    if (same) source.row.id = row.id;
    if (!same && options.rebuild) {
      return Error{Code::kUnsupported,
                   fmt::format("a rebuild reads all sources again, and {} cannot be while another stream is read: "
                               "remove it first",
                               row.root)};
    }
  }
  source.row.kind = kStdinSource;
  source.row.root = options.stdin_name;
  source.row.config = to_json(source.config);
  source.store_row = true;
  WorkFile work;
  TAMIS_TRY(const auto files, catalogue.files(source.row.id));
  work.known = !files.empty();
  work.found.path = options.stdin_name;
  work.path = options.stdin_name;
  IngestPlan plan;
  plan.sources.push_back(std::move(source));
  plan.work.push_back(std::move(work));
  return plan;
}

}  // namespace

Result<Writing> Writing::begin(const IndexPaths& paths) {
  TAMIS_TRY(auto lock, FileLock::acquire(paths.lock()));
  TAMIS_TRY(auto catalogue, store::Catalogue::open(paths.catalogue(), true));
  TAMIS_TRY_OK(remove_orphans(paths, catalogue));
  return Writing{std::move(lock), std::move(catalogue)};
}

void Writing::undo(const IndexPaths& paths) { static_cast<void>(remove_orphans(paths, catalogue)); }

void tidy_after(const IndexPaths& paths, Writing& writing, const IngestOptions& options, ProgressSink& progress,
                const CancelToken& cancel, IngestReport& report) {
  ThreadPool pool(options.threads);
  const auto tidied = [&]() -> Status {
    TAMIS_TRY(const auto merged,
              merge_segments(paths, writing.catalogue, false, options.memory_bytes, pool, progress, cancel));
    static_cast<void>(merged);
    return make_blocks(paths, writing.catalogue, options.blocks_from, options.memory_bytes, pool, progress, cancel);
  }();
  if (tidied) return;
  report.tidy_problem = tidied.error().message;
  writing.undo(paths);
}

Result<IngestReport> ingest_texts(const IndexPaths& paths, const std::vector<std::filesystem::path>& roots,
                                  const IngestOptions& options, ProgressSink& progress, const CancelToken& cancel) {
  IngestReport report;
  {
    const Stopwatch watch(report.seconds);
    TAMIS_TRY(auto writing, Writing::begin(paths));
    TAMIS_TRY(const auto generation, writing.catalogue.generation());
    TAMIS_TRY(const auto stored, settings_of(generation));
    TAMIS_TRY_OK(settings_for_text(stored, options));  // a wrong option is told before a long walk
    TAMIS_TRY(const auto known, writing.catalogue.sources());
    TAMIS_TRY(auto sources, plan_sources(paths.folder, known, roots, options));
    TAMIS_TRY(const auto plan, plan_ingest(writing.catalogue, std::move(sources), options, report, cancel));
    const auto done = run_plan(paths, writing, plan, stored, nullptr, options, report, progress, cancel);
    if (!done) {
      writing.undo(paths);
      return done.error();
    }
    TAMIS_TRY_OK(encode_segments(paths, writing.catalogue, options, report, progress, cancel));
    tidy_after(paths, writing, options, progress, cancel, report);
  }
  return report;
}

Result<IngestReport> ingest_text_stream(const IndexPaths& paths, docs::ByteStream& stream, const IngestOptions& options,
                                        ProgressSink& progress, const CancelToken& cancel) {
  IngestReport report;
  {
    const Stopwatch watch(report.seconds);
    TAMIS_TRY(auto writing, Writing::begin(paths));
    TAMIS_TRY(const auto generation, writing.catalogue.generation());
    TAMIS_TRY(const auto stored, settings_of(generation));
    TAMIS_TRY(const auto plan, plan_stream(writing.catalogue, options));
    report.files_found = 1;
    const auto done = run_plan(paths, writing, plan, stored, &stream, options, report, progress, cancel);
    if (!done) {
      writing.undo(paths);
      return done.error();
    }
    TAMIS_TRY_OK(encode_segments(paths, writing.catalogue, options, report, progress, cancel));
    tidy_after(paths, writing, options, progress, cancel, report);
  }
  return report;
}

Result<IngestReport> remove_source(const IndexPaths& paths, const std::filesystem::path& root) {
  IngestReport report;
  {
    const Stopwatch watch(report.seconds);
    TAMIS_TRY(auto writing, Writing::begin(paths));
    TAMIS_TRY(const auto canonical, canonical_path(root));
    TAMIS_TRY(const auto known, writing.catalogue.sources());
    const auto source = std::find_if(known.begin(), known.end(), [&](const store::SourceRow& row) {
      return row.root == canonical.string() || (row.kind == kStdinSource && row.root == root.string());
    });
    if (source == known.end()) {
      std::string roots;
      for (const auto& row : known) roots += (roots.empty() ? "" : ", ") + row.root;
      return Error{Code::kNotFound, fmt::format("{}: is not a source of the index (there are: {})", root.string(),
                                                roots.empty() ? "none" : roots)};
    }
    store::Publication publication;
    TAMIS_TRY(const auto files, writing.catalogue.files(source->id));
    for (const auto& file : files) {
      TAMIS_TRY(const auto documents, writing.catalogue.documents_of(source->id, file.path));
      for (const auto& document : documents) publication.removed_documents.push_back(document.first);
      publication.removed_files.emplace_back(source->id, file.path);
      ++report.files_deleted;
    }
    publication.removed_sources.push_back(source->id);
    TAMIS_TRY_OK(writing.catalogue.publish(publication));
    report.published = true;
    NoProgress progress;
    tidy_after(paths, writing, {}, progress, {}, report);
  }
  return report;
}

}  // namespace tamis::engine
