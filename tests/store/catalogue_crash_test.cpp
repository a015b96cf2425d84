#include <fcntl.h>
#include <gtest/gtest.h>
#include <tamis/store/catalogue.h>

#include <csignal>

#include "compare.h"
#include "sql/child_process.h"
#include "world.h"

namespace tamis::store {
namespace {

using namespace test;

/// The n-th state of the one history that a seed gives; each process can work it out by itself.
class History {
 public:
  explicit History(std::uint32_t seed) : worlds_(seed) {}
  [[nodiscard]] const Model& model() const { return model_; }
  Publication next() {
    auto publication = worlds_.publication(model_);
    model_.publish(publication);
    return publication;
  }
  void advance_to(std::uint64_t generation) {
    while (model_.generation < generation) next();
  }

 private:
  Worlds worlds_;
  Model model_;
};

/// Publishes until it is killed, and tells after each publication that it has returned.
[[noreturn]] void publish_until_killed(const std::filesystem::path& path, std::uint32_t seed, int report) {
  auto made = std::filesystem::exists(path) ? Catalogue::open(path, true) : Catalogue::create(path);
  if (!made) ::_exit(1);
  auto& catalogue = *made;
  History history(seed);
  history.advance_to(catalogue.generation().value().number);
  for (;;) {
    if (!catalogue.publish(history.next())) ::_exit(2);
    const auto number = history.model().generation;
    if (::write(report, &number, sizeof number) != sizeof number) ::_exit(3);
  }
}

/// The last generation whose publish() had returned; 0 if none had.
std::uint64_t last_report(int pipe) {
  std::uint64_t last = 0;
  std::uint64_t number = 0;
  while (::read(pipe, &number, sizeof number) == sizeof number) last = number;
  return last;
}

TEST(Catalogue, a_writer_killed_at_any_moment_leaves_a_published_state) {
  std::mt19937 rng(1);
  std::uint64_t kills = 0;
  for (std::uint32_t seed = 0; seed < 14; ++seed) {
    const tamis::test::TempFolder folder;
    const auto path = folder / "catalogue.db";
    std::uint64_t promised = 0;
    for (int round = 0; round < 16; ++round, ++kills) {
      int ends[2];
      ASSERT_EQ(::pipe(ends), 0);
      const pid_t child = ::fork();
      if (child == 0) publish_until_killed(path, seed, ends[1]);
      ::close(ends[1]);
      ::usleep(static_cast<useconds_t>(rng() % 12000));
      ::kill(child, SIGKILL);
      int status = 0;
      ::waitpid(child, &status, 0);
      ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the writer ended by itself: " << status;
      promised = std::max(promised, last_report(ends[0]));
      ::close(ends[0]);
      if (!std::filesystem::exists(path)) {
        ASSERT_EQ(promised, 0U) << "a catalogue is gone";
        continue;
      }
      const auto survivor = Catalogue::open(path, rng() % 2 == 0);
      ASSERT_TRUE(survivor) << survivor.error().message << " seed=" << seed << " round=" << round;
      const auto sound = survivor->verify();
      ASSERT_TRUE(sound) << sound.error().message << " seed=" << seed << " round=" << round;
      const auto number = survivor->generation().value().number;
      ASSERT_GE(number, promised) << "publish() had returned, so it was durable";
      ASSERT_LE(number, promised + 1);
      promised = number;
      History history(seed);
      history.advance_to(number);
      ASSERT_EQ(difference(*survivor, history.model()), "") << "seed=" << seed << " round=" << round;
    }
  }
  EXPECT_GE(kills, 200U);
}

}  // namespace
}  // namespace tamis::store
