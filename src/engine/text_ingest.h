#pragma once

#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>
#include <tamis/engine/engine.h>
#include <tamis/store/catalogue.h>

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "batch.h"
#include "ingest_plan.h"
#include "paths.h"
#include "segment_writer.h"
#include "settings.h"
#include "vocabulary_chain.h"
#include "work_reader.h"

namespace tamis::engine {

/// One run over texts: the last stage of the pipeline gathers batches into segments, and publishes.
///
/// A segment is closed at the end, or when the gathered passages take options.memory_bytes; each is published with all
/// rows that belong to it, so a run that is killed later resumes behind it. A file that is cut by such a border is
/// published as unfinished: the next run reads it again. A rebuild publishes once, at its end, because old and new
/// weights must never meet; all its rows wait in memory.
class TextIngest {
 public:
  /// Borrows catalogue, plan and report.
  [[nodiscard]] static Result<TextIngest> start(const IndexPaths& paths, store::Catalogue& catalogue,
                                                const IngestPlan& plan, IndexSettings settings,
                                                const IngestOptions& options, IngestReport& report);
  /// Reads everything that the plan says and publishes it. `stream`: the plan's only work is read from there.
  [[nodiscard]] Status run(docs::ByteStream* stream, ProgressSink& progress, const CancelToken& cancel);

 private:
  TextIngest(const IndexPaths& paths, store::Catalogue& catalogue, const IngestPlan& plan, IndexSettings settings,
             const IngestOptions& options, IngestReport& report, VocabularyChain vocabulary)
      : paths_(paths),
        catalogue_(catalogue),
        plan_(plan),
        settings_(std::move(settings)),
        options_(options),
        report_(report),
        vocabulary_(std::move(vocabulary)) {}

  [[nodiscard]] Status prepare(const store::Generation& before);
  [[nodiscard]] Status consume(Batch& batch, ThreadPool& builders);
  [[nodiscard]] Status add_documents(Batch& batch, const WorkFile& work, std::uint32_t count);
  [[nodiscard]] Status begin_file(const WorkFile& work);
  void end_file(const WorkFile& work, FilePiece& piece);
  [[nodiscard]] Status remove_documents_of(store::SourceId source, const std::string& path);
  [[nodiscard]] Status close_segment(ThreadPool& builders);
  [[nodiscard]] Status publish();
  [[nodiscard]] std::uint64_t segment_bytes() const noexcept;
  [[nodiscard]] std::uint64_t memory_bytes() const noexcept;
  [[nodiscard]] std::vector<LanguageRule> language_rules() const;

  IndexPaths paths_;
  store::Catalogue& catalogue_;
  const IngestPlan& plan_;
  IndexSettings settings_, before_;
  const IngestOptions& options_;
  IngestReport& report_;
  VocabularyChain vocabulary_;
  store::Publication pending_;
  std::optional<SegmentWriter> segment_;
  PassageId next_passage_ = 0;
  DocumentId next_document_ = 0;
  store::SegmentId next_segment_ = 0;
  bool is_new_ = false;  ///< nothing is published that the settings have to agree with
  bool settings_changed_ = false;
  std::uint64_t row_bytes_ = 0;  ///< of pending_, about
  // Of the batch in work, and of the file that goes on in the next one:
  std::size_t document_ = 0, passage_ = 0, count_ = 0;
  std::uint64_t file_documents_ = 0, bytes_done_ = 0, file_bytes_ = 0;
};

/// Adds to `publication` the documents of all segments and the segments themselves as removed.
[[nodiscard]] Status remove_everything(const store::Catalogue& catalogue, const store::Generation& generation,
                                       store::Publication& publication);

}  // namespace tamis::engine
