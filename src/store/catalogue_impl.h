#pragma once

#include <tamis/base/result.h>
#include <tamis/sql/connection.h>
#include <tamis/store/catalogue.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tamis::store {

/// A prepared statement borrowed for one use; it is reset when the use ends, so that no read view stays open.
class Query {
 public:
  explicit Query(sql::Statement* statement) : statement_(statement) {}
  Query(Query&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Query& operator=(Query&&) = delete;
  ~Query() {
    if (statement_ != nullptr) statement_->reset();
  }
  sql::Statement* operator->() const { return statement_; }
  sql::Statement& operator*() const { return *statement_; }

 private:
  sql::Statement* statement_;
};

/// Calls visit() for each row that the statement still has.
template <class Visit>
[[nodiscard]] Status for_each_row(sql::Statement& statement, Visit&& visit) {
  for (;;) {
    TAMIS_TRY(const bool row, statement.step());
    if (!row) return ok();
    TAMIS_TRY_OK(visit());
  }
}

struct Catalogue::Impl {
  std::filesystem::path path;
  bool writable = false;
  bool pinned = false;
  sql::Connection connection;  // after it, so that they go first, what was prepared on it
  /// By the address of the SQL: each is a literal.
  mutable std::map<const char*, sql::Statement> statements;
  /// Names of metadata fields by number, as far as they were needed. A number keeps its name for ever.
  mutable std::map<std::int64_t, std::string> field_names;

  explicit Impl(sql::Connection opened) : connection(std::move(opened)) {}

  /// A statement, prepared at its first use. Not to be used again before the Query has gone.
  [[nodiscard]] Result<Query> use(const char* literal) const;
  [[nodiscard]] Result<std::int64_t> counter(std::string_view name) const;
  /// Puts the file's name before what is wrong with its content.
  [[nodiscard]] Error corrupt(std::string_view why) const;
};

/// One stable view for several reads: the pinned one, or one that ends with the object.
class View {
 public:
  [[nodiscard]] static Result<View> begin(const Catalogue::Impl& impl);

 private:
  explicit View(std::optional<sql::Transaction> transaction) : transaction_(std::move(transaction)) {}
  std::optional<sql::Transaction> transaction_;
};

/// generation() for whoever has a View already.
[[nodiscard]] Result<Generation> read_generation(const Catalogue::Impl& impl);

/// SQLite's integers are signed; hashes and inodes use all 64 bits and go through unchanged.
[[nodiscard]] inline std::int64_t to_sql(std::uint64_t value) { return static_cast<std::int64_t>(value); }
[[nodiscard]] inline std::uint64_t from_sql(std::int64_t value) { return static_cast<std::uint64_t>(value); }
/// Ids, offsets and counts stay below 2^63, so that SQLite orders them as we do.
inline constexpr std::uint64_t kLargestNumber = std::numeric_limits<std::int64_t>::max();

/// The columns of read_document() and the tables they come from.
#define TAMIS_DOCUMENT_COLUMNS                                                                                \
  "d.id, f.source, f.path, d.item, d.title, d.origin_kind, l.label, d.segment, d.text_offset, d.text_bytes, " \
  "d.first_passage, d.num_passages"
#define TAMIS_DOCUMENT_TABLES "documents AS d JOIN files AS f ON f.id = d.file JOIN labels AS l ON l.id = d.encoding"
/// A document's row without its metadata; kCorrupt when a number is out of its range.
[[nodiscard]] Result<DocumentRow> read_document(const Catalogue::Impl& impl, const sql::Statement& row);
/// Unpacks metadata and gives the fields their names.
[[nodiscard]] Result<std::vector<docs::MetaField>> read_metadata(const Catalogue::Impl& impl,
                                                                 std::span<const std::byte> packed);

}  // namespace tamis::store
