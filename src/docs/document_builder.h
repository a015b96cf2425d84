#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/document.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::docs {

/// Distance of the origin marks that keep origin_of() cheap: it counts newlines from the last mark on.
inline constexpr std::size_t kMarkBytes = 4096;

/// Marks for a text that stands in the file as it is: one about every kMarkBytes.
[[nodiscard]] std::vector<OriginMark> line_marks(std::string_view text);

/// The text of the first heading of level 1, on one line; "" if there is none.
[[nodiscard]] std::string first_heading(const ExtractedDocument& document);

/// Writes the text, blocks and line marks of a document, block after block. Blocks are parted by a blank line, list
/// items by a line end; a block's trailing white space is cut and a block without text leaves no trace.
class DocumentBuilder {
 public:
  /// Ends the open block and starts the next one, whose text begins at `line` of the file. Level as in TextBlock.
  void begin(BlockKind kind, std::uint32_t level, std::uint32_t line);
  /// What is appended next begins at this line. A newline in appended text counts as one line of the file.
  void at_line(std::uint32_t line);
  /// Appends to the open block. White space before the text of a block is dropped; of code, only line ends.
  void append(std::string_view text);
  void end();
  [[nodiscard]] bool open() const noexcept { return open_; }
  /// The text of the open block so far.
  [[nodiscard]] std::string_view current() const noexcept;
  [[nodiscard]] const ExtractedDocument& document() const noexcept { return document_; }
  /// The finished document: text, blocks and origins; the rest is for the caller. kExhausted when the text reached 4
  /// GiB.
  [[nodiscard]] Result<ExtractedDocument> take();

 private:
  void materialise();
  void add_mark();
  void trim_block();
  [[nodiscard]] bool full() const noexcept;

  ExtractedDocument document_;
  TextBlock block_;
  std::uint32_t line_ = 1;       // file line of what is appended next
  std::uint32_t predicted_ = 1;  // what origin_of() would say of the end of the text
  bool open_ = false;
  bool materialised_ = false;  // the open block has text
  bool overflow_ = false;
};

}  // namespace tamis::docs
