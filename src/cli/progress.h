#pragma once

#include <tamis/base/progress.h>

#include <chrono>
#include <memory>
#include <string>

#include "terminal.h"

namespace tamis::cli {

/// A line on standard error that says how far the work is: bar, counts, rate, time left. Redrawn ten times a second.
class TerminalProgress final : public ProgressSink {
 public:
  explicit TerminalProgress(const Terminal& terminal) : terminal_(terminal) {}
  ~TerminalProgress() override { erase(); }
  TerminalProgress(const TerminalProgress&) = delete;
  TerminalProgress& operator=(const TerminalProgress&) = delete;
  void begin(std::string_view phase, std::uint64_t total, std::string_view unit) override;
  void update(std::uint64_t done) override;
  void end() override { erase(); }

 private:
  using Clock = std::chrono::steady_clock;
  void draw(std::uint64_t done, double seconds);
  void erase();
  const Terminal& terminal_;
  std::string phase_, unit_;
  std::uint64_t total_ = 0;
  Clock::time_point started_, drawn_;
  bool visible_ = false;
};

/// The line above when somebody can see it, nothing otherwise.
[[nodiscard]] std::unique_ptr<ProgressSink> make_progress(const Terminal& terminal, bool quiet);

}  // namespace tamis::cli
