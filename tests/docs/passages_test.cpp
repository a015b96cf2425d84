#include <gtest/gtest.h>
#include <tamis/docs/passages.h>
#include <tamis/text/unicode.h>

#include <algorithm>
#include <ctime>
#include <random>

#include "docs/random_document.h"

namespace tamis::docs {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view slice(const ExtractedDocument& document, std::uint32_t begin, std::uint32_t end) {
  return std::string_view(document.text).substr(begin, end - begin);
}
/// What the limits count.
std::size_t length_of(std::string_view text) { return std::max(text::count_words(text), text.size() / 24); }

bool is_heading(const TextBlock& block) { return block.kind == BlockKind::kHeading; }

/// Where the text behind the headings that open a passage begins.
std::uint32_t body_of(const ExtractedDocument& document, const Passage& passage) {
  std::uint32_t body = passage.begin;
  for (const auto& block : document.blocks) {
    if (block.end <= body || block.begin >= passage.end) continue;
    if (!is_heading(block)) break;
    body = std::min(block.end, passage.end);
  }
  while (body < passage.end && is_space(document.text[body])) ++body;
  return body;
}

std::uint32_t plain_origin(const ExtractedDocument& document, std::uint32_t offset) {
  OriginMark mark{0, 1};
  for (const auto& candidate : document.origins) {
    if (candidate.offset <= offset) mark = candidate;
  }
  if (document.origin_kind == OriginKind::kPage) return mark.number;
  const auto between = slice(document, mark.offset, offset);
  return mark.number + static_cast<std::uint32_t>(std::count(between.begin(), between.end(), '\n'));
}

/// The headings in force at an offset.
std::vector<std::uint32_t> headings_at(const ExtractedDocument& document, std::uint32_t offset) {
  std::vector<std::uint32_t> path;
  for (std::uint32_t i = 0; i < document.blocks.size() && document.blocks[i].begin < offset; ++i) {
    if (!is_heading(document.blocks[i])) continue;
    while (!path.empty() && document.blocks[path.back()].level >= document.blocks[i].level) path.pop_back();
    path.push_back(i);
  }
  return path;
}

PassageConfig random_config(std::mt19937& rng) {
  PassageConfig config;
  config.max_words = 1 + static_cast<std::uint32_t>(rng() % 300);
  config.target_words = 1 + static_cast<std::uint32_t>(rng() % config.max_words);
  config.min_words = static_cast<std::uint32_t>(rng() % (config.target_words + 1));
  return config;
}

void check_cover(const ExtractedDocument& document, const std::vector<Passage>& passages) {
  std::uint32_t at = 0;
  for (const auto& passage : passages) {
    ASSERT_LE(at, passage.begin) << "order, no overlap";
    ASSERT_LT(passage.begin, passage.end);
    ASSERT_LE(passage.end, document.text.size());
    const auto gap = slice(document, at, passage.begin);
    EXPECT_TRUE(std::all_of(gap.begin(), gap.end(), is_space)) << "left out: " << gap;
    const auto text = slice(document, passage.begin, passage.end);
    EXPECT_TRUE(text::is_valid_utf8(text)) << "a character was cut";
    EXPECT_FALSE(is_space(text.back()));
    EXPECT_NE(text.front(), '\n');
    EXPECT_EQ(passage.origin, plain_origin(document, passage.begin));
    at = passage.end;
  }
  const auto rest = slice(document, at, static_cast<std::uint32_t>(document.text.size()));
  EXPECT_TRUE(std::all_of(rest.begin(), rest.end(), is_space)) << "left out: " << rest;
}

void check_sizes(const ExtractedDocument& document, const std::vector<Passage>& passages, const PassageConfig& config) {
  for (std::size_t i = 0; i < passages.size(); ++i) {
    const auto& passage = passages[i];
    const auto body = body_of(document, passage);
    EXPECT_LE(length_of(slice(document, body, passage.end)), config.max_words);
    EXPECT_LE(length_of(slice(document, passage.begin, passage.end)), 3 * config.max_words);
    if (body == passage.end) continue;  // nothing but headings
    // An announcing end may have gone to what it announces.
    if (i + 1 < passages.size() && document.text[passages[i + 1].end - 1] == ':') continue;
    if (i + 1 < passages.size() && body_of(document, passages[i + 1]) == passages[i + 1].begin) {
      EXPECT_GE(length_of(slice(document, body, passages[i + 1].end)), config.target_words)
          << "neighbours in one section that would fit into one passage";
    }
  }
}

void check_structure(const ExtractedDocument& document, const std::vector<Passage>& passages,
                     const PassageConfig& config) {
  const auto in_one = [&](std::uint32_t begin, std::uint32_t end) {
    return std::any_of(passages.begin(), passages.end(), [&](const Passage& passage) {
      return passage.begin <= begin + 4 && end <= passage.end;  // 4: indentation of code
    });
  };
  const auto& blocks = document.blocks;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (length_of(slice(document, blocks[i].begin, blocks[i].end)) <= config.max_words) {
      EXPECT_TRUE(in_one(blocks[i].begin, blocks[i].end)) << "block " << i << " fits and was split";
    }
    std::size_t last = i;
    while (last + 1 < blocks.size() && blocks[i].kind == BlockKind::kListItem &&
           blocks[last + 1].kind == BlockKind::kListItem) {
      ++last;
    }
    const bool starts_list = i == 0 || blocks[i - 1].kind != BlockKind::kListItem;
    if (last > i && starts_list && length_of(slice(document, blocks[i].begin, blocks[last].end)) <= config.max_words) {
      EXPECT_TRUE(in_one(blocks[i].begin, blocks[last].end)) << "list from block " << i << " fits and was split";
    }
    std::size_t run = i;
    while (run > 0 && is_heading(blocks[run - 1])) --run;
    const bool before_text = is_heading(blocks[i]) && i + 1 < blocks.size() && !is_heading(blocks[i + 1]);
    if (before_text && length_of(slice(document, blocks[run].begin, blocks[i + 1].begin)) < config.max_words) {
      EXPECT_TRUE(in_one(blocks[i].end - 1, blocks[i + 1].begin + 1)) << "heading " << i << " parted from its text";
    }
  }
}

void check_paths(const ExtractedDocument& document, const std::vector<Passage>& passages) {
  for (const auto& passage : passages) {
    const auto in_force = headings_at(document, passage.end);
    if (body_of(document, passage) == passage.end) continue;  // nothing but headings
    ASSERT_LE(passage.path.size(), in_force.size());
    EXPECT_TRUE(std::equal(passage.path.begin(), passage.path.end(), in_force.begin()));
    EXPECT_LE(heading_path(document, passage).size(), 200U);
    EXPECT_TRUE(text::is_valid_utf8(heading_path(document, passage)));
  }
}

TEST(Passages, keep_their_laws_on_random_documents) {
  for (std::uint32_t seed = 0; seed < 4000; ++seed) {
    SCOPED_TRACE("seed=" + std::to_string(seed));
    std::mt19937 rng(seed);
    const auto document = random_document(rng);
    const auto config = random_config(rng);
    ASSERT_TRUE(config.validate().has_value());
    const auto passages = split_passages(document, config);
    check_cover(document, passages);
    check_sizes(document, passages, config);
    check_structure(document, passages, config);
    check_paths(document, passages);
    if (HasFailure()) break;
  }
}

TEST(Passages, text_outside_of_blocks_and_broken_blocks_lose_nothing) {
  for (std::uint32_t seed = 0; seed < 1500; ++seed) {
    SCOPED_TRACE("seed=" + std::to_string(seed));
    std::mt19937 rng(seed);
    auto document = random_document(rng);
    for (auto& block : document.blocks) {
      if (rng() % 3 != 0) continue;
      const auto size = document.text.size() + 5;
      block.begin = static_cast<std::uint32_t>(text::utf8_floor(document.text, rng() % size));
      block.end = static_cast<std::uint32_t>(text::utf8_floor(document.text, rng() % size));
    }
    if (rng() % 4 == 0) document.blocks.clear();
    check_cover(document, split_passages(document, random_config(rng)));
    if (HasFailure()) break;
  }
}

TEST(Passages, a_whole_document_is_one_trimmed_passage) {
  PassageConfig config;
  config.whole_document = true;
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    std::mt19937 rng(seed);
    const auto document = random_document(rng);
    const auto passages = split_passages(document, config);
    check_cover(document, passages);
    EXPECT_LE(passages.size(), 1U);
    EXPECT_TRUE(passages.empty() || passages[0].path.empty());
  }
}

ExtractedDocument document_of(std::string text, BlockKind kind = BlockKind::kParagraph) {
  ExtractedDocument document;
  document.text = std::move(text);
  document.blocks = {{kind, 1, 0, static_cast<std::uint32_t>(document.text.size())}};
  document.origins = {{0, 1}};
  return document;
}

/// Adds a block behind a blank line.
void add(ExtractedDocument& document, BlockKind kind, const std::string& text, std::uint8_t level = 0) {
  if (!document.text.empty()) document.text += "\n\n";
  const auto begin = static_cast<std::uint32_t>(document.text.size());
  document.text += text;
  document.blocks.push_back({kind, level, begin, static_cast<std::uint32_t>(document.text.size())});
  document.origins = {{0, 1}};
}

std::string words(std::size_t count, const std::string& word = "word") {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + word;
  return text;
}

TEST(Passages, an_empty_document_has_none) {
  for (const auto* text : {"", " ", "\n\n \t\n"}) {
    EXPECT_TRUE(split_passages(document_of(text), {}).empty());
    PassageConfig whole;
    whole.whole_document = true;
    EXPECT_TRUE(split_passages(document_of(text), whole).empty());
  }
}

TEST(Passages, a_heading_goes_with_what_follows) {
  ExtractedDocument document;
  add(document, BlockKind::kHeading, "Guide", 1);
  add(document, BlockKind::kHeading, "Rotation", 2);
  add(document, BlockKind::kParagraph, words(200));
  add(document, BlockKind::kHeading, "Weekly", 3);
  add(document, BlockKind::kParagraph, words(300));
  add(document, BlockKind::kHeading, "Other", 2);
  add(document, BlockKind::kParagraph, words(100));
  const auto passages = split_passages(document, {});
  ASSERT_EQ(passages.size(), 3U);
  EXPECT_EQ(heading_path(document, passages[0]), "Guide \xE2\x80\xBA Rotation");
  EXPECT_EQ(heading_path(document, passages[1]), "Guide \xE2\x80\xBA Rotation \xE2\x80\xBA Weekly");
  EXPECT_EQ(heading_path(document, passages[2]), "Guide \xE2\x80\xBA Other");
  EXPECT_EQ(slice(document, passages[1].begin, passages[1].begin + 6), "Weekly");
  EXPECT_EQ(passages[1].origin, 7U);
  document.title = "Guide";
  EXPECT_EQ(heading_path(document, passages[2]), "Other");
}

TEST(Passages, small_sections_are_joined_under_what_they_share) {
  ExtractedDocument document;
  add(document, BlockKind::kHeading, "Options", 1);
  for (int i = 0; i < 5; ++i) {
    add(document, BlockKind::kHeading, "Option " + std::to_string(i), 2);
    add(document, BlockKind::kParagraph, words(20));
  }
  auto passages = split_passages(document, {});
  ASSERT_EQ(passages.size(), 1U);
  EXPECT_EQ(heading_path(document, passages[0]), "Options");
  PassageConfig apart;
  apart.min_words = 0;
  passages = split_passages(document, apart);
  ASSERT_EQ(passages.size(), 5U);
  EXPECT_EQ(heading_path(document, passages[4]), "Options \xE2\x80\xBA Option 4");
}

TEST(Passages, an_announcement_stays_with_its_list) {
  ExtractedDocument document;
  add(document, BlockKind::kParagraph, words(120));
  add(document, BlockKind::kParagraph, words(20) + " as follows:");
  for (int i = 0; i < 10; ++i) add(document, BlockKind::kListItem, words(20));
  const auto passages = split_passages(document, {});
  ASSERT_EQ(passages.size(), 2U);
  EXPECT_EQ(passages[1].begin, document.blocks[1].begin);
}

TEST(Passages, long_lists_are_cut_between_top_items) {
  ExtractedDocument document;
  for (int i = 0; i < 8; ++i) {
    add(document, BlockKind::kListItem, words(30), 1);
    add(document, BlockKind::kListItem, words(30), 2);
    add(document, BlockKind::kListItem, words(30), 2);
  }
  const auto passages = split_passages(document, {});
  ASSERT_EQ(passages.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(passages[i].begin, document.blocks[6 * i].begin);
}

TEST(Passages, long_blocks_are_cut_at_sentences_and_code_at_lines) {
  std::string text, code;
  for (int i = 0; i < 100; ++i) text += "This sentence number " + std::to_string(i) + " has eight words altogether. ";
  for (int i = 0; i < 200; ++i) code += "    call(one, two, three);\n";
  auto document = document_of(text);
  auto passages = split_passages(document, {});
  EXPECT_GT(passages.size(), 3U);
  for (const auto& passage : passages) {
    EXPECT_EQ(slice(document, passage.begin, passage.begin + 4), "This");
    EXPECT_EQ(document.text[passage.end - 1], '.');
  }
  for (std::size_t i = 40; i < text.size(); i += 40) {
    if (text[i] == ' ') text[i] = '\n';  // wrapped lines are no sentences
  }
  document = document_of(text);
  passages = split_passages(document, {});
  EXPECT_GT(passages.size(), 3U);
  for (const auto& passage : passages) EXPECT_EQ(document.text[passage.end - 1], '.');
  document = document_of(code, BlockKind::kCode);
  passages = split_passages(document, {});
  EXPECT_GT(passages.size(), 3U);
  for (const auto& passage : passages) {
    EXPECT_EQ(slice(document, passage.begin, passage.begin + 8), "    call");
    EXPECT_EQ(document.text[passage.end - 1], ';');
  }
}

TEST(Passages, heading_paths_are_cut_at_a_character) {
  ExtractedDocument document;
  std::string heading;
  for (int i = 0; i < 100; ++i) heading += "\xE2\x82\xAC";
  add(document, BlockKind::kHeading, heading, 1);
  add(document, BlockKind::kParagraph, words(10));
  const auto passages = split_passages(document, {});
  ASSERT_EQ(passages.size(), 1U);
  EXPECT_EQ(heading_path(document, passages[0]).size(), 198U);
  EXPECT_TRUE(text::is_valid_utf8(heading_path(document, passages[0])));
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

TEST(Passages, hostile_documents_cost_linear_time) {
  const std::size_t size = 2U << 20;
  std::vector<ExtractedDocument> worlds;
  worlds.push_back(document_of(std::string(5 * size, 'w')));
  std::string chinese, lines;
  while (chinese.size() < size) chinese += "\xE4\xB8\xAD";
  while (lines.size() < size) lines += "a\n";
  worlds.push_back(document_of(chinese));
  worlds.push_back(document_of(lines, BlockKind::kCode));
  worlds.push_back(document_of(lines));
  worlds.push_back(document_of("a" + std::string(size, ' ') + "b"));
  worlds.push_back(document_of("a" + std::string(size, '.') + "b"));
  for (const auto kind : {BlockKind::kHeading, BlockKind::kListItem}) {
    ExtractedDocument many;
    for (std::uint32_t i = 0; i < 300'000; ++i) {
      many.text += "ab\n";
      many.blocks.push_back({kind, static_cast<std::uint8_t>(1 + i % 6), 3 * i, 3 * i + 2});
    }
    many.origins = {{0, 1}};
    worlds.push_back(std::move(many));
  }
  for (std::size_t i = 0; i < worlds.size(); ++i) {
    const double start = cpu_seconds();
    const auto passages = split_passages(worlds[i], {});
    EXPECT_LT(cpu_seconds() - start, 20.0) << "world " << i << " (the slowest takes about 1 s unoptimised)";
    std::uint32_t at = 0;
    for (const auto& passage : passages) {
      ASSERT_GE(passage.begin, at) << "world " << i;
      EXPECT_LE(passage.end - passage.begin, 300U * 24U * 2U) << "world " << i;
      at = passage.end;
    }
  }
}

TEST(PassageConfig, refuses_what_makes_no_sense) {
  EXPECT_TRUE(PassageConfig{}.validate().has_value());
  PassageConfig config;
  config.max_words = 0;
  EXPECT_FALSE(config.validate().has_value());
  config = {};
  config.target_words = 301;
  EXPECT_EQ(config.validate().error().message, "target_words: 301 (wanted: 1 to max_words, 300)");
  config = {};
  config.min_words = 181;
  EXPECT_FALSE(config.validate().has_value());
}

}  // namespace
}  // namespace tamis::docs
