#pragma once

#include <tamis/docs/document.h>
#include <tamis/docs/reader.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tamis::docs {

/// What a field of a record is for.
enum class FieldRole : std::uint8_t { kOther, kId, kTitle, kText };
struct FieldUse {
  FieldRole role = FieldRole::kOther;
  std::uint32_t rank = 0;  ///< of a text: its place in the text; of an id: the lowest wins
};

/// Which fields of a record are its id, title and text: those that the user named (exactly so), else the usual names in
/// any case: `_id`, `id`; `title`; `text`, `body`, `content`, `contents`.
class FieldRoles {
 public:
  explicit FieldRoles(const FieldMap& map) : map_(map) {}
  /// @param top  the field stands in the record itself, not inside another: only there the usual names count
  [[nodiscard]] FieldUse use_of(std::string_view name, bool top = true) const;
  /// The names that the user gave.
  [[nodiscard]] std::vector<std::string> named() const;

 private:
  const FieldMap& map_;
};

/// One record of a many-document file, fields as clean text (valid UTF-8, '\n' line ends, no NUL).
struct Record {
  std::uint64_t line = 1;  ///< of the file, where it begins
  std::string id, title;
  std::uint32_t id_rank = 0;
  std::vector<std::pair<std::uint32_t, std::string>> texts;  ///< rank, text
  std::vector<std::pair<std::string, std::string>> others;   ///< name, value

  /// Puts a value where it belongs.
  void add(std::string_view name, FieldUse use, std::string value);
};

/// The document of a record. Texts are joined by blank lines; a record without a text field has its other fields as
/// text, "name: value" a line. The title does not go into the text. Without an id, the line number is one. The other
/// fields become metadata, typed: the first 256 of them, their values cut at 4,096 bytes, names of more than 256 bytes
/// left out.
[[nodiscard]] ExtractedDocument record_document(Record&& record, std::string_view encoding);

/// A value as the document model wants it: CRLF and CR become LF, NUL becomes a space. The text is valid UTF-8.
[[nodiscard]] std::string clean_value(std::string_view text);

}  // namespace tamis::docs
