#include "varint.h"

namespace tamis::store {

void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

void put_signed_varint(std::string& out, std::int64_t value) {
  put_varint(out, (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

bool ByteReader::byte(std::uint8_t& value) {
  if (at_end()) return false;
  value = static_cast<std::uint8_t>(bytes_[at_++]);
  return true;
}

bool ByteReader::varint(std::uint64_t& value) {
  value = 0;
  std::uint8_t next = 0;
  for (unsigned shift = 0; shift < 64 && byte(next); shift += 7) {
    value |= (std::uint64_t{next} & 0x7F) << shift;
    if (next < 0x80) return true;
  }
  return false;
}

bool ByteReader::signed_varint(std::int64_t& value) {
  std::uint64_t folded = 0;
  if (!varint(folded)) return false;
  value = static_cast<std::int64_t>(folded >> 1) ^ -static_cast<std::int64_t>(folded & 1);
  return true;
}

bool ByteReader::text(std::uint64_t size, std::string_view& value) {
  if (size > bytes_.size() - at_) return false;
  value = {reinterpret_cast<const char*>(bytes_.data()) + at_, static_cast<std::size_t>(size)};
  at_ += static_cast<std::size_t>(size);
  return true;
}

}  // namespace tamis::store
