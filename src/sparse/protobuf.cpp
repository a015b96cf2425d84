#include "protobuf.h"

#include <fmt/format.h>

#include <limits>

namespace tamis::sparse {

Result<std::uint64_t> WireReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (rest_.empty()) return Error{Code::kCorrupt, "protobuf: a number is cut off"};
    const auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    if (shift == 63 && byte > 1) break;  // beyond 64 bits
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) return value;
  }
  return Error{Code::kCorrupt, "protobuf: a number is longer than 64 bits"};
}

Result<std::uint64_t> WireReader::fixed(std::size_t bytes) {
  if (rest_.size() < bytes) return Error{Code::kCorrupt, "protobuf: a number is cut off"};
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(rest_[i])) << (8 * i);
  }
  rest_.remove_prefix(bytes);
  return value;
}

Result<std::optional<WireField>> WireReader::next() {
  if (rest_.empty()) return std::optional<WireField>();
  TAMIS_TRY(const std::uint64_t tag, varint());
  const std::uint64_t number = tag >> 3;
  if (number == 0 || number >= (1U << 29)) {
    return Error{Code::kCorrupt, fmt::format("protobuf: field number {}", number)};
  }
  WireField field;
  field.number = static_cast<std::uint32_t>(number);
  switch (tag & 7U) {
    case 0: {
      TAMIS_TRY(field.value, varint());
      break;
    }
    case 1: {
      TAMIS_TRY(field.value, fixed(8));
      break;
    }
    case 2: {
      TAMIS_TRY(const std::uint64_t size, varint());
      if (size > rest_.size()) {
        return Error{Code::kCorrupt,
                     fmt::format("protobuf: field {} is cut off ({} bytes, {} left)", number, size, rest_.size())};
      }
      field.is_bytes = true;
      field.bytes = rest_.substr(0, size);
      rest_.remove_prefix(size);
      break;
    }
    case 5: {
      TAMIS_TRY(field.value, fixed(4));
      break;
    }
    default:
      return Error{Code::kCorrupt, fmt::format("protobuf: field {} has wire type {}", number, tag & 7U)};
  }
  return std::optional<WireField>(field);
}

Result<std::uint32_t> non_negative_int32(const WireField& field, std::string_view what) {
  if (field.is_bytes || field.value > std::numeric_limits<std::int32_t>::max()) {
    return Error{Code::kCorrupt, fmt::format("{} is no number from 0 to 2^31 - 1", what)};
  }
  return static_cast<std::uint32_t>(field.value);
}

}  // namespace tamis::sparse
