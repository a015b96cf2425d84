// The parts of the engine that decide: which segments merge, which source a path is, what counts as a term.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "document_analyzer.h"
#include "engine_world.h"
#include "merge.h"
#include "paths.h"
#include "sources.h"

namespace tamis::engine {
namespace {

using Groups = std::vector<std::vector<store::SegmentId>>;

TEST(MergePolicy, many_runs_leave_few_segments_and_copy_little) {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    std::mt19937 rng(seed);
    std::vector<SegmentSize> segments;
    store::SegmentId next = 0;
    std::uint64_t added = 0, copied = 0;
    const std::uint64_t unit = 1 + rng() % 500;
    for (int run = 0; run < 400; ++run) {
      const std::uint64_t passages = 1 + rng() % unit;
      segments.push_back({next++, passages, 0});
      added += passages;
      std::set<store::SegmentId> used;
      for (const auto& group : plan_merges(segments, false)) {
        SegmentSize merged{next++, 0, 0};
        for (const auto id : group) {
          ASSERT_TRUE(used.insert(id).second) << "seed=" << seed;
          const auto at = std::find_if(segments.begin(), segments.end(), [&](const auto& s) { return s.id == id; });
          ASSERT_NE(at, segments.end()) << "seed=" << seed;
          merged.passages += at->passages - at->deleted;
          segments.erase(at);
        }
        copied += merged.passages;
        if (merged.passages > 0) segments.push_back(merged);
      }
      ASSERT_LE(segments.size(), 5 * kMaxSegmentsATier) << "seed=" << seed;
    }
    EXPECT_LE(copied, added * 20) << "seed=" << seed << " unit=" << unit;
  }
}

TEST(MergePolicy, deleted_passages_are_taken_out_from_thirty_percent_on) {
  EXPECT_TRUE(plan_merges({{1, 100, 30}}, false).empty());
  EXPECT_EQ(plan_merges({{1, 100, 31}}, false), (Groups{{1}}));
  EXPECT_EQ(plan_merges({{1, 100, 100}, {2, 9, 0}}, false), (Groups{{1}}));
  EXPECT_EQ(plan_merges({{1, 100, 1}}, true), (Groups{{1}}));
  EXPECT_EQ(plan_merges({{1, 100, 1}, {4, 5000, 0}}, true), (Groups{{1, 4}}));
  EXPECT_TRUE(plan_merges({{1, 100, 0}}, true).empty());
}

TEST(MergePolicy, no_merged_segment_needs_more_memory_than_there_is) {
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 rng(seed);
    const bool everything = rng() % 2 == 0;
    const std::uint64_t most = 1000 + rng() % 20000;
    std::vector<SegmentSize> segments;
    for (store::SegmentId id = 1; id <= 30; ++id) {
      const std::uint64_t passages = 1 + rng() % 900;
      segments.push_back({id, passages, rng() % (passages + 1), passages * (1 + rng() % 20)});
    }
    std::set<store::SegmentId> used;
    std::map<store::SegmentId, SegmentSize> rows;
    for (const auto& segment : segments) rows[segment.id] = segment;
    for (const auto& group : plan_merges(segments, everything, most)) {
      double bytes = 0;
      for (const auto id : group) {
        ASSERT_TRUE(used.insert(id).second) << "seed=" << seed;
        const auto& row = rows[id];
        bytes += static_cast<double>(row.bytes) * static_cast<double>(row.passages - row.deleted) /
                 static_cast<double>(row.passages);
      }
      if (group.size() > 1) {
        ASSERT_LE(bytes, static_cast<double>(most) + static_cast<double>(group.size())) << "seed=" << seed;
      }
    }
    // Small ones are not left lying: with everything, at most one segment of less than half the memory stays alone.
    if (!everything) continue;
    const auto alone = std::count_if(segments.begin(), segments.end(), [&](const SegmentSize& segment) {
      return used.count(segment.id) == 0 && segment.bytes * 2 < most && segment.deleted == 0;
    });
    ASSERT_LE(alone, 1) << "seed=" << seed;
  }
}

TEST(Paths, what_lies_below_a_folder) {
  EXPECT_EQ(path_below("/a/b/c", "/a"), "b/c");
  EXPECT_EQ(path_below("/a", "/a"), "");
  EXPECT_EQ(path_below("/ab", "/a"), "");
  EXPECT_EQ(path_below("/a", "/"), "a");
  EXPECT_EQ(path_below("/", "/"), "");
}

/// Whether a planned source takes a file.
bool owns(const SourcePlan& plan, const std::string& path) {
  const auto below = path_below(path, plan.row.root);
  const auto in = [&](const std::vector<std::string>& parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const auto& part) { return below == part || !path_below(below, part).empty(); });
  };
  return !below.empty() && !in(plan.excluded) && (plan.only.empty() || in(plan.only));
}

TEST(Sources, every_file_asked_for_belongs_to_one_source_whatever_was_indexed_before) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 rng(seed);
    const test::World world;
    const auto root = std::filesystem::canonical(world.files());
    const std::vector<std::string> folders = {"", "a", "a/b", "a/b/c", "d", "d/e"};
    for (const auto& folder : folders) std::filesystem::create_directories(root / folder);
    std::vector<store::SourceRow> known;
    for (int run = 0; run < 5; ++run) {
      std::vector<std::filesystem::path> roots;
      for (std::size_t i = 0, n = 1 + rng() % 3; i < n; ++i) roots.push_back(root / folders[rng() % folders.size()]);
      const auto plans = plan_sources(world.index(), known, roots, {}).value();
      for (const auto& folder : folders) {
        const auto path = (root / folder / "file.txt").string();
        const bool asked = std::any_of(roots.begin(), roots.end(), [&](const auto& one) {
          return !path_below(path, std::filesystem::canonical(one).string()).empty();
        });
        const auto owners =
            std::count_if(plans.begin(), plans.end(), [&](const auto& plan) { return owns(plan, path); });
        EXPECT_EQ(owners, asked ? 1 : 0) << path << " run=" << run << " seed=" << seed;
      }
      for (const auto& plan : plans) {
        if (plan.store_row) known.push_back(plan.row);
      }
      std::set<store::SourceId> ids;
      for (const auto& row : known) EXPECT_TRUE(ids.insert(row.id).second) << "seed=" << seed;
    }
  }
}

docs::ExtractedDocument document_of(std::string title, std::string text) {
  docs::ExtractedDocument document;
  document.title = std::move(title);
  document.text = std::move(text);
  document.origins = {{0, 1}};
  const auto size = static_cast<std::uint32_t>(document.text.size());
  if (size > 0) document.blocks = {{docs::BlockKind::kParagraph, 0, 0, size}};
  return document;
}

using Counts = std::map<std::string, std::uint32_t>;
Counts counts_of(const Batch& batch, std::size_t begin, std::size_t count) {
  Counts out;
  for (std::size_t i = begin; i < begin + count; ++i) {
    EXPECT_TRUE(out.emplace(std::string(batch.keys[batch.counts[i].term]), batch.counts[i].count).second);
  }
  return out;
}

const LanguageRule kNoLanguage = {true, text::Language::kNone, text::Language::kNone};

TEST(DocumentAnalyzer, body_counts_hold_title_and_text_and_title_terms_the_title_alone) {
  DocumentAnalyzer analyzer({});
  Batch batch;
  analyzer.start_batch();
  analyzer.add(document_of("red river", "red copper red"), kNoLanguage, batch);
  ASSERT_EQ(batch.passages.size(), 1U);
  EXPECT_EQ(batch.passages[0].length, 5U);
  EXPECT_EQ(counts_of(batch, 0, batch.counts.size()),
            (Counts{{"red", 3}, {"river", 1}, {"copper", 1}, {"\x01red", 1}, {"\x01river", 1}}));
}

TEST(DocumentAnalyzer, a_document_without_words_has_no_passage_and_a_title_alone_has_one) {
  DocumentAnalyzer analyzer({});
  Batch batch;
  analyzer.start_batch();
  analyzer.add(document_of("", ""), kNoLanguage, batch);
  EXPECT_TRUE(batch.documents.empty());
  analyzer.add(document_of("river", ""), kNoLanguage, batch);
  ASSERT_EQ(batch.passages.size(), 1U);
  EXPECT_EQ(batch.passages[0].begin, batch.passages[0].end);
  EXPECT_EQ(batch.passages[0].length, 1U);
}

TEST(DocumentAnalyzer, headings_above_a_passage_count_once) {
  docs::ExtractedDocument document;
  document.title = "guide";
  document.text = "guide\n\nalpha\n\nbeta\n\none two three four\n\nfive six seven eight";
  document.blocks = {{docs::BlockKind::kHeading, 1, 0, 5},
                     {docs::BlockKind::kHeading, 2, 7, 12},
                     {docs::BlockKind::kHeading, 3, 14, 18},
                     {docs::BlockKind::kParagraph, 0, 20, 38},
                     {docs::BlockKind::kParagraph, 0, 40, 60}};
  document.origins = {{0, 1}};
  ASSERT_TRUE(docs::check_document(document).has_value());
  docs::PassageConfig config;
  config.target_words = config.max_words = 4;
  config.min_words = 1;
  DocumentAnalyzer analyzer(config);
  Batch batch;
  analyzer.start_batch();
  analyzer.add(docs::ExtractedDocument(document), kNoLanguage, batch);
  ASSERT_GE(batch.passages.size(), 2U);
  std::size_t begin = 0;
  for (const auto& passage : batch.passages) {
    const auto counts = counts_of(batch, begin, passage.num_terms);
    begin += passage.num_terms;
    for (const std::string word : {"guide", "alpha", "beta"}) {
      EXPECT_EQ(counts.contains(word) ? counts.at(word) : 0U, 1U) << word;
      EXPECT_EQ(counts.contains('\x01' + word) ? counts.at('\x01' + word) : 0U, 1U) << word;
    }
    EXPECT_FALSE(counts.contains("\x01one"));
  }
}

TEST(DocumentAnalyzer, counts_equal_plain_counting_whatever_was_seen_before) {
  DocumentAnalyzer used({});
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 rng(seed);
    Batch batch, again;
    DocumentAnalyzer fresh({});
    used.start_batch();
    fresh.start_batch();
    Counts expected, seen;
    std::uint64_t length = 0, seen_length = 0;
    for (std::size_t d = 0, n = 1 + rng() % 4; d < n; ++d) {
      std::string text;
      for (std::size_t i = 0, w = 1 + rng() % 30; i < w; ++i) {
        const auto& word = test::random_word(rng);
        text += word + " ";
        ++expected[word];
        ++length;
      }
      used.add(document_of("", text), kNoLanguage, batch);
      fresh.add(document_of("", text), kNoLanguage, again);
    }
    for (const auto& entry : batch.counts) seen[std::string(batch.keys[entry.term])] += entry.count;
    for (const auto& passage : batch.passages) seen_length += passage.length;
    EXPECT_EQ(seen, expected) << "seed=" << seed;
    EXPECT_EQ(seen_length, length) << "seed=" << seed;
    ASSERT_EQ(batch.keys.size(), again.keys.size()) << "seed=" << seed;
    for (std::size_t i = 0; i < batch.keys.size(); ++i) EXPECT_EQ(batch.keys[i], again.keys[i]) << "seed=" << seed;
  }
}

}  // namespace
}  // namespace tamis::engine
