#include <gtest/gtest.h>

#include <set>

#include "reading.h"

namespace tamis::docs {
namespace {

std::string reader_of(std::string_view name, std::string_view bytes) {
  MemoryStream stream(bytes);
  const auto outcome =
      read_document_stream(std::filesystem::path(name), stream, {}, [](ExtractedDocument&&) { return ok(); });
  return outcome ? std::string(outcome->reader) : outcome.error().message;
}

TEST(Readers, names_and_endings_are_unique_and_lower_case) {
  std::set<std::string_view> names, endings;
  for (const Reader* reader : readers()) {
    EXPECT_TRUE(names.insert(reader->name()).second) << reader->name();
    EXPECT_EQ(reader_named(reader->name()).value(), reader);
    for (const auto ending : reader->extensions()) {
      EXPECT_TRUE(endings.insert(ending).second) << ending;
      EXPECT_TRUE(std::ranges::none_of(ending, [](char c) { return c >= 'A' && c <= 'Z'; })) << ending;
    }
  }
  const auto unknown = reader_named("nonsense");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, Code::kInvalidArgument);
  for (const auto name : names) EXPECT_NE(unknown.error().message.find(name), std::string::npos) << name;
}

TEST(Readers, are_chosen_by_ending_then_by_content) {
  EXPECT_EQ(reader_of("a.txt", "x"), "text");
  EXPECT_EQ(reader_of("a.TXT.GZ", "x"), "text");
  EXPECT_EQ(reader_of("a.md", "x"), "markdown");
  EXPECT_EQ(reader_of("a.md.zst", "x"), "markdown");
  EXPECT_EQ(reader_of("README", "just words"), "text");
  EXPECT_EQ(reader_of("README", "# Tool\n\nSee [the page](https://example.org).\n"), "markdown");
  EXPECT_EQ(reader_of("config", "# a comment\nkey = value\n"), "text");
  EXPECT_EQ(reader_of("a.bin", std::string_view("\0\1\2\3\4\5\6\7", 8)), "binary file");
  EXPECT_EQ(reader_of("a.txt", std::string_view("\0\1\2\3\4\5\6\7", 8)), "binary file");
  EXPECT_EQ(reader_of("a.txt", std::string_view("text with one \0 in it", 21)), "text");
  EXPECT_EQ(reader_of("empty", ""), "text");
}

TEST(Readers, forcing_a_reader_wins_over_ending_and_content) {
  ReadOptions options;
  options.reader = "text";
  EXPECT_EQ(outline(read_one("a.md", "# not a heading", options)), "P # not a heading\n");
  options.reader = "nonsense";
  EXPECT_EQ(read_bytes("a.md", "x", options).error().code, Code::kInvalidArgument);
}

TEST(Readers, the_outcome_counts_documents_and_bytes) {
  MemoryStream stream("gr\xFCn");
  const auto outcome = read_document_stream("a.txt", stream, {}, [](ExtractedDocument&&) { return ok(); });
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->num_documents, 1U);
  EXPECT_EQ(outcome->num_bytes, 4U);
  EXPECT_EQ(outcome->encoding, "ISO-8859-1");
}

TEST(Readers, an_error_of_the_sink_ends_the_reading) {
  MemoryStream stream("text");
  const auto outcome = read_document_stream("a.txt", stream, {}, [](ExtractedDocument&&) {
    return Status(Error{Code::kCancelled, "enough"});
  });
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, Code::kCancelled);
}

/// Endless text without a line end, made as it is read.
class EndlessLine final : public ByteStream {
 public:
  explicit EndlessLine(std::string_view start, std::uint64_t size) : start_(start), left_(size) {}
  Result<std::size_t> read(char* data, std::size_t size) override {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size, left_));
    std::memset(data, 'x', count);
    for (std::size_t i = 0; i < count && !start_.empty(); ++i, start_.remove_prefix(1)) data[i] = start_.front();
    left_ -= count;
    handed_out += count;
    return count;
  }
  std::uint64_t handed_out = 0;

 private:
  std::string_view start_;
  std::uint64_t left_;
};

TEST(Readers, a_line_of_two_gigabytes_ends_at_the_limit) {
  for (const Reader* reader : readers()) {
    for (const std::string_view start : {"", "{\"text\": \"", "<html><p>", "# ", ".TH X 1\n", "a,b\n\""}) {
      EndlessLine stream(start, 2ULL << 30U);
      ReadOptions options;
      options.reader = reader->name();
      options.limits.file_bytes = options.limits.record_bytes = 4U << 20U;
      const auto outcome = read_document_stream("endless", stream, options, [](ExtractedDocument&&) { return ok(); });
      ASSERT_FALSE(outcome.has_value()) << reader->name();
      EXPECT_LE(stream.handed_out, 16U << 20U) << reader->name();
    }
  }
}

}  // namespace
}  // namespace tamis::docs
