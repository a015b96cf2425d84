// The files of numbered rows that other programs write: Seismic's documents.bin and SciPy's .npz.
#include <gtest/gtest.h>
#include <tamis/sparse/vector_files.h>
#include <zip.h>

#include <cmath>
#include <random>

#include "random_vectors.h"
#include "vector_file_images.h"

namespace tamis::sparse {
namespace {

/// scipy.sparse.save_npz(csr_matrix([[0, 1.5, 0, 2], [0, 0, 0, 0], [0.25, 0, 3, 0]], float32)), SciPy 1.17, base64.
constexpr std::string_view kScipyFile =
    "UEsDBC0AAAAIAAAAIQDoG9Rs//////////8LABQAaW5kaWNlcy5ucHkBABAAkAAAAAAAAABOAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG"
    "6TaaKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GiY6mjoKtQoUAC5GBgYGZgYIYAJiAFBLAwQtAAAACAAAACEAt55XPv//////////"
    "CgAUAGluZHB0ci5ucHkBABAAkAAAAAAAAABMAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaKuo6Cell9UUpSYF59flJIKEndLzClOBY"
    "oXZyQWpAL5GiY6mjoKtQoUAC4GIGCCYhYgBgBQSwMELQAAAAgAAAAhAKPDdJf//////////woAFABmb3JtYXQubnB5AQAQAIMAAAAAAAAARQAA"
    "AAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBeE2ysrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqaOgq1ChQBruTiIgBQSwMELQAAAA"
    "gAAAAhAOjQ06j//////////wkAFABzaGFwZS5ucHkBABAAkAAAAAAAAABKAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaGuo6Cell9U"
    "UpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC5mBghggdIAUEsDBC0AAAAIAAAAIQAoXJ2I//////////8IABQAZGF0YS5ucHkBAB"
    "AAkAAAAAAAAABTAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GiY6mjoKtQoU"
    "AC4GhgP2DAwMDgwMDXZAygEAUEsBAi0DLQAAAAgAAAAhAOgb1GxOAAAAkAAAAAsAAAAAAAAAAAAAAIABAAAAAGluZGljZXMubnB5UEsBAi0DLQ"
    "AAAAgAAAAhALeeVz5MAAAAkAAAAAoAAAAAAAAAAAAAAIABiwAAAGluZHB0ci5ucHlQSwECLQMtAAAACAAAACEAo8N0l0UAAACDAAAACgAAAAAA"
    "AAAAAAAAgAETAQAAZm9ybWF0Lm5weVBLAQItAy0AAAAIAAAAIQDo0NOoSgAAAJAAAAAJAAAAAAAAAAAAAACAAZQBAABzaGFwZS5ucHlQSwECLQ"
    "MtAAAACAAAACEAKFydiFMAAACQAAAACAAAAAAAAAAAAAAAgAEZAgAAZGF0YS5ucHlQSwUGAAAAAAUABQAWAQAApgIAAAAA";

std::string from_base64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0, held = 0;
  for (const char c : text) {
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos) break;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out.push_back(static_cast<char>(bits >> held));
  }
  return out;
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

std::string seismic_image(const std::vector<SparseVector>& rows) {
  std::string out = bytes_of(std::vector<std::uint32_t>{static_cast<std::uint32_t>(rows.size())});
  for (const auto& row : rows) {
    out += bytes_of(std::vector<std::uint32_t>{static_cast<std::uint32_t>(row.size())});
    out += bytes_of(row.terms) + bytes_of(row.weights);
  }
  return out;
}

std::string npy(std::string_view type, std::string_view shape, std::string_view items, int version = 1) {
  std::string text = "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': " + std::string(shape) +
                     ", }                    \n";
  std::string out = "\x93NUMPY";
  out.push_back(static_cast<char>(version));
  out.push_back('\0');
  out.push_back(static_cast<char>(text.size()));
  out.append(version == 1 ? 1 : 3, '\0');
  return out + text + std::string(items);
}

/// The members of a .npz file, which a test may spoil.
using Members = std::map<std::string, std::string>;

template <class Pointer = std::int32_t, class Weight = float>
Members members_of(const std::vector<SparseVector>& rows, std::uint64_t columns) {
  std::vector<Pointer> pointers = {0}, indices;
  std::vector<Weight> weights;
  for (const auto& row : rows) {
    for (const TermId term : row.terms) indices.push_back(static_cast<Pointer>(term));
    for (const float weight : row.weights) weights.push_back(static_cast<Weight>(weight));
    pointers.push_back(static_cast<Pointer>(indices.size()));
  }
  const auto length = [](std::size_t n) { return "(" + std::to_string(n) + ",)"; };
  const std::string index_type = "<i" + std::to_string(sizeof(Pointer));
  const std::string type = (std::is_floating_point_v<Weight> ? "<f" : "<u") + std::to_string(sizeof(Weight));
  return {{"format.npy", npy("|S3", "()", "csr")},
          {"shape.npy", npy("<i8", "(2,)", bytes_of(std::vector<std::uint64_t>{rows.size(), columns}))},
          {"indptr.npy", npy(index_type, length(pointers.size()), bytes_of(pointers))},
          {"indices.npy", npy(index_type, length(indices.size()), bytes_of(indices))},
          {"data.npy", npy(type, length(weights.size()), bytes_of(weights))}};
}

void write_zip(const std::filesystem::path& path, const Members& members) {
  int code = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
  ASSERT_NE(archive, nullptr);
  for (const auto& [name, content] : members) {
    ASSERT_GE(zip_file_add(archive, name.c_str(), zip_source_buffer(archive, content.data(), content.size(), 0), 0), 0);
  }
  ASSERT_EQ(zip_close(archive), 0);
}

std::vector<SparseVector> random_rows(std::mt19937& rng, std::uint32_t columns) {
  std::vector<SparseVector> rows(rng() % 10);
  for (auto& row : rows) row = random_vector(rng, columns, 9);
  return rows;
}

void expect_rows(const Result<std::vector<NamedVector>>& read, const std::vector<SparseVector>& wanted,
                 const std::string& where) {
  ASSERT_TRUE(read.has_value()) << where << ": " << read.error().message;
  ASSERT_EQ(read->size(), wanted.size()) << where;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ((*read)[i].id, std::to_string(i)) << where;
    EXPECT_EQ((*read)[i].vector.terms, wanted[i].terms) << where << " row " << i;
    EXPECT_EQ((*read)[i].vector.weights, wanted[i].weights) << where << " row " << i;
  }
}

void expect_fault(const Result<std::vector<NamedVector>>& read, const std::string& says) {
  ASSERT_FALSE(read.has_value()) << says;
  EXPECT_NE(read.error().message.find(says), std::string::npos) << read.error().message;
}

void expect_lawful_or_error(const Result<std::vector<NamedVector>>& read) {
  if (!read) {
    EXPECT_FALSE(read.error().message.empty());
    return;
  }
  for (const auto& [id, names, vector] : *read) {
    for (std::size_t i = 0; i < vector.size(); ++i) {
      EXPECT_TRUE(std::isfinite(vector.weights[i]) && vector.weights[i] > 0);
      EXPECT_TRUE(i == 0 || vector.terms[i - 1] < vector.terms[i]);
    }
  }
}

TEST(MatrixFiles, seismic_and_npz_give_back_random_rows_by_format_and_by_content) {
  const Scratch scratch;
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    std::mt19937 rng(seed);
    const std::uint32_t columns = 1 + static_cast<std::uint32_t>(rng() % 50);
    const auto rows = random_rows(rng, columns);
    const std::string where = "seed=" + std::to_string(seed);
    const auto seismic = scratch.put("documents.bin", seismic_image(rows));
    expect_rows(read_all_vectors(seismic, VectorFormat::kSeismic), rows, where);
    expect_rows(read_all_vectors(seismic), rows, where);
    const auto npz = scratch.folder() / (seed % 2 == 0 ? "a.npz" : "a");
    write_zip(npz, seed % 3 == 0 ? members_of<std::int64_t, double>(rows, columns) : members_of(rows, columns));
    expect_rows(read_all_vectors(npz, VectorFormat::kNpz), rows, where);
    expect_rows(read_all_vectors(npz), rows, where);
  }
}

TEST(MatrixFiles, a_file_of_scipy_is_read) {
  const Scratch scratch;
  const std::vector<SparseVector> wanted = {{{1, 3}, {1.5F, 2}}, {}, {{0, 2}, {0.25F, 3}}};
  const std::string image = from_base64(kScipyFile);
  ASSERT_EQ(image.size(), 978U);
  expect_rows(read_all_vectors(scratch.put("scipy", image)), wanted, "scipy");
}

TEST(MatrixFiles, whole_numbers_and_later_npy_versions_are_read) {
  const Scratch scratch;
  const std::vector<SparseVector> rows = {{{1, 4}, {2, 255}}, {{0}, {7}}};
  const auto path = scratch.folder() / "a.npz";
  write_zip(path, members_of<std::int32_t, std::uint8_t>(rows, 5));
  expect_rows(read_all_vectors(path), rows, "u1");
  write_zip(path, members_of<std::int64_t, std::uint64_t>(rows, 5));
  expect_rows(read_all_vectors(path), rows, "u8");
  for (const int version : {2, 3}) {
    auto members = members_of(rows, 5);
    members["shape.npy"] = npy("<i8", "(2,)", bytes_of(std::vector<std::int64_t>{2, 5}), version);
    write_zip(path, members);
    expect_rows(read_all_vectors(path), rows, "version " + std::to_string(version));
  }
}

TEST(MatrixFiles, ids_stand_in_a_file_beside) {
  const Scratch scratch;
  const std::vector<SparseVector> rows = {{{1}, {2}}, {{0}, {7}}};
  (void)scratch.put("a.npz.ids", "first\nsecond one\n");
  (void)scratch.put("d.bin.ids", "first\nsecond one\n");
  write_zip(scratch.folder() / "a.npz", members_of(rows, 5));
  for (const auto& path : {scratch.folder() / "a.npz", scratch.put("d.bin", seismic_image(rows))}) {
    const auto read = read_all_vectors(path).value();
    EXPECT_EQ(read[1].id, "second one");
  }
  (void)scratch.put("a.npz.ids", "first\n");
  expect_fault(read_all_vectors(scratch.folder() / "a.npz"), "a.npz.ids: no id in line 2");
  (void)scratch.put("d.bin.ids", "1\n2\n3\n");
  expect_fault(read_all_vectors(scratch.folder() / "d.bin"), "d.bin.ids: more lines than the 2 rows");
}

TEST(MatrixFiles, seismic_faults_are_named_by_row) {
  const Scratch scratch;
  const auto read = [&](const std::string& image) {
    return read_all_vectors(scratch.put("x.bin", image), VectorFormat::kSeismic);
  };
  const SparseVector good{{1, 3}, {1, 2}};
  expect_fault(read(seismic_image({good, {{1}, {-1}}})), "x.bin: row 1: vector: term 1 has weight -1");
  expect_fault(read(seismic_image({good, {{1}, {std::nanf("")}}})), "row 1: vector: term 1");
  expect_fault(read(seismic_image({{{3, 3}, {1, 2}}})), "row 0: vector: term 3 is named twice");
  expect_fault(read(seismic_image({{{1U << 31}, {1}}})), "row 0: term 2147483648");
  expect_fault(read(seismic_image({good}) + "x"), "1 bytes after the last vector");
  expect_fault(read(bytes_of(std::vector<std::uint32_t>{0xFFFFFFFF, 0})), "4294967295 vectors, too many");
  expect_fault(read(bytes_of(std::vector<std::uint32_t>{1, 0xFFFFFFFF, 0, 0})), "row 0: 4294967295 entries");
  const auto unsorted = read(seismic_image({{{4, 1, 2}, {1, 0, 3}}})).value();
  EXPECT_EQ(unsorted[0].vector.terms, (std::vector<TermId>{2, 4}));
}

TEST(MatrixFiles, npz_faults_are_named) {
  const Scratch scratch;
  const std::vector<SparseVector> rows = {{{1, 4}, {2, 3}}, {{0}, {7}}};
  const auto fault = [&](const std::string& member, const std::string& content, const std::string& says) {
    auto members = members_of(rows, 5);
    if (content.empty()) members.erase(member);
    if (!content.empty()) members[member] = content;
    const auto path = scratch.folder() / "x.npz";
    write_zip(path, members);
    expect_fault(read_all_vectors(path), says);
  };
  const auto numbers = [](const std::vector<std::int32_t>& values) {
    return npy("<i4", "(" + std::to_string(values.size()) + ",)", bytes_of(values));
  };
  const auto weights = [](const std::vector<float>& values) {
    return npy("<f4", "(" + std::to_string(values.size()) + ",)", bytes_of(values));
  };
  for (const char* name : {"format", "shape", "indptr", "indices", "data"}) {
    fault(std::string(name) + ".npy", "", "x.npz: no array " + std::string(name) + ".npy");
    fault(std::string(name) + ".npy", "no array", std::string(name) + ": cut off");
    fault(std::string(name) + ".npy", "certainly not an array", "not a .npy array");
  }
  fault("format.npy", npy("|S3", "()", "csc"), "in the format \"csc\" (wanted csr");
  fault("shape.npy", npy("<i8", "(3,)", std::string(24, '\0')), "shape ()");
  fault("shape.npy", npy("<i8", "(2,)", bytes_of(std::vector<std::int64_t>{2, -5})), "shape (2, -5)");
  fault("shape.npy", npy("<i8", "(2,)", bytes_of(std::vector<std::int64_t>{3, 5})), "wanted 4 pointers");
  fault("shape.npy", npy("<i8", "(2,)", bytes_of(std::vector<std::int64_t>{INT64_MAX, 5})),
        "wanted 9223372036854775808");
  fault("indptr.npy", numbers({0, 2, 2}), "the last row ends at 2 (wanted 3)");
  fault("indptr.npy", numbers({0, 3, 1}), "row 1: row pointers 3 to 1");
  fault("indptr.npy", numbers({0, 4, 4}), "row 0: row pointers 0 to 4");
  fault("indptr.npy", numbers({1, 2, 3}), "row 0 begins at 1");
  fault("indptr.npy", npy("<i4", "(3,)", bytes_of(std::vector<std::int32_t>{0, 2})), "indptr: cut off");
  fault("indptr.npy", npy(">i4", "(3,)", std::string(12, '\0')), "indptr: items of type >i4 (wanted little-endian i4");
  fault("indptr.npy", npy("<f4", "(3,)", std::string(12, '\0')), "indptr: items of type <f4");
  fault("indptr.npy", npy("<i4", "(3, 1)", std::string(12, '\0')), "indptr: 2 dimensions");
  fault("indices.npy", numbers({1, 5, 0}), "row 0: column 5 (wanted 0 to 5)");
  fault("indices.npy", numbers({1, -1, 0}), "row 0: column -1");
  fault("indices.npy", numbers({1, 1, 0}), "row 0: vector: term 1 is named twice");
  fault("indices.npy", numbers({1, 4, 0}) + "more", "indices: more bytes");
  fault("data.npy", weights({1, -2, 0}), "row 0: vector: term 4 has weight -2");
  fault("data.npy", weights({1, 2, std::nanf("")}), "row 1: vector: term 0 has weight nan");
  fault("data.npy", weights({1, 2}), "3 columns and 2 weights");
  fault("data.npy", npy("<f8", "(3,)", bytes_of(std::vector<double>{1, 1e300, 1})),
        "row 0: vector: term 4 has weight inf");
  fault("data.npy", npy("|O", "(3,)", ""), "items of type \"|O\"");
  fault("data.npy", npy("<c8", "(3,)", ""), "items of type \"<c8\"");
}

TEST(MatrixFiles, cut_files_are_errors) {
  const Scratch scratch;
  std::mt19937 rng(3);
  std::vector<SparseVector> rows;
  while (rows.size() < 4) rows = random_rows(rng, 20);
  const std::string seismic = seismic_image(rows);
  for (std::size_t size = 0; size < seismic.size(); ++size) {
    EXPECT_FALSE(read_all_vectors(scratch.put("x", std::string_view(seismic).substr(0, size)), VectorFormat::kSeismic))
        << size;
  }
  const std::string npz = from_base64(kScipyFile);
  for (std::size_t size = 0; size < npz.size(); ++size) {
    EXPECT_FALSE(read_all_vectors(scratch.put("x", std::string_view(npz).substr(0, size)), VectorFormat::kNpz)) << size;
  }
}

TEST(MatrixFiles, flipped_bits_give_an_error_or_lawful_vectors) {
  const Scratch scratch;
  std::mt19937 rng(4);
  std::vector<SparseVector> rows;
  while (rows.size() < 4) rows = random_rows(rng, 20);
  const std::vector<std::pair<VectorFormat, std::string>> images = {{VectorFormat::kSeismic, seismic_image(rows)},
                                                                    {VectorFormat::kNpz, from_base64(kScipyFile)}};
  for (const auto& [format, image] : images) {
    const std::size_t step = image.size() < 400 ? 1 : 5;  // 5: all bits of a byte in turn
    for (std::size_t bit = 0; bit < image.size() * 8; bit += step) {
      std::string damaged = image;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      const auto path = scratch.put("damaged", damaged);
      expect_lawful_or_error(read_all_vectors(path, format));
      expect_lawful_or_error(read_all_vectors(path));
    }
  }
}

}  // namespace
}  // namespace tamis::sparse
