#pragma once

#include <tamis/base/result.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tamis::sparse {

/// One field of a message: a number (varint or fixed) or bytes (strings and nested messages).
struct WireField {
  std::uint32_t number = 0;
  bool is_bytes = false;
  std::uint64_t value = 0;  ///< varints; fixed 32 and 64 as their bits
  std::string_view bytes;   ///< of the message
};

/// Walks the protobuf wire format (https://protobuf.dev/programming-guides/encoding/). Every length is checked against
/// what is left; groups, which were withdrawn from the format, are refused.
class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}
  /// The next field; nullopt at the end of the message.
  [[nodiscard]] Result<std::optional<WireField>> next();

 private:
  [[nodiscard]] Result<std::uint64_t> varint();
  [[nodiscard]] Result<std::uint64_t> fixed(std::size_t bytes);
  std::string_view rest_;
};

/// A field as int32 that must not be negative; kCorrupt names `what`.
[[nodiscard]] Result<std::uint32_t> non_negative_int32(const WireField& field, std::string_view what);

}  // namespace tamis::sparse
