#include "progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "display.h"

namespace tamis::cli {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);
/// Rates of the first moments mean nothing.
constexpr double kRateAfterSeconds = 0.5;
constexpr std::size_t kBarColumns = 24;

std::string bar(double share, bool utf8) {
  const auto full = static_cast<std::size_t>(share * static_cast<double>(kBarColumns));
  std::string out;
  for (std::size_t i = 0; i < kBarColumns; ++i) {
    if (utf8) {
      out += i < full ? "━" : "─";
    } else {
      out += i < full ? "#" : "-";
    }
  }
  return out;
}

std::string clock_time(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

/// Progress is no result: what cannot be written is not missed.
void write_error(std::string_view text) { (void)!::write(STDERR_FILENO, text.data(), text.size()); }

}  // namespace

void TerminalProgress::begin(std::string_view phase, std::uint64_t total, std::string_view unit) {
  erase();
  phase_ = phase;
  unit_ = unit;
  total_ = total;
  started_ = drawn_ = Clock::now();
}

void TerminalProgress::update(std::uint64_t done) {
  const auto now = Clock::now();
  if (now - drawn_ < kRedraw) return;
  drawn_ = now;
  draw(done, std::chrono::duration<double>(now - started_).count());
}

void TerminalProgress::draw(std::uint64_t done, double seconds) {
  const bool bytes = unit_ == "bytes";
  const auto amount = [&](std::uint64_t n) { return bytes ? human_bytes(n) : with_commas(n); };
  std::string line = phase_;
  if (total_ > 0) {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
    line +=
        fmt::format("  {} {:3.0f} %  {} of {}", bar(share, terminal_.utf8), share * 100, amount(done), amount(total_));
  } else {
    line += fmt::format("  {}", amount(done));
  }
  if (!bytes) line += ' ' + unit_;
  if (seconds > kRateAfterSeconds && done > 0) {
    const double rate = static_cast<double>(done) / seconds;
    line += fmt::format("  {}/s", amount(static_cast<std::uint64_t>(rate)));
    if (total_ > done) line += fmt::format("  {} left", clock_time(static_cast<double>(total_ - done) / rate));
  }
  write_error("\r" + shorten(line, terminal_.columns - 1) + "\x1b[K");
  visible_ = true;
}

void TerminalProgress::erase() {
  if (visible_) write_error("\r\x1b[K");
  visible_ = false;
}

std::unique_ptr<ProgressSink> make_progress(const Terminal& terminal, bool quiet) {
  if (quiet || !terminal.error_is_terminal) return std::make_unique<NoProgress>();
  return std::make_unique<TerminalProgress>(terminal);
}

}  // namespace tamis::cli
