#include <gtest/gtest.h>
#include <tamis/store/text_file.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

#include "sql/child_process.h"

namespace tamis::store {
namespace {

TEST(TextFileThreads, several_threads_read_one_file) {
  const tamis::test::TempFolder folder;
  std::string stream;
  for (int i = 0; stream.size() < 400000; ++i) stream += "line " + std::to_string(i * 7919) + "\n";
  auto writer = TextWriter::create(folder / "a.text").value();
  ASSERT_TRUE(writer.append(stream));
  ASSERT_TRUE(writer.finish());
  const auto file = TextFile::open(folder / "a.text").value();
  std::vector<std::string> wrong(4);
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 rng(t);
      for (int i = 0; i < 300; ++i) {
        const auto offset = rng() % stream.size();
        const auto bytes = rng() % std::min<std::size_t>(stream.size() - offset, 50000);
        const auto seen = file.read(offset, bytes);
        if (!seen || *seen != stream.substr(offset, bytes)) wrong[t] = "offset " + std::to_string(offset);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& message : wrong) EXPECT_EQ(message, "");
}

}  // namespace
}  // namespace tamis::store
