#include <fmt/format.h>

#include <cstring>
#include <system_error>

#include "handles.h"

namespace tamis::sql {
namespace {

Code code_of(int extended) {
  if (extended == SQLITE_IOERR_DATA || extended == SQLITE_IOERR_CORRUPTFS) return Code::kCorrupt;
  switch (extended & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return Code::kCorrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return Code::kBusy;
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return Code::kExhausted;
    case SQLITE_INTERRUPT:
      return Code::kCancelled;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_NOLFS:
      return Code::kIo;
    default:
      return Code::kInvalidArgument;
  }
}

std::string sentence(int extended, sqlite3* db) {
  if (extended == SQLITE_IOERR_DATA) return "a page is damaged: its checksum differs";
  switch (extended & 0xff) {
    case SQLITE_FULL:
      return "disk full";
    case SQLITE_NOTADB:
      return "not a database file";
    case SQLITE_BUSY:
      return "another process is writing (waited 5 s)";
    case SQLITE_READONLY:
      return "cannot be written: the file or its folder is read-only";
    default:
      break;
  }
  // sqlite3_errmsg describes the last call on the connection, which a clean-up may have replaced.
  const bool current = db != nullptr && (sqlite3_errcode(db) & 0xff) == (extended & 0xff);
  return current ? sqlite3_errmsg(db) : sqlite3_errstr(extended);
}

}  // namespace

Error sqlite_error(std::string_view file, std::string_view what, int code, sqlite3* db) {
  const int extended =
      db != nullptr && (sqlite3_extended_errcode(db) & 0xff) == (code & 0xff) ? sqlite3_extended_errcode(db) : code;
  const int primary = extended & 0xff;
  // The SQL helps whoever wrote it; a user whose disk is full has no use for it.
  const bool about_sql = code_of(extended) == Code::kInvalidArgument;
  std::string message = about_sql ? fmt::format("{}: {}: {}", file, what, sentence(extended, db))
                                  : fmt::format("{}: {}", file, sentence(extended, db));
  const bool from_system = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
  if (const int number = db == nullptr ? 0 : sqlite3_system_errno(db); from_system && number != 0) {
    message += fmt::format(" ({})", std::generic_category().message(number));
  }
  return Error{code_of(extended), std::move(message)};
}

}  // namespace tamis::sql
