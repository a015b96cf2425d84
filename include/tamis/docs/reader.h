#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/document.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::docs {

/// Limits on one file. What goes over is an error (kExhausted) that names the limit; what was already handed out of a
/// many-document file stays valid.
struct ReadLimits {
  std::uint64_t file_bytes = 64ULL << 20;    ///< one-document formats, after decompression
  std::uint64_t stream_bytes = 1ULL << 40;   ///< line formats (JSON lines, CSV), after decompression
  std::uint64_t record_bytes = 16ULL << 20;  ///< one line or row
  std::uint32_t nesting = 512;               ///< depth of HTML, XML, JSON
  std::uint32_t external_seconds = 60;       ///< time for an external converter (pdftotext)
};

/// Where JSON-lines and CSV fields go. Empty = the usual names (_id|id, title, text|body|content, metadata).
struct FieldMap {
  std::string id, title;
  std::vector<std::string> text;  ///< several are joined by a blank line
};

struct ReadOptions {
  ReadLimits limits;
  FieldMap fields;
  std::string reader;  ///< force a reader by name; "" = by extension and content
};

/// A stream of (decompressed) bytes.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Fills up to `size` bytes; 0 = end.
  [[nodiscard]] virtual Result<std::size_t> read(char* data, std::size_t size) = 0;
};
/// Opens a file, undoing .gz and .zst (by content, not by name). Never follows into devices: kUnsupported.
[[nodiscard]] Result<std::unique_ptr<ByteStream>> open_stream(const std::filesystem::path& path);
/// Standard input, or any descriptor that the caller keeps open; compressed content is undone too.
[[nodiscard]] Result<std::unique_ptr<ByteStream>> open_stream(int descriptor);
/// All bytes; kExhausted over the limit.
[[nodiscard]] Result<std::string> read_all(ByteStream& stream, std::uint64_t limit_bytes);

/// One format. Stateless; safe from any thread.
class Reader {
 public:
  virtual ~Reader() = default;
  /// "markdown", "html", "jsonl" …: the name in --reader, summaries and docs.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  /// Lower-case file name endings without the dot, compression taken off, e.g. {"md", "markdown"}.
  [[nodiscard]] virtual std::span<const std::string_view> extensions() const noexcept = 0;
  /// Bytes of a file without a known ending: how sure is this reader, 0 = not mine … 100. `head` is the first 4 KiB.
  [[nodiscard]] virtual int recognises(std::string_view head) const noexcept = 0;
  /// Reads documents and hands each to `sink`; stops at the first error. `path` is for titles and messages (and for
  /// external converters); the content comes from `stream`.
  [[nodiscard]] virtual Status read(const std::filesystem::path& path, ByteStream& stream, const ReadOptions& options,
                                    const DocumentSink& sink) const = 0;
};

/// The one list of readers.
[[nodiscard]] std::span<const Reader* const> readers() noexcept;
/// By name; kInvalidArgument lists the known ones.
[[nodiscard]] Result<const Reader*> reader_named(std::string_view name);

struct ReadOutcome {
  std::string_view reader;  ///< which one read it
  std::uint64_t num_documents = 0;
  std::uint64_t num_bytes = 0;  ///< read, after decompression
  std::string encoding;
};
/// Picks a reader (ending, then content) and reads the file. kUnsupported for binary files ("binary file") and unknown
/// formats; every document has passed check_document().
[[nodiscard]] Result<ReadOutcome> read_document_file(const std::filesystem::path& path, const ReadOptions& options,
                                                     const DocumentSink& sink);
/// The same from an open stream; `name` stands for the path (its ending picks the reader when none is forced).
[[nodiscard]] Result<ReadOutcome> read_document_stream(const std::filesystem::path& name, ByteStream& stream,
                                                       const ReadOptions& options, const DocumentSink& sink);

}  // namespace tamis::docs
