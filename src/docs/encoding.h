#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace tamis::docs {

/// Text as the readers want it: valid UTF-8, '\n' line ends, no NUL, no byte order mark.
struct DecodedText {
  std::string text;
  std::string encoding;  ///< what the bytes were in: "UTF-8", "UTF-16LE", "UTF-16BE", "ISO-8859-1" …
};

/// The encoding of these bytes: a byte order mark decides; else UTF-16 when NULs stand at one half of the places only
/// and what they make is text; else UTF-8 when it is valid, or broken in few places; else ISO-8859-1. Linear time.
[[nodiscard]] std::string_view detect_encoding(std::string_view bytes);

/// Converts by detect_encoding(). Broken sequences become U+FFFD, a NUL a space. CRLF becomes LF; a lone CR ends a line
/// only in a file without LF, and is a space elsewhere, so that lines are counted as editors do. ISO-8859-1's control
/// characters 0x80 to 0x9F are read as windows-1252, as browsers do. kExhausted when the result reaches 4 GiB.
[[nodiscard]] Result<DecodedText> decode_text(std::string bytes);

/// The same when a document names its encoding (`charset`, any case). A byte order mark and valid UTF-8 with characters
/// beyond ASCII win over it; an unknown name is ignored.
[[nodiscard]] Result<DecodedText> decode_text(std::string bytes, std::string_view charset);

/// Whether the first bytes of a file are not text in any of the encodings: NULs (but not UTF-16), or more than one byte
/// in ten a control character. `tolerant` lets a few NULs pass: for files whose name says that they are text.
[[nodiscard]] bool looks_binary(std::string_view head, bool tolerant);

/// Appends a Unicode scalar value.
void append_utf8(std::string& out, std::uint32_t character);
/// The Unicode character of a windows-1252 byte 0x80 to 0x9F.
[[nodiscard]] std::uint32_t windows1252(unsigned char byte);

}  // namespace tamis::docs
