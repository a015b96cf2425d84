#pragma once

#include <tamis/base/ids.h>
#include <tamis/docs/document.h>
#include <tamis/sql/connection.h>

#include <cstdint>
#include <optional>

namespace tamis::store {

/// A row of the table field_values, by which documents are found by their metadata.
struct FieldValue {
  std::int64_t field = 0;
  DocumentId document = 0;
  docs::MetaValue key;
  /// In the order of the table's key.
  [[nodiscard]] bool operator<(const FieldValue& other) const;
};

/// What stands in the table for a value: text folded (case and accents do not count), numbers and dates as they are;
/// nothing for NaN, which no comparison finds.
[[nodiscard]] std::optional<docs::MetaValue> index_key(const docs::MetaValue& value);
/// Binds field, type and key as parameters 1, 2 and 3.
sql::Statement& bind_key(sql::Statement& statement, std::int64_t field, const docs::MetaValue& key);
/// Binds a key alone.
sql::Statement& bind_value(sql::Statement& statement, int index, const docs::MetaValue& key);

}  // namespace tamis::store
