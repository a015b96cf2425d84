#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tamis/sparse/vector_files.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <thread>

#include "random_vectors.h"
#include "vector_file_images.h"

namespace tamis::sparse {
namespace {

Collection random_collection(std::mt19937& rng) {
  Collection out(rng() % 12);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].first = "doc" + std::to_string(i * 3);
    for (std::uint32_t n = static_cast<std::uint32_t>(rng() % 8); n > 0; --n) {
      out[i].second["t" + std::to_string(rng() % 15)] = static_cast<std::uint32_t>(rng() % 300 + 1);
    }
  }
  return out;
}

void expect_equal(const std::vector<NamedVector>& read, const Collection& wanted, std::uint32_t seed) {
  ASSERT_EQ(read.size(), wanted.size()) << "seed=" << seed;
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].id, wanted[i].first) << "seed=" << seed;
    std::map<std::string, std::uint32_t> terms;
    for (const auto& [term, weight] : read[i].named_terms) terms[term] = static_cast<std::uint32_t>(weight);
    EXPECT_EQ(terms, wanted[i].second) << "seed=" << seed;
    EXPECT_EQ(read[i].named_terms.size(), wanted[i].second.size()) << "seed=" << seed;
  }
}

/// Reading must not crash; what it hands out obeys the laws of vectors.
void expect_lawful(const std::filesystem::path& path, VectorFormat format) {
  const auto read = read_all_vectors(path, format);
  if (!read) {
    EXPECT_NE(read.error().message.find(path.filename().string()), std::string::npos) << read.error().message;
    return;
  }
  for (const auto& vector : *read) {
    for (const auto& [term, weight] : vector.named_terms) EXPECT_TRUE(std::isfinite(weight) && weight > 0) << term;
    for (std::size_t i = 0; i < vector.vector.size(); ++i) {
      EXPECT_TRUE(std::isfinite(vector.vector.weights[i]) && vector.vector.weights[i] > 0);
      EXPECT_TRUE(i == 0 || vector.vector.terms[i - 1] < vector.vector.terms[i]);
    }
  }
}

TEST(VectorFiles, json_lines_and_ciff_give_back_random_collections) {
  const Scratch scratch;
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    std::mt19937 rng(seed);
    const auto documents = random_collection(rng);
    expect_equal(read_all_vectors(scratch.put("a.jsonl", json_image(documents))).value(), documents, seed);
    expect_equal(read_all_vectors(scratch.put("a.ciff", ciff_image(documents))).value(), documents, seed);
  }
}

TEST(VectorFiles, csr_gives_back_what_was_written_with_and_without_ids) {
  const Scratch scratch;
  const auto path = scratch.folder() / "a.csr";
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    const std::uint32_t columns = 1 + static_cast<std::uint32_t>(rng() % 50);
    std::vector<SparseVector> rows(rng() % 10);
    std::string ids;
    for (auto& row : rows) {
      row = random_vector(rng, columns, 9);
      ids += "passage " + std::to_string(rng()) + (rng() % 2 == 0 ? "\r\n" : "\n");
    }
    const bool named = seed % 2 == 0 && !rows.empty();
    std::filesystem::remove(scratch.folder() / "a.csr.ids");
    if (named) (void)scratch.put("a.csr.ids", ids);
    ASSERT_TRUE(write_csr(path, columns, rows));
    const auto read = read_all_vectors(path).value();
    ASSERT_EQ(read.size(), rows.size()) << "seed=" << seed;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(read[i].vector.terms, rows[i].terms) << "seed=" << seed;
      EXPECT_EQ(read[i].vector.weights, rows[i].weights) << "seed=" << seed;
      EXPECT_EQ(read[i].id.rfind("passage ", 0) == 0, named);
      EXPECT_TRUE(named || read[i].id == std::to_string(i));
    }
  }
}

TEST(VectorFiles, files_cut_at_any_byte_are_errors_or_whole_lines) {
  const Scratch scratch;
  std::mt19937 rng(11);
  Collection documents;
  while (documents.size() < 5) documents = random_collection(rng);
  const std::string ciff = ciff_image(documents);
  for (std::size_t size = 0; size < ciff.size(); ++size) {
    EXPECT_FALSE(read_all_vectors(scratch.put("a.ciff", std::string_view(ciff).substr(0, size)))) << size;
  }
  ASSERT_TRUE(write_csr(scratch.folder() / "b.csr", 9, {random_vector(rng, 9, 8), random_vector(rng, 9, 8)}));
  std::string csr(std::filesystem::file_size(scratch.folder() / "b.csr"), '\0');
  std::ifstream(scratch.folder() / "b.csr", std::ios::binary)
      .read(csr.data(), static_cast<std::streamsize>(csr.size()));
  for (std::size_t size = 0; size < csr.size(); ++size) {
    EXPECT_FALSE(read_all_vectors(scratch.put("c.csr", std::string_view(csr).substr(0, size)))) << size;
  }
  EXPECT_FALSE(read_all_vectors(scratch.put("c.csr", csr + "x")));
  EXPECT_FALSE(read_all_vectors(scratch.put("a.ciff", ciff + "x")));
  const std::string json = json_image(documents);
  for (std::size_t size = 0; size < json.size(); ++size) {
    const auto read = read_all_vectors(scratch.put("a.jsonl", std::string_view(json).substr(0, size)));
    const bool at_border = size == 0 || json[size - 1] == '\n' || json[size] == '\n';
    EXPECT_EQ(read.has_value(), at_border) << size;
  }
}

TEST(VectorFiles, any_flipped_bit_gives_an_error_or_lawful_vectors) {
  const Scratch scratch;
  std::mt19937 rng(5);
  Collection documents;
  while (documents.size() < 4) documents = random_collection(rng);
  ASSERT_TRUE(write_csr(scratch.folder() / "b.csr", 9, {random_vector(rng, 9, 8), random_vector(rng, 9, 8)}));
  std::string csr(std::filesystem::file_size(scratch.folder() / "b.csr"), '\0');
  std::ifstream(scratch.folder() / "b.csr", std::ios::binary)
      .read(csr.data(), static_cast<std::streamsize>(csr.size()));
  const std::vector<std::pair<VectorFormat, std::string>> images = {{VectorFormat::kJsonLines, json_image(documents)},
                                                                    {VectorFormat::kCiff, ciff_image(documents)},
                                                                    {VectorFormat::kCsr, csr}};
  for (const auto& [format, image] : images) {
    for (std::size_t bit = 0; bit < image.size() * 8; ++bit) {
      std::string damaged = image;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      expect_lawful(scratch.put("damaged", damaged), format);
    }
  }
}

TEST(VectorFiles, a_csr_header_that_claims_the_world_allocates_nothing) {
  const Scratch scratch;
  for (const std::int64_t rows : {std::int64_t{1} << 60, std::int64_t{-1}, INT64_MAX, std::int64_t{1}}) {
    for (const std::int64_t non_zeros : {std::int64_t{1} << 61, std::int64_t{-8}, std::int64_t{0}}) {
      const std::int64_t header[4] = {rows, 10, non_zeros, 0};
      const auto read = read_all_vectors(scratch.put("a.csr", {reinterpret_cast<const char*>(header), sizeof header}));
      ASSERT_FALSE(read.has_value());
      EXPECT_EQ(read.error().code, Code::kCorrupt);
    }
  }
}

struct BadLine {
  const char* line;
  const char* says;
};
class BadJson : public testing::TestWithParam<BadLine> {};
TEST_P(BadJson, is_an_error_that_names_file_line_and_fault) {
  const Scratch scratch;
  const std::string good = "{\"_id\": 1, \"vector\": {\"a\": 1}}\n\n";
  const auto read = read_all_vectors(scratch.put("q.jsonl", good + GetParam().line + "\n" + good));
  ASSERT_FALSE(read.has_value()) << GetParam().line;
  for (const char* part : {"q.jsonl: line 3", GetParam().says}) {
    EXPECT_NE(read.error().message.find(part), std::string::npos) << read.error().message;
  }
}
INSTANTIATE_TEST_SUITE_P(
    VectorFiles, BadJson,
    testing::Values(BadLine{"{\"_id\": \"x\", \"vector\": {\"a\": -1}}", "\"a\""},
                    BadLine{"{\"_id\": \"x\", \"vector\": {\"a\": NaN}}", "not JSON"},
                    BadLine{"{\"_id\": \"x\", \"vector\": {\"a\": 1e300}}", "\"a\""},
                    BadLine{"{\"_id\": \"x\", \"vector\": {\"a\": 1, \"b\": 2, \"a\": 3}}", "named twice"},
                    BadLine{"{\"_id\": \"x\", \"vector\": {\"a\": \"1\"}}", "no number"},
                    BadLine{"{\"_id\": \"x\", \"vector\": [1, 2]}", "no \"vector\""},
                    BadLine{"{\"_id\": \"x\"}", "no \"vector\""}, BadLine{"{\"vector\": {}}", "no \"_id\""},
                    BadLine{"{\"_id\": 1.5, \"vector\": {}}", "the id"}, BadLine{"[1]", "not a JSON object"},
                    BadLine{"{\"_id\": \"x\", \"vector\": {\"a\": 1}} {}", "not JSON"},
                    BadLine{"{\"_id\": \"\xff\", \"vector\": {}}", "not JSON"}, BadLine{"nonsense", "not JSON"}));

TEST(VectorFiles, json_nested_ten_thousand_deep_is_an_error) {
  const Scratch scratch;
  EXPECT_FALSE(read_all_vectors(scratch.put("a.jsonl", std::string(10000, '[') + std::string(10000, ']'))));
  EXPECT_FALSE(read_all_vectors(scratch.put("b.jsonl", "{\"a\":" + std::string(1000000, '['))));
}

TEST(VectorFiles, json_numbers_as_ids_zeros_and_both_names_of_the_id) {
  const Scratch scratch;
  const auto read =
      read_all_vectors(scratch.put("a.jsonl",
                                   "{\"id\": 18446744073709551615, \"vector\": {\"a\": 0, \"b\": 2.5}}\r\n"
                                   "{\"vector\": {}, \"id\": \"other\", \"_id\": -4}"))
          .value();
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].id, "18446744073709551615");
  ASSERT_EQ(read[0].named_terms.size(), 1U);
  EXPECT_EQ(read[0].named_terms[0], (std::pair<std::string, float>("b", 2.5F)));
  EXPECT_EQ(read[1].id, "-4");
}

std::string raw_csr(const std::vector<std::int64_t>& pointers, std::int64_t columns,
                    const std::vector<std::int32_t>& terms, const std::vector<float>& weights) {
  std::string out;
  const auto put = [&](const auto& value) { out.append(reinterpret_cast<const char*>(&value), sizeof value); };
  put(static_cast<std::int64_t>(pointers.size()) - 1);
  put(columns);
  put(static_cast<std::int64_t>(terms.size()));
  for (const auto p : pointers) put(p);
  for (const auto t : terms) put(t);
  for (const auto w : weights) put(w);
  return out;
}

TEST(VectorFiles, csr_faults_are_named_by_row) {
  const Scratch scratch;
  const auto fault = [&](const std::string& image, const std::string& says) {
    const auto read = read_all_vectors(scratch.put("x.csr", image));
    ASSERT_FALSE(read.has_value()) << says;
    EXPECT_NE(read.error().message.find(says), std::string::npos) << read.error().message;
  };
  fault(raw_csr({0, 1, 2}, 5, {1, 5}, {1, 1}), "row 1: column 5");
  fault(raw_csr({0, 1, 2}, 5, {1, -2}, {1, 1}), "row 1: column -2");
  fault(raw_csr({0, 2}, 5, {3, 3}, {1, 1}), "row 0: vector: term 3 is named twice");
  fault(raw_csr({0, 1}, 5, {3}, {-1}), "row 0: vector: term 3");
  fault(raw_csr({0, 1}, 5, {3}, {std::nanf("")}), "row 0: vector: term 3");
  fault(raw_csr({0, 2, 1}, 5, {3, 4}, {1, 1}), "row 1: row pointers");
  fault(raw_csr({1, 2}, 5, {3, 4}, {1, 1}), "row 0 begins");
  fault(raw_csr({0, 1}, 5, {3, 4}, {1, 1}), "last row ends");
  fault(raw_csr({0, 3}, 5, {3, 4}, {1, 1}), "row 0: row pointers");
  const auto unsorted = read_all_vectors(scratch.put("x.csr", raw_csr({0, 3}, 5, {4, 1, 2}, {1, 0, 3}))).value();
  EXPECT_EQ(unsorted[0].vector.terms, (std::vector<TermId>{2, 4}));
  (void)scratch.put("x.csr.ids", "a\n");
  fault(raw_csr({0, 1, 2}, 5, {1, 2}, {1, 1}), "x.csr.ids: no id in line 2");
  (void)scratch.put("x.csr.ids", "a\nb\nc\n");
  fault(raw_csr({0, 1, 2}, 5, {1, 2}, {1, 1}), "x.csr.ids: more lines");
}

TEST(VectorFiles, csr_is_written_only_from_lawful_rows) {
  const Scratch scratch;
  const auto path = scratch.folder() / "w.csr";
  EXPECT_FALSE(write_csr(path, 3, {SparseVector{{3}, {1}}}));
  EXPECT_FALSE(write_csr(path, 3, {SparseVector{{1, 0}, {1, 1}}}));
  EXPECT_FALSE(write_csr(path, 3, {SparseVector{{1}, {0}}}));
  EXPECT_FALSE(write_csr(path, 1ULL << 32, {}));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(VectorFiles, ciff_faults_are_named) {
  const Scratch scratch;
  const auto header = [](std::uint64_t lists, std::uint64_t docs) {
    return delimited(pb_number(1, 1) + pb_number(2, lists) + pb_number(3, docs) + pb_bytes(8, std::string(60, '-')));
  };
  const auto list = [](std::string_view term, std::uint64_t df, const std::string& postings) {
    return delimited(pb_bytes(1, term) + pb_number(2, df) + postings);
  };
  const auto posting = [](std::uint64_t doc, std::uint64_t tf) {
    return pb_bytes(4, pb_number(1, doc) + pb_number(2, tf));
  };
  const std::string records = delimited(pb_bytes(2, "a")) + delimited(pb_number(1, 1) + pb_bytes(2, "b"));
  const auto fault = [&](const std::string& image, const std::string& says) {
    const auto read = read_all_vectors(scratch.put("x.ciff", image));
    ASSERT_FALSE(read.has_value()) << says;
    EXPECT_NE(read.error().message.find(says), std::string::npos) << read.error().message;
  };
  ASSERT_TRUE(
      read_all_vectors(scratch.put("x.ciff", header(1, 2) + list("t", 2, posting(0, 1) + posting(1, 2)) + records)));
  fault(header(1, 2) + list("t", 2, posting(1, 1) + posting(0, 2)) + records, "named twice");
  fault(header(1, 2) + list("t", 2, posting(0, 1) + posting(2, 2)) + records, "document 2 of 2");
  fault(header(1, 2) + list("t", 1, posting(0, 1) + posting(1, 2)) + records, "df says 1");
  fault(header(1, 2) + list("t", 1, posting(0, 0)) + records, "tf 0");
  fault(header(2, 2) + list("t", 1, posting(0, 1)) + list("t", 1, posting(0, 1)) + records, "two lists");
  fault(header(0, 2) + delimited(pb_bytes(2, "a")) + delimited(pb_bytes(2, "b")), "docid 0");
  fault(header(0, 2) + delimited(pb_bytes(2, "a")) + delimited(pb_number(1, 1)), "collection_docid");
  fault(header(1000000, 2), "too many");
  fault(delimited(pb_number(1, 2)), "CIFF version 2");
  fault(header(1, 2) + delimited(pb_varint(1 << 3 | 3)), "wire type 3");
  fault(header(1, 2) + list("t", 1, posting(UINT64_MAX, 1)) + records, "docid is no number");
  fault(std::string(12, '\xff'), "too long");
}

TEST(VectorFiles, what_is_no_vector_file_is_refused_with_its_name) {
  const Scratch scratch;
  EXPECT_EQ(read_all_vectors(scratch.folder() / "absent").error().code, Code::kNotFound);
  EXPECT_FALSE(read_all_vectors(scratch.folder()));
  const auto image = read_all_vectors(scratch.put("picture", "\x89PNG\r\n"));
  EXPECT_EQ(image.error().code, Code::kUnsupported);
  EXPECT_EQ(read_all_vectors(scratch.put("a", " \n{\"id\": 1, \"vector\": {}}")).value().size(), 1U);
  EXPECT_EQ(read_all_vectors(scratch.put("b", raw_csr({0, 1}, 5, {3}, {1}))).value().size(), 1U);
  EXPECT_TRUE(read_all_vectors(scratch.put("empty", "")).value().empty());
}

TEST(VectorFiles, json_lines_come_by_a_pipe_too) {
  const Scratch scratch;
  const auto path = scratch.folder() / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::string lines;
  for (int i = 0; i < 20000; ++i) lines += "{\"id\": " + std::to_string(i) + ", \"vector\": {\"word\": 1}}\n";
  std::thread writer([&] { std::ofstream(path) << lines; });
  const auto read = read_all_vectors(path);
  writer.join();
  EXPECT_EQ(read->size(), 20000U);
}

TEST(VectorFiles, an_error_of_the_receiver_stops_and_passes_unchanged) {
  const Scratch scratch;
  int seen = 0;
  const auto status =
      read_vector_file(scratch.put("a.jsonl", "{\"id\": 1, \"vector\": {}}\n{\"id\": 2, \"vector\": {}}\n"),
                       VectorFormat::kAuto, [&](NamedVector&&) -> Status {
                         ++seen;
                         return Error{Code::kCancelled, "enough"};
                       });
  EXPECT_EQ(seen, 1);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().message, "enough");
}

}  // namespace
}  // namespace tamis::sparse
