#include <tamis/base/check.h>
#include <tamis/base/result.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace tamis {

std::string_view to_string(Code code) noexcept {
  switch (code) {
    case Code::kInvalidArgument:
      return "invalid-argument";
    case Code::kNotFound:
      return "not-found";
    case Code::kCorrupt:
      return "corrupt";
    case Code::kUnsupported:
      return "unsupported";
    case Code::kIo:
      return "io";
    case Code::kExhausted:
      return "exhausted";
    case Code::kCancelled:
      return "cancelled";
    case Code::kBusy:
      return "busy";
  }
  return "unknown";
}

Error within(std::string_view where, Error error) {
  error.message = std::string(where) + ": " + error.message;
  return error;
}

void throw_error(Error error) { throw std::runtime_error(std::string(to_string(error.code)) + ": " + error.message); }

void check_failed(const char* file, int line, const char* condition, const char* why) noexcept {
  std::fprintf(stderr, "tamis: bug at %s:%d: %s (%s)\n", file, line, why, condition);
  std::abort();
}

}  // namespace tamis
