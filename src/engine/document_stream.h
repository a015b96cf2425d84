#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/document.h>
#include <tamis/docs/reader.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "batch.h"

namespace tamis::engine {

/// Reads one stream of documents on a thread of its own and hands them over in batches of kBatchBytes or
/// kBatchDocuments, a few of which wait at most: so that one big file keeps all workers busy.
class DocumentStream {
 public:
  /// Reads everything into the sink, and says what it read. Called on the reader's thread.
  using Read = std::function<Result<docs::ReadOutcome>(const docs::DocumentSink&)>;
  struct Part {
    std::vector<docs::ExtractedDocument> documents;
    bool last = false;
    docs::ReadOutcome outcome;  ///< when last
    Error error;                ///< when last and failed
    bool failed = false;
    double seconds = 0;  ///< when last: of reading it all, without waiting
  };

  /// Only a start()ed stream gives parts.
  explicit DocumentStream(Read read) : read_(std::move(read)) {}
  /// @par Errors  kExhausted when the system gives no thread
  [[nodiscard]] static Result<std::unique_ptr<DocumentStream>> start(Read read);
  /// Stops the reader at its next document and waits for it.
  ~DocumentStream();
  DocumentStream(const DocumentStream&) = delete;
  DocumentStream& operator=(const DocumentStream&) = delete;

  /// Waits for the next part. Not to be called after the last.
  [[nodiscard]] Part next();

 private:
  void run();
  Status take(docs::ExtractedDocument&& document);
  bool hand_over();

  Read read_;
  // Of the reader's thread:
  Part part_;
  std::uint64_t part_bytes_ = 0;
  double waited_ = 0;
  // Of both:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Part> ready_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace tamis::engine
