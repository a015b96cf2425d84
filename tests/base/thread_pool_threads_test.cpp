#include <gtest/gtest.h>
#include <tamis/base/thread_pool.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <numeric>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace tamis {
namespace {

constexpr std::size_t kPoolSizes[] = {1, 2, 3, 8};

Error failure_of(std::size_t i) { return Error{Code::kNotFound, std::to_string(i)}; }

TEST(ThreadPool, has_the_size_that_was_asked_for) {
  for (const std::size_t size : kPoolSizes) EXPECT_EQ(ThreadPool(size).size(), size);
  EXPECT_EQ(ThreadPool().size(), std::max(1U, std::thread::hardware_concurrency()));
}

TEST(ThreadPool, parallel_for_calls_every_index_once_and_never_shares_a_worker) {
  for (const std::size_t size : kPoolSizes) {
    ThreadPool pool(size);
    for (std::uint32_t seed = 0; seed < 50; ++seed) {
      const std::size_t count = std::mt19937(seed)() % 200;
      std::vector<int> calls(count);  // not atomic: tsan sees two threads on one element
      std::vector<std::size_t> scratch(size);
      const auto status = pool.parallel_for(count, [&](std::size_t i, std::size_t worker) -> Status {
        ++calls[i];
        scratch.at(worker) += i;
        return ok();
      });
      ASSERT_TRUE(status) << "seed=" << seed;
      ASSERT_EQ(std::count(calls.begin(), calls.end(), 1), static_cast<std::ptrdiff_t>(count)) << "seed=" << seed;
      ASSERT_EQ(std::accumulate(scratch.begin(), scratch.end(), std::size_t{0}), count * (count - 1) / 2 * (count > 0));
    }
  }
}

TEST(ThreadPool, parallel_for_returns_the_error_of_the_lowest_index_that_fails) {
  for (const std::size_t size : kPoolSizes) {
    ThreadPool pool(size);
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
      std::mt19937 rng(seed);
      const std::size_t count = 1 + rng() % 60;
      std::vector<char> fails(count);
      for (char& f : fails) f = rng() % 8 == 0;
      const auto first = static_cast<std::size_t>(std::find(fails.begin(), fails.end(), 1) - fails.begin());
      std::vector<std::atomic<int>> started(count);
      const auto status = pool.parallel_for(count, [&](std::size_t i, std::size_t) -> Status {
        ++started[i];
        if (i % 7 == 0) std::this_thread::yield();
        return fails[i] ? Status(failure_of(i)) : ok();
      });
      for (std::size_t i = 0; i < std::min(first + 1, count); ++i) ASSERT_EQ(started[i], 1) << "seed=" << seed;
      if (first == count) {
        ASSERT_TRUE(status) << "seed=" << seed;
      } else {
        ASSERT_FALSE(status) << "seed=" << seed;
        ASSERT_EQ(status.error().message, std::to_string(first)) << "seed=" << seed << " size=" << size;
      }
    }
  }
}

TEST(ThreadPool, what_a_body_throws_becomes_an_error) {
  for (const std::size_t size : kPoolSizes) {
    ThreadPool pool(size);
    const auto memory = pool.parallel_for(9, [](std::size_t, std::size_t) -> Status { throw std::bad_alloc(); });
    EXPECT_EQ(memory.error().code, Code::kExhausted);
    const auto other = pool.parallel_for(9, [](std::size_t, std::size_t) -> Status { throw std::logic_error("odd"); });
    EXPECT_NE(other.error().message.find("odd"), std::string::npos);
    const auto strange = pool.parallel_for(9, [](std::size_t, std::size_t) -> Status { throw 3; });
    EXPECT_FALSE(strange);
    EXPECT_TRUE(pool.parallel_for(9, [](std::size_t, std::size_t) { return ok(); })) << "the pool works on";
  }
}

TEST(ThreadPool, a_cancelled_loop_stops_soon_and_says_so) {
  for (const std::size_t size : kPoolSizes) {
    ThreadPool pool(size);
    CancelToken cancel;
    std::atomic<std::size_t> calls = 0;
    const auto body = [&](std::size_t, std::size_t) -> Status {
      if (++calls == 10) cancel.cancel();
      return ok();
    };
    EXPECT_EQ(pool.parallel_for(1'000'000, body, cancel).error().code, Code::kCancelled);
    EXPECT_LE(calls, 10 + size);
    EXPECT_EQ(pool.parallel_for(5, body, cancel).error().code, Code::kCancelled);
    EXPECT_TRUE(pool.parallel_for(0, body, cancel)) << "nothing was skipped";
  }
}

TEST(ThreadPool, a_cancel_after_the_last_call_began_changes_nothing) {
  for (const std::size_t size : kPoolSizes) {
    ThreadPool pool(size);
    CancelToken cancel;
    const auto status = pool.parallel_for(
        1,
        [&](std::size_t, std::size_t) -> Status {
          cancel.cancel();
          return ok();
        },
        cancel);
    EXPECT_TRUE(status);
  }
}

TEST(ThreadPool, several_threads_may_use_one_pool) {
  for (const std::size_t size : kPoolSizes) {
    ThreadPool pool(size);
    std::vector<std::jthread> callers;
    std::vector<std::size_t> sums(4);
    for (std::size_t c = 0; c < sums.size(); ++c) {
      callers.emplace_back([&, c] {
        for (int round = 0; round < 50; ++round) {
          std::vector<std::size_t> parts(20);
          const auto status = pool.parallel_for(parts.size(), [&](std::size_t i, std::size_t) -> Status {
            parts[i] = i;
            return ok();
          });
          if (status) sums[c] += std::accumulate(parts.begin(), parts.end(), std::size_t{0});
        }
      });
    }
    callers.clear();
    for (const std::size_t sum : sums) EXPECT_EQ(sum, 50U * 190U);
  }
}

/// One random pipeline, against the plain loop that defines it.
struct PipelineWorld {
  std::size_t count = 0, window = 0;
  std::optional<std::size_t> produce_fails, work_fails, consume_fails;

  explicit PipelineWorld(std::uint32_t seed) {
    std::mt19937 rng(seed);
    count = rng() % 60;
    window = rng() % 9;
    const auto maybe = [&]() -> std::optional<std::size_t> {
      return rng() % 3 == 0 ? std::optional<std::size_t>(rng() % 70) : std::nullopt;
    };
    produce_fails = maybe();
    work_fails = maybe();
    consume_fails = maybe();
  }
  /// What must be consumed, and the message of the error, "" if none.
  [[nodiscard]] std::pair<std::vector<std::size_t>, std::string> expected() const {
    std::vector<std::size_t> consumed;
    for (std::size_t i = 0;; ++i) {
      if (produce_fails == i) return {consumed, "produce " + std::to_string(i)};
      if (i == count) return {consumed, ""};
      if (work_fails == i) return {consumed, "work " + std::to_string(i)};
      if (consume_fails == i) return {consumed, "consume " + std::to_string(i)};
      consumed.push_back(i * i);
    }
  }
};

struct PipelineItem {
  std::size_t number = 0, square = 0;
};

TEST(ThreadPool, ordered_pipelines_do_what_the_plain_loop_does) {
  for (const std::size_t size : kPoolSizes) {
    ThreadPool pool(size);
    for (std::uint32_t seed = 0; seed < 750; ++seed) {
      const PipelineWorld world(seed);
      const auto fail = [](const char* where, std::size_t i) {
        return Error{Code::kNotFound, where + (" " + std::to_string(i))};
      };
      const auto caller = std::this_thread::get_id();
      std::vector<std::size_t> consumed;
      std::vector<std::size_t> scratch(size);
      std::size_t produced = 0;
      std::size_t most_in_flight = 0;
      const auto status = pool.ordered_pipeline<PipelineItem>(
          world.window,
          [&](PipelineItem& item) -> Result<bool> {
            EXPECT_EQ(std::this_thread::get_id(), caller);
            if (world.produce_fails == produced) return fail("produce", produced);
            if (produced == world.count) return false;
            item.number = produced++;
            most_in_flight = std::max(most_in_flight, produced - consumed.size());
            return true;
          },
          [&](PipelineItem& item, std::size_t worker) -> Status {
            scratch.at(worker) += 1;
            if (item.number % 5 == 0) std::this_thread::yield();
            if (world.work_fails == item.number) return fail("work", item.number);
            item.square = item.number * item.number;
            return ok();
          },
          [&](PipelineItem& item) -> Status {
            EXPECT_EQ(std::this_thread::get_id(), caller);
            if (world.consume_fails == item.number) return fail("consume", item.number);
            consumed.push_back(item.square);
            return ok();
          });
      const auto [expected, message] = world.expected();
      ASSERT_EQ(consumed, expected) << "seed=" << seed << " size=" << size;
      ASSERT_EQ(status ? "" : status.error().message, message) << "seed=" << seed << " size=" << size;
      ASSERT_LE(most_in_flight, std::max<std::size_t>(1, world.window)) << "seed=" << seed << " size=" << size;
    }
  }
}

TEST(ThreadPool, a_cancelled_pipeline_stops_and_waits_for_items_in_work) {
  for (const std::size_t size : kPoolSizes) {
    ThreadPool pool(size);
    for (std::size_t stop_at = 0; stop_at < 30; ++stop_at) {
      CancelToken cancel;
      std::size_t produced = 0;
      std::atomic<int> working = 0;
      const auto status = pool.ordered_pipeline<int>(
          4,
          [&](int&) -> Result<bool> {
            if (produced++ == stop_at) cancel.cancel();
            return true;  // for ever
          },
          [&](int&, std::size_t) -> Status {
            ++working;
            std::this_thread::sleep_for(std::chrono::microseconds(50));
            --working;
            return ok();
          },
          [](int&) { return ok(); }, cancel);
      EXPECT_EQ(working, 0);
      ASSERT_FALSE(status);
      EXPECT_EQ(status.error().code, Code::kCancelled);
    }
  }
}

TEST(ThreadPool, what_a_stage_throws_becomes_an_error) {
  for (const std::size_t size : kPoolSizes) {
    ThreadPool pool(size);
    for (int stage = 0; stage < 3; ++stage) {
      int left = 10;
      const auto status = pool.ordered_pipeline<int>(
          3,
          [&](int&) -> Result<bool> {
            if (stage == 0) throw std::bad_alloc();
            return left-- > 0;
          },
          [&](int&, std::size_t) -> Status {
            if (stage == 1) throw std::bad_alloc();
            return ok();
          },
          [&](int&) -> Status {
            if (stage == 2) throw std::bad_alloc();
            return ok();
          });
      ASSERT_FALSE(status) << stage;
      EXPECT_EQ(status.error().code, Code::kExhausted) << stage;
    }
  }
}

TEST(ThreadPool, produce_and_consume_may_use_the_pool) {
  for (const std::size_t size : kPoolSizes) {
    ThreadPool pool(size);
    std::atomic<int> calls = 0;
    const auto use_pool = [&] {
      return pool.parallel_for(3, [&](std::size_t, std::size_t) -> Status {
        ++calls;
        return ok();
      });
    };
    int left = 20;
    const auto status = pool.ordered_pipeline<int>(
        4,
        [&](int&) -> Result<bool> {
          TAMIS_TRY_OK(use_pool());
          return left-- > 0;
        },
        [](int&, std::size_t) { return ok(); }, [&](int&) { return use_pool(); });
    EXPECT_TRUE(status);
    EXPECT_EQ(calls, 3 * (21 + 20));
  }
}

TEST(ThreadPoolDeathTest, a_body_that_calls_its_own_pool_is_a_bug_that_is_named) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        ThreadPool pool(2);
        const auto body = [](std::size_t, std::size_t) { return ok(); };
        static_cast<void>(
            pool.parallel_for(2, [&](std::size_t, std::size_t) -> Status { return pool.parallel_for(2, body); }));
      },
      "must not call its own pool");
}

}  // namespace
}  // namespace tamis
