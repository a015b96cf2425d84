#include <gtest/gtest.h>
#include <tamis/encode/encode_all.h>
#include <tamis/encode/idf_encoder.h>

#include <thread>

#include "tiny_model.h"

namespace tamis::encode {
namespace {

class CountingProgress final : public ProgressSink {
 public:
  void begin(std::string_view, std::uint64_t total, std::string_view) override { total_ = total; }
  void update(std::uint64_t done) override {
    EXPECT_GT(done, done_);
    done_ = done;
  }
  void end() override { ended_ = true; }
  std::uint64_t total_ = 0, done_ = 0;
  bool ended_ = false;
};

std::vector<std::string> some_texts() {
  std::mt19937 rng(3);
  std::vector<std::string> texts(1500);
  for (auto& text : texts) text = random_text(rng, 120);
  return texts;
}

TEST(EncodeAll, gives_the_same_vectors_on_any_number_of_threads) {
  const TinyModel model;
  const auto encoder = SpladeEncoder::open(model.path(), TextRole::kPassage).value();
  const auto texts = some_texts();
  std::vector<sparse::SparseVector> expected(texts.size());
  ASSERT_TRUE(encoder->make_worker()->encode(views(texts), expected));
  for (const std::size_t threads : {1U, 2U, 4U}) {
    ThreadPool pool(threads);
    CountingProgress progress;
    std::vector<sparse::SparseVector> out(texts.size());
    ASSERT_TRUE(encode_all(*encoder, views(texts), out, pool, progress));
    EXPECT_EQ(progress.total_, texts.size());
    EXPECT_EQ(progress.done_, texts.size());
    EXPECT_TRUE(progress.ended_);
    for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_TRUE(same(out[i], expected[i])) << "text " << i;
  }
}

TEST(EncodeAll, workers_of_one_encoder_do_not_disturb_each_other) {
  const TinyModel model;
  const auto tokenizer = text::Tokenizer::open(model.path()).value();
  const auto network = SpladeEncoder::open(model.path(), TextRole::kQuery).value();
  const auto idf = IdfEncoder::from_frequencies(tokenizer, 100, [](TermId term) -> std::uint64_t { return term; });
  const auto texts = some_texts();
  for (const sparse::TextEncoder* encoder :
       {static_cast<const sparse::TextEncoder*>(network.get()), static_cast<const sparse::TextEncoder*>(idf.get())}) {
    std::vector<std::vector<sparse::SparseVector>> out(4, std::vector<sparse::SparseVector>(200));
    {
      std::vector<std::jthread> threads;
      for (auto& vectors : out) {
        threads.emplace_back([&] {
          const auto worker = encoder->make_worker();
          for (std::size_t i = 0; i < vectors.size(); ++i) {
            const std::string_view alone[] = {texts[i]};
            EXPECT_TRUE(worker->encode(alone, std::span(vectors).subspan(i, 1)));
          }
        });
      }
    }
    for (std::size_t i = 0; i < 200; ++i) {
      for (const auto& vectors : out) EXPECT_TRUE(same(vectors[i], out[0][i])) << "text " << i;
    }
  }
}

TEST(EncodeAll, stops_when_asked_and_names_a_text_that_is_refused) {
  const TinyModel model;
  const auto encoder = SpladeEncoder::open(model.path(), TextRole::kPassage).value();
  ThreadPool pool(2);
  NoProgress progress;
  auto texts = some_texts();
  std::vector<sparse::SparseVector> out(texts.size());
  CancelToken cancel;
  cancel.cancel();
  const auto stopped = encode_all(*encoder, views(texts), out, pool, progress, cancel);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::kCancelled);
  texts.resize(1);
  texts.emplace_back(kMaxTextBytes + 1, ' ');
  out.resize(2);
  const auto refused = encode_all(*encoder, views(texts), out, pool, progress);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
  EXPECT_NE(refused.error().message.find("text 1"), std::string::npos) << refused.error().message;
  EXPECT_FALSE(encode_all(*encoder, views(texts), std::span(out).first(1), pool, progress));
}

}  // namespace
}  // namespace tamis::encode
