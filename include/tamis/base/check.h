#pragma once

namespace tamis {
/// Prints the broken precondition to stderr and aborts: a bug in the program, never a reaction to input.
[[noreturn]] void check_failed(const char* file, int line, const char* condition, const char* why) noexcept;
}  // namespace tamis

/// A precondition whose breach is a bug. Always on: use it where it is cheap.
#define TAMIS_CHECK(condition, why) \
  ((condition) ? static_cast<void>(0) : ::tamis::check_failed(__FILE__, __LINE__, #condition, why))
/// The same, only in the dev, sanitizer and fuzz presets.
#if defined(TAMIS_CHECKS) && TAMIS_CHECKS
#define TAMIS_DCHECK(condition, why) TAMIS_CHECK(condition, why)
#else
#define TAMIS_DCHECK(condition, why) static_cast<void>(0)
#endif
