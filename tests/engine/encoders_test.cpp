// Vectors of encoders beside words: made behind the texts, in parts, once each.
#include <chrono>

#include "children.h"
#include "word_shapes.h"

namespace tamis::test {
namespace {

const std::string kQuestion = "copper garden violin of the forest";

TEST(Encoders, every_passage_has_the_vector_of_its_title_headings_and_text) {
  const World world;
  const auto encoder = std::make_shared<WordShapes>();
  write_lines(world, "a.jsonl", 1, 300);
  world.write("deep/b.md", "# Guide\n\nIntro words.\n\n## Walnut trees\n\nPlant a walnut by the river.\n");
  const auto report = ingest(world, with(encoder, 2)).value();
  EXPECT_EQ(report.passages_encoded, report.passages);
  EXPECT_EQ(report.passages_waiting, 0U);
  EXPECT_EQ(encoder->texts, report.passages);
  EXPECT_NE(naive_ranking(world.index(), kQuestion), "");
  EXPECT_EQ(ranking(world.index(), *encoder, kQuestion), naive_ranking(world.index(), kQuestion));
  EXPECT_EQ(verify(world.index()), Names());
  EXPECT_EQ(orphans(world.index()), Names());
  const auto infos = Engine::open(world.index()).value().encoders().value();
  ASSERT_EQ(infos.size(), 1U);
  EXPECT_EQ(infos[0].model, "the/shapes");
}

TEST(Encoders, nothing_is_encoded_twice_through_any_history) {
  for (std::uint32_t seed = 0; seed < 12; ++seed) {
    const World world;
    std::mt19937 rng(seed);
    const auto encoder = std::make_shared<WordShapes>();
    for (int step = 0; step < 8; ++step) {
      for (int i = 0; i < 3; ++i) {
        const auto name = fmt::format("{}.jsonl", rng() % 6);
        if (rng() % 4 == 0) {
          world.remove(name);
        } else {
          write_lines(world, name, static_cast<std::uint32_t>(rng()), static_cast<int>(rng() % 40));
        }
      }
      auto options = with(encoder, 1 + rng() % 2);
      if (rng() % 3 == 0) options.memory_bytes = 1;
      const auto before = encoder->texts.load();
      const auto report = ingest(world, options).value();
      ASSERT_EQ(encoder->texts - before, report.passages) << "seed=" << seed << " step=" << step;
      if (rng() % 3 == 0) {
        ASSERT_TRUE(merge(world.index(), rng() % 2 == 0));
      }
      if (Engine::open(world.index()).value().is_new().value()) continue;
      ASSERT_EQ(ranking(world.index(), *encoder, kQuestion), naive_ranking(world.index(), kQuestion)) << seed;
      ASSERT_EQ(verify(world.index()), Names()) << "seed=" << seed << " step=" << step;
      ASSERT_EQ(orphans(world.index()), Names()) << "seed=" << seed << " step=" << step;
    }
  }
}

TEST(Encoders, a_stopped_run_leaves_words_and_the_next_goes_on_to_the_same_bytes) {
  constexpr int kLines = 9000;  // two whole parts and a piece
  const World whole;
  write_lines(whole, "a.jsonl", 5, kLines);
  ASSERT_TRUE(ingest(whole, with(std::make_shared<WordShapes>(), 2)));
  const auto wanted = vector_files(whole.index());
  ASSERT_EQ(wanted.size(), 1U);

  const World world;
  write_lines(world, "a.jsonl", 5, kLines);
  std::uint64_t texts = 0;
  int runs = 0;
  for (const std::uint64_t stop_at : {100, 6000, 4200}) {
    auto encoder = std::make_shared<WordShapes>();
    CancelToken cancel;
    encoder->before_text = [&, at = stop_at] {
      if (encoder->texts >= at) cancel.cancel();
    };
    auto engine = Engine::open_or_create(world.index()).value();
    NoProgress progress;
    const auto report = engine.ingest({world.files()}, with(encoder), progress, cancel);
    encoder->before_text = nullptr;
    texts += encoder->texts;
    ++runs;
    if (report) break;
    ASSERT_EQ(report.error().code, Code::kCancelled) << report.error().message;
    EXPECT_NE(report.error().message.find("the next run goes on"), std::string::npos) << report.error().message;
    EXPECT_EQ(ranking(world.index(), *encoder, kQuestion), "");
    EXPECT_EQ(sorted_answers(world.index(), "copper").size(), sorted_answers(whole.index(), "copper").size());
    EXPECT_EQ(verify(world.index()), Names());
    EXPECT_GT(engine.encoders().value()[0].passages_waiting, 0U);
  }
  const auto last = std::make_shared<WordShapes>();
  ASSERT_TRUE(ingest(world, with(last, 2)));
  EXPECT_EQ(vector_files(world.index()), wanted);
  EXPECT_GE(runs, 2);
  EXPECT_LT(last->texts, kLines - 4000U) << "the parts that were there were not made again";
  EXPECT_EQ(orphans(world.index()), Names());
}

TEST(Encoders, a_killed_run_goes_on_to_the_same_bytes) {
  const World whole;
  write_lines(whole, "a.jsonl", 7, 9000);
  ASSERT_TRUE(ingest(whole, with(std::make_shared<WordShapes>())));
  const auto wanted = vector_files(whole.index());
  for (std::uint64_t die_at : {1, 4500, 8300, 8999}) {
    const World world;
    write_lines(world, "a.jsonl", 7, 9000);
    const auto status = run_in_child([&]() -> std::string {
      auto encoder = std::make_shared<WordShapes>();
      encoder->before_text = [&, at = die_at] {
        if (encoder->texts + 1 == at) ::kill(::getpid(), SIGKILL);
      };
      return ingest(world, with(encoder)).has_value() ? "it lived" : "it failed";
    });
    ASSERT_EQ(status, 128 + SIGKILL);
    const auto encoder = std::make_shared<WordShapes>();
    ASSERT_TRUE(ingest(world, with(encoder)));
    EXPECT_EQ(vector_files(world.index()), wanted) << die_at;
    EXPECT_LE(encoder->texts, 9000U) << die_at;
    if (die_at > 8500) {
      EXPECT_LE(encoder->texts, 9000U - 4096U) << "the first part was there";
    }
    EXPECT_EQ(verify(world.index()), Names());
  }
}

TEST(Encoders, a_damaged_part_and_what_follows_it_is_made_again) {
  const World whole;
  write_lines(whole, "a.jsonl", 7, 12000);
  ASSERT_TRUE(ingest(whole, with(std::make_shared<WordShapes>())));
  const World world;
  write_lines(world, "a.jsonl", 7, 12000);
  auto tired = std::make_shared<WordShapes>();
  tired->fail_at = 11900;
  const auto failed = ingest(world, with(tired));
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("tired"), std::string::npos);
  const auto part = world.index() / "segments" / "000001.shapes.part.000000";
  ASSERT_TRUE(fs::exists(part));
  std::fstream file(part, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(fs::file_size(part) / 2));
  file.put('x');
  file.put('y');
  file.close();
  const auto encoder = std::make_shared<WordShapes>();
  ASSERT_TRUE(ingest(world, with(encoder)));
  EXPECT_EQ(encoder->texts, 12000U);
  EXPECT_EQ(vector_files(world.index()), vector_files(whole.index()));
}

TEST(Encoders, an_index_of_words_gets_vectors_later_and_a_run_without_the_model_leaves_gaps) {
  const World world;
  const auto encoder = std::make_shared<WordShapes>();
  write_lines(world, "a.jsonl", 3, 50);
  fs::last_write_time(world.files() / "a.jsonl", fs::file_time_type::clock::now() - std::chrono::hours(5));
  ASSERT_TRUE(ingest(world, with(nullptr)));
  EXPECT_EQ(Engine::open(world.index()).value().encoders().value().size(), 0U);
  auto report = ingest(world, with(encoder)).value();
  EXPECT_EQ(report.passages, 0U);
  EXPECT_EQ(report.passages_encoded, 50U);
  EXPECT_TRUE(report.published);
  EXPECT_FALSE(ingest(world, with(encoder)).value().published);

  write_lines(world, "b.jsonl", 4, 20);
  report = ingest(world, with(nullptr)).value();
  EXPECT_EQ(report.passages_waiting, 20U);
  EXPECT_EQ(ranking(world.index(), *encoder, kQuestion), "");
  EXPECT_EQ(Engine::open(world.index()).value().info().value().encoders[0].passages_waiting, 20U);
  ASSERT_TRUE(merge(world.index()));
  EXPECT_EQ(verify(world.index()), Names());
  EXPECT_EQ(ingest(world, with(encoder)).value().passages_encoded, 20U);
  EXPECT_EQ(ranking(world.index(), *encoder, kQuestion), naive_ranking(world.index(), kQuestion));
  ASSERT_TRUE(merge(world.index()));
  EXPECT_EQ(ranking(world.index(), *encoder, kQuestion), naive_ranking(world.index(), kQuestion));
}

TEST(Encoders, another_model_of_the_same_name_is_refused_until_a_rebuild) {
  const World world;
  write_lines(world, "a.jsonl", 3, 30);
  ASSERT_TRUE(ingest(world, with(std::make_shared<WordShapes>())));
  const auto other = std::make_shared<WordShapes>("shapes", "shapes/2");
  const auto refused = ingest(world, with(other));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
  EXPECT_NE(refused.error().message.find("shapes/1"), std::string::npos) << refused.error().message;
  EXPECT_EQ(other->texts, 0U);
  auto options = with(other);
  options.rebuild = true;
  ASSERT_TRUE(ingest(world, options));
  EXPECT_EQ(Engine::open(world.index()).value().encoders().value()[0].fingerprint, "shapes/2");
  EXPECT_EQ(ranking(world.index(), *other, kQuestion), naive_ranking(world.index(), kQuestion));
  options = with(nullptr);
  options.rebuild = true;
  ASSERT_TRUE(ingest(world, options));
  EXPECT_TRUE(Engine::open(world.index()).value().encoders().value().empty());
  EXPECT_EQ(verify(world.index()), Names());
}

TEST(Encoders, several_live_in_one_index_and_rank_together) {
  const World world;
  write_lines(world, "a.jsonl", 3, 200);
  const auto one = std::make_shared<WordShapes>("one", "one/1");
  const auto two = std::make_shared<WordShapes>("two", "two/1");
  auto options = with(one, 2);
  options.encoders.push_back({"two", two});
  ASSERT_TRUE(ingest(world, options));
  EXPECT_EQ(ranking(world.index(), *one, kQuestion), naive_ranking(world.index(), kQuestion));
  EXPECT_EQ(ranking(world.index(), *two, kQuestion), naive_ranking(world.index(), kQuestion));
  const auto snapshot = Engine::open(world.index()).value().snapshot().value();
  EXPECT_EQ(snapshot->collection().vector_fields(), (std::vector<std::string>{"one", "two"}));
  const auto worker = one->make_worker();
  search::SearchOptions fused;
  fused.method = search::parse_method("one+bm25").value();
  fused.encoders.push_back({"one", worker.get()});
  search::Searcher searcher;
  const auto query = search::plain_query(kQuestion).value();
  const auto found = searcher.search(snapshot->collection(), query, fused).value();
  ASSERT_FALSE(found.passages.empty());
  const auto best = found.passages.front();
  const auto shares = searcher.explain(snapshot->collection(), query, fused, best.id).value();
  ASSERT_EQ(shares.size(), 2U);
  float sum = 0;
  for (const auto& share : shares) {
    sum += share.score / share.largest;
    float products = 0;
    for (const auto& term : share.terms) products += term.query_weight * term.passage_weight;
    EXPECT_NEAR(products, share.score, 1e-3F * share.score) << share.field;
  }
  EXPECT_NEAR(sum, best.score, 1e-5F);
  fused.method = search::parse_method("three+bm25").value();
  EXPECT_EQ(searcher.search(snapshot->collection(), query, fused).error().code, Code::kInvalidArgument);
  fused.method = search::parse_method("two").value();
  EXPECT_EQ(searcher.search(snapshot->collection(), query, fused).error().code, Code::kInvalidArgument);
}

TEST(Encoders, names_that_no_field_can_have_are_refused_before_anything_is_read) {
  const World world;
  write_lines(world, "a.jsonl", 3, 5);
  for (const auto* name : {"", "bm25", "vectors", "a/b", "a b", ".hidden", "-x", "a+b", "a.part.000001", "ü"}) {
    const auto refused = ingest(world, with(std::make_shared<WordShapes>(name, "x")));
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, Code::kInvalidArgument) << name;
  }
  EXPECT_TRUE(ingest(world, with(std::make_shared<WordShapes>("Splade_v3.1-x", "x"))));
}

TEST(Encoders, damage_in_a_vector_file_is_found) {
  const World world;
  write_lines(world, "a.jsonl", 3, 100);
  ASSERT_TRUE(ingest(world, with(std::make_shared<WordShapes>())));
  const auto path = world.index() / "segments" / "000001.shapes.field";
  const auto size = fs::file_size(path);
  std::mt19937 rng(1);
  for (int i = 0; i < 60; ++i) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const auto at = static_cast<std::streamoff>(rng() % size);
    file.seekg(at);
    const char old = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(old ^ static_cast<char>(1 << (rng() % 8))));
    file.close();
    EXPECT_NE(verify(world.index()), Names()) << at;
    std::fstream mend(path, std::ios::in | std::ios::out | std::ios::binary);
    mend.seekp(at);
    mend.put(old);
  }
  EXPECT_EQ(verify(world.index()), Names());
  fs::resize_file(path, size / 2);
  EXPECT_NE(verify(world.index()), Names());
  EXPECT_FALSE(Engine::open(world.index()).value().snapshot());
}

TEST(Encoders, an_empty_folder_and_an_index_of_vectors_do_without) {
  const World world;
  const auto encoder = std::make_shared<WordShapes>();
  ASSERT_TRUE(ingest(world, with(encoder)));
  EXPECT_EQ(encoder->texts, 0U);
  world.write("only-dots.txt", "...\n");
  ASSERT_TRUE(ingest(world, with(encoder)));
  EXPECT_EQ(verify(world.index()), Names());
}

}  // namespace
}  // namespace tamis::test
