#include <gtest/gtest.h>
#include <sqlite3.h>
#include <tamis/base/section_file.h>
#include <tamis/sql/connection.h>

#include <cstring>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "child_process.h"

namespace tamis::sql {
namespace {

void must(const Status& status) { ASSERT_TRUE(status) << status.error().message; }

using test::become_nobody;
using test::limit_file_size;
using test::run_in_child;
using test::TempFolder;

Connection make(const std::filesystem::path& path, int rows) {
  auto connection = Connection::open(path, OpenMode::kCreate).value();
  must(connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX by_name ON t(name)"));
  auto transaction = Transaction::begin(connection, true).value();
  auto insert = connection.prepare("INSERT INTO t VALUES(?1, ?2)").value();
  for (int i = 0; i < rows; ++i) must(insert.bind(1, std::int64_t{i}).bind(2, "name " + std::to_string(i)).run());
  must(transaction.commit());
  return connection;
}

Result<std::string> read_all(const Connection& connection) {
  TAMIS_TRY(auto select, connection.prepare("SELECT id, name FROM t ORDER BY id"));
  std::string all;
  for (;;) {
    TAMIS_TRY(const bool row, select.step());
    if (!row) break;
    all += std::to_string(select.integer(0)) + "=" + std::string(select.text(1)) + ";";
  }
  TAMIS_TRY(auto by_name, connection.prepare("SELECT count(*) FROM t INDEXED BY by_name WHERE name > 'name'"));
  TAMIS_TRY(const bool counted, by_name.step());
  return all + (counted ? std::to_string(by_name.integer(0)) : "none");
}

Result<std::string> open_and_read(const std::filesystem::path& path) {
  TAMIS_TRY(const auto connection, Connection::open(path, OpenMode::kReadOnly));
  return read_all(connection);
}

std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void spill(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

TEST(Connection, every_kind_of_value_comes_back_as_it_was_bound) {
  const TempFolder folder;
  auto connection = Connection::open(folder / "a.db", OpenMode::kCreate).value();
  must(connection.execute("CREATE TABLE t(a, b, c, d, e)"));
  const std::string with_nul("x\0y", 3);
  const std::vector<std::byte> blob = {std::byte{0}, std::byte{255}};
  auto insert = connection.prepare("INSERT INTO t VALUES(?1, ?2, ?3, ?4, ?5)").value();
  for (const auto integer : {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    must(insert.bind(1, integer).bind(2, 1e300).bind(3, with_nul).bind_blob(4, blob).bind_null(5).run());
    EXPECT_EQ(connection.changes(), 1);
    auto select = connection.prepare("SELECT * FROM t").value();
    ASSERT_TRUE(select.step().value());
    EXPECT_EQ(select.integer(0), integer);
    EXPECT_EQ(select.real(1), 1e300);
    EXPECT_EQ(select.text(2), with_nul);
    EXPECT_EQ(std::vector(select.blob(3).begin(), select.blob(3).end()), blob);
    EXPECT_TRUE(select.is_null(4));
    EXPECT_FALSE(select.is_null(3));
    EXPECT_FALSE(select.step().value());
    select.reset();
    must(connection.execute("DELETE FROM t"));
  }
  must(insert.bind(1, std::string_view()).bind_blob(4, {}).run());  // empty is not NULL
  auto select = connection.prepare("SELECT a IS NULL, d IS NULL FROM t").value();
  ASSERT_TRUE(select.step().value());
  EXPECT_EQ(select.integer(0) + select.integer(1), 0);
}

TEST(Connection, a_mistake_in_sql_is_an_invalid_argument_with_the_sql_in_it) {
  const TempFolder folder;
  const auto connection = make(folder / "a.db", 1);
  const auto wrong = connection.prepare("SELEC 1");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::kInvalidArgument);
  EXPECT_NE(wrong.error().message.find("SELEC 1"), std::string::npos) << wrong.error().message;
  EXPECT_FALSE(connection.prepare("   "));
  auto twice = connection.prepare("INSERT INTO t VALUES(?1, 'again')").value();
  const auto clash = twice.bind(1, std::int64_t{0}).run();
  ASSERT_FALSE(clash);
  EXPECT_EQ(clash.error().code, Code::kInvalidArgument);
  EXPECT_TRUE(twice.bind(1, std::int64_t{1}).run()) << "a statement is usable again after an error";
  const auto no_such_parameter = twice.bind(7, std::int64_t{1}).run();
  EXPECT_FALSE(no_such_parameter);
}

TEST(Connection, a_transaction_without_commit_leaves_nothing) {
  const TempFolder folder;
  const auto connection = make(folder / "a.db", 3);
  const auto before = read_all(connection).value();
  {
    const auto transaction = Transaction::begin(connection, true).value();
    must(connection.execute("DELETE FROM t"));
    EXPECT_NE(read_all(connection).value(), before);
  }
  EXPECT_EQ(read_all(connection).value(), before);
}

TEST(Connection, a_reader_sees_one_state_while_a_writer_commits) {
  const TempFolder folder;
  const auto writer = make(folder / "a.db", 3);
  const auto reader = Connection::open(folder / "a.db", OpenMode::kReadOnly).value();
  const auto before = read_all(reader).value();
  {
    const auto view = Transaction::begin(reader, false).value();
    EXPECT_EQ(read_all(reader).value(), before);
    must(writer.execute("DELETE FROM t WHERE id = 1"));
    EXPECT_EQ(read_all(reader).value(), before);
  }
  EXPECT_EQ(read_all(reader).value(), read_all(writer).value());
  const auto refused = reader.execute("DELETE FROM t");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kIo);
}

TEST(Connection, a_second_writer_is_told_that_it_is_busy) {
  const TempFolder folder;
  const auto first = make(folder / "a.db", 3);
  const auto second = Connection::open(folder / "a.db", OpenMode::kReadWrite).value();
  const auto held = Transaction::begin(first, true).value();
  const auto refused = Transaction::begin(second, true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kBusy) << refused.error().message;
}

TEST(Connection, closing_leaves_one_complete_file) {
  const TempFolder folder;
  { const auto connection = make(folder / "a.db", 100); }
  EXPECT_FALSE(std::filesystem::exists(folder / "a.db-wal"));
  EXPECT_FALSE(std::filesystem::exists(folder / "a.db-shm"));
  std::filesystem::copy_file(folder / "a.db", folder / "b.db");
  EXPECT_EQ(open_and_read(folder / "a.db").value(), open_and_read(folder / "b.db").value());
}

TEST(Connection, a_reader_that_closes_last_tidies_up_after_a_killed_writer) {
  const TempFolder folder;
  EXPECT_EQ(run_in_child([&] {
              const auto connection = make(folder / "a.db", 50);
              ::kill(::getpid(), SIGKILL);
              return std::string();
            }),
            128 + SIGKILL);
  ASSERT_GT(std::filesystem::file_size(folder / "a.db-wal"), 0U);
  { EXPECT_NE(open_and_read(folder / "a.db").value().find("49=name 49"), std::string::npos); }
  EXPECT_FALSE(std::filesystem::exists(folder / "a.db-wal"));
}

TEST(Connection, a_folder_that_cannot_be_written_is_read_all_the_same) {
  const TempFolder folder;
  const auto path = folder / "a b%c?.db";
  { const auto connection = make(path, 20); }
  const auto expected = open_and_read(path).value();
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  EXPECT_EQ(run_in_child([&]() -> std::string {
              become_nobody();
              const auto seen = open_and_read(path);
              if (!seen) return seen.error().message;
              if (*seen != expected) return "another answer: " + *seen;
              const auto writer = Connection::open(path, OpenMode::kReadWrite);
              if (writer) return "opened for writing";
              return writer.error().code == Code::kIo ? "" : writer.error().message;
            }),
            0);
}

TEST(Connection, changes_that_wait_in_a_read_only_folder_are_not_passed_over) {
  const TempFolder folder;
  run_in_child([&] {
    const auto connection = make(folder / "a.db", 50);
    ::kill(::getpid(), SIGKILL);
    return std::string();
  });
  const auto as_nobody = [&](bool with_shm) {
    return run_in_child([&]() -> std::string {
      become_nobody();
      const auto seen = open_and_read(folder / "a.db");
      if (with_shm) return seen && seen->find("49=name 49") != std::string::npos ? "" : "the last state is missing";
      if (seen) return "answered " + *seen;
      return seen.error().message.find("-wal") != std::string::npos ? "" : seen.error().message;
    });
  };
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  EXPECT_EQ(as_nobody(true), 0);
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  std::filesystem::remove(folder / "a.db-shm");
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  EXPECT_EQ(as_nobody(false), 0);
}

TEST(Connection, a_full_disk_is_a_clear_error_and_loses_nothing) {
  const TempFolder folder;
  { const auto connection = make(folder / "a.db", 20); }
  const auto before = open_and_read(folder / "a.db").value();
  EXPECT_EQ(run_in_child([&]() -> std::string {
              limit_file_size(64 << 10);
              auto connection = Connection::open(folder / "a.db", OpenMode::kReadWrite).value();
              const std::string sql = "INSERT INTO t(name) SELECT hex(randomblob(3000)) FROM t";
              auto status = connection.execute(sql);
              for (int i = 0; i < 10 && status; ++i) status = connection.execute(sql);
              if (status) return "wrote beyond the limit";
              return status.error().code == Code::kIo ? "" : status.error().message;
            }),
            0);
  const auto connection = Connection::open(folder / "a.db", OpenMode::kReadWrite).value();
  must(connection.execute("DELETE FROM t WHERE id >= 20"));
  EXPECT_EQ(read_all(connection).value(), before);
  must(connection.check_integrity());
}

TEST(Connection, a_missing_file_is_not_found_and_a_foreign_one_is_corrupt) {
  const TempFolder folder;
  EXPECT_EQ(Connection::open(folder / "none", OpenMode::kReadOnly).error().code, Code::kNotFound);
  EXPECT_EQ(Connection::open(folder / "none", OpenMode::kReadWrite).error().code, Code::kNotFound);
  EXPECT_EQ(Connection::open(folder / "no/such", OpenMode::kCreate).error().code, Code::kIo);
  spill(folder / "text", std::string(5000, 'x'));
  EXPECT_EQ(Connection::open(folder / "text", OpenMode::kReadOnly).error().code, Code::kCorrupt);
  sqlite3* plain = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "plain").c_str(), &plain), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(plain, "CREATE TABLE t(id, name)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(plain);
  EXPECT_EQ(Connection::open(folder / "plain", OpenMode::kReadOnly).error().code, Code::kCorrupt);
}

TEST(Connection, a_flipped_bit_anywhere_is_an_error_or_changes_nothing) {
  const TempFolder folder;
  { const auto connection = make(folder / "a.db", 300); }
  const auto expected = open_and_read(folder / "a.db").value();
  const auto image = slurp(folder / "a.db");
  std::size_t found = 0;
  std::size_t tried = 0;
  for (std::size_t bit = 0; bit < image.size() * 8; bit += bit < 1600 ? 1 : 61, ++tried) {
    auto damaged = image;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    spill(folder / "b.db", damaged);
    const auto seen = open_and_read(folder / "b.db");
    if (seen) {
      EXPECT_EQ(*seen, expected) << "bit " << bit;
    } else {
      EXPECT_EQ(seen.error().code, Code::kCorrupt) << "bit " << bit << ": " << seen.error().message;
      ++found;
    }
  }
  EXPECT_EQ(found, tried) << "all pages of this file are read, so every flip must be seen";
}

TEST(Connection, a_file_cut_at_any_length_is_an_error) {
  const TempFolder folder;
  { const auto connection = make(folder / "a.db", 300); }
  const auto image = slurp(folder / "a.db");
  for (std::size_t size = 0; size < image.size(); size += size < 1100 ? 1 : 97) {
    spill(folder / "b.db", std::string_view(image).substr(0, size));
    EXPECT_FALSE(open_and_read(folder / "b.db")) << size << " of " << image.size() << " bytes";
  }
}

TEST(Connection, pages_that_change_places_are_found) {
  const TempFolder folder;
  { const auto connection = make(folder / "a.db", 3000); }
  auto image = slurp(folder / "a.db");
  ASSERT_GT(image.size(), 6U * 4096);
  for (std::size_t i = 0; i < 4096; ++i) std::swap(image[3 * 4096 + i], image[5 * 4096 + i]);
  spill(folder / "b.db", image);
  const auto seen = open_and_read(folder / "b.db");
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code, Code::kCorrupt);
}

}  // namespace
}  // namespace tamis::sql
