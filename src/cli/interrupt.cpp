#include "interrupt.h"

#include <array>
#include <csignal>
#include <utility>

namespace tamis::cli {
namespace {

constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};

// A handler can reach nothing but globals. The token outlives the handler: see ~Interruptible.
CancelToken* active_token = nullptr;
volatile std::sig_atomic_t signal_seen = 0;

void on_signal(int number) {
  signal_seen = number;
  if (active_token != nullptr) active_token->cancel();  // one lock-free store
}

}  // namespace

Interruptible::Interruptible(CancelToken token) {
  static CancelToken slot;
  slot = std::move(token);
  active_token = &slot;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second one is not caught
  sigemptyset(&action.sa_mask);
  for (const int number : kSignals) {
    struct sigaction before {};
    // What was ignored (nohup) stays ignored.
    if (sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    sigaction(number, &action, nullptr);
  }
}

Interruptible::~Interruptible() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (const int number : kSignals) {
    struct sigaction before {};
    if (sigaction(number, nullptr, &before) == 0 && before.sa_handler == on_signal) sigaction(number, &action, nullptr);
  }
  active_token = nullptr;
}

int caught_signal() noexcept { return signal_seen; }

void die_as_interrupted() {
  const int number = signal_seen;
  if (number == 0) return;
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  sigaction(number, &action, nullptr);
  std::raise(number);
}

}  // namespace tamis::cli
