#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/document.h>
#include <tamis/sparse/encoder.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::engine {

/// Strings in one piece of memory, numbered from 0.
class StringList {
 public:
  std::uint32_t add(std::string_view text) {
    bytes_ += text;
    ends_.push_back(bytes_.size());
    return static_cast<std::uint32_t>(ends_.size() - 1);
  }
  [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
    const auto begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }

 private:
  std::string bytes_;
  std::vector<std::uint64_t> ends_;
};

/// A passage after analysis.
struct BatchPassage {
  std::uint32_t begin = 0, end = 0, origin = 1;
  std::uint32_t length = 0;     ///< body words
  std::uint32_t num_terms = 0;  ///< entries in Batch::counts, those of the passages before it go first
  std::uint8_t language = 0;
  std::string heading;
};

/// A document whose passages are the next `num_passages` of Batch::passages.
struct BatchDocument {
  std::string item, title, text, encoding;
  docs::OriginKind origin_kind = docs::OriginKind::kLine;
  std::vector<docs::MetaField> metadata;
  std::uint32_t num_passages = 0;
};

/// What a batch holds of one file: all of it, or a part of a stream.
struct FilePiece {
  std::size_t work = 0;  ///< index into the plan's work
  std::uint32_t num_documents = 0;
  bool first = true, last = true;
  // Of the whole file, when `last`:
  bool same_content = false;  ///< only its time or place had changed
  bool failed = false;        ///< `error` says why; what came before it stays
  std::uint64_t content_hash = 0;
  std::uint64_t num_bytes = 0;
  std::string reader, encoding;
  Error error;
};

/// The unit of the ingest pipeline: some small files, or a run of documents of a big one. Cut by size alone, so that
/// the same input makes the same batches on every machine.
struct Batch {
  std::vector<std::size_t> files;                  ///< to be read by the worker
  std::vector<docs::ExtractedDocument> extracted;  ///< or read already
  // Filled in by the worker (pieces also by the reader of a stream):
  std::vector<FilePiece> pieces;
  std::vector<BatchDocument> documents;
  std::vector<BatchPassage> passages;
  StringList keys;                        ///< distinct vocabulary keys
  std::vector<sparse::TermCount> counts;  ///< `term` is a number of `keys` until the consumer puts in the global id
  double read_seconds = 0, analyse_seconds = 0;
};

inline constexpr std::uint64_t kBatchBytes = 1 << 20;
inline constexpr std::size_t kBatchDocuments = 512;
inline constexpr std::size_t kBatchFiles = 64;

}  // namespace tamis::engine
