#include <gtest/gtest.h>
#include <tamis/store/catalogue.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "compare.h"
#include "sql/child_process.h"
#include "world.h"

namespace tamis::store {
namespace {

using namespace test;

TEST(CatalogueThreads, readers_see_whole_generations_while_a_writer_publishes) {
  const tamis::test::TempFolder folder;
  auto writer = Catalogue::create(folder / "catalogue.db").value();
  std::mutex mutex;
  std::vector<Model> states(1);  // by generation; one is here before it is published
  std::atomic<bool> done = false;
  const auto read = [&](std::string& wrong) {
    for (bool last = false; wrong.empty() && !last;) {
      last = done;
      auto reader = Catalogue::open(folder / "catalogue.db", false).value();
      for (int i = 0; i < 5 && wrong.empty(); ++i) {
        if (const auto pinned = reader.pin(); !pinned) {
          wrong = pinned.error().message;
          return;
        }
        const auto number = reader.generation().value().number;
        const auto expected = [&] {
          const std::lock_guard lock(mutex);
          return states.at(number);
        }();
        wrong = difference(reader, expected);
        reader.unpin();
      }
    }
  };
  std::vector<std::string> wrong(3);
  std::vector<std::thread> readers;
  for (auto& message : wrong) readers.emplace_back([&] { read(message); });
  Worlds worlds(3);
  for (int step = 0; step < 60; ++step) {
    Model next = states.back();
    const auto publication = worlds.publication(next);
    next.publish(publication);
    {
      const std::lock_guard lock(mutex);
      states.push_back(std::move(next));
    }
    const auto published = writer.publish(publication);
    EXPECT_TRUE(published) << published.error().message;
    if (!published) break;
  }
  done = true;
  for (auto& reader : readers) reader.join();
  for (const auto& message : wrong) EXPECT_EQ(message, "");
}

}  // namespace
}  // namespace tamis::store
