#include <fmt/format.h>
#include <tamis/index/field_builder.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "file_hash.h"
#include "segment_writer.h"
#include "settings.h"
#include "sources.h"
#include "stopwatch.h"
#include "text_ingest.h"
#include "vocabulary_chain.h"
#include "writing.h"

namespace tamis::engine {
namespace {

constexpr std::uint32_t kVectorBits = 16;
constexpr std::uint64_t kRowBytes = 500;
constexpr std::string_view kVectorFingerprint = "external vectors";

/// What the first vector file of an index decides for all that follow.
struct Survey {
  float largest = 0.0F;
  std::optional<bool> numbered;
  Status add(const sparse::NamedVector& vector) {
    const bool has_numbers = vector.vector.size() > 0;
    if (has_numbers || !vector.named_terms.empty()) {
      if (numbered && *numbered != has_numbers) {
        return Error{Code::kUnsupported, fmt::format("{}: terms by {}, while the index has them by {}", vector.id,
                                                     has_numbers ? "number" : "name", *numbered ? "number" : "name")};
      }
      numbered = has_numbers;
    }
    for (const auto weight : vector.vector.weights) largest = std::max(largest, weight);
    for (const auto& term : vector.named_terms) largest = std::max(largest, term.second);
    return ok();
  }
};

/// The largest weight, rounded up to a power of two: files that follow, of the same model, rarely go over it.
float ceiling_over(float largest) {
  if (largest <= 0.0F) return 1.0F;
  int exponent = 0;
  const float mantissa = std::frexp(largest, &exponent);
  return mantissa == 0.5F ? largest : std::ldexp(1.0F, exponent);
}

/// One run over a vector file.
class VectorIngest {
 public:
  VectorIngest(const IndexPaths& paths, store::Catalogue& catalogue, IndexSettings settings, store::SourceRow source,
               store::FileRow file, const IngestOptions& options, IngestReport& report)
      : paths_(paths),
        catalogue_(catalogue),
        settings_(std::move(settings)),
        source_(std::move(source)),
        file_(std::move(file)),
        options_(options),
        report_(report),
        pool_(options.threads) {}

  Status run(sparse::VectorFormat format, ProgressSink& progress, const CancelToken& cancel) {
    TAMIS_TRY_OK(prepare());
    progress.begin("indexing", 0, "vectors");
    const auto read = sparse::read_vector_file(source_.root, format, [&](sparse::NamedVector&& vector) -> Status {
      if (cancel.cancelled()) return Error{Code::kCancelled, "cancelled"};
      TAMIS_TRY_OK(add(std::move(vector)));
      if (report_.documents % 1024 == 0) progress.update(report_.documents);
      return ok();
    });
    progress.end();
    TAMIS_TRY_OK(read);
    TAMIS_TRY_OK(close_segment());
    file_.num_documents = report_.documents;
    return publish(file_);
  }

 private:
  Status prepare() {
    TAMIS_TRY(const auto before, catalogue_.generation());
    TAMIS_TRY(auto vocabulary,
              VocabularyChain::open(paths_, options_.rebuild ? std::vector<std::string>() : before.vocabularies));
    vocabulary_.emplace(std::move(vocabulary));
    TAMIS_TRY(next_passage_, catalogue_.next_passage());
    TAMIS_TRY(next_document_, catalogue_.next_document());
    TAMIS_TRY(next_segment_, catalogue_.next_segment());
    pending_.sources.push_back(source_);
    if (options_.rebuild) return remove_everything(catalogue_, before, pending_);
    TAMIS_TRY(const auto documents, catalogue_.documents_of(source_.id, file_.path));
    for (const auto& document : documents) pending_.removed_documents.push_back(document.first);
    return ok();
  }

  Status add(sparse::NamedVector&& in) {
    TAMIS_TRY_OK(survey_.add(in));
    if (survey_.numbered && *survey_.numbered != settings_.numbered_terms) {
      return Error{Code::kUnsupported, fmt::format("{}: the index has its terms by {}: another index is needed for "
                                                   "this file",
                                                   source_.root, settings_.numbered_terms ? "number" : "name")};
    }
    const Stopwatch watch(report_.build_seconds);
    sparse::SparseVector vector = std::move(in.vector);
    if (!in.named_terms.empty()) {
      terms_.clear();
      weights_.clear();
      for (const auto& [name, weight] : in.named_terms) {
        TAMIS_TRY(const auto term, vocabulary_->intern(name));
        terms_.push_back(term);
        weights_.push_back(weight);
      }
      TAMIS_TRY(vector, sparse::make_vector(terms_, weights_));
    }
    if (!builder_) {
      builder_.emplace(index::FieldConfig{std::string(kVectorField), std::string(kVectorFingerprint), settings_.scale});
      segment_ = next_segment_++;
    }
    TAMIS_TRY_OK(builder_->add(next_passage_, vector));
    store::Publication::NewDocument document;
    document.row.id = next_document_++;
    document.row.source = source_.id;
    document.row.path = file_.path;
    document.row.item = std::move(in.id);
    document.row.segment = segment_;
    document.row.first_passage = next_passage_;
    document.row.num_passages = 1;
    document.passages.emplace_back();
    document.passages.back().id = next_passage_++;
    pending_.documents.push_back(std::move(document));
    ++report_.documents;
    ++report_.passages;
    if (builder_->finish_bytes() + pending_.documents.size() * kRowBytes < options_.memory_bytes) return ok();
    TAMIS_TRY_OK(close_segment());
    if (options_.rebuild) return ok();
    store::FileRow unfinished;
    unfinished.source = source_.id;
    unfinished.path = file_.path;
    unfinished.mtime_ns = kUnfinishedTime;
    unfinished.num_documents = report_.documents;
    return publish(std::move(unfinished));
  }

  Status close_segment() {
    if (!builder_) return ok();
    const Stopwatch watch(report_.build_seconds);
    store::SegmentRow row;
    row.id = segment_;
    row.num_passages = builder_->num_passages();
    row.files.push_back(field_file_name(segment_, kVectorField));
    TAMIS_TRY(const auto built, builder_->finish(paths_.segment_file(row.files.back()), pool_));
    builder_.reset();
    report_.num_clipped += built.num_clipped;
    row.num_bytes = file_bytes(paths_.segment_file(row.files.back()));
    TAMIS_TRY(auto vocabulary, vocabulary_->write(segment_));
    if (!vocabulary.empty()) pending_.added_vocabularies.push_back(std::move(vocabulary));
    pending_.added_segments.push_back(std::move(row));
    return ok();
  }

  Status publish(store::FileRow file) {
    const Stopwatch watch(report_.publish_seconds);
    pending_.files.push_back(std::move(file));
    pending_.settings = setting_rows(settings_);
    pending_.next_passage = next_passage_;
    pending_.next_document = next_document_;
    TAMIS_TRY_OK(catalogue_.publish(pending_));
    report_.published = true;
    pending_ = {};
    return ok();
  }

  const IndexPaths& paths_;
  store::Catalogue& catalogue_;
  IndexSettings settings_;
  store::SourceRow source_;
  store::FileRow file_;
  const IngestOptions& options_;
  IngestReport& report_;
  ThreadPool pool_;
  Survey survey_;
  std::optional<VocabularyChain> vocabulary_;
  std::optional<index::FieldBuilder> builder_;
  store::SegmentId segment_ = 0, next_segment_ = 0;
  PassageId next_passage_ = 0;
  DocumentId next_document_ = 0;
  store::Publication pending_;
  std::vector<TermId> terms_;
  std::vector<float> weights_;
};

/// The index's settings; those of a new index by a first pass over the file.
Result<IndexSettings> settings_for_vectors(const IndexSettings& stored, const std::filesystem::path& file,
                                           sparse::VectorFormat format, bool rebuild, const CancelToken& cancel) {
  if (stored.kind == IndexSettings::Kind::kText) {
    return Error{Code::kUnsupported, "the index holds texts: vectors go into another index (--index)"};
  }
  if (stored.kind == IndexSettings::Kind::kVectors && !rebuild) return stored;
  Survey survey;
  TAMIS_TRY_OK(sparse::read_vector_file(file, format, [&](sparse::NamedVector&& vector) -> Status {
    if (cancel.cancelled()) return Error{Code::kCancelled, "cancelled"};
    return survey.add(vector);
  }));
  IndexSettings settings;
  settings.kind = IndexSettings::Kind::kVectors;
  settings.numbered_terms = survey.numbered.value_or(false);
  settings.scale = {ceiling_over(survey.largest), kVectorBits};
  TAMIS_TRY_OK(settings.scale.validate());
  return settings;
}

/// The file's row as it is now. The ids of a CSR file may lie beside it; they belong to it.
Result<store::FileRow> look_at(const std::filesystem::path& file, const CancelToken& cancel) {
  store::FileRow row;
  row.path = file.filename().string();
  const auto look = [&](docs::FoundFile&& found) -> Status {
    row.size_bytes += found.size_bytes;
    row.mtime_ns = std::max(row.mtime_ns, found.mtime_ns);
    row.inode = row.inode == 0 ? found.inode : row.inode;
    return ok();
  };
  const auto ignore = [](docs::SkippedPath&&) {};
  TAMIS_TRY_OK(docs::walk(file, {}, look, ignore, cancel));
  auto ids = file;
  ids += ".ids";
  if (auto status = docs::walk(ids, {}, look, ignore, cancel); !status && status.error().code != Code::kNotFound) {
    return std::move(status).error();
  }
  return row;
}

struct KnownSource {
  store::SourceRow row;
  bool is_known = false;
};
Result<KnownSource> vector_source(const store::Catalogue& catalogue, const std::string& root, bool rebuild) {
  TAMIS_TRY(const auto known, catalogue.sources());
  KnownSource source;
  source.row.id = next_source(known);
  source.row.kind = kVectorSource;
  source.row.root = root;
  source.row.config = "{}";
  for (const auto& row : known) {
    if (row.root == root) {
      source.row.id = row.id;
      source.is_known = true;
    } else if (rebuild) {
      return Error{Code::kUnsupported,
                   fmt::format("a rebuild would lose the vectors of {}: remove that source first", row.root)};
    }
  }
  return source;
}

}  // namespace

Result<IngestReport> ingest_vector_file(const IndexPaths& paths, const std::filesystem::path& file,
                                        sparse::VectorFormat format, const IngestOptions& options,
                                        ProgressSink& progress, const CancelToken& cancel) {
  IngestReport report;
  {
    const Stopwatch total(report.seconds);
    TAMIS_TRY(auto writing, Writing::begin(paths));
    TAMIS_TRY(const auto generation, writing.catalogue.generation());
    TAMIS_TRY(const auto stored, settings_of(generation));
    TAMIS_TRY(const auto path, canonical_path(file));
    TAMIS_TRY(const auto source, vector_source(writing.catalogue, path.string(), options.rebuild));
    TAMIS_TRY(auto row, look_at(path, cancel));
    row.source = source.row.id;
    row.reader = "vectors";
    report.files_found = 1;
    TAMIS_TRY(const auto files, writing.catalogue.files(source.row.id));
    if (!options.rebuild && files.size() == 1 && files[0].size_bytes == row.size_bytes &&
        files[0].mtime_ns == row.mtime_ns && files[0].inode == row.inode) {
      report.files_unchanged = 1;
      return report;
    }
    ++(source.is_known ? report.files_changed : report.files_added);
    report.bytes = row.size_bytes;
    const auto run = [&]() -> Status {
      TAMIS_TRY(auto settings, settings_for_vectors(stored, path, format, options.rebuild, cancel));
      return VectorIngest(paths, writing.catalogue, std::move(settings), source.row, std::move(row), options, report)
          .run(format, progress, cancel);
    };
    if (const auto done = run(); !done) {
      writing.undo(paths);
      return done.error();
    }
    tidy_after(paths, writing, options, progress, cancel, report);
  }
  return report;
}

}  // namespace tamis::engine
