#pragma once

#include <tamis/base/result.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace tamis::detail {

/// "what: No space left on device", as kNotFound for a missing path, kExhausted when memory ran out, else kIo.
[[nodiscard]] Error os_error(std::string_view what, int error_number);
[[nodiscard]] Error os_error(const std::filesystem::path& path, std::string_view doing, int error_number);

/// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int get() const noexcept { return value_; }
  /// Gives the descriptor up without closing it.
  [[nodiscard]] int release() noexcept { return std::exchange(value_, -1); }

 private:
  int value_ = -1;
};

/// open(2), close-on-exec, again after a signal.
[[nodiscard]] Result<Descriptor> open_file(const std::filesystem::path& path, int flags);
/// Writes all of `bytes`; the error names `path`.
[[nodiscard]] Status write_all(int descriptor, std::span<const std::byte> bytes, const std::filesystem::path& path);

}  // namespace tamis::detail
