// Readers while a writer works: each snapshot is one published state, whole, for as long as it lives.
#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "word_shapes.h"

namespace tamis::test {
namespace {

constexpr int kFiles = 24;

void write_round(const World& world, int round) {
  for (int i = 0; i < kFiles; ++i) {
    world.write(fmt::format("{:02}.txt", i), fmt::format("copper round{} file{}\n", std::string(round, 'x'), i));
  }
}

/// Every snapshot shows all files, each once, all of the same round, now and when it is asked again later.
void check(const Snapshot& snapshot, Answers& first) {
  const auto found = answers(snapshot, "copper");
  ASSERT_TRUE(found.has_value()) << found.error().message;
  ASSERT_EQ(found->size(), static_cast<std::size_t>(kFiles));
  std::set<std::string> rounds, documents;
  for (const auto& answer : *found) {
    rounds.insert(answer.text.substr(0, answer.text.find(" file")));
    documents.insert(answer.document);
  }
  EXPECT_EQ(rounds.size(), 1U) << "half of one run, half of another";
  EXPECT_EQ(documents.size(), static_cast<std::size_t>(kFiles));
  if (first.empty()) first = *found;
  EXPECT_TRUE(*found == first) << "a snapshot changed";
}

TEST(Snapshots, live_through_runs_and_merges) {
  const World world;
  write_round(world, 0);
  auto options = plain_options();
  options.threads = 2;
  ASSERT_TRUE(ingest(world, options).has_value());
  std::atomic<bool> done = false;
  std::atomic<int> opened = 0;
  const auto read = [&](bool holds_long) {
    auto engine = Engine::open(world.index()).value();
    auto old = engine.snapshot().value();
    Answers of_old;
    while (!done) {
      check(*old, of_old);
      auto snapshot = engine.snapshot();
      ASSERT_TRUE(snapshot.has_value()) << snapshot.error().message;
      Answers of_new;
      check(**snapshot, of_new);
      ++opened;
      if (holds_long && opened % 7 != 0) continue;
      old = std::move(*snapshot);
      of_old = std::move(of_new);
    }
  };
  std::thread one([&] { read(true); });
  std::thread two([&] { read(false); });
  for (int round = 1; round <= 12; ++round) {
    write_round(world, round);
    const auto report = ingest(world, options);
    EXPECT_TRUE(report.has_value()) << report.error().message;
    if (round % 3 == 0) {
      EXPECT_TRUE(merge(world.index()).has_value());
    }
  }
  while (opened < 20) std::this_thread::yield();
  done = true;
  one.join();
  two.join();
  EXPECT_EQ(verify(world.index()), Names());
}

TEST(Snapshots, offer_vectors_only_when_every_passage_has_one) {
  const World world;
  write_round(world, 0);
  const auto encoder = std::make_shared<WordShapes>();
  std::atomic<bool> done = false;
  ASSERT_TRUE(ingest(world, with(encoder, 2)).has_value());
  std::thread reader([&] {
    auto engine = Engine::open(world.index()).value();
    while (!done) {
      const auto snapshot = engine.snapshot();
      ASSERT_TRUE(snapshot.has_value()) << snapshot.error().message;
      const auto& collection = (*snapshot)->collection();
      const auto waiting = (*snapshot)->encoders().at(0).passages_waiting;
      EXPECT_EQ(collection.vector_fields().size(), waiting == 0 ? 1U : 0U);
      for (const auto& segment : collection.segments()) {
        EXPECT_EQ(segment.vectors.size(), collection.vector_fields().size());
        for (const auto* vectors : segment.vectors) EXPECT_EQ(vectors->num_passages(), segment.field->num_passages());
      }
    }
  });
  for (int round = 1; round <= 8; ++round) {
    write_round(world, round);
    const auto report = ingest(world, with(encoder, 2));
    EXPECT_TRUE(report.has_value()) << report.error().message;
    if (round % 3 == 0) {
      EXPECT_TRUE(merge(world.index()).has_value());
    }
  }
  done = true;
  reader.join();
  EXPECT_EQ(verify(world.index()), Names());
}

TEST(Snapshots, verify_beside_a_writer_finds_nothing) {
  const World world;
  write_round(world, 0);
  ASSERT_TRUE(ingest(world).has_value());
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int round = 1; round <= 10; ++round) {
      write_round(world, round);
      EXPECT_TRUE(ingest(world).has_value());
    }
    done = true;
  });
  int checks = 0;
  while (!done || checks < 3) {
    const auto findings = verify(world.index());
    EXPECT_EQ(findings, Names());
    ++checks;
  }
  writer.join();
}

TEST(Pipeline, a_run_that_is_cancelled_in_the_middle_leaves_a_published_state) {
  for (std::uint32_t seed = 0; seed < 6; ++seed) {
    std::mt19937 rng(seed);
    const World world;
    for (int i = 0; i < 300; ++i) world.write(fmt::format("{}.md", i), random_text(rng, 200));
    auto options = plain_options();
    options.threads = 3;
    CancelToken cancel;
    std::thread stopper([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(rng() % 200));
      cancel.cancel();
    });
    auto engine = Engine::open_or_create(world.index()).value();
    NoProgress progress;
    const auto report = engine.ingest({world.files()}, options, progress, cancel);
    stopper.join();
    if (!report) {
      EXPECT_EQ(report.error().code, Code::kCancelled) << report.error().message;
    }
    EXPECT_EQ(verify(world.index()), Names());
    EXPECT_EQ(orphans(world.index()), Names());
    ASSERT_TRUE(ingest(world, options).has_value());
    EXPECT_EQ(Engine::open(world.index()).value().info().value().generation.num_documents, 300U);
  }
}

}  // namespace
}  // namespace tamis::test
