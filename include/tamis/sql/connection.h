#pragma once

#include <tamis/base/result.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tamis::sql {

/// A prepared statement. Columns are read by number; text and blobs are borrowed until the next step. One thread.
class Statement {
 public:
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) noexcept;
  ~Statement();
  Statement& bind(int index, std::int64_t value);  ///< 1-based, as SQL says ?1
  Statement& bind(int index, double value);
  Statement& bind(int index, std::string_view value);
  Statement& bind_blob(int index, std::span<const std::byte> value);
  Statement& bind_null(int index);
  /// True = a row is there; false = done. A bind that failed earlier is reported here.
  [[nodiscard]] Result<bool> step();
  /// step() until done, then reset(): for INSERT, UPDATE, DELETE.
  [[nodiscard]] Status run();
  void reset();
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::span<const std::byte> blob(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  friend class Connection;
  struct Impl;
  explicit Statement(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

enum class OpenMode { kReadOnly, kReadWrite, kCreate };

/// A connection to a SQLite file. SQLite's errors become Code::kIo (disk full, permission), kCorrupt (malformed),
/// kBusy, with the file and SQLite's sentence. One thread at a time.
class Connection {
 public:
  /// Write-ahead log, foreign keys on, 5 s busy time-out. kReadOnly also works in a folder that cannot be written, when
  /// no other process writes there.
  [[nodiscard]] static Result<Connection> open(const std::filesystem::path& path, OpenMode mode);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();
  [[nodiscard]] Result<Statement> prepare(std::string_view sql) const;
  /// One or several statements without parameters or results.
  [[nodiscard]] Status execute(std::string_view sql) const;
  [[nodiscard]] std::int64_t changes() const;
  /// PRAGMA integrity_check; kCorrupt with its first finding.
  [[nodiscard]] Status check_integrity() const;

 private:
  struct Impl;
  explicit Connection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// BEGIN … COMMIT; rolled back when destroyed before commit().
class Transaction {
 public:
  /// @param write  BEGIN IMMEDIATE (takes the write lock at once) or BEGIN (a stable view for reading)
  [[nodiscard]] static Result<Transaction> begin(const Connection& connection, bool write);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  [[nodiscard]] Status commit();

 private:
  explicit Transaction(const Connection* connection) : connection_(connection) {}
  const Connection* connection_;
};

}  // namespace tamis::sql
