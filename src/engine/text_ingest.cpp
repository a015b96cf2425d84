#include "text_ingest.h"

#include <fmt/format.h>
#include <tamis/base/freed_memory.h>
#include <tamis/sparse/bm25.h>

#include <algorithm>
#include <utility>

#include "language_vote.h"
#include "stopwatch.h"

namespace tamis::engine {
namespace {

/// The program, its readers and what they remember of words, and the batches that are on their way, about.
constexpr std::uint64_t kPipelineBytes = 144 << 20;
/// What may be gathered of what the whole run may take. Of little, a share: segments must not get too small.
std::uint64_t gatherable_of(std::uint64_t memory) noexcept {
  return std::max(memory / 5, memory > kPipelineBytes ? memory - kPipelineBytes : 0);
}
/// What a string takes beside its object until its row is published.
constexpr std::uint64_t kAllocationBytes = 16;
std::uint64_t heap_bytes(const std::string& text) noexcept {
  return text.capacity() < sizeof(std::string) / 2 ? 0 : text.capacity() + kAllocationBytes;
}

std::uint64_t bytes_of(const store::Publication::NewDocument& document) noexcept {
  const auto& row = document.row;
  auto bytes = sizeof document + heap_bytes(row.path) + heap_bytes(row.item) + heap_bytes(row.title) +
               heap_bytes(row.encoding) + row.metadata.capacity() * sizeof(docs::MetaField) + kAllocationBytes +
               document.passages.capacity() * sizeof(store::PassageRow);
  for (const auto& field : row.metadata) {
    const auto* text = std::get_if<std::string>(&field.value);
    bytes += heap_bytes(field.name) + (text == nullptr ? 0 : heap_bytes(*text));
  }
  for (const auto& passage : document.passages) bytes += heap_bytes(passage.heading);
  return bytes;
}

/// What a passage of words and of a vector of some 150 terms takes while its index of blocks is made, about: a segment
/// that gets vectors is cut earlier.
constexpr std::uint64_t kVectorBytes = 1200;

std::string no_text_reason() { return skip_reason({Code::kUnsupported, "holds no text"}); }

}  // namespace

Status remove_everything(const store::Catalogue& catalogue, const store::Generation& generation,
                         store::Publication& publication) {
  for (const auto& segment : generation.segments) {
    TAMIS_TRY_OK(catalogue.for_each_document(segment.id, [&](const store::DocumentRow& document) {
      publication.removed_documents.push_back(document.id);
      return ok();
    }));
    publication.removed_segments.push_back(segment.id);
  }
  publication.replace_vocabularies = true;
  return ok();
}

Result<TextIngest> TextIngest::start(const IndexPaths& paths, store::Catalogue& catalogue, const IngestPlan& plan,
                                     IndexSettings settings, const IngestOptions& options, IngestReport& report) {
  TAMIS_TRY(const auto before, catalogue.generation());
  TAMIS_TRY(auto vocabulary,
            VocabularyChain::open(paths, options.rebuild ? std::vector<std::string>() : before.vocabularies));
  TextIngest ingest(paths, catalogue, plan, std::move(settings), options, report, std::move(vocabulary));
  TAMIS_TRY_OK(ingest.prepare(before));
  return ingest;
}

Status TextIngest::prepare(const store::Generation& before) {
  TAMIS_TRY(const auto stored, settings_of(before));
  is_new_ = options_.rebuild || stored.kind == IndexSettings::Kind::kEmpty;
  settings_changed_ = is_new_ || setting_rows(stored) != setting_rows(settings_);
  before_ = stored;
  TAMIS_TRY(next_passage_, catalogue_.next_passage());
  TAMIS_TRY(next_document_, catalogue_.next_document());
  TAMIS_TRY(next_segment_, catalogue_.next_segment());
  for (const auto& source : plan_.sources) {
    if (source.store_row) pending_.sources.push_back(source.row);
  }
  if (options_.rebuild) TAMIS_TRY_OK(remove_everything(catalogue_, before, pending_));
  for (const auto& [source, path] : plan_.removed) {
    pending_.removed_files.emplace_back(source, path);
    if (!options_.rebuild) TAMIS_TRY_OK(remove_documents_of(source, path));
  }
  return ok();
}

std::vector<LanguageRule> TextIngest::language_rules() const {
  std::vector<LanguageRule> rules;
  for (const auto& source : plan_.sources) {
    LanguageRule rule;
    rule.fallback = settings_.fallback;
    if (const auto language = text::language_from(source.config.language);
        !source.config.language.empty() && language) {
      rule.forced = true;
      rule.language = *language;
    }
    rules.push_back(rule);
  }
  return rules;
}

Status TextIngest::run(docs::ByteStream* stream, ProgressSink& progress, const CancelToken& cancel) {
  if (plan_.work.empty()) return publish();
  if (is_new_ && stream == nullptr) settings_.fallback = vote_language(plan_, options_.read.limits);
  ThreadPool workers(options_.threads);
  ThreadPool builders(options_.threads);  // a second one: a segment may be closed from inside the pipeline
  WorkReader reader(plan_, options_.read.limits, settings_.passages, language_rules(), workers.size(), cancel);
  if (stream != nullptr) reader.read_from(*stream, is_new_);
  progress.begin("indexing", plan_.work_bytes, "bytes");
  const auto status = workers.ordered_pipeline<Batch>(
      2 * workers.size() + 2, [&](Batch& batch) { return reader.produce(batch); },
      [&](Batch& batch, std::size_t worker) { return reader.process(batch, worker); },
      [&](Batch& batch) -> Status {
        if (is_new_ && stream != nullptr) settings_.fallback = reader.voted_fallback();
        TAMIS_TRY_OK(consume(batch, builders));
        progress.update(bytes_done_ + file_bytes_);
        return ok();
      },
      cancel);
  progress.end();
  TAMIS_TRY_OK(status);
  progress.begin("writing", 0, "");
  const auto closed = close_segment(builders);
  progress.end();
  TAMIS_TRY_OK(closed);
  return publish();
}

Status TextIngest::consume(Batch& batch, ThreadPool& builders) {
  report_.read_seconds += batch.read_seconds;
  report_.analyse_seconds += batch.analyse_seconds;
  {
    const Stopwatch watch(report_.build_seconds);
    std::vector<TermId> ids(batch.keys.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      TAMIS_TRY(ids[i], vocabulary_.intern(batch.keys[i]));
    }
    for (auto& entry : batch.counts) entry.term = ids[entry.term];
  }
  document_ = passage_ = count_ = 0;
  for (auto& piece : batch.pieces) {
    const auto& work = plan_.work[piece.work];
    if (piece.first) {
      file_documents_ = 0;
      if (!(piece.last && piece.same_content)) TAMIS_TRY_OK(begin_file(work));
    }
    TAMIS_TRY_OK(add_documents(batch, work, piece.num_documents));
    if (piece.last) {
      end_file(work, piece);
    } else {  // text stands for the bytes that it was read from
      for (const auto& document : batch.documents) file_bytes_ += document.text.size();
      if (work.found.size_bytes > 0) file_bytes_ = std::min(file_bytes_, work.found.size_bytes);
    }
  }
  // A rebuild cuts segments too, so that only its rows pile up.
  const auto gathered = options_.rebuild ? segment_bytes() : memory_bytes();
  if (gathered < gatherable_of(options_.memory_bytes)) return ok();
  TAMIS_TRY_OK(close_segment(builders));
  if (options_.rebuild) return ok();
  const auto& last = batch.pieces.back();
  if (!last.last) {
    store::FileRow unfinished;
    unfinished.source = plan_.sources[plan_.work[last.work].source].row.id;
    unfinished.path = plan_.work[last.work].found.path;
    unfinished.mtime_ns = kUnfinishedTime;
    unfinished.num_documents = file_documents_;
    pending_.files.push_back(std::move(unfinished));
  }
  return publish();
}

Status TextIngest::begin_file(const WorkFile& work) {
  ++(work.known ? report_.files_changed : report_.files_added);
  if (!work.known || options_.rebuild) return ok();
  return remove_documents_of(plan_.sources[work.source].row.id, work.found.path);
}

Status TextIngest::remove_documents_of(store::SourceId source, const std::string& path) {
  TAMIS_TRY(const auto documents, catalogue_.documents_of(source, path));
  for (const auto& document : documents) pending_.removed_documents.push_back(document.first);
  return ok();
}

Status TextIngest::add_documents(Batch& batch, const WorkFile& work, std::uint32_t count) {
  if (count == 0) return ok();
  if (!segment_) {
    TAMIS_TRY(segment_, SegmentWriter::create(paths_, next_segment_, next_passage_));
    ++next_segment_;
  }
  for (const auto end = document_ + count; document_ < end; ++document_) {
    auto& from = batch.documents[document_];
    store::Publication::NewDocument to;
    {
      const Stopwatch watch(report_.text_seconds);
      TAMIS_TRY(to.row.text_offset, segment_->add_text(from.text));
    }
    const Stopwatch watch(report_.build_seconds);
    to.row.id = next_document_++;
    to.row.source = plan_.sources[work.source].row.id;
    to.row.path = work.found.path;
    to.row.item = std::move(from.item);
    to.row.title = std::move(from.title);
    to.row.origin_kind = from.origin_kind;
    to.row.encoding = std::move(from.encoding);
    to.row.segment = segment_->id();
    to.row.text_bytes = from.text.size();
    to.row.first_passage = next_passage_;
    to.row.num_passages = from.num_passages;
    to.row.metadata = std::move(from.metadata);
    to.passages.reserve(from.num_passages);
    for (std::uint32_t i = 0; i < from.num_passages; ++i, ++passage_) {
      auto& passage = batch.passages[passage_];
      segment_->add_passage(std::span(batch.counts).subspan(count_, passage.num_terms), passage.length);
      count_ += passage.num_terms;
      to.passages.push_back({next_passage_++, passage.begin, passage.end, passage.origin, passage.language,
                             passage.length, std::move(passage.heading)});
    }
    report_.passages += from.num_passages;
    ++report_.documents;
    ++file_documents_;
    row_bytes_ += bytes_of(to);
    pending_.documents.push_back(std::move(to));
  }
  return ok();
}

void TextIngest::end_file(const WorkFile& work, FilePiece& piece) {
  const auto& source = plan_.sources[work.source];
  bytes_done_ += work.found.size_bytes;
  file_bytes_ = 0;
  store::FileRow row = work.old;
  row.source = source.row.id;
  row.path = work.found.path;
  row.size_bytes = work.found.size_bytes;
  row.mtime_ns = work.found.mtime_ns;
  row.inode = work.found.inode;
  if (piece.same_content) {
    ++report_.files_unchanged;
  } else {
    row.content_hash = piece.content_hash;
    row.num_documents = file_documents_;
    row.reader = piece.reader;
    row.skipped.clear();
    if (piece.failed) {
      row.skipped = skip_reason(piece.error);
    } else if (file_documents_ == 0) {
      row.skipped = no_text_reason();
    }
    report_.bytes += piece.num_bytes;
    if (file_documents_ != 0) {
      report_.readers[piece.reader] += file_documents_;
      report_.encodings[piece.encoding] += file_documents_;
    }
  }
  if (!row.skipped.empty()) {
    report_.skipped.push_back(skipped_line(full_path(source.row, row.path).string(), row.skipped));
  }
  pending_.files.push_back(std::move(row));
}

std::uint64_t TextIngest::segment_bytes() const noexcept {
  if (!segment_) return 0;
  const auto vectors = settings_.encoders.empty() ? 0 : segment_->num_passages() * kVectorBytes;
  return std::max(segment_->memory_bytes(), vectors);
}

std::uint64_t TextIngest::memory_bytes() const noexcept {
  return segment_bytes() + row_bytes_ + vocabulary_.memory_bytes();
}

Status TextIngest::close_segment(ThreadPool& builders) {
  if (!segment_) return ok();
  if (settings_.bm25.avg_length == 0.0F) {
    const double mean = segment_->mean_length();
    settings_.bm25.avg_length = mean > 0 ? static_cast<float>(mean) : 1.0F;  // no words at all: any value will do
  }
  TAMIS_TRY(const auto encoder, sparse::make_bm25_document_encoder(settings_.bm25));
  TAMIS_TRY(auto row, segment_->finish(paths_, *encoder, builders, report_));
  const auto id = segment_->id();
  segment_.reset();
  give_back_freed_memory();
  const Stopwatch watch(report_.build_seconds);
  TAMIS_TRY(auto vocabulary, vocabulary_.write(id));
  if (!vocabulary.empty()) pending_.added_vocabularies.push_back(std::move(vocabulary));
  pending_.added_segments.push_back(std::move(row));
  return ok();
}

Status TextIngest::publish() {
  const auto& p = pending_;
  if (p.sources.empty() && p.files.empty() && p.removed_files.empty() && p.documents.empty() &&
      p.removed_documents.empty() && p.removed_segments.empty() && !(settings_changed_ && !is_new_)) {
    return ok();
  }
  const Stopwatch watch(report_.publish_seconds);
  pending_.settings = setting_rows(settings_, before_);
  pending_.next_passage = next_passage_;
  pending_.next_document = next_document_;
  TAMIS_TRY_OK(catalogue_.publish(pending_));
  report_.published = true;
  pending_ = {};
  row_bytes_ = 0;
  give_back_freed_memory();
  settings_changed_ = false;
  return ok();
}

}  // namespace tamis::engine
