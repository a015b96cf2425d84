#include <gtest/gtest.h>
#include <tamis/base/section_file.h>
#include <tamis/store/text_file.h>

#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "sql/child_process.h"
#include "text_format.h"

namespace tamis::store {
namespace {

using tamis::test::TempFolder;

std::string random_text(std::mt19937& rng, std::size_t bytes) {
  static const char* const kWords[] = {"sieve ", "block ", "ÄÖ", "\n", "passage ", "tamis", "7"};
  std::string text;
  while (text.size() < bytes) {
    if (rng() % 5 == 0) {
      text += static_cast<char>(rng());
    } else {
      text += kWords[rng() % 7];
    }
  }
  text.resize(bytes);
  return text;
}

void write(const std::filesystem::path& path, std::string_view stream) {
  auto writer = TextWriter::create(path).value();
  EXPECT_EQ(writer.append(stream).value(), 0U);
  ASSERT_TRUE(writer.finish());
}
std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void spill(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

TEST(TextFile, any_range_of_what_was_appended_comes_back) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    const TempFolder folder;
    std::mt19937 rng(seed);
    std::string stream;
    auto writer = TextWriter::create(folder / "a.text").value();
    for (auto i = rng() % 12; i > 0; --i) {
      const std::size_t sizes[] = {
          0, 1, 100, kTextBlockBytes - 1, kTextBlockBytes, kTextBlockBytes + 1, 3 * kTextBlockBytes + 7};
      const auto text = random_text(rng, sizes[rng() % 7]);
      ASSERT_EQ(writer.append(text).value(), stream.size()) << "seed=" << seed;
      stream += text;
    }
    EXPECT_FALSE(std::filesystem::exists(folder / "a.text")) << "the file appears when it is finished";
    ASSERT_TRUE(writer.finish());
    EXPECT_FALSE(writer.append("more"));
    EXPECT_FALSE(writer.finish());
    const auto file = TextFile::open(folder / "a.text").value();
    ASSERT_EQ(file.num_bytes(), stream.size());
    ASSERT_TRUE(file.verify());
    ASSERT_EQ(file.read(0, stream.size()).value(), stream);
    for (int i = 0; i < 40; ++i) {
      const auto offset = rng() % (stream.size() + 1);
      const auto bytes = rng() % (std::min<std::size_t>(stream.size() - offset, 70000) + 1);
      ASSERT_EQ(file.read(offset, bytes).value(), stream.substr(offset, bytes)) << "seed=" << seed;
    }
  }
}

TEST(TextFile, a_range_outside_is_an_invalid_argument) {
  const TempFolder folder;
  write(folder / "a.text", "twelve bytes");
  const auto file = TextFile::open(folder / "a.text").value();
  EXPECT_EQ(file.read(12, 0).value(), "");
  EXPECT_EQ(file.read(0, 13).error().code, Code::kInvalidArgument);
  EXPECT_EQ(file.read(13, 0).error().code, Code::kInvalidArgument);
  EXPECT_EQ(file.read(1, ~std::uint64_t{0}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(TextFile::open(folder / "none.text").error().code, Code::kNotFound);
}

TEST(TextFile, text_that_repeats_takes_a_fraction_of_its_length) {
  const TempFolder folder;
  std::string stream;
  while (stream.size() < 300000) stream += "how do I rotate a log file " + std::to_string(stream.size()) + "\n";
  write(folder / "a.text", stream);
  EXPECT_LT(std::filesystem::file_size(folder / "a.text"), stream.size() / 4);
}

TEST(TextFile, a_flipped_bit_is_an_error_or_an_unchanged_answer) {
  const TempFolder folder;
  std::mt19937 rng(1);
  const auto stream = random_text(rng, kTextBlockBytes + 3000).substr(0, kTextBlockBytes + 500);
  write(folder / "good.text", stream);
  const auto image = slurp(folder / "good.text");
  std::size_t found = 0;
  std::size_t tried = 0;
  for (std::size_t bit = 0; bit < image.size() * 8; bit += 8 * 5 + 1, ++tried) {
    auto damaged = image;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    spill(folder / "bad.text", damaged);
    const auto file = TextFile::open(folder / "bad.text");
    if (!file) {
      ++found;
      continue;
    }
    const auto seen = file->read(0, stream.size());
    if (seen) {
      ASSERT_EQ(*seen, stream) << "bit " << bit;
    } else {
      ASSERT_EQ(seen.error().code, Code::kCorrupt) << "bit " << bit;
      ++found;
    }
    EXPECT_FALSE(file->verify()) << "bit " << bit << " is not seen by verify()";
  }
  EXPECT_GT(found, tried * 9 / 10);
}

TEST(TextFile, a_cut_file_is_an_error) {
  const TempFolder folder;
  std::mt19937 rng(2);
  write(folder / "good.text", random_text(rng, 2000));
  const auto image = slurp(folder / "good.text");
  for (std::size_t size = 0; size < image.size(); ++size) {
    spill(folder / "bad.text", std::string_view(image).substr(0, size));
    EXPECT_FALSE(TextFile::open(folder / "bad.text")) << size;
  }
}

/// A file whose checksums are right and whose numbers are what the test says.
void forge(const std::filesystem::path& path, const TextMeta& meta, std::vector<std::uint64_t> offsets,
           std::vector<std::uint64_t> hashes, std::string_view blocks) {
  auto writer = SectionWriter::create(path, kTextFileKind, kTextFileVersion).value();
  ASSERT_TRUE(writer.add<char>(kBlocksSection, std::span(blocks)));
  ASSERT_TRUE(writer.add<std::uint64_t>(kOffsetsSection, offsets));
  ASSERT_TRUE(writer.add<std::uint64_t>(kHashesSection, hashes));
  ASSERT_TRUE(writer.add<TextMeta>(kMetaSection, std::span(&meta, 1)));
  ASSERT_TRUE(writer.finish());
}

TEST(TextFile, numbers_that_contradict_each_other_are_corrupt) {
  const TempFolder folder;
  const auto path = folder / "forged.text";
  const auto code = [&](const TextMeta& meta, std::vector<std::uint64_t> offsets, std::vector<std::uint64_t> hashes) {
    forge(path, meta, std::move(offsets), std::move(hashes), "0123456789");
    const auto file = TextFile::open(path);
    if (!file) return file.error().code;
    const auto text = file->read(0, file->num_bytes());
    return text ? Code::kCancelled : text.error().code;
  };
  const auto huge = ~std::uint64_t{0};
  EXPECT_EQ(code({5, kTextBlockBytes, 1}, {0, 10}, {1}), Code::kCorrupt) << "no zstd frame";
  EXPECT_EQ(code({5, 0, 1}, {0, 10}, {1}), Code::kCorrupt);
  EXPECT_EQ(code({5, 1, 5}, {0, 2, 4, 6, 8, 10}, {1, 2, 3, 4, 5}), Code::kCorrupt) << "another block size";
  EXPECT_EQ(code({huge, kTextBlockBytes, 1}, {0, 10}, {1}), Code::kCorrupt);
  EXPECT_EQ(code({huge, kTextBlockBytes, 0}, {0}, {}), Code::kCorrupt);
  EXPECT_EQ(code({0, kTextBlockBytes, 0}, {0}, {}), Code::kCorrupt) << "bytes that belong to no block";
  EXPECT_EQ(code({0, kTextBlockBytes, 0}, {}, {}), Code::kCorrupt);
  EXPECT_EQ(code({5, kTextBlockBytes, 1}, {0, 11}, {1}), Code::kCorrupt);
  EXPECT_EQ(code({5, kTextBlockBytes, 1}, {1, 10}, {1}), Code::kCorrupt);
  EXPECT_EQ(code({40000, kTextBlockBytes, 2}, {0, huge, 10}, {1, 2}), Code::kCorrupt);
  EXPECT_EQ(code({40000, kTextBlockBytes, 2}, {0, 10}, {1, 2}), Code::kCorrupt);
}

TEST(TextFile, a_writer_that_does_not_finish_leaves_nothing) {
  const TempFolder folder;
  {
    auto writer = TextWriter::create(folder / "a.text").value();
    EXPECT_TRUE(writer.append(std::string(100000, 'x')));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(TextFile, a_full_disk_is_a_clear_error) {
  const TempFolder folder;
  EXPECT_EQ(tamis::test::run_in_child([&]() -> std::string {
              tamis::test::limit_file_size(100 << 10);
              std::mt19937 rng(3);
              std::string noise(4 << 20, ' ');
              for (auto& c : noise) c = static_cast<char>(rng());
              auto writer = TextWriter::create(folder / "a.text").value();
              const auto appended = writer.append(noise);
              const auto code = appended ? writer.finish().error().code : appended.error().code;
              return code == Code::kIo ? "" : std::string(to_string(code));
            }),
            0);
  EXPECT_FALSE(std::filesystem::exists(folder / "a.text"));
}

}  // namespace
}  // namespace tamis::store
