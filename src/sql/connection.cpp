#include <fmt/format.h>
#include <tamis/sql/connection.h>

#include <limits>
#include <system_error>

#include "checksum_vfs.h"
#include "handles.h"

namespace tamis::sql {
namespace {

constexpr int kBusyMilliseconds = 5000;

/// "file:/a%20b/c.db?immutable=1": SQLite's form for options that belong to a file.
std::string immutable_uri(const std::string& absolute_path) {
  std::string uri = "file:";
  for (const char c : absolute_path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                       byte == '/' || byte == '-' || byte == '_' || byte == '.';
    if (plain) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", byte);
    }
  }
  return uri + "?mode=ro&immutable=1";
}

Result<Database> open_database(const std::string& shown, const std::string& name, int flags) {
  const char* vfs = checksum_vfs();
  if (vfs == nullptr) return Error{Code::kUnsupported, shown + ": SQLite has no file system layer to build on"};
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs);
  Database db(raw);
  if (code != SQLITE_OK) return sqlite_error(shown, "opening", code, db.get());
  sqlite3_busy_timeout(db.get(), kBusyMilliseconds);
  sqlite3_db_config(db.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db.get(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return db;
}

Status run(const std::string& shown, sqlite3* db, const char* sql) {
  const int code = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(shown, sql, code, db);
  return ok();
}

constexpr const char* kSettings = "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;";
constexpr const char* kWriterSettings =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; "
    "PRAGMA journal_size_limit = 16777216;";
/// The last one makes SQLite lock and read the file, so that what is wrong with it shows here.
constexpr const char* kReaderSettings = "PRAGMA query_only = ON; PRAGMA cache_size = -16384; PRAGMA schema_version;";

Result<Database> open_writer(const std::string& shown, OpenMode mode) {
  const int create = mode == OpenMode::kCreate ? SQLITE_OPEN_CREATE : 0;
  TAMIS_TRY(auto db, open_database(shown, shown, SQLITE_OPEN_READWRITE | create));
  if (sqlite3_db_readonly(db.get(), "main") == 1) {  // SQLite falls back to reading by itself
    return Error{Code::kIo, shown + ": cannot be written: the file or its folder is read-only"};
  }
  int reserved = static_cast<int>(kChecksumBytes);  // takes effect when the file is new
  sqlite3_file_control(db.get(), "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  TAMIS_TRY_OK(run(shown, db.get(), kSettings));
  TAMIS_TRY_OK(run(shown, db.get(), kWriterSettings));
  return db;
}

/// What stands in the write-ahead log; 0 also when there is none.
std::uintmax_t log_bytes(const std::string& file) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(file + "-wal", error);
  return error ? 0 : bytes;
}

/// For a folder in which SQLite can make no lock files: read-only, or on a full disk. Nobody else can be writing there,
/// or there would be some.
Result<Database> open_immutable(const std::string& shown) {
  if (log_bytes(shown) != 0) {
    return Error{Code::kIo,
                 fmt::format("{}: changes wait in {}-wal and cannot be read because the folder is read-only or full: "
                             "open it once where it can be written, or copy the folder to such a place",
                             shown, shown)};
  }
  std::error_code error;
  const auto absolute = std::filesystem::absolute(shown, error);
  if (error) return Error{Code::kIo, fmt::format("{}: {}", shown, error.message())};
  TAMIS_TRY(auto db, open_database(shown, immutable_uri(absolute.string()), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI));
  TAMIS_TRY_OK(run(shown, db.get(), kSettings));
  TAMIS_TRY_OK(run(shown, db.get(), kReaderSettings));
  return db;
}

/// Opened for writing where that is possible, and then forbidden to: the last connection that closes folds the
/// write-ahead log into the file, and that may well be a reader after a writer that was killed.
Result<Database> open_reader(const std::string& shown) {
  auto opened = open_database(shown, shown, SQLITE_OPEN_READWRITE);
  if (!opened) return opened;
  TAMIS_TRY_OK(run(shown, opened->get(), kSettings));
  const int code = sqlite3_exec(opened->get(), kReaderSettings, nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return opened;
  const bool no_lock_files = (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY ||
                             code == SQLITE_IOERR_SHMSIZE || code == SQLITE_IOERR_SHMMAP;
  if (!no_lock_files) return sqlite_error(shown, "opening", code, opened->get());
  return open_immutable(shown);
}

}  // namespace

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(const std::filesystem::path& path, OpenMode mode) {
  auto impl = std::make_unique<Impl>();
  impl->file = std::make_shared<const std::string>(path.string());
  std::error_code error;
  if (mode != OpenMode::kCreate && !std::filesystem::exists(path, error)) {
    if (!error) return Error{Code::kNotFound, *impl->file + ": no such file"};
    return Error{Code::kIo, fmt::format("{}: {}", *impl->file, error.message())};
  }
  TAMIS_TRY(impl->db, mode == OpenMode::kReadOnly ? open_reader(*impl->file) : open_writer(*impl->file, mode));
  return Connection(std::move(impl));
}

Result<Statement> Connection::prepare(std::string_view sql) const {
  if (sql.size() > std::numeric_limits<int>::max()) return Error{Code::kExhausted, "SQL longer than 2 GiB"};
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(impl_->db.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return sqlite_error(*impl_->file, sql, code, impl_->db.get());
  if (raw == nullptr) return Error{Code::kInvalidArgument, *impl_->file + ": an empty statement"};
  auto statement = std::make_unique<Statement::Impl>();
  statement->file = impl_->file;
  statement->statement.reset(raw);
  return Statement(std::move(statement));
}

Status Connection::execute(std::string_view sql) const {
  return run(*impl_->file, impl_->db.get(), std::string(sql).c_str());
}

std::int64_t Connection::changes() const { return sqlite3_changes64(impl_->db.get()); }

Status Connection::check_integrity() const {
  TAMIS_TRY(auto check, prepare("PRAGMA integrity_check(1)"));
  TAMIS_TRY(const bool found, check.step());
  if (!found) return Error{Code::kCorrupt, *impl_->file + ": the integrity check gave no answer"};
  if (check.text(0) != "ok") return Error{Code::kCorrupt, fmt::format("{}: {}", *impl_->file, check.text(0))};
  return ok();
}

Result<Transaction> Transaction::begin(const Connection& connection, bool write) {
  TAMIS_TRY_OK(connection.execute(write ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(&connection);
}

Transaction::Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}

Transaction::~Transaction() {
  // Nothing to do about a failure: SQLite has rolled back by itself, or does so when the connection closes.
  if (connection_ != nullptr) static_cast<void>(connection_->execute("ROLLBACK"));
}

Status Transaction::commit() {
  TAMIS_TRY_OK(connection_->execute("COMMIT"));
  connection_ = nullptr;
  return ok();
}

}  // namespace tamis::sql
