#pragma once

#include <tamis/base/result.h>
#include <tamis/docs/document.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tamis::store {

/// The values of field_values.type and the tags of packed metadata; part of the format.
enum class MetaType : std::uint8_t { kText = 0, kNumber = 1, kDate = 2 };
[[nodiscard]] MetaType type_of(const docs::MetaValue& value);

/// A metadata field with its name as a number of the table `fields`.
struct NumberedField {
  std::int64_t field = 0;
  docs::MetaValue value;
};

/// Appends one field to a document's packed metadata (docs/formats/catalogue.md, "Packed metadata"). Values come back
/// bit-equal, NaN included.
void pack_field(std::int64_t field, const docs::MetaValue& value, std::string& out);
/// All fields in order; kCorrupt when the bytes make no sense.
[[nodiscard]] Result<std::vector<NumberedField>> unpack_metadata(std::span<const std::byte> packed);

}  // namespace tamis::store
