#include "readers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "decompress.h"
#include "encoding.h"
#include "source_text.h"

namespace tamis::docs {
namespace {

constexpr std::size_t kHeadBytes = 4096;

std::string lower_ascii(std::string text) {
  std::ranges::transform(text, text.begin(), lower);
  return text;
}

// By the longest known ending: of "guide.rst.txt" first "rst.txt", then "txt". A whole name ("Makefile") counts too.
const Reader* by_ending(const std::filesystem::path& path) {
  std::string name = lower_ascii(path.filename().string());
  for (const std::string_view packed : {".gz", ".zst", ".zstd"}) {
    if (!name.ends_with(packed)) continue;
    name.resize(name.size() - packed.size());
    break;
  }
  for (std::size_t begin = 0; begin < name.size();) {
    const std::string_view ending = std::string_view(name).substr(begin);
    for (const Reader* reader : readers()) {
      if (std::ranges::find(reader->extensions(), ending) != reader->extensions().end()) return reader;
    }
    const std::size_t dot = name.find('.', begin);
    begin = dot == std::string::npos ? name.size() : dot + 1;
  }
  return nullptr;
}

// The reader that is surest; the first of equals.
const Reader* by_content(std::string_view head) {
  const Reader* best = nullptr;
  int most = 0;
  for (const Reader* reader : readers()) {
    const int sure = reader->recognises(head);
    if (sure > most) best = reader, most = sure;
  }
  return best;
}

// The first bytes as UTF-8 for those who judge by content; binary files are left as they are.
std::string readable_head(std::string_view head) {
  if (looks_binary(head, false)) return std::string(head);
  auto decoded = decode_text(std::string(head));
  return decoded ? std::move(decoded->text) : std::string(head);
}

Result<const Reader*> choose(const std::filesystem::path& path, std::string_view head, const ReadOptions& options) {
  if (!options.reader.empty()) return reader_named(options.reader);
  const Reader* named = by_ending(path);
  const bool binary = looks_binary(head, named != nullptr);
  if (named != nullptr && (!binary || named->recognises(head) > 0)) return named;
  if (const Reader* found = by_content(readable_head(head))) return found;
  if (binary) return Error{Code::kUnsupported, "binary file"};
  return Error{Code::kUnsupported, "unknown format"};
}

}  // namespace

std::span<const Reader* const> readers() noexcept {
  // clang-format off
  static const std::array kReaders = {
      &text_reader(),
      &markdown_reader(),
      &rst_reader(),
      &html_reader(),
      &man_reader(),
      &source_reader(),
      &csv_reader(),
      &jsonl_reader(),
      &pdf_reader(),
      &docx_reader(),
  };
  // clang-format on
  return kReaders;
}

Result<const Reader*> reader_named(std::string_view name) {
  std::string known;
  for (const Reader* reader : readers()) {
    if (reader->name() == name) return reader;
    known += known.empty() ? "" : ", ";
    known += reader->name();
  }
  return Error{Code::kInvalidArgument, fmt::format("no reader named '{}' (known: {})", name, known)};
}

Result<ReadOutcome> read_document_stream(const std::filesystem::path& name, ByteStream& stream,
                                         const ReadOptions& options, const DocumentSink& sink) {
  TAMIS_TRY(std::string head, read_head(stream, kHeadBytes));
  TAMIS_TRY(const Reader* const reader, choose(name, head, options));
  RejoinedStream whole(std::move(head), stream);
  ReadOutcome outcome;
  outcome.reader = reader->name();
  const auto checked = [&](ExtractedDocument&& document) -> Status {
    TAMIS_TRY_OK(check_document(document));
    if (outcome.num_documents == 0) outcome.encoding = document.encoding;
    ++outcome.num_documents;
    return sink(std::move(document));
  };
  TAMIS_TRY_OK(reader->read(name, whole, options, checked));
  outcome.num_bytes = whole.num_bytes();
  return outcome;
}

Result<ReadOutcome> read_document_file(const std::filesystem::path& path, const ReadOptions& options,
                                       const DocumentSink& sink) {
  TAMIS_TRY(const auto stream, open_stream(path));
  return read_document_stream(path, *stream, options, sink);
}

}  // namespace tamis::docs
