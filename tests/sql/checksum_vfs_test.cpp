#include "checksum_vfs.h"

#include <gtest/gtest.h>
#include <tamis/base/section_file.h>
#include <tamis/sql/connection.h>

#include <cstring>
#include <fstream>

#include "child_process.h"

namespace tamis::sql {
namespace {

TEST(ChecksumVfs, every_page_of_a_file_carries_the_hash_of_its_content_and_place) {
  const test::TempFolder folder;
  {
    const auto connection = Connection::open(folder / "a.db", OpenMode::kCreate).value();
    ASSERT_TRUE(connection.execute("CREATE TABLE t(a); INSERT INTO t VALUES(randomblob(20000))"));
    ASSERT_TRUE(connection.execute("INSERT INTO t SELECT randomblob(9000) FROM t"));
  }
  std::ifstream in(folder / "a.db", std::ios::binary);
  const std::string image(std::istreambuf_iterator<char>(in), {});
  constexpr std::size_t kPage = 4096;
  ASSERT_EQ(image.size() % kPage, 0U);
  ASSERT_GT(image.size(), 5 * kPage);
  for (std::size_t page = 0; page < image.size() / kPage; ++page) {
    std::uint64_t stored = 0;
    std::memcpy(&stored, image.data() + (page + 1) * kPage - kChecksumBytes, kChecksumBytes);
    EXPECT_EQ(stored, hash_text({image.data() + page * kPage, kPage - kChecksumBytes}, page + 1))
        << "page " << page + 1;
  }
}

}  // namespace
}  // namespace tamis::sql
