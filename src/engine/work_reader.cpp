#include "work_reader.h"

#include <utility>

#include "file_hash.h"
#include "language_vote.h"
#include "stopwatch.h"
#include "streaming.h"

namespace tamis::engine {
namespace {

void set_outcome(FilePiece& piece, docs::ReadOutcome&& outcome) {
  piece.reader = std::string(outcome.reader);
  piece.encoding = std::move(outcome.encoding);
  piece.num_bytes = outcome.num_bytes;
}

}  // namespace

WorkReader::WorkReader(const IngestPlan& plan, const docs::ReadLimits& limits, const docs::PassageConfig& passages,
                       std::vector<LanguageRule> rules, std::size_t workers, const CancelToken& cancel)
    : plan_(plan), limits_(limits), rules_(std::move(rules)), cancel_(cancel) {
  analyzers_.reserve(workers);
  for (std::size_t i = 0; i < workers; ++i) analyzers_.emplace_back(passages);
}

docs::ReadOptions WorkReader::options_of(const WorkFile& work) const {
  return read_options(plan_.sources[work.source].config, limits_);
}

bool WorkReader::is_streamed(std::size_t number) const {
  const auto& work = plan_.work[number];
  const auto& forced_reader = plan_.sources[work.source].config.reader;
  return open_stream_ != nullptr || engine::is_streamed(work.found.path, work.found.size_bytes, forced_reader);
}

Result<bool> WorkReader::produce(Batch& batch) {
  if (stream_ == nullptr) {
    if (next_ == plan_.work.size()) return false;
    if (!is_streamed(next_)) {
      take_files(batch);
      return true;
    }
    TAMIS_TRY_OK(start_stream());
  }
  take_part(batch);
  return true;
}

void WorkReader::take_files(Batch& batch) {
  std::uint64_t bytes = 0;
  do {
    bytes += plan_.work[next_].found.size_bytes;
    batch.files.push_back(next_++);
  } while (next_ < plan_.work.size() && batch.files.size() < kBatchFiles &&
           bytes + plan_.work[next_].found.size_bytes <= kBatchBytes && !is_streamed(next_));
}

Status WorkReader::start_stream() {
  streamed_ = next_++;
  first_part_ = true;
  stream_result_ = {};
  auto started = DocumentStream::start(
      [this, work = streamed_](const docs::DocumentSink& sink) { return read_stream(work, sink); });
  if (!started) return std::move(started).error();
  stream_ = std::move(*started);
  return ok();
}

Result<docs::ReadOutcome> WorkReader::read_stream(std::size_t number, const docs::DocumentSink& sink) {
  const auto& work = plan_.work[number];
  if (open_stream_ != nullptr) {
    return docs::read_document_stream(work.path, *open_stream_, options_of(work), sink);
  }
  TAMIS_TRY(stream_result_.content_hash, hash_file(work.path, cancel_));
  stream_result_.same_content = work.compare && stream_result_.content_hash == work.old.content_hash;
  if (stream_result_.same_content) return docs::ReadOutcome{};
  return docs::read_document_file(work.path, options_of(work), sink);
}

void WorkReader::take_part(Batch& batch) {
  auto part = stream_->next();
  FilePiece piece;
  if (part.last) {
    stream_.reset();  // joined: its results are ours
    piece = std::move(stream_result_);
    piece.failed = part.failed;
    piece.error = std::move(part.error);
    set_outcome(piece, std::move(part.outcome));
  }
  piece.work = streamed_;
  piece.first = std::exchange(first_part_, false);
  piece.last = part.last;
  batch.pieces.push_back(std::move(piece));
  if (std::exchange(votes_, false)) {
    LanguageVote vote;
    for (const auto& document : part.documents) vote.add(document);
    fallback_ = vote.winner();
    for (auto& rule : rules_) rule.fallback = fallback_;
  }
  batch.extracted = std::move(part.documents);
  batch.read_seconds += part.seconds;
}

Status WorkReader::process(Batch& batch, std::size_t worker) {
  auto& analyzer = analyzers_[worker];
  analyzer.start_batch();
  for (const auto work : batch.files) TAMIS_TRY_OK(read_file(work, batch, analyzer));
  if (batch.files.empty()) {
    const auto& rule = rules_[plan_.work[batch.pieces.front().work].source];
    for (auto& document : batch.extracted) analyzer.add(std::move(document), rule, batch);
    batch.extracted.clear();
    batch.pieces.front().num_documents = static_cast<std::uint32_t>(batch.documents.size());
  }
  return ok();
}

Status WorkReader::read_file(std::size_t number, Batch& batch, DocumentAnalyzer& analyzer) const {
  const auto& work = plan_.work[number];
  FilePiece piece;
  piece.work = number;
  const auto documents_before = batch.documents.size();
  const double inside_before = batch.read_seconds + batch.analyse_seconds;
  double total = 0;
  {
    const Stopwatch watch(total);
    const auto read = [&]() -> Result<docs::ReadOutcome> {
      TAMIS_TRY(piece.content_hash, hash_file(work.path, cancel_));
      piece.same_content = work.compare && piece.content_hash == work.old.content_hash;
      if (piece.same_content) return docs::ReadOutcome{};
      return docs::read_document_file(work.path, options_of(work), [&](docs::ExtractedDocument&& document) -> Status {
        if (cancel_.cancelled()) return Error{Code::kCancelled, "cancelled"};
        analyzer.add(std::move(document), rules_[work.source], batch);
        return ok();
      });
    };
    auto outcome = read();
    if (cancel_.cancelled()) return Error{Code::kCancelled, "cancelled"};
    if (outcome) {
      set_outcome(piece, std::move(*outcome));
    } else {
      piece.failed = true;
      piece.error = std::move(outcome).error();
    }
  }
  batch.read_seconds += total - (batch.read_seconds + batch.analyse_seconds - inside_before);
  piece.num_documents = static_cast<std::uint32_t>(batch.documents.size() - documents_before);
  batch.pieces.push_back(std::move(piece));
  return ok();
}

}  // namespace tamis::engine
