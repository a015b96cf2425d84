#include <fmt/format.h>
#include <tamis/base/section_file.h>
#include <tamis/eval/ledger.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <limits>
#include <set>
#include <span>
#include <system_error>
#include <utility>

namespace tamis::eval {
namespace {

constexpr std::int64_t kVersion = 1;
/// "TmLg": says in the file's header whose it is.
constexpr std::int64_t kApplication = 0x546D4C67;

// Values are float64, little-endian; lists of queries are ids, each behind its length, so that any letter may stand in
// one. A list is kept once for all entries that have it.
constexpr std::string_view kTables = R"(
CREATE TABLE query_lists (id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, ids BLOB NOT NULL);
CREATE INDEX query_lists_by_hash ON query_lists (hash);
CREATE TABLE entries (number INTEGER PRIMARY KEY AUTOINCREMENT, date TEXT NOT NULL, collection TEXT NOT NULL,
  index_fingerprint TEXT NOT NULL, passages INTEGER NOT NULL, method TEXT NOT NULL, parameters TEXT NOT NULL,
  version TEXT NOT NULL, machine TEXT NOT NULL, threads INTEGER NOT NULL, p50_ms REAL NOT NULL, p90_ms REAL NOT NULL,
  query_list INTEGER NOT NULL REFERENCES query_lists (id));
CREATE TABLE measured (entry INTEGER NOT NULL REFERENCES entries (number), place INTEGER NOT NULL,
  measure TEXT NOT NULL, mean REAL NOT NULL, query_values BLOB NOT NULL, PRIMARY KEY (entry, place)) WITHOUT ROWID;
)";

constexpr std::string_view kColumns =
    "number, date, collection, index_fingerprint, passages, method, parameters, version, machine, threads, p50_ms, "
    "p90_ms, query_list";

template <class T>
void append_bytes(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>(value >> (8 * i) & 0xFFU);
}
template <class T>
T bytes_at(std::string_view bytes) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value |= static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return value;
}

std::string packed(const std::vector<std::string>& ids) {
  std::string out;
  for (const auto& id : ids) {
    append_bytes(out, static_cast<std::uint32_t>(id.size()));
    out += id;
  }
  return out;
}
std::string packed(const std::vector<double>& values) {
  std::string out;
  out.reserve(values.size() * sizeof(double));
  for (const double value : values) append_bytes(out, std::bit_cast<std::uint64_t>(value));
  return out;
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<std::vector<std::string>> unpacked_ids(std::string_view bytes) {
  std::vector<std::string> out;
  while (!bytes.empty()) {
    if (bytes.size() < sizeof(std::uint32_t)) return Error{Code::kCorrupt, "ledger: a list of queries is cut"};
    const auto length = bytes_at<std::uint32_t>(bytes);
    bytes.remove_prefix(sizeof(std::uint32_t));
    if (bytes.size() < length) return Error{Code::kCorrupt, "ledger: a list of queries is cut"};
    out.emplace_back(bytes.substr(0, length));
    bytes.remove_prefix(length);
  }
  return out;
}

Result<std::vector<double>> unpacked_values(std::string_view bytes, std::size_t wanted) {
  if (bytes.size() != wanted * sizeof(double)) {
    return Error{Code::kCorrupt, fmt::format("ledger: {} bytes of values (wanted {} of {} queries)", bytes.size(),
                                             wanted * sizeof(double), wanted)};
  }
  std::vector<double> out;
  for (; !bytes.empty(); bytes.remove_prefix(sizeof(double)))
    out.push_back(std::bit_cast<double>(bytes_at<std::uint64_t>(bytes)));
  return out;
}

Result<std::int64_t> pragma(const sql::Connection& connection, std::string_view name) {
  TAMIS_TRY(auto statement, connection.prepare(fmt::format("PRAGMA {}", name)));
  TAMIS_TRY(const bool row, statement.step());
  return row ? statement.integer(0) : std::int64_t{0};
}

/// Makes the tables in a new file, or sees whether these are ours.
Status prepare_tables(const sql::Connection& connection, bool create, const std::string& path) {
  TAMIS_TRY(auto transaction, sql::Transaction::begin(connection, create));
  TAMIS_TRY(const auto application, pragma(connection, "application_id"));
  TAMIS_TRY(const auto version, pragma(connection, "user_version"));
  TAMIS_TRY(auto tables, connection.prepare("SELECT count(*) FROM sqlite_schema"));
  TAMIS_TRY_OK(tables.step());
  const bool is_new = tables.integer(0) == 0 && application == 0;
  tables.reset();
  if (is_new && create) {
    TAMIS_TRY_OK(connection.execute(kTables));
    TAMIS_TRY_OK(connection.execute(
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", kApplication, kVersion)));
    return transaction.commit();
  }
  if (application != kApplication) return Error{Code::kCorrupt, fmt::format("{}: not a ledger of evaluations", path)};
  if (version != kVersion) {
    return Error{Code::kUnsupported,
                 fmt::format("{}: a ledger of version {} (this program reads {})", path, version, kVersion)};
  }
  return ok();
}

Status check(const LedgerEntry& entry) {
  if (std::set<std::string>(entry.queries.begin(), entry.queries.end()).size() != entry.queries.size()) {
    return Error{Code::kInvalidArgument, "ledger: a query that is there twice"};
  }
  std::set<std::string> names;
  for (const auto& measure : entry.measures) {
    if (!names.insert(measure.name).second) {
      return Error{Code::kInvalidArgument, fmt::format("ledger: the measure {} is there twice", measure.name)};
    }
    if (measure.values.size() != entry.queries.size()) {
      return Error{Code::kInvalidArgument, fmt::format("ledger: {}: {} values (wanted {}, one a query)", measure.name,
                                                       measure.values.size(), entry.queries.size())};
    }
  }
  return ok();
}

LedgerEntry entry_of(const sql::Statement& row) {
  LedgerEntry out;
  int column = 0;
  const auto text = [&] { return std::string(row.text(column++)); };
  const auto number = [&] { return static_cast<std::uint64_t>(row.integer(column++)); };
  out.number = row.integer(column++);
  out.date = text();
  out.collection = text();
  out.index = text();
  out.passages = number();
  out.method = text();
  out.parameters = text();
  out.version = text();
  out.machine = text();
  out.threads = number();
  out.p50_ms = row.real(column++);
  out.p90_ms = row.real(column++);
  return out;
}

}  // namespace

Result<Ledger> Ledger::open(const std::filesystem::path& path, bool create) {
  std::error_code error;
  if (!create && !std::filesystem::exists(path, error)) {
    return Error{Code::kNotFound, fmt::format("{}: there is no such ledger", path.string())};
  }
  TAMIS_TRY(auto connection, sql::Connection::open(path, create ? sql::OpenMode::kCreate : sql::OpenMode::kReadOnly));
  TAMIS_TRY_OK(prepare_tables(connection, create, path.string()));
  return Ledger(std::move(connection));
}

Result<std::int64_t> Ledger::query_list(const std::vector<std::string>& queries) {
  const std::string ids = packed(queries);
  const auto hash = static_cast<std::int64_t>(hash_text(ids));
  TAMIS_TRY(auto known, connection_.prepare("SELECT id, ids FROM query_lists WHERE hash = ?1"));
  known.bind(1, hash);
  while (true) {
    TAMIS_TRY(const bool row, known.step());
    if (!row) break;
    if (as_text(known.blob(1)) == ids) return known.integer(0);
  }
  TAMIS_TRY(auto insert, connection_.prepare("INSERT INTO query_lists (hash, ids) VALUES (?1, ?2) RETURNING id"));
  insert.bind(1, hash).bind_blob(2, std::as_bytes(std::span(ids)));
  TAMIS_TRY(const bool row, insert.step());
  if (!row) return Error{Code::kIo, "ledger: a list of queries without a number"};
  const std::int64_t id = insert.integer(0);
  TAMIS_TRY_OK(insert.step());
  return id;
}

Status Ledger::append_one(const LedgerEntry& entry, std::int64_t& number) {
  TAMIS_TRY_OK(check(entry));
  TAMIS_TRY(const std::int64_t queries, query_list(entry.queries));
  TAMIS_TRY(auto insert, connection_.prepare("INSERT INTO entries (date, collection, index_fingerprint, passages, "
                                             "method, parameters, version, machine, threads, p50_ms, p90_ms, "
                                             "query_list) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) "
                                             "RETURNING number"));
  insert.bind(1, entry.date).bind(2, entry.collection).bind(3, entry.index);
  insert.bind(4, static_cast<std::int64_t>(entry.passages)).bind(5, entry.method).bind(6, entry.parameters);
  insert.bind(7, entry.version).bind(8, entry.machine).bind(9, static_cast<std::int64_t>(entry.threads));
  insert.bind(10, entry.p50_ms).bind(11, entry.p90_ms).bind(12, queries);
  TAMIS_TRY(const bool row, insert.step());
  if (!row) return Error{Code::kIo, "ledger: an entry without a number"};
  number = insert.integer(0);
  TAMIS_TRY_OK(insert.step());
  for (std::size_t m = 0; m < entry.measures.size(); ++m) {
    const auto& measure = entry.measures[m];
    const std::string values = packed(measure.values);
    TAMIS_TRY(auto value, connection_.prepare("INSERT INTO measured VALUES (?1, ?2, ?3, ?4, ?5)"));
    value.bind(1, number).bind(2, static_cast<std::int64_t>(m)).bind(3, measure.name).bind(4, measure.mean);
    value.bind_blob(5, std::as_bytes(std::span(values)));
    TAMIS_TRY_OK(value.run());
  }
  return ok();
}

Result<std::int64_t> Ledger::append(const std::vector<LedgerEntry>& entries) {
  TAMIS_TRY(auto transaction, sql::Transaction::begin(connection_, true));
  std::int64_t first = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::int64_t number = 0;
    TAMIS_TRY_OK(append_one(entries[i], number));
    if (i == 0) first = number;
  }
  TAMIS_TRY_OK(transaction.commit());
  return first;
}

Result<std::vector<LedgerEntry>> Ledger::list() const {
  TAMIS_TRY(auto transaction, sql::Transaction::begin(connection_, false));
  TAMIS_TRY(auto rows, connection_.prepare(fmt::format("SELECT {} FROM entries ORDER BY number", kColumns)));
  TAMIS_TRY(auto measures, connection_.prepare("SELECT measure, mean FROM measured WHERE entry = ?1 ORDER BY place"));
  std::vector<LedgerEntry> out;
  while (true) {
    TAMIS_TRY(const bool row, rows.step());
    if (!row) return out;
    out.push_back(entry_of(rows));
    measures.reset();
    measures.bind(1, out.back().number);
    while (true) {
      TAMIS_TRY(const bool more, measures.step());
      if (!more) break;
      out.back().measures.push_back({std::string(measures.text(0)), measures.real(1), {}});
    }
  }
}

Result<LedgerEntry> Ledger::entry(std::int64_t number) const {
  TAMIS_TRY(auto transaction, sql::Transaction::begin(connection_, false));
  TAMIS_TRY(auto rows, connection_.prepare(fmt::format("SELECT {}, (SELECT ids FROM query_lists WHERE id = query_list) "
                                                       "FROM entries WHERE number = ?1",
                                                       kColumns)));
  rows.bind(1, number);
  TAMIS_TRY(const bool found, rows.step());
  if (!found) {
    TAMIS_TRY(auto last, connection_.prepare("SELECT coalesce(max(number), 0) FROM entries"));
    TAMIS_TRY_OK(last.step());
    return Error{Code::kNotFound, fmt::format("ledger: no entry {} (the last one is {})", number, last.integer(0))};
  }
  LedgerEntry out = entry_of(rows);
  constexpr int kIdsColumn = 13;
  TAMIS_TRY(out.queries, unpacked_ids(as_text(rows.blob(kIdsColumn))));
  TAMIS_TRY(auto measures,
            connection_.prepare("SELECT measure, mean, query_values FROM measured WHERE entry = ?1 ORDER BY place"));
  measures.bind(1, number);
  while (true) {
    TAMIS_TRY(const bool more, measures.step());
    if (!more) return out;
    TAMIS_TRY(auto values, unpacked_values(as_text(measures.blob(2)), out.queries.size()));
    out.measures.push_back({std::string(measures.text(0)), measures.real(1), std::move(values)});
  }
}

}  // namespace tamis::eval
