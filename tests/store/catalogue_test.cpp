#include <gtest/gtest.h>
#include <tamis/store/catalogue.h>

#include <limits>

#include "compare.h"
#include "sql/child_process.h"
#include "world.h"

namespace tamis::store {
namespace {

using namespace test;
using tamis::test::become_nobody;
using tamis::test::limit_file_size;
using tamis::test::run_in_child;
using tamis::test::TempFolder;

TEST(Catalogue, random_publications_leave_what_a_model_in_memory_says) {
  for (std::uint32_t seed = 0; seed < 150; ++seed) {
    const TempFolder folder;
    Worlds worlds(seed);
    Model model;
    auto catalogue = Catalogue::create(folder / "catalogue.db").value();
    for (int step = 0; step < 12; ++step) {
      const auto publication = worlds.publication(model);
      const auto published = catalogue.publish(publication);
      ASSERT_TRUE(published) << published.error().message << " seed=" << seed << " step=" << step;
      model.publish(publication);
      if (worlds.below(3) == 0) catalogue = Catalogue::open(folder / "catalogue.db", true).value();
      ASSERT_EQ(difference(catalogue, model), "") << "seed=" << seed << " step=" << step;
    }
    const auto sound = catalogue.verify();
    ASSERT_TRUE(sound) << sound.error().message << " seed=" << seed;
  }
}

TEST(Catalogue, a_new_one_is_empty_and_is_not_made_twice) {
  const TempFolder folder;
  const auto catalogue = Catalogue::create(folder / "catalogue.db").value();
  EXPECT_EQ(difference(catalogue, Model{}), "");
  EXPECT_EQ(Catalogue::create(folder / "catalogue.db").error().code, Code::kInvalidArgument);
  EXPECT_EQ(Catalogue::open(folder / "other.db", false).error().code, Code::kNotFound);
  EXPECT_EQ(catalogue.document(1).error().code, Code::kNotFound);
  EXPECT_EQ(catalogue.passage(std::numeric_limits<PassageId>::max()).error().code, Code::kNotFound);
}

/// One source, one segment of two documents with two passages each.
Publication small() {
  Publication p;
  p.sources.push_back({1, "folder", "/docs", "{}"});
  p.added_segments.push_back({1, {"1.field"}, 4, 10});
  for (std::uint64_t i = 0; i < 2; ++i) {
    Publication::NewDocument d;
    d.row.id = i + 1;
    d.row.source = 1;
    d.row.path = "f" + std::to_string(i);
    d.row.segment = 1;
    d.row.text_bytes = 10;
    d.row.first_passage = 2 * i;
    d.row.num_passages = 2;
    for (std::uint64_t k = 0; k < 2; ++k) {
      PassageRow passage;
      passage.id = 2 * i + k;
      passage.end = 5;
      passage.length = 3;
      d.passages.push_back(passage);
    }
    p.documents.push_back(d);
  }
  return p;
}

TEST(Catalogue, a_publication_that_makes_no_sense_is_refused_and_leaves_nothing) {
  const TempFolder folder;
  auto catalogue = Catalogue::create(folder / "catalogue.db").value();
  Model model;
  ASSERT_TRUE(catalogue.publish(small()));
  model.publish(small());
  const auto refused = [&](const char* what, const std::function<void(Publication&)>& change) {
    Publication p;
    p.settings = {{"seen", what}};
    p.sources.push_back({2, "folder", "/other", ""});
    change(p);
    const auto status = catalogue.publish(p);
    ASSERT_FALSE(status) << what;
    EXPECT_EQ(status.error().code, Code::kInvalidArgument) << what << ": " << status.error().message;
    EXPECT_EQ(difference(catalogue, model), "") << what;
  };
  const auto third = [](auto&& change) {
    return [change](Publication& p) {
      auto d = small().documents.front();
      d.row.id = 3;
      d.row.first_passage = 4;
      d.passages[0].id = 4;
      d.passages[1].id = 5;
      change(d);
      p.documents.push_back(d);
    };
  };
  refused("unknown document removed", [](auto& p) { p.removed_documents = {7}; });
  refused("document removed twice", [](auto& p) { p.removed_documents = {1, 1}; });
  refused("unknown document moved", [](auto& p) { p.moved = {{9, 1, 0}}; });
  refused("moved to an unknown segment", [](auto& p) { p.moved = {{1, 5, 0}}; });
  refused("unknown segment removed", [](auto& p) { p.removed_segments = {4}; });
  refused("segment removed with its documents", [](auto& p) { p.removed_segments = {1}; });
  refused("segment added twice", [](auto& p) { p.added_segments = {{1, {}, 0, 0}}; });
  refused("file added to an unknown segment", [](auto& p) { p.added_files = {{4, "x.field", 1}}; });
  refused("file added twice", [](auto& p) { p.added_files = {{1, "1.field", 1}}; });
  refused("source removed with its documents", [](auto& p) { p.removed_sources = {1}; });
  refused("unknown source removed", [](auto& p) { p.removed_sources = {5}; });
  refused("file of an unknown source", [](auto& p) { p.files.push_back({5, "x", 0, 0, 0, 0, "", "", 0}); });
  refused("document of an unknown source", third([](auto& d) { d.row.source = 5; }));
  refused("document of an unknown segment", third([](auto& d) { d.row.segment = 5; }));
  refused("document twice", third([](auto& d) { d.row.id = 1; }));
  refused("passage twice", third([](auto& d) { d.row.first_passage = 0, d.passages[0].id = 0, d.passages[1].id = 1; }));
  refused("passages out of turn", third([](auto& d) { d.passages[1].id = 9; }));
  refused("passages missing", third([](auto& d) { d.passages.pop_back(); }));
  refused("passage beyond the text", third([](auto& d) { d.passages[0].end = 11; }));
  refused("passage backwards", third([](auto& d) { d.passages[0].begin = 6; }));
  refused("heading too long", third([](auto& d) { d.passages[0].heading.assign(1025, 'h'); }));
  refused("number too large", third([](auto& d) { d.row.text_offset = ~std::uint64_t{0}; }));
  refused("id too large", third([](auto& d) { d.row.id = ~std::uint64_t{0}; }));
  EXPECT_TRUE(catalogue.verify());
}

TEST(Catalogue, overlapping_passages_and_wrong_counts_are_found_by_verify) {
  const TempFolder folder;
  auto catalogue = Catalogue::create(folder / "a.db").value();
  auto p = small();
  p.documents[1].row.first_passage = 1;
  p.documents[1].passages[0].id = 1;
  p.documents[1].passages[1].id = 2;
  ASSERT_TRUE(catalogue.publish(p));
  EXPECT_EQ(catalogue.verify().error().code, Code::kCorrupt);
  auto other = Catalogue::create(folder / "b.db").value();
  p = small();
  p.added_segments[0].num_passages = 5;
  ASSERT_TRUE(other.publish(p));
  EXPECT_EQ(other.verify().error().code, Code::kCorrupt);
}

TEST(Catalogue, publishing_needs_a_writable_catalogue_that_is_not_pinned) {
  const TempFolder folder;
  auto catalogue = Catalogue::create(folder / "catalogue.db").value();
  ASSERT_TRUE(catalogue.pin());
  EXPECT_EQ(catalogue.publish(small()).error().code, Code::kInvalidArgument);
  catalogue.unpin();
  EXPECT_TRUE(catalogue.publish(small()));
  auto reader = Catalogue::open(folder / "catalogue.db", false).value();
  EXPECT_EQ(reader.publish(small()).error().code, Code::kInvalidArgument);
}

TEST(Catalogue, a_pinned_reader_keeps_its_state_while_a_writer_publishes) {
  const TempFolder folder;
  Worlds worlds(7);
  Model model;
  auto writer = Catalogue::create(folder / "catalogue.db").value();
  const auto step = [&] {
    const auto publication = worlds.publication(model);
    ASSERT_TRUE(writer.publish(publication));
    model.publish(publication);
  };
  for (int round = 0; round < 20; ++round) {
    step();
    auto reader = Catalogue::open(folder / "catalogue.db", false).value();
    ASSERT_TRUE(reader.pin());
    const auto pinned = model;
    for (int i = 0; i < 3; ++i) step();
    EXPECT_EQ(difference(reader, pinned), "") << round;
    ASSERT_TRUE(reader.pin()) << "pinning again takes the newest state";
    EXPECT_EQ(difference(reader, model), "") << round;
    step();
    reader.unpin();
    EXPECT_EQ(difference(reader, model), "") << round;
  }
}

TEST(Catalogue, a_read_only_folder_answers_as_before) {
  const TempFolder folder;
  Worlds worlds(11);
  Model model;
  {
    auto writer = Catalogue::create(folder / "catalogue.db").value();
    for (int i = 0; i < 8; ++i) {
      const auto publication = worlds.publication(model);
      ASSERT_TRUE(writer.publish(publication));
      model.publish(publication);
    }
  }
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  EXPECT_EQ(run_in_child([&]() -> std::string {
              become_nobody();
              const auto catalogue = Catalogue::open(folder / "catalogue.db", false);
              if (!catalogue) return catalogue.error().message;
              if (const auto sound = catalogue->verify(); !sound) return sound.error().message;
              return difference(*catalogue, model);
            }),
            0);
}

TEST(Catalogue, a_full_disk_is_a_clear_error_and_loses_nothing) {
  const TempFolder folder;
  Model model;
  {
    auto writer = Catalogue::create(folder / "catalogue.db").value();
    ASSERT_TRUE(writer.publish(small()));
    model.publish(small());
  }
  const int outcome = run_in_child([&]() -> std::string {
    limit_file_size(200 << 10);
    auto writer = Catalogue::open(folder / "catalogue.db", true).value();
    Publication big;
    for (int i = 0; i < 20000; ++i) big.settings.emplace_back("key " + std::to_string(i), std::string(100, 'x'));
    const auto status = writer.publish(big);
    if (status) return "published beyond the limit";
    if (status.error().code != Code::kIo) return status.error().message;
    if (const auto wrong = difference(writer, model); !wrong.empty()) return wrong;
    Publication little;
    little.settings = {{"a", "b"}};
    const auto after = writer.publish(little);
    return after ? "" : after.error().message;
  });
  EXPECT_EQ(outcome, 0);
  Publication little;
  little.settings = {{"a", "b"}};
  model.publish(little);
  const auto catalogue = Catalogue::open(folder / "catalogue.db", false).value();
  EXPECT_EQ(difference(catalogue, model), "");
  EXPECT_TRUE(catalogue.verify());
}

}  // namespace
}  // namespace tamis::store
