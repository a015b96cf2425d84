#include <fmt/format.h>

#include "engine_world.h"

namespace tamis::test {
namespace {

TEST(Engine, a_folder_becomes_passages_that_are_found) {
  const World world;
  world.write("a.txt", "The copper lantern hangs over the harbor.\n");
  world.write("deep/b.md", "# Guide\n\nIntro words.\n\n## Walnut trees\n\nPlant a walnut by the river.\n");
  const auto report = ingest(world).value();
  EXPECT_EQ(report.files_found, 2U);
  EXPECT_EQ(report.files_added, 2U);
  EXPECT_EQ(report.documents, 2U);
  EXPECT_TRUE(report.published);
  const auto found = sorted_answers(world.index(), "walnut river");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].document, fs::canonical(world.files() / "deep/b.md").string());
  EXPECT_NE(found[0].text.find("Plant a walnut by the river."), std::string::npos);
  EXPECT_GT(found[0].score, 0.0F);
  EXPECT_EQ(verify(world.index()), Names());
  EXPECT_EQ(orphans(world.index()), Names());
}

TEST(Engine, a_second_run_works_on_what_changed_only) {
  const World world;
  for (int i = 0; i < 20; ++i)
    world.write(fmt::format("{:02}.txt", i), fmt::format("garden {}\n", std::string(4, static_cast<char>('b' + i))));
  ASSERT_TRUE(ingest(world).has_value());
  auto report = ingest(world).value();
  EXPECT_EQ(report.files_unchanged, 20U);
  EXPECT_EQ(report.documents, 0U);
  world.write("03.txt", "meadow now\n");
  world.write("new.txt", "violin\n");
  world.remove("07.txt");
  report = ingest(world).value();
  EXPECT_EQ(report.files_changed, 1U);
  EXPECT_EQ(report.files_added, 1U);
  EXPECT_EQ(report.files_deleted, 1U);
  EXPECT_EQ(report.files_unchanged, 18U);
  EXPECT_EQ(report.documents, 2U);
  EXPECT_EQ(documents_found(world.index(), "meadow"), Names{"03.txt"});
  EXPECT_EQ(documents_found(world.index(), "eeee"), Names());
  EXPECT_EQ(documents_found(world.index(), "iiii"), Names());
  EXPECT_EQ(documents_found(world.index(), "garden").size(), 18U);
  EXPECT_EQ(verify(world.index()), Names());
}

TEST(Engine, a_touched_file_is_not_read_again_and_costs_a_row_only_once) {
  const World world;
  world.write("a.txt", "copper\n");
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(5);
  fs::last_write_time(world.files() / "a.txt", old);
  ASSERT_TRUE(ingest(world).has_value());
  EXPECT_FALSE(ingest(world).value().published);
  fs::last_write_time(world.files() / "a.txt", old + std::chrono::hours(1));
  const auto report = ingest(world).value();
  EXPECT_EQ(report.files_unchanged, 1U);
  EXPECT_EQ(report.documents, 0U);
  EXPECT_TRUE(report.published);
  EXPECT_FALSE(ingest(world).value().published);
}

TEST(Engine, a_file_written_within_the_clock_grain_is_looked_at_again) {
  const World world;
  world.write("a.txt", "copper\n");
  const auto time = fs::last_write_time(world.files() / "a.txt");
  ASSERT_TRUE(ingest(world).has_value());
  std::ofstream(world.files() / "a.txt", std::ios::binary) << "marble\n";  // as long, in the same place
  fs::last_write_time(world.files() / "a.txt", time);
  ASSERT_TRUE(ingest(world).has_value());
  EXPECT_EQ(documents_found(world.index(), "marble"), Names{"a.txt"});
  EXPECT_EQ(documents_found(world.index(), "copper"), Names());
}

TEST(Engine, what_cannot_be_read_is_named_each_time_and_tried_again_when_it_changes) {
  const World world;
  world.write("good.txt", "copper\n");
  world.write("bad.bin", std::string("\x7f"
                                     "ELF\0\0\0\1\2\3",
                                     10) +
                             std::string(100, '\0'));
  for (int run = 0; run < 2; ++run) {
    const auto report = ingest(world).value();
    ASSERT_EQ(report.skipped.size(), 1U) << run;
    EXPECT_EQ(fs::path(report.skipped[0].path).filename(), "bad.bin");
    EXPECT_TRUE(report.skipped[0].expected) << report.skipped[0].reason;
  }
  world.write("bad.bin", "Now it is text about a violin.\n");
  const auto report = ingest(world).value();
  EXPECT_TRUE(report.skipped.empty());
  EXPECT_EQ(documents_found(world.index(), "violin"), Names{"bad.bin"});
}

TEST(Engine, indexing_a_second_folder_never_touches_the_first) {
  const World world;
  world.write("one/a.txt", "copper\n");
  world.write("two/b.txt", "copper walnut\n");
  ASSERT_TRUE(ingest(world.index(), {world.files() / "one"}).has_value());
  ASSERT_TRUE(ingest(world.index(), {world.files() / "two"}).has_value());
  EXPECT_EQ(documents_found(world.index(), "copper"), (Names{"a.txt", "b.txt"}));
  world.remove("one/a.txt");
  ASSERT_TRUE(ingest(world.index(), {world.files() / "two"}).has_value());
  EXPECT_EQ(documents_found(world.index(), "copper"), (Names{"a.txt", "b.txt"}));
  ASSERT_TRUE(ingest(world.index(), {world.files() / "one"}).has_value());
  EXPECT_EQ(documents_found(world.index(), "copper"), Names{"b.txt"});
}

TEST(Engine, a_folder_inside_a_source_is_a_part_of_it) {
  const World world;
  world.write("a.txt", "copper\n");
  world.write("sub/b.txt", "copper\n");
  ASSERT_TRUE(ingest(world).has_value());
  world.write("c.txt", "copper\n");
  world.write("sub/d.txt", "copper\n");
  const auto report = ingest(world.index(), {world.files() / "sub"}).value();
  EXPECT_EQ(report.files_found, 2U);
  EXPECT_EQ(report.files_added, 1U);
  EXPECT_EQ(documents_found(world.index(), "copper"), (Names{"a.txt", "b.txt", "d.txt"}));
  EXPECT_EQ(Engine::open(world.index()).value().info().value().sources.size(), 1U);
}

TEST(Engine, a_folder_around_a_source_leaves_its_files_to_it_and_brings_it_up_to_date) {
  const World world;
  world.write("a.txt", "copper\n");
  world.write("sub/b.txt", "copper\n");
  ASSERT_TRUE(ingest(world.index(), {world.files() / "sub"}).has_value());
  world.write("sub/c.txt", "copper\n");
  ASSERT_TRUE(ingest(world).has_value());
  EXPECT_EQ(sorted_answers(world.index(), "copper").size(), 3U);
  EXPECT_EQ(documents_found(world.index(), "copper"), (Names{"a.txt", "b.txt", "c.txt"}));
  EXPECT_EQ(Engine::open(world.index()).value().info().value().sources.size(), 2U);
  fs::remove_all(world.files() / "sub");
  ASSERT_TRUE(ingest(world).has_value());
  EXPECT_EQ(documents_found(world.index(), "copper"), Names{"a.txt"});
}

TEST(Engine, removing_a_source_forgets_its_documents) {
  const World world;
  world.write("one/a.txt", "copper\n");
  world.write("two/b.txt", "copper\n");
  ASSERT_TRUE(ingest(world.index(), {world.files() / "one", world.files() / "two"}).has_value());
  auto engine = Engine::open(world.index()).value();
  ASSERT_TRUE(engine.remove(world.files() / "one").has_value());
  EXPECT_EQ(documents_found(world.index(), "copper"), Names{"b.txt"});
  EXPECT_EQ(engine.info().value().sources.size(), 1U);
  EXPECT_EQ(engine.remove(world.files() / "one").error().code, Code::kNotFound);
  EXPECT_EQ(verify(world.index()), Names());
}

TEST(Engine, a_folder_that_is_gone_is_an_error_and_deletes_nothing) {
  const World world;
  world.write("a.txt", "copper\n");
  ASSERT_TRUE(ingest(world).has_value());
  fs::rename(world.files(), world.path() / "elsewhere");
  EXPECT_EQ(ingest(world).error().code, Code::kNotFound);
  EXPECT_EQ(documents_found(world.index(), "copper"), Names{"a.txt"});
}

TEST(Engine, the_index_folder_is_never_indexed) {
  const World world;
  world.write("a.txt", "copper\n");
  const auto index = world.files() / "my-index";
  ASSERT_TRUE(ingest(index, {world.files()}).has_value());
  EXPECT_EQ(ingest(index, {world.files()}).value().files_found, 1U);
  EXPECT_EQ(ingest(index, {index}).error().code, Code::kInvalidArgument);
}

TEST(Engine, other_options_than_the_index_was_built_with_need_a_rebuild) {
  const World world;
  world.write("a.txt", "copper walnut river lantern harbor meadow\n\nsignal violin garden thunder\n");
  ASSERT_TRUE(ingest(world).has_value());
  auto options = plain_options();
  options.passages.target_words = 5;
  options.passages.min_words = 1;
  const auto refused = ingest(world, options);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
  EXPECT_NE(refused.error().message.find("--rebuild"), std::string::npos) << refused.error().message;
  options.rebuild = true;
  EXPECT_EQ(ingest(world, options).value().passages, 2U);
  options.rebuild = false;
  EXPECT_TRUE(ingest(world, options).has_value()) << "now they agree";
  EXPECT_TRUE(ingest(world).has_value()) << "an option at its default follows the index";
  options.bm25.k1 = 2.0F;
  EXPECT_EQ(ingest(world, options).error().code, Code::kInvalidArgument);
  EXPECT_EQ(verify(world.index()), Names());
}

TEST(Engine, the_average_length_is_fixed_by_the_first_run_and_again_by_a_rebuild) {
  const World world;
  world.write("a.txt", "copper walnut river lantern\n");
  auto options = plain_options();
  options.bm25.avg_length = 0;
  ASSERT_TRUE(ingest(world, options).has_value());
  const auto info = [&] { return Engine::open(world.index()).value().info().value(); };
  EXPECT_EQ(info().avg_length_fixed, 4.0);
  world.write("b.txt", "copper walnut\n");
  ASSERT_TRUE(ingest(world, options).has_value());
  EXPECT_EQ(info().avg_length_fixed, 4.0);
  EXPECT_EQ(info().avg_length_now, 3.0);
  options.rebuild = true;
  ASSERT_TRUE(ingest(world, options).has_value());
  EXPECT_EQ(info().avg_length_fixed, 3.0);
  EXPECT_EQ(info().deleted_passages, 0U);
  EXPECT_EQ(info().generation.segments.size(), 1U);
  EXPECT_EQ(documents_found(world.index(), "copper"), (Names{"a.txt", "b.txt"}));
  EXPECT_EQ(verify(world.index()), Names());
  EXPECT_EQ(orphans(world.index()), Names());
}

TEST(Engine, one_writer_at_a_time) {
  const World world;
  world.write("a.txt", "copper\n");
  ASSERT_TRUE(ingest(world).has_value());
  const auto lock = FileLock::acquire(world.index() / "lock").value();
  const auto refused = ingest(world);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::kBusy);
  EXPECT_EQ(documents_found(world.index(), "copper"), Names{"a.txt"}) << "readers do not wait";
}

TEST(Engine, find_index_looks_upward) {
  const World world;
  EXPECT_EQ(find_index(world.files()).error().code, Code::kNotFound);
  world.write("deep/er/a.txt", "copper\n");
  ASSERT_TRUE(ingest(world.files() / ".tamis", {world.files()}).has_value());
  EXPECT_EQ(find_index(world.files() / "deep" / "er").value(), fs::canonical(world.files()) / ".tamis");
}

TEST(Engine, an_index_is_complete_when_copied) {
  const World world;
  world.write("a.txt", "copper\n");
  ASSERT_TRUE(ingest(world).has_value());
  fs::copy(world.index(), world.path() / "copy", fs::copy_options::recursive);
  fs::remove_all(world.index());
  EXPECT_EQ(documents_found(world.path() / "copy", "copper"), Names{"a.txt"});
  EXPECT_EQ(verify(world.path() / "copy"), Names());
}

TEST(Engine, a_cancelled_run_leaves_the_state_before_it) {
  const World world;
  world.write("a.txt", "copper\n");
  ASSERT_TRUE(ingest(world).has_value());
  world.write("b.txt", "copper\n");
  CancelToken cancel;
  cancel.cancel();
  auto engine = Engine::open(world.index()).value();
  NoProgress progress;
  const auto stopped = engine.ingest({world.files()}, plain_options(), progress, cancel);
  ASSERT_FALSE(stopped.has_value());
  EXPECT_EQ(stopped.error().code, Code::kCancelled);
  EXPECT_EQ(documents_found(world.index(), "copper"), Names{"a.txt"});
  EXPECT_EQ(orphans(world.index()), Names());
}

TEST(Engine, show_gives_text_and_place_and_document_text_all_of_it) {
  const World world;
  const std::string text = "copper one\n\nwalnut two\n\nriver three\n";
  world.write("a.txt", text);
  auto options = plain_options();
  options.passages.target_words = options.passages.max_words = 2;
  options.passages.min_words = 1;
  ASSERT_TRUE(ingest(world, options).has_value());
  auto engine = Engine::open(world.index()).value();
  const auto snapshot = engine.snapshot().value();
  search::Searcher searcher;
  const auto found = searcher.search(snapshot->collection(), search::plain_query("walnut").value(), {}).value();
  ASSERT_EQ(found.passages.size(), 1U);
  const auto hit = snapshot->show(found.passages[0].id).value();
  EXPECT_EQ(hit.text, "walnut two");
  EXPECT_EQ(hit.line, 3U);
  EXPECT_EQ(hit.origin, "line");
  const auto whole = snapshot->document_text(found.passages[0].id).value();
  EXPECT_EQ(whole.substr(hit.begin, hit.end - hit.begin), hit.text);
  EXPECT_EQ(snapshot->show(999999).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace tamis::test
