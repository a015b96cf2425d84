#pragma once

#include <tamis/base/thread_pool.h>

namespace tamis::cli {

/// While it lives, the first Ctrl-C (or termination signal) cancels the token, so that work stops at a safe place; the
/// second one kills as usual. One at a time.
class Interruptible {
 public:
  explicit Interruptible(CancelToken token);
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;
};

/// The signal that cancelled, 0 if there was none.
[[nodiscard]] int caught_signal() noexcept;
/// Ends the program the way the caught signal would have, after everything was put in order: shells then know that it
/// was interrupted and stop their scripts. Returns when there was no signal.
void die_as_interrupted();

}  // namespace tamis::cli
