#pragma once

#include <tamis/base/result.h>
#include <tamis/base/thread_pool.h>
#include <tamis/engine/engine.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "batch.h"
#include "document_analyzer.h"
#include "document_stream.h"
#include "ingest_plan.h"

namespace tamis::engine {

/// Cuts the work of a run into batches, in order, and reads it: small files on the workers, big files of many documents
/// on a thread of their own. produce() and process() are the first two stages of the ingest pipeline.
class WorkReader {
 public:
  /// Borrows everything for its life. `rules`: one a source of the plan.
  WorkReader(const IngestPlan& plan, const docs::ReadLimits& limits, const docs::PassageConfig& passages,
             std::vector<LanguageRule> rules, std::size_t workers, const CancelToken& cancel);
  /// A stream that is already open takes the place of the plan's only work file.
  /// @param vote  the documents of its first batch decide on the fallback language
  void read_from(docs::ByteStream& stream, bool vote) {
    open_stream_ = &stream;
    votes_ = vote;
  }
  /// After the first batch, where that was asked for.
  [[nodiscard]] text::Language voted_fallback() const noexcept { return fallback_; }

  /// The next batch; false at the end. On the calling thread.
  [[nodiscard]] Result<bool> produce(Batch& batch);
  /// Reads what is not read yet, splits and analyses. Safe from several workers, each with its own number.
  [[nodiscard]] Status process(Batch& batch, std::size_t worker);

 private:
  [[nodiscard]] bool is_streamed(std::size_t work) const;
  void take_files(Batch& batch);
  [[nodiscard]] Status start_stream();
  [[nodiscard]] Result<docs::ReadOutcome> read_stream(std::size_t work, const docs::DocumentSink& sink);
  void take_part(Batch& batch);
  [[nodiscard]] Status read_file(std::size_t work, Batch& batch, DocumentAnalyzer& analyzer) const;
  [[nodiscard]] docs::ReadOptions options_of(const WorkFile& work) const;

  const IngestPlan& plan_;
  docs::ReadLimits limits_;
  std::vector<LanguageRule> rules_;
  std::vector<DocumentAnalyzer> analyzers_;
  const CancelToken& cancel_;
  docs::ByteStream* open_stream_ = nullptr;
  bool votes_ = false;
  text::Language fallback_ = text::Language::kEnglish;
  std::size_t next_ = 0;
  std::size_t streamed_ = 0;  // the work that stream_ reads
  bool first_part_ = true;
  FilePiece stream_result_;                 // written by the stream's thread before it hands over its last part
  std::unique_ptr<DocumentStream> stream_;  // last: joined before what it writes to goes
};

}  // namespace tamis::engine
