#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tamis::store {

/// Seven bits a byte, lowest first; the high bit says that more follow.
void put_varint(std::string& out, std::uint64_t value);
/// Small numbers of either sign become small: 0, -1, 1, -2, 2 … → 0, 1, 2, 3, 4 …
void put_signed_varint(std::string& out, std::int64_t value);

/// Takes values from untrusted bytes. Every call says whether it succeeded; after a failure the rest is worthless.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  [[nodiscard]] bool byte(std::uint8_t& value);
  [[nodiscard]] bool varint(std::uint64_t& value);
  [[nodiscard]] bool signed_varint(std::int64_t& value);
  /// Borrowed.
  [[nodiscard]] bool text(std::uint64_t size, std::string_view& value);
  [[nodiscard]] bool at_end() const noexcept { return at_ == bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
};

}  // namespace tamis::store
