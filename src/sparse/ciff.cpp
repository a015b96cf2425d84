#include <fmt/format.h>

#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "protobuf.h"
#include "vector_file_formats.h"

namespace tamis::sparse {
namespace {

// Field numbers of the Common Index File Format, version 1.
namespace header_field {
constexpr std::uint32_t kVersion = 1, kPostingsLists = 2, kDocs = 3;
}
namespace list_field {
constexpr std::uint32_t kTerm = 1, kDf = 2, kPostings = 4;
}
namespace posting_field {
constexpr std::uint32_t kDoc = 1, kTf = 2;
}
namespace record_field {
constexpr std::uint32_t kDoc = 1, kName = 2;
}

/// The file as a row of messages, each with its length in front.
class MessageStream {
 public:
  explicit MessageStream(const InputFile& file) : file_(&file), cursor_(file) {}
  /// The next message, valid until the next call.
  [[nodiscard]] Result<std::string_view> next() {
    TAMIS_TRY(const std::uint64_t size, length());
    const std::uint64_t offset = cursor_.offset();
    if (offset > file_->size() || size > file_->size() - offset) {
      return Error{Code::kCorrupt, fmt::format("cut off at byte {} (a message of {} bytes)", offset, size)};
    }
    message_.resize(size);
    TAMIS_TRY_OK(cursor_.bytes(message_));
    return std::string_view(message_);
  }
  [[nodiscard]] Status expect_end() {
    TAMIS_TRY(const auto more, cursor_.byte());
    if (!more) return ok();
    return Error{Code::kCorrupt, fmt::format("bytes after the last record, from byte {}", cursor_.offset() - 1)};
  }

 private:
  [[nodiscard]] Result<std::uint64_t> length() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      TAMIS_TRY(const auto next, cursor_.byte());
      if (!next) return Error{Code::kCorrupt, fmt::format("cut off at byte {}", cursor_.offset())};
      const auto byte = static_cast<std::uint8_t>(*next);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return value;
    }
    return Error{Code::kCorrupt, fmt::format("a message length at byte {} is too long", cursor_.offset())};
  }
  const InputFile* file_;
  Cursor cursor_;
  std::string message_;
};

struct CiffHeader {
  std::uint32_t version = 0, num_lists = 0, num_docs = 0;
};

Result<CiffHeader> parse_header(std::string_view message, std::uint64_t file_bytes) {
  CiffHeader header;
  WireReader reader(message);
  while (true) {
    TAMIS_TRY(const auto field, reader.next());
    if (!field) break;
    std::uint32_t* target = field->number == header_field::kVersion         ? &header.version
                            : field->number == header_field::kPostingsLists ? &header.num_lists
                            : field->number == header_field::kDocs          ? &header.num_docs
                                                                            : nullptr;
    if (target == nullptr) continue;  // statistics of the collection that was exported
    TAMIS_TRY(*target, non_negative_int32(*field, "a count of the header"));
  }
  if (header.version != 1) {
    return Error{Code::kUnsupported, fmt::format("CIFF version {} (this build reads 1)", header.version)};
  }
  // Each list and each record takes at least its length and two bytes: no count can ask for more memory than that.
  if (header.num_lists > file_bytes / 3 || header.num_docs > file_bytes / 3) {
    return Error{Code::kCorrupt, fmt::format("CIFF header says {} lists and {} documents, too many for {} bytes",
                                             header.num_lists, header.num_docs, file_bytes)};
  }
  return header;
}

struct Posting {
  std::uint32_t doc = 0, term = 0, tf = 0;
};

/// All postings, in the order of the lists; then the same gathered by document.
class Gatherer {
 public:
  explicit Gatherer(const CiffHeader& header) : num_docs_(header.num_docs), starts_(header.num_docs + 1ULL, 0) {}

  [[nodiscard]] Status add_list(std::string_view message) {
    WireReader reader(message);
    std::string term;
    std::uint64_t df = 0, seen = 0, doc = 0;
    const auto number = static_cast<std::uint32_t>(terms_.size());
    while (true) {
      TAMIS_TRY(const auto field, reader.next());
      if (!field) break;
      if (field->number == list_field::kTerm && field->is_bytes) term = field->bytes;
      if (field->number == list_field::kDf) df = field->value;
      if (field->number != list_field::kPostings || !field->is_bytes) continue;
      TAMIS_TRY(Posting posting, parse_posting(field->bytes));
      if (seen++ > 0 && posting.doc == 0) return Error{Code::kCorrupt, fmt::format("document {} is named twice", doc)};
      doc += posting.doc;  // the first is a number, the others are distances
      if (doc >= num_docs_) return Error{Code::kCorrupt, fmt::format("document {} of {}", doc, num_docs_)};
      posting.doc = static_cast<std::uint32_t>(doc);
      posting.term = number;
      ++starts_[posting.doc + 1ULL];
      postings_.push_back(posting);
    }
    if (df != seen) return Error{Code::kCorrupt, fmt::format("\"{}\" has {} postings (df says {})", term, seen, df)};
    if (!known_.insert(term).second) return Error{Code::kCorrupt, fmt::format("\"{}\" has two lists", term)};
    terms_.push_back(std::move(term));
    return ok();
  }

  /// Call once, after the last list.
  void finish() {
    for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
    by_doc_.resize(postings_.size());
    std::vector<std::uint64_t> next(starts_.begin(), starts_.end() - 1);
    for (const auto& posting : postings_) by_doc_[next[posting.doc]++] = {posting.term, posting.tf};
    postings_ = {};
    done_.assign(num_docs_, false);
  }

  [[nodiscard]] Result<NamedVector> take(std::string_view record) {
    WireReader reader(record);
    NamedVector out;
    std::uint32_t doc = 0;
    while (true) {
      TAMIS_TRY(const auto field, reader.next());
      if (!field) break;
      if (field->number == record_field::kName && field->is_bytes) out.id = field->bytes;
      if (field->number != record_field::kDoc) continue;
      TAMIS_TRY(doc, non_negative_int32(*field, "docid"));
    }
    if (doc >= num_docs_ || done_[doc]) {
      return Error{Code::kCorrupt, fmt::format("docid {} (wanted 0 to {}, each once)", doc, num_docs_)};
    }
    if (out.id.empty()) return Error{Code::kCorrupt, "no collection_docid"};
    done_[doc] = true;
    for (std::uint64_t i = starts_[doc]; i < starts_[doc + 1ULL]; ++i) {
      out.named_terms.emplace_back(terms_[by_doc_[i].first], static_cast<float>(by_doc_[i].second));
    }
    return out;
  }

 private:
  [[nodiscard]] static Result<Posting> parse_posting(std::string_view message) {
    Posting posting;
    WireReader reader(message);
    while (true) {
      TAMIS_TRY(const auto field, reader.next());
      if (!field) break;
      if (field->number == posting_field::kDoc) {
        TAMIS_TRY(posting.doc, non_negative_int32(*field, "docid"));
      } else if (field->number == posting_field::kTf) {
        TAMIS_TRY(posting.tf, non_negative_int32(*field, "tf"));
      }
    }
    if (posting.tf == 0) return Error{Code::kCorrupt, "a posting with tf 0"};
    return posting;
  }

  std::uint64_t num_docs_;
  std::vector<std::uint64_t> starts_;  // [num_docs + 1] counts, then starts into by_doc_
  std::vector<std::string> terms_;
  std::unordered_set<std::string> known_;
  std::vector<Posting> postings_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> by_doc_;  // term number, tf
  std::vector<bool> done_;
};

}  // namespace

Status read_ciff(const InputFile& file, const VectorSink& sink) {
  MessageStream messages(file);
  TAMIS_TRY(const auto first, messages.next());
  TAMIS_TRY(const CiffHeader header, parse_header(first, file.size()));
  Gatherer documents(header);
  for (std::uint32_t i = 0; i < header.num_lists; ++i) {
    auto message = messages.next();
    Status status = message ? documents.add_list(*message) : Status(std::move(message).error());
    if (!status) return within(fmt::format("postings list {}", i), std::move(status).error());
  }
  documents.finish();
  for (std::uint32_t i = 0; i < header.num_docs; ++i) {
    auto message = messages.next();
    auto vector = message ? documents.take(*message) : Result<NamedVector>(std::move(message).error());
    if (!vector) return within(fmt::format("document record {}", i), std::move(vector).error());
    TAMIS_TRY_OK(sink(std::move(*vector)));
  }
  return messages.expect_end();
}

}  // namespace tamis::sparse
