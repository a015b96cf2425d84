#include "schema.h"

#include <fmt/format.h>

#include <string_view>

namespace tamis::store {
namespace {

// The text of each statement is part of the format: SQLite keeps it, and check_schema() compares it.
// Only the small tables let SQLite check references: on documents and field values that costs a third of a publication,
// and the publisher sees to it anyway (docs/formats/catalogue.md).
constexpr std::string_view kSchema[] = {
    "CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE settings(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE languages(language INTEGER PRIMARY KEY, passages INTEGER NOT NULL) STRICT",
    "CREATE TABLE labels(id INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE) STRICT",
    "CREATE TABLE vocabularies(position INTEGER PRIMARY KEY, file TEXT NOT NULL) STRICT",
    "CREATE TABLE segments(id INTEGER PRIMARY KEY, num_passages INTEGER NOT NULL, num_bytes INTEGER NOT NULL) STRICT",
    "CREATE TABLE segment_files(segment INTEGER NOT NULL REFERENCES segments(id) ON DELETE CASCADE, "
    "position INTEGER NOT NULL, file TEXT NOT NULL, PRIMARY KEY(segment, position)) STRICT, WITHOUT ROWID",
    "CREATE TABLE tombstones(segment INTEGER NOT NULL REFERENCES segments(id) ON DELETE CASCADE, "
    "first INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY(segment, first)) STRICT, WITHOUT ROWID",
    "CREATE TABLE sources(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, root TEXT NOT NULL, config TEXT NOT NULL) STRICT",
    "CREATE TABLE files(id INTEGER PRIMARY KEY, source INTEGER NOT NULL, path TEXT NOT NULL, "
    "listed INTEGER NOT NULL, size_bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, "
    "content_hash INTEGER NOT NULL, reader INTEGER NOT NULL, skipped TEXT NOT NULL, "
    "num_documents INTEGER NOT NULL, UNIQUE(source, path)) STRICT",
    "CREATE TABLE documents(id INTEGER PRIMARY KEY, file INTEGER NOT NULL, item TEXT NOT NULL, "
    "title TEXT NOT NULL, origin_kind INTEGER NOT NULL, encoding INTEGER NOT NULL, "
    "segment INTEGER NOT NULL, text_offset INTEGER NOT NULL, text_bytes INTEGER NOT NULL, "
    "first_passage INTEGER NOT NULL, num_passages INTEGER NOT NULL, metadata BLOB NOT NULL, "
    "passages BLOB NOT NULL) STRICT",
    "CREATE UNIQUE INDEX documents_by_passage ON documents(first_passage) WHERE num_passages > 0",
    "CREATE INDEX documents_by_segment ON documents(segment, first_passage)",
    "CREATE INDEX documents_by_file ON documents(file, first_passage, num_passages)",
    "CREATE TABLE fields(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
    "CREATE TABLE field_values(field INTEGER NOT NULL, type INTEGER NOT NULL, value ANY NOT NULL, "
    "document INTEGER NOT NULL, PRIMARY KEY(field, type, value, document)) STRICT, WITHOUT ROWID",
};

Result<std::int64_t> pragma(const sql::Connection& connection, std::string_view name) {
  TAMIS_TRY(auto statement, connection.prepare(fmt::format("PRAGMA {}", name)));
  TAMIS_TRY(const bool row, statement.step());
  if (!row) return Error{Code::kCorrupt, fmt::format("PRAGMA {} gives nothing", name)};
  return statement.integer(0);
}

}  // namespace

Status create_schema(const sql::Connection& connection) {
  TAMIS_TRY(auto transaction, sql::Transaction::begin(connection, true));
  for (const auto statement : kSchema) TAMIS_TRY_OK(connection.execute(statement));
  TAMIS_TRY_OK(connection.execute(
      "INSERT INTO counters VALUES('generation', 0), ('next_passage', 0), ('next_document', 1), ('next_segment', 1), "
      "('num_documents', 0), ('num_passages', 0), ('num_words', 0)"));
  TAMIS_TRY_OK(connection.execute(fmt::format("PRAGMA application_id = {}", kApplicationId)));
  TAMIS_TRY_OK(connection.execute(fmt::format("PRAGMA user_version = {}", kSchemaVersion)));
  return transaction.commit();
}

Status check_schema(const sql::Connection& connection) {
  TAMIS_TRY(const auto application, pragma(connection, "application_id"));
  if (application != kApplicationId) {
    return Error{Code::kCorrupt, fmt::format("not a catalogue: its application id is {:#x} (wanted {:#x})", application,
                                             kApplicationId)};
  }
  TAMIS_TRY(const auto version, pragma(connection, "user_version"));
  if (version != kSchemaVersion) {
    return Error{Code::kUnsupported,
                 fmt::format("catalogue version {}: this build reads version {}", version, kSchemaVersion)};
  }
  TAMIS_TRY(auto statement, connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid"));
  for (const auto expected : kSchema) {
    TAMIS_TRY(const bool row, statement.step());
    if (!row || statement.text(0) != expected) {
      return Error{Code::kCorrupt, fmt::format("not the tables of a catalogue: found '{}' (wanted '{}')",
                                               row ? statement.text(0) : "nothing", expected)};
    }
  }
  TAMIS_TRY(const bool more, statement.step());
  if (more) {
    return Error{Code::kCorrupt, fmt::format("not the tables of a catalogue: '{}' is one too many", statement.text(0))};
  }
  return ok();
}

}  // namespace tamis::store
