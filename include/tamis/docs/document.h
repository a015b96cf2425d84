#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tamis::docs {

enum class BlockKind : std::uint8_t { kParagraph, kHeading, kListItem, kTable, kCode, kQuote };

/// A piece of structure: a byte range of the extracted text. Blocks are in text order and do not overlap; what lies
/// between them is white space.
struct TextBlock {
  BlockKind kind = BlockKind::kParagraph;
  std::uint8_t level = 0;  ///< of a heading: 1 = highest … 6; of a list item: nesting depth
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Where the extracted text stands in the file: text from `offset` on begins at `number` (1-based line or page).
struct OriginMark {
  std::uint32_t offset = 0;
  std::uint32_t number = 1;
};
enum class OriginKind : std::uint8_t {
  kLine,  ///< marks are lines; between two marks each newline of the extracted text is one line more
  kPage,  ///< marks are pages
};

/// A typed metadata value. Dates are seconds since 1970-01-01 UTC.
struct Date {
  std::int64_t seconds = 0;
  auto operator<=>(const Date&) const = default;
};
using MetaValue = std::variant<std::string, double, Date>;
struct MetaField {
  std::string name;
  MetaValue value;
};
/// A number or an ISO 8601 date (2024-05-01, 2024-05-01T10:00:00Z) becomes typed; everything else stays text.
[[nodiscard]] MetaValue typed_value(std::string_view text);

/// One document as a reader gives it.
struct ExtractedDocument {
  std::string item;   ///< id inside the file: "" for one-document files, `_id` in JSON lines, row number or id in CSV
  std::string title;  ///< "" if there is none; not part of `text` unless the reader says so by a heading block
  std::string text;   ///< UTF-8, `\n` line ends, no NUL; less than 2^32 bytes
  std::vector<TextBlock> blocks;
  std::vector<OriginMark> origins;  ///< sorted by offset; the first has offset 0
  OriginKind origin_kind = OriginKind::kLine;
  std::vector<MetaField> metadata;
  std::string language;  ///< declared ISO 639-1 code, "" = guess
  /// As detected, "UTF-8", "UTF-16LE", "UTF-16BE", "ISO-8859-1"; or as an HTML page declares it, "windows-1252",
  /// "iso-8859-15", "koi8-r" ….
  std::string encoding;
};

/// The 1-based line or page of a byte offset of the text.
[[nodiscard]] std::uint32_t origin_of(const ExtractedDocument& document, std::uint32_t offset);
/// Checks the laws above (ranges in order and in bounds, valid UTF-8, …); kCorrupt says which is broken. For tests and
/// as a guard after every reader.
[[nodiscard]] Status check_document(const ExtractedDocument& document);

using DocumentSink = std::function<Status(ExtractedDocument&&)>;

}  // namespace tamis::docs
