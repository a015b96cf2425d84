#pragma once

#include <sqlite3.h>
#include <tamis/base/result.h>
#include <tamis/sql/connection.h>

#include <memory>
#include <string>
#include <string_view>

namespace tamis::sql {

/// A SQLite result code as an Error: "<file>: <SQLite's sentence>"; a mistake in the SQL or in its use names `what`
/// too.
/// @param db  where the sentence and the system's error number come from; may be null
[[nodiscard]] Error sqlite_error(std::string_view file, std::string_view what, int code, sqlite3* db);

struct CloseConnection {
  void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }  // waits for statements still alive
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseConnection>;

struct Connection::Impl {
  std::shared_ptr<const std::string> file;  ///< for messages; statements share it
  Database db;
};

struct Statement::Impl {
  std::shared_ptr<const std::string> file;
  std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement;
  int bind_error = SQLITE_OK;  ///< the first since reset()

  void remember(int code) {
    if (bind_error == SQLITE_OK) bind_error = code;
  }
  [[nodiscard]] Error error(std::string_view what, int code) const {
    return sqlite_error(*file, what, code, sqlite3_db_handle(statement.get()));
  }
};

}  // namespace tamis::sql
