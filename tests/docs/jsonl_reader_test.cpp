#include <gtest/gtest.h>
#include <tamis/docs/reader.h>

#include "docs/generated_stream.h"
#include "docs/reading.h"

namespace tamis::docs {
namespace {

std::string value_text(const MetaValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value)) return "number " + std::to_string(*number);
  return "date " + std::to_string(std::get<Date>(value).seconds);
}
std::string metadata(const ExtractedDocument& document) {
  std::string out;
  for (const auto& field : document.metadata) out += field.name + "=" + value_text(field.value) + "\n";
  return out;
}

TEST(JsonlReader, reads_the_fields_of_test_collections) {
  const auto documents = read_bytes("c.jsonl",
                                    "{\"_id\": \"d1\", \"title\": \"One\", \"text\": \"First.\\n\\nSecond.\", "
                                    "\"metadata\": {\"url\": \"u\"}}\n\n"
                                    "{\"_id\": 7, \"title\": \"\", \"text\": \"Caf\\u00e9\", \"metadata\": {}}\r\n"
                                    "{\"text\": \"no id\"}")
                             .value();
  ASSERT_EQ(documents.size(), 3U);
  EXPECT_EQ(documents[0].item, "d1");
  EXPECT_EQ(documents[0].title, "One");
  EXPECT_EQ(documents[0].text, "First.\n\nSecond.") << "the title is not put into the text";
  EXPECT_EQ(outline(documents[0]), "P First.\nP Second.\n");
  EXPECT_EQ(metadata(documents[0]), "url=u\n");
  EXPECT_EQ(documents[1].item, "7");
  EXPECT_EQ(documents[1].text, "Caf\xC3\xA9");
  EXPECT_EQ(documents[1].encoding, "UTF-8");
  EXPECT_EQ(documents[2].item, "4") << "without an id the line number is one";
  for (std::uint32_t i = 0; i < documents[0].text.size(); ++i) EXPECT_EQ(origin_of(documents[0], i), 1U);
  EXPECT_EQ(origin_of(documents[1], 2), 3U);
}

TEST(JsonlReader, other_fields_become_typed_metadata) {
  const auto document = read_one(
      "c.jsonl",
      R"({"id":"a","text":"t","year":2024,"day":"2024-05-01","ok":true,"none":null,"tags":["x","y",3],)"
      R"("a":{"b":{"c":1.5}},"authors":[{"name":"A","born":1900},{"name":"B"}],"metadata":{"deep":{"er":"z"}},)"
      R"("zip":"007","big":12345678901234567890})");
  EXPECT_EQ(metadata(document),
            "year=number 2024.000000\nday=date 1714521600\nok=true\ntags=x, y, 3\na.b.c=number 1.500000\n"
            "authors.name=A, B\nauthors.born=number 1900.000000\ndeep.er=z\nzip=007\nbig=12345678901234567890\n");
}

TEST(JsonlReader, fields_can_be_mapped_by_path) {
  ReadOptions options;
  options.fields = {"key", "doc.headline", {"doc.body", "extra"}};
  const auto document = read_one(
      "c.jsonl", R"({"text":"unused","extra":["e1","e2"],"doc":{"body":"b","headline":"h","x":1},"key":5,"id":"no"})",
      options);
  EXPECT_EQ(document.item, "5");
  EXPECT_EQ(document.title, "h");
  EXPECT_EQ(document.text, "b\n\ne1\n\ne2");
  EXPECT_EQ(metadata(document), "text=unused\ndoc.x=number 1.000000\nid=no\n");
}

TEST(JsonlReader, a_mapped_field_that_no_record_has_is_an_error) {
  ReadOptions options;
  options.fields.text = {"abstrakt"};
  auto documents = read_bytes("c.jsonl", "{\"abstract\":\"a\"}\n{\"abstract\":\"b\"}\n", options);
  ASSERT_FALSE(documents.has_value());
  EXPECT_EQ(documents.error().code, Code::kInvalidArgument);
  EXPECT_EQ(documents.error().message, "no record has a field 'abstrakt' (fields of the first record: abstract)");
  options.fields.text = {"abstract"};
  EXPECT_EQ(read_bytes("c.jsonl", "{\"x\":1}\n{\"abstract\":\"b\"}\n", options).value().size(), 2U);
}

TEST(JsonlReader, a_record_without_text_fields_has_its_fields_as_text) {
  const auto document = read_one("c.jsonl", R"({"id":1,"question":"Why?","answers":["Because","So"],"title":"T"})");
  EXPECT_EQ(document.text, "question: Why?\nanswers: Because, So");
  EXPECT_EQ(document.title, "T");
}

TEST(JsonlReader, a_bad_line_ends_the_file_and_is_named) {
  std::vector<std::string> got;
  const std::string bytes = "{\"id\":1,\"text\":\"a\"}\n{\"id\":2,\"text\":\"b\"}\n{\"id\":3,\n{\"id\":4}\n";
  MemoryStream stream(bytes);
  const auto outcome = read_document_stream("c.jsonl", stream, {}, [&](ExtractedDocument&& document) {
    got.push_back(document.item);
    return ok();
  });
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, Code::kCorrupt);
  EXPECT_EQ(outcome.error().message.rfind("line 3: not valid JSON", 0), 0U) << outcome.error().message;
  EXPECT_EQ(got, (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(read_bytes("c.jsonl", "[1]\n").error().message, "line 1: not a JSON object");
  EXPECT_EQ(read_bytes("c.jsonl", "{\"a\":NaN}\n").error().message.rfind("line 1: not valid JSON", 0), 0U);
}

TEST(JsonlReader, broken_text_is_repaired) {
  EXPECT_EQ(read_one("c.jsonl", "{\"id\":\"a\",\"text\":\"x\\u0000y\\r\\nz\"}").text, "x y\nz");
  EXPECT_EQ(read_one("c.jsonl", "{\"id\":\"a\",\"text\":\"\\ud83d\\ude00 \\ud800x \\\\ud800 \\udc00\"}").text,
            "\xF0\x9F\x98\x80 \xEF\xBF\xBDx \\ud800 \xEF\xBF\xBD");
  const auto latin = read_bytes("c.jsonl", "{\"text\":\"plain\"}\n{\"text\":\"Caf\xE9 f\xFCr \xE4lle\"}\n").value();
  ASSERT_EQ(latin.size(), 2U);
  EXPECT_EQ(latin[1].text, "Caf\xC3\xA9 f\xC3\xBCr \xC3\xA4lle");
  EXPECT_EQ(latin[1].encoding, "ISO-8859-1");
}

TEST(JsonlReader, byte_order_marks_and_utf16_are_understood) {
  EXPECT_EQ(read_one("c.jsonl", "\xEF\xBB\xBF{\"text\":\"a\"}\n").text, "a");
  const std::string plain = "{\"text\":\"a\"}\r\n";
  std::string wide = "\xFF\xFE";
  for (const char c : plain) wide.append(1, c).append(1, '\0');
  ReadOptions options;
  options.reader = "jsonl";
  const auto document = read_one("c.jsonl", wide, options);
  EXPECT_EQ(document.text, "a");
  EXPECT_EQ(document.encoding, "UTF-16LE");
}

TEST(JsonlReader, the_split_into_chunks_does_not_matter) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    bytes += "{\"id\":" + std::to_string(i) + ",\"text\":\"" + std::string(static_cast<std::size_t>(i), 'x') + "\"}\n";
  }
  for (const std::size_t step : {1U, 2U, 7U, 64U, 1000U}) {
    MemoryStream stream(bytes, step);
    std::size_t next = 0;
    const auto status = jsonl_documents(stream, {}, [&](ExtractedDocument&& document) {
      EXPECT_EQ(document.item, std::to_string(next));
      EXPECT_EQ(document.text.size(), next++);
      return ok();
    });
    EXPECT_TRUE(status.has_value());
    EXPECT_EQ(next, 300U);
  }
}

TEST(JsonlReader, depth_is_limited) {
  const std::string deep(1'000'000, '[');
  auto documents = read_bytes("c.jsonl", "{\"text\":" + deep + std::string(1'000'000, ']') + "}\n");
  ASSERT_FALSE(documents.has_value());
  EXPECT_EQ(documents.error().message, "line 1: nested deeper than 512 (limit nesting)");
  EXPECT_EQ(documents.error().code, Code::kExhausted);
  std::string objects, ends;
  for (int i = 0; i < 500; ++i) {
    objects += "{\"a\":";
    ends += "}";
  }
  EXPECT_TRUE(read_bytes("c.jsonl", objects + "1" + ends + "\n").has_value());
}

TEST(JsonlReader, a_line_of_two_gigabytes_costs_no_more_than_the_limit) {
  for (const std::string prefix : {"{\"text\":\"", "", "{\"a\":1}\n"}) {
    GeneratedStream stream(prefix, 'x', 2ULL << 30);
    const auto status = jsonl_documents(stream, {}, [](ExtractedDocument&&) { return ok(); });
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, Code::kExhausted);
    EXPECT_NE(status.error().message.find("longer than 16777216 bytes (limit record_bytes)"), std::string::npos);
    EXPECT_LT(stream.num_given(), 64ULL << 20) << "it goes on reading what it will not use";
  }
}

TEST(JsonlReader, fields_that_explode_when_flattened_are_refused) {
  std::string record = "{\"text\":\"t\",\"metadata\":";
  for (int i = 0; i < 100; ++i) record += "{\"kk\":";
  record += "{";
  for (int i = 0; i < 1'000'000; ++i) record += "\"\":1,";
  record += "\"z\":1}" + std::string(101, '}');
  const auto documents = read_bytes("c.jsonl", record);
  ASSERT_TRUE(documents.has_value()) << "paths over 256 bytes are left out";
  std::string shallow = "{\"text\":\"t\",\"metadata\":{\"" + std::string(200, 'k') + "\":{";
  for (int i = 0; i < 1'000'000; ++i) shallow += "\"\":1,";
  EXPECT_EQ(read_bytes("c.jsonl", shallow + "\"z\":1}}}").error().code, Code::kExhausted);
}

TEST(JsonlReader, many_fields_are_cut_to_the_first) {
  std::string record = "{\"text\":\"t\"";
  for (int i = 0; i < 1000; ++i) record += ",\"f" + std::to_string(i) + "\":\"" + std::string(5000, 'v') + "\"";
  const auto document = read_one("c.jsonl", record + "}");
  ASSERT_EQ(document.metadata.size(), 256U);
  EXPECT_EQ(std::get<std::string>(document.metadata[0].value).size(), 4096U);
}

TEST(JsonlReader, recognises_lines_of_objects) {
  EXPECT_EQ(read_bytes("stdin", "{\"id\":1,\"text\":\"a\"}\n{\"id\":2,\"text\":\"b\"}\n").value().size(), 2U);
}

TEST(JsonlReader, survives_damaged_input) {
  expect_survives_mutation("jsonl",
                           {"{\"_id\":\"1\",\"title\":\"T\",\"text\":\"Some text "
                            "\\u00e9\\n\\nmore\",\"metadata\":{\"a\":[1,2,{\"b\":null}]}}\n"
                            "{\"id\":2,\"body\":[\"x\",\"y\"],\"n\":1.5e3}\n",
                            "{\"text\":\"" + std::string(300, 'a') + "\"}\n{\"text\":\"\xC3\xA9\xE4\xB8\xAD\"}\n"},
                           {"\\ud800", "\\u0000", "\"", "{", "}", "[[[[", ":", ",", "\n", "1e999", "\xFF", "\xC3", "\\",
                            "null", "-", "0x1", "true", "99999999999999999999"});
}

}  // namespace
}  // namespace tamis::docs
