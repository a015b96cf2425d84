#include "metadata_codec.h"

#include <bit>
#include <limits>

#include "varint.h"

namespace tamis::store {
namespace {

bool take_value(ByteReader& reader, MetaType type, docs::MetaValue& value) {
  std::uint64_t size = 0;
  std::string_view bytes;
  std::int64_t seconds = 0;
  switch (type) {
    case MetaType::kText:
      if (!reader.varint(size) || !reader.text(size, bytes)) return false;
      value = std::string(bytes);
      return true;
    case MetaType::kNumber: {
      if (!reader.text(sizeof(double), bytes)) return false;
      std::uint64_t bits = 0;
      for (std::size_t i = bytes.size(); i-- > 0;) bits = (bits << 8) | static_cast<unsigned char>(bytes[i]);
      value = std::bit_cast<double>(bits);
      return true;
    }
    case MetaType::kDate:
      if (!reader.signed_varint(seconds)) return false;
      value = docs::Date{seconds};
      return true;
  }
  return false;
}

}  // namespace

MetaType type_of(const docs::MetaValue& value) { return static_cast<MetaType>(value.index()); }
static_assert(std::is_same_v<std::variant_alternative_t<1, docs::MetaValue>, double> &&
              std::is_same_v<std::variant_alternative_t<2, docs::MetaValue>, docs::Date>);

void pack_field(std::int64_t field, const docs::MetaValue& value, std::string& out) {
  put_varint(out, static_cast<std::uint64_t>(field));
  out += static_cast<char>(type_of(value));
  if (const auto* text = std::get_if<std::string>(&value)) {
    put_varint(out, text->size());
    out += *text;
  } else if (const auto* number = std::get_if<double>(&value)) {
    const auto bits = std::bit_cast<std::uint64_t>(*number);
    for (unsigned shift = 0; shift < 64; shift += 8) out += static_cast<char>(bits >> shift);
  } else if (const auto* date = std::get_if<docs::Date>(&value)) {
    put_signed_varint(out, date->seconds);
  }
}

Result<std::vector<NumberedField>> unpack_metadata(std::span<const std::byte> packed) {
  std::vector<NumberedField> out;
  ByteReader reader(packed);
  while (!reader.at_end()) {
    auto& field = out.emplace_back();
    std::uint64_t number = 0;
    std::uint8_t tag = 0;
    const bool taken = reader.varint(number) && number <= std::numeric_limits<std::int64_t>::max() &&
                       reader.byte(tag) && take_value(reader, static_cast<MetaType>(tag), field.value);
    if (!taken) return Error{Code::kCorrupt, "packed metadata is damaged"};
    field.field = static_cast<std::int64_t>(number);
  }
  return out;
}

}  // namespace tamis::store
