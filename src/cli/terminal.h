#pragma once

#include <tamis/base/result.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace tamis::cli {

/// What the program was started in. The only place that reads the environment and asks about terminals.
struct Terminal {
  bool out_is_terminal = false;
  bool error_is_terminal = false;
  bool out_colour = false;  ///< a terminal that is not dumb, and NO_COLOR is not set
  bool error_colour = false;
  bool utf8 = false;         ///< the locale's characters
  std::size_t columns = 80;  ///< of the terminal that there is
  std::string index_folder;  ///< TAMIS_INDEX, "" if not set
  [[nodiscard]] static Terminal detect();
};

/// A variable of the environment; "" if it is not set.
[[nodiscard]] std::string environment_variable(const char* name);

/// Results on standard output: gathered, written at once. After a broken pipe everything is discarded: whoever read has
/// seen enough, and that is no failure.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  void write(std::string_view text);
  /// Whether nobody reads any more: work may stop.
  [[nodiscard]] bool closed() const noexcept { return closed_; }
  /// Writes what is left. kIo when it cannot be written (disk full), now or before.
  [[nodiscard]] Status finish();

 private:
  void flush();
  std::string buffer_;
  bool closed_ = false;
  int failure_ = 0;  // errno
};

/// Messages on standard error, for the user's eyes.
void say(std::string_view text);

/// Select Graphic Rendition codes, or nothing when there is no colour.
struct Style {
  explicit Style(bool colour) : on_(colour) {}
  [[nodiscard]] std::string_view bold() const { return on_ ? "\x1b[1m" : ""; }
  [[nodiscard]] std::string_view dim() const { return on_ ? "\x1b[2m" : ""; }
  [[nodiscard]] std::string_view path() const { return on_ ? "\x1b[36m" : ""; }
  [[nodiscard]] std::string_view hit() const { return on_ ? "\x1b[1;33m" : ""; }
  [[nodiscard]] std::string_view good() const { return on_ ? "\x1b[32m" : ""; }
  [[nodiscard]] std::string_view bad() const { return on_ ? "\x1b[1;31m" : ""; }
  [[nodiscard]] std::string_view off() const { return on_ ? "\x1b[0m" : ""; }

 private:
  bool on_;
};

/// What a command works with.
struct Context {
  Terminal terminal;
  Output out;
};

}  // namespace tamis::cli
