#include <gtest/gtest.h>
#include <tamis/base/section_file.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "scratch_folder.h"
#include "section_format.h"

namespace tamis {
namespace {

using testing::ScratchFolder;

constexpr FileKind kKind = {'T', 'E', 'S', 'T'};
constexpr std::uint64_t kLimit = 1 << 30;

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string text_of(std::span<const std::byte> bytes) {
  std::string text(bytes.size(), '\0');
  if (!bytes.empty()) std::memcpy(text.data(), bytes.data(), bytes.size());
  return text;
}

/// Without syncing, and in place where the size stays: thousands of damaged copies need not survive a power cut.
void overwrite(const std::filesystem::path& path, std::string_view content) {
  const bool in_place = std::filesystem::exists(path) && std::filesystem::file_size(path) == content.size();
  std::ofstream file(path, std::ios::binary | (in_place ? std::ios::in : std::ios::trunc));
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  ASSERT_TRUE(file.flush());
}

void write_sections(const std::filesystem::path& path, const std::vector<std::pair<std::string, std::string>>& sections,
                    std::uint32_t version = 3) {
  auto writer = SectionWriter::create(path, kKind, version).value();
  for (const auto& [name, content] : sections) {
    writer.begin(name).value();
    writer.append(bytes_of(content)).value();
  }
  writer.finish().value();
}

/// The error of opening and verifying, or ok.
Status open_and_verify(const std::filesystem::path& path) {
  TAMIS_TRY(const auto file, SectionFile::open(path, kKind, 1, 9));
  return file.verify();
}

TEST(SectionFile, what_was_written_in_pieces_is_read_back_whole) {
  const ScratchFolder folder;
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    std::mt19937 rng(seed);
    const auto path = folder / "random";
    auto writer = SectionWriter::create(path, kKind, 3).value();
    std::vector<std::pair<std::string, std::string>> expected;
    const std::size_t num_sections = rng() % 8;
    for (std::size_t s = 0; s < num_sections; ++s) {
      const std::string name = std::string(rng() % 29, 'n') + std::to_string(s);
      writer.begin(name).value();
      std::string content;
      for (std::size_t pieces = rng() % 4; pieces > 0; --pieces) {
        std::string piece(rng() % 200, '\0');
        for (char& c : piece) c = static_cast<char>(rng());
        writer.append(bytes_of(piece)).value();
        content += piece;
        ASSERT_EQ(writer.section_bytes(), content.size()) << "seed=" << seed;
      }
      expected.emplace_back(name, content);
    }
    writer.finish().value();
    const auto file = SectionFile::open(path, kKind, 3, 3).value();
    ASSERT_TRUE(file.verify()) << "seed=" << seed;
    ASSERT_EQ(file.version(), 3U);
    ASSERT_EQ(file.size_bytes(), std::filesystem::file_size(path));
    ASSERT_EQ(file.sections().size(), expected.size());
    for (std::size_t s = 0; s < expected.size(); ++s) {
      const auto& [name, content] = expected[s];
      ASSERT_TRUE(file.has(name));
      ASSERT_EQ(text_of(file.bytes(name).value()), content) << "seed=" << seed << " " << name;
      ASSERT_EQ(file.sections()[s].name, name) << "seed=" << seed;
      ASSERT_EQ(file.sections()[s].offset % 64, 0U) << "seed=" << seed;
      ASSERT_TRUE(file.verify(std::vector<std::string_view>{name})) << "seed=" << seed;
    }
    ASSERT_FALSE(file.has("absent"));
    ASSERT_EQ(folder.num_entries(), 1U) << "a temporary file was left, seed=" << seed;
  }
}

TEST(SectionFile, pieces_larger_than_the_write_buffer_arrive_whole) {
  const ScratchFolder folder;
  std::mt19937 rng(7);
  std::string large(5'000'003, '\0');
  for (char& c : large) c = static_cast<char>(rng());
  auto writer = SectionWriter::create(folder / "f", kKind, 1).value();
  writer.begin("a").value();
  std::string expected;
  for (const std::size_t size : {1UL, 1048575UL, 1048576UL, 1048577UL, 1000003UL, 5UL, 5000003UL, 77UL}) {
    writer.append(bytes_of(large).first(size)).value();
    expected += large.substr(0, size);
  }
  writer.add("b", std::span<const std::uint32_t>(std::vector<std::uint32_t>{1, 2, 3})).value();
  writer.finish().value();
  const auto file = SectionFile::open(folder / "f", kKind, 1, 1).value();
  EXPECT_TRUE(file.verify());
  EXPECT_TRUE(text_of(file.bytes("a").value()) == expected);
  EXPECT_EQ(file.array<std::uint32_t>("b").value()[2], 3U);
}

TEST(SectionFile, every_flipped_bit_is_found) {
  const ScratchFolder folder;
  const auto path = folder / "f";
  write_sections(path,
                 {{"docs", "abc"}, {"empty", ""}, {"scores", std::string(70, 'x')}, {"last", std::string(64, '\0')}});
  ASSERT_TRUE(open_and_verify(path));
  const auto original = read_file(path, kLimit).value();
  for (std::size_t bit = 0; bit < original.size() * 8; ++bit) {
    auto damaged = original;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    overwrite(path, damaged);
    const auto status = open_and_verify(path);
    ASSERT_FALSE(status) << "bit " << bit;
    ASSERT_TRUE(status.error().code == Code::kCorrupt || status.error().code == Code::kUnsupported) << "bit " << bit;
    ASSERT_NE(status.error().message.find(path.string()), std::string::npos) << "bit " << bit;
    const bool in_header = bit / 8 < sizeof(detail::FileHeader);
    const bool in_table_or_footer = bit / 8 >= original.size() - 5 * 64;  // four sections
    if (in_header || in_table_or_footer) {
      ASSERT_FALSE(SectionFile::open(path, kKind, 1, 9)) << "open() alone, bit " << bit;
    }
  }
}

TEST(SectionFile, every_cut_and_every_added_byte_is_found_by_open) {
  const ScratchFolder folder;
  const auto path = folder / "f";
  // One section holds a section file: its end, cut off, still has a footer.
  write_sections(path, {{"docs", "abc"}});
  const auto inner = read_file(path, kLimit).value();
  write_sections(path, {{"docs", "abc"}, {"inner", inner}, {"end", inner.substr(0, 100)}});
  const auto original = read_file(path, kLimit).value();
  for (std::size_t size = 0; size < original.size(); ++size) {
    overwrite(path, original.substr(0, size));
    ASSERT_FALSE(SectionFile::open(path, kKind, 1, 9)) << "cut at " << size;
  }
  for (const std::size_t more : {1UL, 63UL, 64UL, 128UL, 4096UL}) {
    overwrite(path, original + std::string(more, '\0'));
    ASSERT_FALSE(SectionFile::open(path, kKind, 1, 9)) << more << " bytes added";
    overwrite(path, original + original.substr(original.size() - std::min(more, original.size())));
    ASSERT_FALSE(SectionFile::open(path, kKind, 1, 9)) << more << " bytes repeated";
  }
}

TEST(SectionFile, added_bytes_that_end_in_a_footer_are_told_by_the_size) {
  const ScratchFolder folder;
  const auto path = folder / "f";
  write_sections(path, {{"docs", "abc"}});
  const auto original = read_file(path, kLimit).value();
  overwrite(path, original + original.substr(original.size() - 64));
  EXPECT_EQ(SectionFile::open(path, kKind, 1, 9).error().message,
            path.string() + ": file has 320 bytes, its footer says 256");
}

/// A file of the sections "a" and "b", 100 bytes each, whose table and footer `change` may falsify; the checksums are
/// then made right again. Only the checks of the layout are left to notice.
template <class Change>
Status open_falsified(const std::filesystem::path& path, const Change& change) {
  write_sections(path, {{"a", std::string(100, 'a')}, {"b", std::string(100, 'b')}});
  auto image = read_file(path, kLimit).value();
  std::array<detail::TableEntry, 2> table;
  detail::FileFooter footer;
  const std::size_t table_at = 64 + 128 + 128;
  std::memcpy(table.data(), image.data() + table_at, sizeof table);
  std::memcpy(&footer, image.data() + table_at + sizeof table, sizeof footer);
  change(table, footer);
  footer.table_checksum = detail::checksum_of(std::as_bytes(std::span(table)));
  footer.checksum = detail::footer_checksum(footer);
  std::memcpy(image.data() + table_at, table.data(), sizeof table);
  std::memcpy(image.data() + table_at + sizeof table, &footer, sizeof footer);
  overwrite(path, image);
  return SectionFile::open(path, kKind, 1, 9) ? ok() : Status(SectionFile::open(path, kKind, 1, 9).error());
}

TEST(SectionFile, a_table_that_lies_under_a_right_checksum_is_refused) {
  const ScratchFolder folder;
  using Table = std::array<detail::TableEntry, 2>;
  using Footer = detail::FileFooter;
  constexpr std::uint64_t kHuge = ~std::uint64_t{0};
  const std::vector<std::pair<std::string, std::function<void(Table&, Footer&)>>> lies = {
      {"a gap before a section", [](Table& t, Footer&) { t[1].offset += 64; }},
      {"sections that overlap", [](Table& t, Footer&) { t[1].offset = 64; }},
      {"sections in another order", [](Table& t, Footer&) { std::swap(t[0], t[1]); }},
      {"a section too long", [](Table& t, Footer&) { t[1].size = 129; }},
      {"a section into the footer", [](Table& t, Footer&) { t[1].size = 128 + 128 + 64; }},
      {"unused bytes before the table", [](Table& t, Footer&) { t[1].size = 64; }},
      {"a size near 2^64", [](Table& t, Footer&) { t[0].size = kHuge; }},
      {"a size that wraps around",
       [](Table& t, Footer&) {
         t[0].size = kHuge - 62;  // ends at byte 1 again
         t[1].offset = 64;
         t[1].size = 256;
       }},
      {"an offset near 2^64", [](Table& t, Footer&) { t[1].offset = kHuge - 63; }},
      {"one name twice", [](Table& t, Footer&) { t[1].name = t[0].name; }},
      {"no name", [](Table& t, Footer&) { t[0].name = {}; }},
      {"a name without end", [](Table& t, Footer&) { t[0].name.fill('n'); }},
      {"something after the name", [](Table& t, Footer&) { t[0].name[3] = 'x'; }},
      {"a reserved word in use", [](Table& t, Footer&) { t[0].reserved = 1; }},
      {"a section less", [](Table&, Footer& f) { f.num_sections = 1; }},
      {"very many sections", [](Table&, Footer& f) { f.num_sections = kHuge / 64; }},
      {"so many sections that their table wraps around",
       [](Table&, Footer& f) { f.num_sections += std::uint64_t{1} << 58; }},
      {"a table that begins before the file",
       [](Table&, Footer& f) {
         f.num_sections = 10;
         f.table_offset -= 8 * 64;
       }},
      {"a table elsewhere", [](Table&, Footer& f) { f.table_offset -= 64; }},
      {"a table beyond the end", [](Table&, Footer& f) { f.table_offset = kHuge - 127; }},
      {"another size of the file", [](Table&, Footer& f) { f.file_bytes += 64; }},
      {"the footer of another file", [](Table&, Footer& f) { f.header_checksum += 1; }},
      {"a reserved word of the footer in use", [](Table&, Footer& f) { f.reserved[1] = 1; }},
  };
  EXPECT_TRUE(open_falsified(folder / "f", [](Table&, Footer&) {})) << "the truth is accepted";
  for (const auto& [name, lie] : lies) {
    const auto status = open_falsified(folder / "f", lie);
    ASSERT_FALSE(status) << name;
    EXPECT_EQ(status.error().code, Code::kCorrupt) << name;
  }
}

TEST(SectionFile, exchanged_blocks_and_overwritten_ranges_are_found) {
  const ScratchFolder folder;
  const auto path = folder / "f";
  write_sections(path, {{"docs", std::string(200, 'd')}, {"scores", std::string(200, 's')}, {"more", "m"}});
  const auto original = read_file(path, kLimit).value();
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 rng(seed);
    auto damaged = original;
    const std::size_t size = 1 + rng() % 128;
    const std::size_t from = rng() % (original.size() - size);
    const std::size_t to = rng() % (original.size() - size);
    damaged.replace(to, size, original, from, size);
    if (damaged == original) continue;
    overwrite(path, damaged);
    ASSERT_FALSE(open_and_verify(path)) << "seed=" << seed;
  }
}

TEST(SectionFile, errors_say_what_was_seen_and_what_was_wanted) {
  const ScratchFolder folder;
  const auto path = folder / "f";
  write_sections(path, {{"docs", "abc"}}, 7);
  const auto version = SectionFile::open(path, kKind, 1, 2).error();
  EXPECT_EQ(version.code, Code::kUnsupported);
  EXPECT_EQ(version.message, path.string() + ": format version 7: this build reads 1 to 2");
  const auto kind = SectionFile::open(path, {'O', 'T', 'H', 'R'}, 1, 9).error();
  EXPECT_EQ(kind.code, Code::kCorrupt);
  EXPECT_EQ(kind.message, path.string() + ": holds 'TEST', wanted 'OTHR'");
  EXPECT_EQ(SectionFile::open(folder / "absent", kKind, 1, 9).error().code, Code::kNotFound);
  EXPECT_EQ(SectionFile::open(folder.path(), kKind, 1, 9).error().code, Code::kInvalidArgument);

  const auto file = SectionFile::open(path, kKind, 7, 7).value();
  EXPECT_EQ(file.bytes("absent").error().message, path.string() + ": section 'absent' is missing");
  EXPECT_EQ(file.array<std::uint16_t>("docs").error().message,
            path.string() + ": section 'docs': 3 bytes, no multiple of 2");
  EXPECT_EQ(file.verify(std::vector<std::string_view>{"docs", "absent"}).error().code, Code::kCorrupt);
}

TEST(SectionFile, a_file_of_the_other_byte_order_is_named_as_such) {
  const ScratchFolder folder;
  const auto path = folder / "f";
  write_sections(path, {{"docs", "abc"}});
  auto swapped = read_file(path, kLimit).value();
  std::swap(swapped[0], swapped[3]);
  std::swap(swapped[1], swapped[2]);
  overwrite(path, swapped);
  const auto error = SectionFile::open(path, kKind, 1, 9).error();
  EXPECT_EQ(error.code, Code::kUnsupported);
  EXPECT_NE(error.message.find("other byte order"), std::string::npos);
}

TEST(SectionWriter, an_unfinished_writer_leaves_nothing_and_harms_nothing) {
  const ScratchFolder folder;
  const auto path = folder / "f";
  write_sections(path, {{"docs", "old"}});
  {
    auto writer = SectionWriter::create(path, kKind, 3).value();
    writer.begin("docs").value();
    writer.append(bytes_of("new")).value();
    EXPECT_EQ(folder.num_entries(), 2U) << "the new file is written beside the old one";
  }
  EXPECT_EQ(folder.num_entries(), 1U);
  EXPECT_EQ(text_of(SectionFile::open(path, kKind, 3, 3).value().bytes("docs").value()), "old");
}

TEST(SectionWriter, two_writers_of_one_path_do_not_meet_and_the_last_wins) {
  const ScratchFolder folder;
  auto first = SectionWriter::create(folder / "f", kKind, 1).value();
  auto second = SectionWriter::create(folder / "f", kKind, 2).value();
  auto third = std::move(first);
  ASSERT_TRUE(second.finish());
  ASSERT_TRUE(third.finish());
  EXPECT_EQ(SectionFile::open(folder / "f", kKind, 1, 2).value().version(), 1U);
  EXPECT_EQ(folder.num_entries(), 1U);
}

TEST(SectionWriter, bad_names_and_calls_after_the_end_are_errors) {
  const ScratchFolder folder;
  auto writer = SectionWriter::create(folder / "f", kKind, 1).value();
  EXPECT_FALSE(writer.begin(""));
  EXPECT_FALSE(writer.begin(std::string(32, 'n')));
  EXPECT_FALSE(writer.begin(std::string_view("a\0b", 3)));
  EXPECT_TRUE(writer.begin(std::string(31, 'n')));
  EXPECT_FALSE(writer.begin(std::string(31, 'n')));
  EXPECT_TRUE(writer.finish());
  EXPECT_FALSE(writer.begin("more"));
  EXPECT_FALSE(writer.finish());
  EXPECT_TRUE(open_and_verify(folder / "f"));
}

TEST(SectionWriter, a_missing_folder_is_an_error_that_names_it) {
  const ScratchFolder folder;
  const auto error = SectionWriter::create(folder / "absent/f", kKind, 1).error();
  EXPECT_EQ(error.code, Code::kNotFound);
  EXPECT_NE(error.message.find("absent/f"), std::string::npos);
}

TEST(Hash, depends_on_every_byte_and_on_the_seed) {
  EXPECT_EQ(hash_text("tamis"), hash_bytes(bytes_of("tamis")));
  EXPECT_NE(hash_text("tamis"), hash_text("tamiS"));
  EXPECT_NE(hash_text("tamis"), hash_text("tamis", 1));
  EXPECT_NE(hash_text(""), hash_text("", 1));
}

TEST(Hash, of_pieces_is_that_of_the_whole) {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    std::mt19937 rng(seed);
    std::string text(rng() % (seed % 2 == 0 ? 300 : 5000), '\0');
    for (auto& byte : text) byte = static_cast<char>(rng());
    Hasher hasher(seed % 3);
    for (std::size_t at = 0; at < text.size();) {
      const auto piece = std::string_view(text).substr(at, rng() % 700);
      hasher.add(bytes_of(piece));
      at += piece.size();
    }
    EXPECT_EQ(hasher.value(), hash_text(text, seed % 3)) << "seed=" << seed;
  }
}

}  // namespace
}  // namespace tamis
