#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tamis::docs {

/// A zip file in memory. Move-only; not thread-safe.
class ZipArchive {
 public:
  /// @par Errors  kCorrupt: not a zip file, or a damaged one
  [[nodiscard]] static Result<ZipArchive> open(std::string bytes);
  ZipArchive(ZipArchive&&) noexcept;
  ZipArchive& operator=(ZipArchive&&) noexcept;
  ~ZipArchive();

  [[nodiscard]] bool has(std::string_view name) const;
  /// A member's content. What it says of its own size is not believed: the bytes that come out are counted.
  /// @par Errors  kNotFound; kExhausted over the limit; kUnsupported when encrypted; kCorrupt (checksum included)
  [[nodiscard]] Result<std::string> read(std::string_view name, std::uint64_t limit_bytes) const;

 private:
  struct Impl;
  explicit ZipArchive(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tamis::docs
