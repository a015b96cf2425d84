#include <gtest/gtest.h>
#include <tamis/docs/reader.h>

#include <random>

#include "csv_rows.h"
#include "docs/generated_stream.h"
#include "docs/reading.h"

namespace tamis::docs {
namespace {

TEST(CsvReader, header_columns_become_id_title_text_and_metadata) {
  const auto documents = read_bytes("c.csv",
                                    "ID,Title,Text,year,day\r\n"
                                    "a,One,\"He said \"\"no\"\", twice.\nNext line\",2024,2024-05-01\r\n"
                                    "\r\n"
                                    "b,Two,plain,,\r\n")
                             .value();
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(documents[0].item, "a");
  EXPECT_EQ(documents[0].title, "One");
  EXPECT_EQ(documents[0].text, "He said \"no\", twice.\nNext line");
  ASSERT_EQ(documents[0].metadata.size(), 2U);
  EXPECT_EQ(documents[0].metadata[0].name, "year");
  EXPECT_EQ(std::get<double>(documents[0].metadata[0].value), 2024.0);
  EXPECT_EQ(std::get<Date>(documents[0].metadata[1].value).seconds, 1714521600);
  EXPECT_TRUE(documents[1].metadata.empty());
  EXPECT_EQ(origin_of(documents[0], 0), 2U);
  EXPECT_EQ(origin_of(documents[1], 0), 5U) << "lines inside of quotes and blank ones count";
}

TEST(CsvReader, without_a_text_column_all_columns_are_the_text) {
  const auto documents = read_bytes("c.csv", "name;price;notes\nbolt;1,5;for doors\nnut;2,0;\n").value();
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(documents[0].text, "name: bolt\nprice: 1,5\nnotes: for doors");
  EXPECT_EQ(outline(documents[0]), "T name: bolt|price: 1,5|notes: for doors\n");
  EXPECT_EQ(documents[0].item, "2") << "without an id the line number is one";
  EXPECT_EQ(documents[1].text, "name: nut\nprice: 2,0");
}

TEST(CsvReader, tabs_leave_quotes_alone) {
  const auto documents =
      read_bytes("collection.tsv", "0\t\"The\" Manhattan project\n1\t\"quoted \"\"all\"\"\"\n2\t\"open\n").value();
  ASSERT_EQ(documents.size(), 3U);
  EXPECT_EQ(documents[0].item, "0") << "two columns without a header are id and text";
  EXPECT_EQ(documents[0].text, "\"The\" Manhattan project");
  EXPECT_EQ(documents[1].text, "quoted \"all\"");
  EXPECT_EQ(documents[2].text, "\"open");
}

TEST(CsvReader, columns_can_be_mapped_by_name_or_number) {
  ReadOptions options;
  options.fields = {"key", "", {"b", "a"}};
  auto documents = read_bytes("c.csv", "key,a,b\n1,x,y\n", options).value();
  ASSERT_EQ(documents.size(), 1U);
  EXPECT_EQ(documents[0].item, "1");
  EXPECT_EQ(documents[0].text, "y\n\nx");
  options.fields = {"1", "3", {"4"}};
  documents = read_bytes("c.tsv", "7\tu\tTitle\tBody\n8\tu\tTitle 2\tBody 2\n", options).value();
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(documents[1].item, "8");
  EXPECT_EQ(documents[1].title, "Title 2");
  EXPECT_EQ(documents[1].text, "Body 2");
  options.fields = {"", "", {"missing"}};
  EXPECT_EQ(read_bytes("c.csv", "key,a,b\n1,x,y\n", options).error().message,
            "no column 'missing' (columns: key, a, b)");
}

TEST(CsvReader, rows_of_another_length_are_read_as_they_are) {
  const auto documents = read_bytes("c.csv", "id,text,x\n1,a\n2,b,c,d\n").value();
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(documents[0].text, "a");
  ASSERT_EQ(documents[1].metadata.size(), 2U);
  EXPECT_EQ(documents[1].metadata[1].name, "column 4");
}

TEST(CsvReader, encodings_of_spreadsheets_are_understood) {
  const auto latin = read_bytes("c.csv",
                                "id;text\n1;Stra\xDF"
                                "e und K\xE4se, gr\xFCn\n")
                         .value();
  ASSERT_EQ(latin.size(), 1U);
  EXPECT_EQ(latin[0].text,
            "Stra\xC3\x9F"
            "e und K\xC3\xA4se, gr\xC3\xBCn");
  EXPECT_EQ(latin[0].encoding, "ISO-8859-1");
  std::string wide = "\xFF\xFE";
  for (const char c : std::string("id\ttext\r\n1\tcell\r\n")) wide.append(1, c).append(1, '\0');
  const auto documents = read_bytes("c.tsv", wide).value();
  ASSERT_EQ(documents.size(), 1U);
  EXPECT_EQ(documents[0].text, "cell");
  EXPECT_EQ(documents[0].encoding, "UTF-16LE");
}

TEST(CsvReader, a_quote_that_is_never_closed_is_named) {
  auto documents = read_bytes("c.csv", "id,text\n1,\"a\n2,b\n");
  ASSERT_FALSE(documents.has_value());
  EXPECT_EQ(documents.error().message, "line 2: a quote is opened and never closed");
  for (const std::string prefix : {"id,text\n1,\"", "id,text\n1,", ""}) {
    GeneratedStream stream(prefix, 'x', 2ULL << 30);
    const auto status = csv_documents("c.csv", stream, {}, [](ExtractedDocument&&) { return ok(); });
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, Code::kExhausted);
    EXPECT_LT(stream.num_given(), 64ULL << 20);
  }
  GeneratedStream commas("id,text\n", ',', 2ULL << 30);
  EXPECT_EQ(csv_documents("c.csv", commas, {}, [](ExtractedDocument&&) { return ok(); }).error().code,
            Code::kExhausted);
}

/// Writes cells as RFC 4180 says.
std::string quoted_row(const std::vector<std::string>& cells, char delimiter, std::mt19937& rng) {
  std::string row;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) row += delimiter;
    const bool needs = cells[i].find_first_of(std::string("\"\n\r") + delimiter) != std::string::npos;
    if (!needs && rng() % 2 == 0) {
      row += cells[i];
      continue;
    }
    row += '"';
    for (const char c : cells[i]) row += c == '"' ? "\"\"" : std::string(1, c);
    row += '"';
  }
  return row;
}

TEST(CsvRows, what_was_written_by_the_rules_is_read_back) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    const char delimiter = rng() % 2 == 0 ? ',' : ';';
    std::vector<std::vector<std::string>> table(1 + rng() % 6);
    std::vector<std::uint64_t> lines;
    std::string bytes;
    std::uint64_t line = 1;
    for (auto& row : table) {
      row.resize(1 + rng() % 5);
      for (auto& cell : row) {
        for (auto length = rng() % 8; length > 0; --length) cell += "ab,;\"\n\r x"[rng() % 9];
      }
      row[0] = "k" + row[0];
      const std::string text = quoted_row(row, delimiter, rng) + (rng() % 2 == 0 ? "\n" : "\r\n");
      lines.push_back(line);
      line += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
      bytes += text;
    }
    if (rng() % 3 == 0) bytes.pop_back();
    MemoryStream stream(bytes, 1 + rng() % 9);
    const ReadLimits limits;
    RowInput rows(stream, limits);
    std::vector<std::string> cells;
    std::string_view row;
    for (std::size_t i = 0; i < table.size(); ++i) {
      ASSERT_TRUE(rows.next(delimiter, row).value()) << "seed=" << seed;
      ASSERT_TRUE(split_row(row, delimiter, cells).has_value());
      EXPECT_EQ(cells, table[i]) << "seed=" << seed;
      EXPECT_EQ(rows.line(), lines[i]) << "seed=" << seed;
    }
    EXPECT_FALSE(rows.next(delimiter, row).value()) << "seed=" << seed;
  }
}

TEST(CsvRows, the_delimiter_is_the_one_that_splits_evenly) {
  EXPECT_EQ(sniff_csv("a,b,c\n1,2,3\n4,5,6\n").delimiter, ',');
  EXPECT_EQ(sniff_csv("a;b\n1,5;2\n3,7;4\n").delimiter, ';');
  EXPECT_EQ(sniff_csv("a\tb, c\n1\t2\n").delimiter, '\t');
  EXPECT_EQ(sniff_csv("a|b\n1|2\n").delimiter, '|');
  EXPECT_EQ(sniff_csv("\"x;y;z\",b\n\"1;2;3\",2\n").delimiter, ',');
  EXPECT_EQ(sniff_csv("just text\n").delimiter, ',');
  EXPECT_EQ(sniff_csv("").delimiter, ',');
}

TEST(CsvReader, recognises_even_columns) {
  EXPECT_EQ(read_bytes("stdin", "n,a,b\nx,2,3\ny,5,6\nz,1,1\n").value().size(), 3U);
}

TEST(CsvReader, survives_damaged_input) {
  expect_survives_mutation(
      "csv",
      {"id,title,text,year\n1,T,\"Some \"\"text\"\"\nmore\",2024\n2,U,other,2023-01-01\n",
       "a;b;c\n1;2;3\n4;5;6\n7;8;9\n", "x\ty\tz\n\"q\"\tr\ts\n"},
      {"\"", "\"\"", ",", ";", "\t", "\r\n", "\n", "\xFF", "\xC3", "id", "text", std::string_view("\0", 1)});
}

}  // namespace
}  // namespace tamis::docs
