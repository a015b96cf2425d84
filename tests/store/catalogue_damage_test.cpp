#include <gtest/gtest.h>
#include <tamis/sql/connection.h>
#include <tamis/store/catalogue.h>

#include <cstdlib>
#include <fstream>

#include "answers.h"
#include "sql/child_process.h"
#include "world.h"

namespace tamis::store {
namespace {

using namespace test;

/// TAMIS_LONG_TESTS=1 tries every bit and every length: minutes instead of seconds.
bool long_tests() { return std::getenv("TAMIS_LONG_TESTS") != nullptr; }

std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void spill(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// A closed catalogue with something in every table, and its free pages.
std::string image_of_a_small_catalogue(const std::filesystem::path& path) {
  Worlds worlds(5);
  Model model;
  {
    auto catalogue = Catalogue::create(path).value();
    for (int i = 0; i < 12; ++i) {
      const auto publication = worlds.publication(model);
      EXPECT_TRUE(catalogue.publish(publication));
      model.publish(publication);
    }
  }
  return slurp(path);
}

Result<std::string> answers_of(const std::filesystem::path& path) {
  TAMIS_TRY(const auto catalogue, Catalogue::open(path, false));
  return all_answers(catalogue);
}

TEST(CatalogueDamage, a_flipped_bit_is_an_error_or_an_unchanged_answer) {
  const tamis::test::TempFolder folder;
  const auto image = image_of_a_small_catalogue(folder / "good.db");
  const auto expected = answers_of(folder / "good.db").value();
  std::size_t found = 0;
  std::size_t tried = 0;
  for (std::size_t bit = 0; bit < image.size() * 8; bit += long_tests() || bit < 800 ? 1 : 8 * 17 + 1, ++tried) {
    auto damaged = image;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    spill(folder / "bad.db", damaged);
    const auto seen = answers_of(folder / "bad.db");
    if (seen) {
      ASSERT_EQ(*seen, expected) << "bit " << bit;
    } else {
      ASSERT_EQ(seen.error().code, Code::kCorrupt) << "bit " << bit << ": " << seen.error().message;
      ++found;
    }
    if (tried % 50 == 0 && !seen) {
      const auto catalogue = Catalogue::open(folder / "bad.db", false);
      EXPECT_FALSE(catalogue && catalogue->verify()) << "bit " << bit << " is not seen by verify()";
    }
  }
  EXPECT_GT(found, tried * 9 / 10) << "pages that answers come from must be the most";
}

TEST(CatalogueDamage, a_cut_file_is_an_error) {
  const tamis::test::TempFolder folder;
  const auto image = image_of_a_small_catalogue(folder / "good.db");
  for (std::size_t size = 0; size < image.size(); size += long_tests() || size < 120 ? 1 : 331) {
    spill(folder / "bad.db", std::string_view(image).substr(0, size));
    EXPECT_FALSE(answers_of(folder / "bad.db")) << size << " of " << image.size() << " bytes";
  }
}

TEST(CatalogueDamage, a_foreign_database_is_refused) {
  const tamis::test::TempFolder folder;
  const auto refusal = [&](const char* name, std::string_view sql) {
    static_cast<void>(Catalogue::create(folder / name).value());
    {
      const auto connection = sql::Connection::open(folder / name, sql::OpenMode::kReadWrite).value();
      EXPECT_TRUE(connection.execute(sql)) << sql;
    }
    const auto opened = Catalogue::open(folder / name, false);
    EXPECT_FALSE(opened) << sql;
    return opened ? Code::kCancelled : opened.error().code;
  };
  EXPECT_EQ(refusal("version.db", "PRAGMA user_version = 2"), Code::kUnsupported);
  EXPECT_EQ(refusal("application.db", "PRAGMA application_id = 2"), Code::kCorrupt);
  EXPECT_EQ(refusal("more.db", "CREATE TABLE more(a)"), Code::kCorrupt);
  EXPECT_EQ(refusal("less.db", "DROP INDEX documents_by_file"), Code::kCorrupt);
  EXPECT_EQ(refusal("trigger.db", "CREATE TRIGGER t AFTER INSERT ON settings BEGIN DELETE FROM documents; END"),
            Code::kCorrupt);
}

/// What verify() finds in rows that are well-formed, one by one, and wrong.
TEST(CatalogueDamage, verify_finds_rows_that_contradict_each_other) {
  const tamis::test::TempFolder folder;
  const auto image = image_of_a_small_catalogue(folder / "good.db");
  for (const char* sql : {
           "UPDATE counters SET value = value + 1 WHERE name = 'num_documents'",
           "UPDATE counters SET value = value - 1 WHERE name = 'num_passages'",
           "UPDATE counters SET value = value + 1 WHERE name = 'num_words'",
           "UPDATE counters SET value = 0 WHERE name = 'next_passage'",
           "UPDATE counters SET value = 0 WHERE name = 'next_document'",
           "DELETE FROM counters WHERE name = 'generation'",
           "UPDATE languages SET passages = passages + 1",
           "UPDATE segments SET num_passages = num_passages + 1",
           "UPDATE tombstones SET count = count + 1",
           "UPDATE tombstones SET count = 0",
           "DELETE FROM labels",
           "DELETE FROM files",
           "DELETE FROM sources",
           "DELETE FROM fields",
           "UPDATE documents SET passages = x'00'",
           "UPDATE documents SET metadata = x'ff'",
           "UPDATE documents SET text_bytes = 0 WHERE num_passages > 0",
           "UPDATE documents SET origin_kind = 2",
           "UPDATE documents SET text_offset = -1",
           "UPDATE documents SET segment = 99999",
           "UPDATE documents SET first_passage = -1 WHERE num_passages = 0",
           "UPDATE documents SET num_passages = num_passages + 1",
           "DELETE FROM field_values WHERE document = (SELECT max(document) FROM field_values)",
           "UPDATE field_values SET document = document + 100000",
           "INSERT INTO field_values SELECT field, type, 'one too many', document FROM field_values LIMIT 1",
       }) {
    spill(folder / "bad.db", image);
    {
      const auto connection = sql::Connection::open(folder / "bad.db", sql::OpenMode::kReadWrite).value();
      ASSERT_TRUE(connection.execute("PRAGMA foreign_keys = OFF"));
      const auto changed = connection.execute(sql);
      ASSERT_TRUE(changed) << changed.error().message;
      ASSERT_GT(connection.changes(), 0) << "nothing to break: " << sql;
    }
    const auto catalogue = Catalogue::open(folder / "bad.db", false);
    EXPECT_FALSE(catalogue && catalogue->verify()) << sql;
  }
}

}  // namespace
}  // namespace tamis::store
