#pragma once

#include <tamis/docs/reader.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tamis::cli {

/// A text with a name.
struct NamedText {
  std::string id, text;
};

/// Texts one by one, of any number: JSON lines {"_id", "title", "text"} (title and text are joined by a space) when the
/// first line that is not empty begins with "{", else a text a line, empty ones too, numbered from 1. A line that
/// cannot be used is named on standard error and passed over.
class TextLines {
 public:
  /// @param questions  also the keys and columns of questions: "query" or "question" for the text, "qid" for the id;
  ///                   plain lines "id TAB text"
  /// @param command    named in messages
  TextLines(std::unique_ptr<docs::ByteStream> stream, bool questions, std::string_view command);
  ~TextLines();
  TextLines(TextLines&&) noexcept;
  TextLines& operator=(TextLines&&) = delete;

  /// The next text; false at the end. The stream's errors; kExhausted for a line of more than 64 MiB.
  [[nodiscard]] Result<bool> next(NamedText& out);
  /// Lines that were passed over.
  [[nodiscard]] std::uint64_t num_bad() const noexcept { return bad_; }

 private:
  struct Parser;
  [[nodiscard]] Result<bool> next_line(std::string_view& line);
  void complain(std::string_view what);
  std::unique_ptr<docs::ByteStream> stream_;
  std::unique_ptr<Parser> parser_;
  bool questions_;
  std::string command_;
  std::string buffer_;
  std::size_t begin_ = 0;
  bool ended_ = false, json_ = false, first_seen_ = false;
  std::uint64_t number_ = 0, bad_ = 0;
};

/// The number of lines that are left to read from a descriptor: 0 when it cannot be told beforehand (a pipe, compressed
/// content).
[[nodiscard]] std::uint64_t count_lines(int descriptor);

}  // namespace tamis::cli
