#include "terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace tamis::cli {
namespace {

constexpr std::size_t kFlushBytes = 1 << 16;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

/// The first of the variables that is set decides about characters, as in the C library.
bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const auto value = variable(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string_view::npos || value.find("utf8") != std::string_view::npos ||
           value.find("UTF8") != std::string_view::npos || value.find("utf-8") != std::string_view::npos;
  }
  return false;
}

/// Writes everything; 0, or the errno of what went wrong.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

std::string environment_variable(const char* name) { return std::string(variable(name)); }

Terminal Terminal::detect() {
  Terminal terminal;
  terminal.out_is_terminal = ::isatty(STDOUT_FILENO) == 1;
  terminal.error_is_terminal = ::isatty(STDERR_FILENO) == 1;
  const bool colour = variable("NO_COLOR").empty() && variable("TERM") != "dumb" && !variable("TERM").empty();
  terminal.out_colour = colour && terminal.out_is_terminal;
  terminal.error_colour = colour && terminal.error_is_terminal;
  terminal.utf8 = locale_is_utf8();
  terminal.index_folder = variable("TAMIS_INDEX");
  winsize size{};
  const int asked = terminal.out_is_terminal ? STDOUT_FILENO : STDERR_FILENO;
  if (::ioctl(asked, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) terminal.columns = size.ws_col;
  return terminal;
}

void Output::write(std::string_view text) {
  if (closed_ || failure_ != 0) return;
  buffer_ += text;
  if (buffer_.size() >= kFlushBytes) flush();
}

void Output::flush() {
  const int failure = write_all(STDOUT_FILENO, buffer_);
  buffer_.clear();
  if (failure == EPIPE) {
    closed_ = true;
  } else {
    failure_ = failure;
  }
}

Status Output::finish() {
  if (!buffer_.empty()) flush();
  if (failure_ == 0) return ok();
  return Error{Code::kIo, std::string("standard output: ") + std::strerror(failure_)};
}

void say(std::string_view text) {
  std::string line(text);
  line += '\n';
  (void)write_all(STDERR_FILENO, line);  // there is nowhere left to complain
}

}  // namespace tamis::cli
