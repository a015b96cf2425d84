#include <gtest/gtest.h>
#include <tamis/text/tokenizer.h>

#include <string>
#include <vector>

#include "tokenizer_worlds.h"

namespace tamis::text {
namespace {

TEST(Tokenizer, words_are_cut_as_bert_does) {
  const auto tokenizer = Tokenizer::from_json(bert_json({"run", "##ning", "##s", "cafe", ",", "北", "the"})).value();
  EXPECT_EQ(spell(tokenizer, "The RUNNING runs, café 北京x"),
            "the 0-3|run 4-7|##ning 7-11|run 12-15|##s 15-16|, 16-17|cafe 18-23|北 24-27|[UNK] 27-30|[UNK] 30-31");
  EXPECT_EQ(spell(tokenizer, "run [SEP] x[MASK]ning"), "run 0-3|[SEP] 4-9|[UNK] 10-11|[MASK] 11-17|[UNK] 17-21");
  EXPECT_EQ(spell(tokenizer, ""), "");
  EXPECT_EQ(spell(tokenizer, " \t\n"), "");
}

TEST(Tokenizer, special_tokens_have_names) {
  const auto tokenizer = Tokenizer::from_json(bert_json({"run"})).value();
  ASSERT_EQ(tokenizer.prefix().size(), 1U);
  EXPECT_EQ(tokenizer.token(tokenizer.prefix()[0]), "[CLS]");
  EXPECT_EQ(tokenizer.token(tokenizer.suffix()[0]), "[SEP]");
  EXPECT_EQ(tokenizer.token(tokenizer.pad().value()), "[PAD]");
  EXPECT_EQ(tokenizer.token(tokenizer.mask().value()), "[MASK]");
  EXPECT_EQ(tokenizer.token(tokenizer.unknown().value()), "[UNK]");
  EXPECT_TRUE(tokenizer.is_special(tokenizer.id("[CLS]").value()));
  EXPECT_FALSE(tokenizer.is_special(tokenizer.id("run").value()));
  EXPECT_FALSE(tokenizer.id("walk").has_value());
  EXPECT_EQ(tokenizer.vocabulary_size(), 6U);
  EXPECT_EQ(tokenizer.token(17), "");
}

}  // namespace
}  // namespace tamis::text
