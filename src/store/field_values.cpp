#include "field_values.h"

#include <tamis/text/unicode.h>

#include <cmath>
#include <tuple>

#include "metadata_codec.h"

namespace tamis::store {

bool FieldValue::operator<(const FieldValue& other) const {
  // The alternatives of a value are numbered as the types are.
  return std::tie(field, key, document) < std::tie(other.field, other.key, other.document);
}

std::optional<docs::MetaValue> index_key(const docs::MetaValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text::fold(*text);
  if (const auto* number = std::get_if<double>(&value); number != nullptr && std::isnan(*number)) return std::nullopt;
  return value;
}

sql::Statement& bind_key(sql::Statement& statement, std::int64_t field, const docs::MetaValue& key) {
  statement.bind(1, field).bind(2, static_cast<std::int64_t>(type_of(key)));
  return bind_value(statement, 3, key);
}

sql::Statement& bind_value(sql::Statement& statement, int index, const docs::MetaValue& key) {
  if (const auto* text = std::get_if<std::string>(&key)) return statement.bind(index, *text);
  if (const auto* number = std::get_if<double>(&key)) return statement.bind(index, *number);
  return statement.bind(index, std::get<docs::Date>(key).seconds);
}

}  // namespace tamis::store
