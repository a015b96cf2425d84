#pragma once

#include <tamis/base/result.h>
#include <tamis/sql/connection.h>

#include <cstdint>
#include <string>

namespace tamis::store {

/// "TAMI", in SQLite's application_id.
inline constexpr std::int64_t kApplicationId = 0x54414D49;
inline constexpr std::int64_t kSchemaVersion = 1;

/// Makes the tables of docs/formats/catalogue.md in an empty database, in one transaction.
[[nodiscard]] Status create_schema(const sql::Connection& connection);
/// kCorrupt when the file is no catalogue or its tables are not those of its version; kUnsupported for another version.
[[nodiscard]] Status check_schema(const sql::Connection& connection);

}  // namespace tamis::store
