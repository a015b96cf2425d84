#include "document_stream.h"

#include <exception>
#include <new>
#include <system_error>
#include <utility>

#include "stopwatch.h"

namespace tamis::engine {
namespace {

constexpr std::size_t kReadyParts = 4;

}  // namespace

Result<std::unique_ptr<DocumentStream>> DocumentStream::start(Read read) {
  auto stream = std::make_unique<DocumentStream>(std::move(read));
  try {
    stream->thread_ = std::thread([&self = *stream] { self.run(); });
  } catch (const std::system_error& error) {
    return Error{Code::kExhausted, std::string("no thread to read with: ") + error.what()};
  }
  return stream;
}

DocumentStream::~DocumentStream() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

DocumentStream::Part DocumentStream::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !ready_.empty(); });
  Part part = std::move(ready_.front());
  ready_.pop_front();
  lock.unlock();
  changed_.notify_all();
  return part;
}

void DocumentStream::run() {
  double seconds = 0;
  {
    const Stopwatch watch(seconds);
    Result<docs::ReadOutcome> outcome = Error{Code::kExhausted, "out of memory"};
    try {
      outcome = read_([&](docs::ExtractedDocument&& document) { return take(std::move(document)); });
    } catch (const std::bad_alloc&) {
    } catch (const std::exception& error) {
      outcome = Error{Code::kExhausted, std::string("unexpected failure: ") + error.what()};
    }
    part_.last = true;
    part_.failed = !outcome.has_value();
    if (part_.failed) {
      part_.error = std::move(outcome).error();
    } else {
      part_.outcome = std::move(*outcome);
    }
  }
  part_.seconds = seconds - waited_;
  static_cast<void>(hand_over());
}

Status DocumentStream::take(docs::ExtractedDocument&& document) {
  part_bytes_ += document.text.size() + document.title.size();
  part_.documents.push_back(std::move(document));
  if (part_bytes_ < kBatchBytes && part_.documents.size() < kBatchDocuments) return ok();
  if (!hand_over()) return Error{Code::kCancelled, "cancelled"};
  return ok();
}

bool DocumentStream::hand_over() {
  const Stopwatch watch(waited_);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopped_ || ready_.size() < kReadyParts; });
  if (stopped_) return false;
  ready_.push_back(std::exchange(part_, {}));
  part_bytes_ = 0;
  lock.unlock();
  changed_.notify_all();
  return true;
}

}  // namespace tamis::engine
