#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <random>

#include "decompress.h"
#include "reading.h"

namespace tamis::docs {
namespace {

std::string gzip(std::string_view text, int level = 6) {
  z_stream zlib{};
  deflateInit2(&zlib, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&zlib, text.size()) + 64, '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  zlib.avail_in = static_cast<uInt>(text.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&zlib, Z_FINISH), Z_STREAM_END);
  out.resize(zlib.total_out);
  deflateEnd(&zlib);
  return out;
}

std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

Result<std::string> undone(std::string_view bytes, std::size_t step = 1000, std::uint64_t limit = 1U << 26U) {
  TAMIS_TRY(const auto stream, undo_compression(std::make_unique<MemoryStream>(bytes, step)));
  return read_all(*stream, limit);
}

std::string random_text(std::mt19937& rng, std::size_t size) {
  std::string text(size, '\0');
  for (auto& c : text) c = "abcdefgh \n"[rng() % 10];
  return text;
}

TEST(Streams, what_was_compressed_comes_back_whatever_the_steps) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 rng(seed);
    const std::string text = random_text(rng, seed < 20 ? seed : rng() % 30000), more = random_text(rng, rng() % 1000);
    const std::size_t step = 1 + rng() % (seed % 2 == 0 ? 20 : 100000);
    EXPECT_EQ(undone(text, step).value(), text) << "seed " << seed;
    EXPECT_EQ(undone(gzip(text), step).value(), text) << "seed " << seed;
    EXPECT_EQ(undone(zstd(text), step).value(), text) << "seed " << seed;
    EXPECT_EQ(undone(gzip(text) + gzip(more), step).value(), text + more) << "members, seed " << seed;
    EXPECT_EQ(undone(zstd(text) + zstd(more), step).value(), text + more) << "frames, seed " << seed;
    EXPECT_EQ(undone(gzip(text) + std::string(512, '\0'), step).value(), text) << "padding, seed " << seed;
    const std::string skippable("\x50\x2A\x4D\x18\x03\0\0\0abc", 11);
    EXPECT_EQ(undone(skippable + zstd(text), step).value(), text) << "skippable frame, seed " << seed;
  }
}

TEST(Streams, cut_or_damaged_data_is_an_error_never_a_wrong_end) {
  std::mt19937 rng(1);
  const std::string text = random_text(rng, 5000);
  for (const std::string& packed : {gzip(text), zstd(text)}) {
    for (std::size_t length = 5; length < packed.size(); ++length) {
      const auto result = undone(std::string_view(packed).substr(0, length));
      ASSERT_FALSE(result.has_value()) << length << " of " << packed.size();
      ASSERT_EQ(result.error().code, Code::kCorrupt);
    }
    for (std::size_t at = 0; at < packed.size(); ++at) {
      std::string flipped = packed;
      flipped[at] = static_cast<char>(flipped[at] ^ static_cast<char>(1U << (at % 8)));
      const auto result = undone(flipped);  // zstd's default frames carry no checksum: the text may differ
      if (result && packed[0] == '\x1F' && at > 9) {
        EXPECT_EQ(*result, text) << at;
      }
    }
  }
}

TEST(Streams, bombs_end_at_the_limit) {
  const std::string zeros(std::size_t{80} << 20U, 'a');
  for (const std::string& bomb : {gzip(zeros, 9), zstd(zeros)}) {
    ASSERT_LT(bomb.size(), 150000U);
    const auto result = undone(bomb, 1U << 16U, 1U << 20U);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Code::kExhausted);
    const auto file = std::filesystem::path(testing::TempDir()) / "tamis_bomb.txt";
    std::ofstream(file, std::ios::binary) << bomb;
    const auto outcome = read_document_file(file, {}, [](ExtractedDocument&&) { return ok(); });
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, Code::kExhausted);
    std::filesystem::remove(file);
  }
}

TEST(Streams, compression_is_undone_once) {
  for (const std::string& inner : {gzip("text"), zstd("text")}) {
    for (const std::string& twice : {gzip(inner), zstd(inner)}) {
      const auto result = undone(twice);
      ASSERT_FALSE(result.has_value());
      EXPECT_EQ(result.error().code, Code::kUnsupported);
      EXPECT_EQ(result.error().message, "compressed more than once");
    }
  }
}

TEST(Streams, a_huge_zstd_window_is_refused) {
  // A frame header that asks for a window of 2 GiB.
  const auto result = undone(std::string("\x28\xB5\x2F\xFD\x00\xA8\x01\x00\x00", 9));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Code::kExhausted) << result.error().message;
}

TEST(Streams, read_all_takes_the_limit_exactly) {
  const std::string text(1000, 'x');
  for (const std::uint64_t limit : {std::uint64_t{1000}, std::uint64_t{1001}, ~std::uint64_t{0}}) {
    MemoryStream stream(text, 7);
    EXPECT_EQ(read_all(stream, limit).value(), text);
  }
  MemoryStream stream(text, 7);
  EXPECT_EQ(read_all(stream, 999).error().code, Code::kExhausted);
  MemoryStream empty("");
  EXPECT_EQ(read_all(empty, 0).value(), "");
}

TEST(Streams, only_regular_files_are_opened) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "tamis_streams_test";
  std::filesystem::create_directories(folder);
  const auto pipe = folder / "pipe";
  ::unlink(pipe.c_str());
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(open_stream(pipe).error().code, Code::kUnsupported);
  EXPECT_EQ(open_stream(folder).error().code, Code::kUnsupported);
  EXPECT_EQ(open_stream(std::filesystem::path("/dev/zero")).error().code, Code::kUnsupported);
  EXPECT_EQ(open_stream(folder / "none").error().code, Code::kNotFound);
  const auto file = folder / "packed.txt";
  std::ofstream(file, std::ios::binary) << gzip("by content, not by name");
  EXPECT_EQ(read_all(*open_stream(file).value(), 100).value(), "by content, not by name");
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(read_all(*open_stream(descriptor).value(), 100).value(), "by content, not by name");
  ::close(descriptor);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tamis::docs
