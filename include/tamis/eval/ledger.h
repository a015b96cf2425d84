#pragma once

#include <tamis/base/result.h>
#include <tamis/sql/connection.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace tamis::eval {

/// What a ledger keeps of one measure.
struct LedgerMeasure {
  std::string name;  ///< as Measure::name()
  double mean = 0;
  std::vector<double> values;  ///< [queries]; NaN for queries that do not count
};

/// One method measured on one collection, once.
struct LedgerEntry {
  std::int64_t number = 0;  ///< in the ledger, from 1; given by append()
  std::string date;         ///< of the measurement in UTC, 2026-01-31T12:00:00Z
  std::string collection;   ///< what the questions are called
  std::string index;        ///< fingerprint of what was asked
  std::uint64_t passages = 0;
  std::string method;
  std::string parameters;  ///< what else decides the values, as JSON
  std::string version;     ///< of the program
  std::string machine;     ///< its processor
  std::uint64_t threads = 0;
  double p50_ms = 0, p90_ms = 0;     ///< a question
  std::vector<std::string> queries;  ///< ids, in the order of the values
  std::vector<LedgerMeasure> measures;
};

/// A file of measurements that only grows (SQLite; docs/eval.md has its tables). Several programs may append at a time.
/// One thread at a time.
class Ledger {
 public:
  /// @param create  makes the file when there is none; else that is kNotFound
  /// @par Errors  kCorrupt: no ledger; kUnsupported: of a newer version; and those of sql::Connection::open()
  [[nodiscard]] static Result<Ledger> open(const std::filesystem::path& path, bool create);
  /// All of them or none. Their numbers are consecutive; returns the first. `number` is not looked at.
  /// @par Errors  kInvalidArgument: values and queries of different lengths, a query or measure twice
  [[nodiscard]] Result<std::int64_t> append(const std::vector<LedgerEntry>& entries);
  /// All entries in their order, without queries and values.
  [[nodiscard]] Result<std::vector<LedgerEntry>> list() const;
  /// One, whole. kNotFound says which there are.
  [[nodiscard]] Result<LedgerEntry> entry(std::int64_t number) const;

 private:
  explicit Ledger(sql::Connection connection) : connection_(std::move(connection)) {}
  [[nodiscard]] Result<std::int64_t> query_list(const std::vector<std::string>& queries);
  [[nodiscard]] Status append_one(const LedgerEntry& entry, std::int64_t& number);
  sql::Connection connection_;
};

}  // namespace tamis::eval
