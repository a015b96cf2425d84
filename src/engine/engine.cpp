#include <fmt/format.h>
#include <tamis/engine/engine.h>

#include <system_error>

#include "blocks.h"
#include "merge.h"
#include "open_segments.h"
#include "settings.h"
#include "snapshot.h"
#include "verify.h"
#include "vocabulary_chain.h"
#include "writing.h"

namespace tamis {
namespace {

namespace fs = std::filesystem;

Status make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return Error{Code::kIo, fmt::format("{}: cannot be made: {}", path.string(), error.message())};
  return ok();
}

bool has_catalogue(const fs::path& folder) {
  std::error_code error;
  return fs::is_regular_file(engine::IndexPaths{folder}.catalogue(), error);
}

std::uint64_t catalogue_bytes(const engine::IndexPaths& paths) {
  auto log = paths.catalogue();
  log += "-wal";
  return engine::file_bytes(paths.catalogue()) + engine::file_bytes(log);
}

Result<store::Generation> newest_generation(const engine::IndexPaths& paths) {
  TAMIS_TRY(const auto catalogue, store::Catalogue::open(paths.catalogue(), false));
  return catalogue.generation();
}

}  // namespace

struct Engine::Impl {
  engine::IndexPaths paths;

  Status put_setting(std::pair<std::string, std::string> row) const {
    TAMIS_TRY(auto writing, engine::Writing::begin(paths));
    store::Publication publication;
    publication.settings.push_back(std::move(row));
    return writing.catalogue.publish(publication);
  }
};

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Result<fs::path> find_index(const fs::path& from) {
  TAMIS_TRY(const auto start, engine::canonical_path(from));
  for (fs::path folder = start;; folder = folder.parent_path()) {
    if (has_catalogue(folder / kIndexFolder)) return folder / kIndexFolder;
    if (folder == folder.parent_path()) break;
  }
  return Error{Code::kNotFound,
               fmt::format("no index ({}) in {} or the folders above it: `tamis index FOLDER` makes one", kIndexFolder,
                           start.string())};
}

Result<Engine> Engine::create(const fs::path& folder) {
  TAMIS_TRY(const auto whole, engine::canonical_path(folder));
  const engine::IndexPaths paths{whole};
  TAMIS_TRY_OK(make_folder(paths.segments()));
  TAMIS_TRY(const auto lock, FileLock::acquire(paths.lock()));
  if (has_catalogue(whole)) {
    return Error{Code::kInvalidArgument, fmt::format("{}: is an index already", whole.string())};
  }
  TAMIS_TRY_OK(store::Catalogue::create(paths.catalogue()));
  return Engine(std::make_unique<Impl>(Impl{paths}));
}

Result<Engine> Engine::open(const fs::path& folder) {
  TAMIS_TRY(const auto whole, engine::canonical_path(folder));
  if (!has_catalogue(whole)) {
    return Error{Code::kNotFound,
                 fmt::format("{}: there is no index (`tamis index FOLDER` makes one)", whole.string())};
  }
  return Engine(std::make_unique<Impl>(Impl{engine::IndexPaths{whole}}));
}

Result<Engine> Engine::open_or_create(const fs::path& folder) {
  if (has_catalogue(folder)) return open(folder);
  auto created = create(folder);
  if (!created && has_catalogue(folder)) return open(folder);  // somebody was faster
  return created;
}

Result<IngestReport> Engine::ingest(const std::vector<fs::path>& roots, const IngestOptions& options,
                                    ProgressSink& progress, const CancelToken& cancel) {
  return engine::ingest_texts(impl_->paths, roots, options, progress, cancel);
}

Result<IngestReport> Engine::ingest_stream(docs::ByteStream& stream, const IngestOptions& options,
                                           ProgressSink& progress, const CancelToken& cancel) {
  return engine::ingest_text_stream(impl_->paths, stream, options, progress, cancel);
}

Result<IngestReport> Engine::ingest_vectors(const fs::path& file, sparse::VectorFormat format,
                                            const IngestOptions& options, ProgressSink& progress,
                                            const CancelToken& cancel) {
  return engine::ingest_vector_file(impl_->paths, file, format, options, progress, cancel);
}

Result<IngestReport> Engine::remove(const fs::path& root) { return engine::remove_source(impl_->paths, root); }

Result<MergeReport> Engine::merge(bool everything, ProgressSink& progress, const CancelToken& cancel,
                                  std::uint64_t memory_bytes) {
  TAMIS_TRY(auto writing, engine::Writing::begin(impl_->paths));
  ThreadPool pool;
  auto report =
      engine::merge_segments(impl_->paths, writing.catalogue, everything, memory_bytes, pool, progress, cancel);
  if (report) {
    auto made = engine::make_blocks(impl_->paths, writing.catalogue, IngestOptions{}.blocks_from, memory_bytes, pool,
                                    progress, cancel);
    if (!made) report = made.error();
  }
  if (!report) writing.undo(impl_->paths);
  return report;
}

Status Engine::set_recall(double recall) {
  if (!(recall > 0) || recall > 1) {
    return Error{Code::kInvalidArgument, fmt::format("recall {} (wanted above 0, at most 1)", recall)};
  }
  return impl_->put_setting(engine::recall_row(recall));
}

Status Engine::put_curve(std::string_view method, std::uint32_t k, const sieve::RecallCurve& curve) {
  return impl_->put_setting(engine::curve_row(method, k, curve));
}

Result<std::shared_ptr<const Snapshot>> Engine::snapshot() const { return engine::IndexSnapshot::open(impl_->paths); }

Result<IndexInfo> Engine::info() const {
  const auto& paths = impl_->paths;
  IndexInfo info;
  info.folder = paths.folder;
  TAMIS_TRY(auto catalogue, store::Catalogue::open(paths.catalogue(), false));
  TAMIS_TRY_OK(catalogue.pin());
  TAMIS_TRY(info.generation, catalogue.generation());
  TAMIS_TRY(info.sources, catalogue.sources());
  TAMIS_TRY(const auto settings, engine::settings_of(info.generation));
  TAMIS_TRY(const auto vocabulary, engine::open_vocabulary(paths, info.generation.vocabularies));
  for (const auto& row : info.generation.segments) {
    TAMIS_TRY(const auto segment, engine::open_segment(paths, row, info.generation.tombstones, settings.encoders));
    info.live_passages += segment.num_live();
    info.deleted_passages += segment.num_deleted;
    info.num_postings += segment.field.num_postings();
    info.field_bytes += segment.field.size_bytes();
    for (const auto& vectors : segment.vectors) info.vector_bytes += vectors ? vectors->size_bytes() : 0;
    if (segment.blocks) {
      info.block_bytes += engine::file_bytes(paths.segment_file(engine::blocks_file_of(row)));
      info.block_passages += row.num_passages;
    }
    if (const auto name = engine::text_file_of(row); !name.empty()) {
      info.text_bytes += engine::file_bytes(paths.segment_file(name));
    }
  }
  info.encoders = engine::encoder_infos(settings, info.generation);
  info.num_terms = vocabulary.size();
  for (const auto& name : info.generation.vocabularies) {
    info.vocabulary_bytes += engine::file_bytes(paths.segment_file(name));
  }
  info.catalogue_bytes = catalogue_bytes(paths);
  info.avg_length_fixed = static_cast<double>(settings.bm25.avg_length);
  if (info.generation.num_passages > 0) {
    info.avg_length_now =
        static_cast<double>(info.generation.num_words) / static_cast<double>(info.generation.num_passages);
  }
  return info;
}

Result<bool> Engine::is_new() const {
  TAMIS_TRY(const auto generation, newest_generation(impl_->paths));
  TAMIS_TRY(const auto settings, engine::settings_of(generation));
  return settings.kind == engine::IndexSettings::Kind::kEmpty;
}

Result<std::vector<EncoderInfo>> Engine::encoders() const {
  TAMIS_TRY(const auto generation, newest_generation(impl_->paths));
  TAMIS_TRY(const auto settings, engine::settings_of(generation));
  return engine::encoder_infos(settings, generation);
}

const fs::path& Engine::folder() const noexcept { return impl_->paths.folder; }

Result<std::vector<std::string>> Engine::verify(ProgressSink& progress) const {
  return engine::verify_index(impl_->paths, progress);
}

}  // namespace tamis
