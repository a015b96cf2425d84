#include <gtest/gtest.h>

#include <string>

#include "tokenizer_spec.h"

namespace tamis::text {
namespace {

/// "model_max_length" of many models is 10^30, which no 64 bits hold.
TEST(TokenizerConfig, may_hold_numbers_of_any_length) {
  TokenizerSpec spec;
  ASSERT_TRUE(read_tokenizer_config(
      R"({"model_max_length": 1000000000000000019884624838656, "mask_token": {"content": "<m>", "lstrip": true},
          "extra": [{"pad_token": 1}, -1e999], "pad\u005ftoken": "a\"b"})",
      spec));
  EXPECT_EQ(spec.mask_token.value_or(""), "<m>");
  EXPECT_EQ(spec.pad_token.value_or(""), "a\"b");
}

TEST(TokenizerConfig, a_token_that_is_null_has_no_name) {
  TokenizerSpec spec;
  ASSERT_TRUE(read_tokenizer_config(R"({"mask_token": null, "pad_token": 7})", spec));
  EXPECT_FALSE(spec.mask_token.has_value());
  EXPECT_FALSE(spec.pad_token.has_value());
}

TEST(TokenizerConfig, broken_ones_are_errors) {
  for (const char* broken :
       {"", " ", "[", "[]", "{", "7", "{\"pad_token\" 1}", "{\"pad_token\": {]}", "{\"a\": 1 \"b\": 2}",
        "{\"pad_token\": \"x\", \"mask_token\"", "{\"pad_token\": \"\xFF\"}"}) {
    TokenizerSpec spec;
    const Status status = read_tokenizer_config(broken, spec);
    ASSERT_FALSE(status) << broken;
    EXPECT_EQ(status.error().code, Code::kCorrupt) << broken;
    EXPECT_NE(status.error().message.find("not JSON"), std::string::npos) << status.error().message;
  }
}

TEST(TokenizerConfig, decides_about_the_case_of_a_vocab_txt) {
  const char* const lines = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nrun\n";
  EXPECT_TRUE(read_vocabulary_text(lines, "").value().normalizers[0].lowercase);
  const auto cased =
      read_vocabulary_text(lines, R"({"do_lower_case": false, "model_max_length": 1)" + std::string(30, '0') +
                                      R"(, "strip_accents": true, "cls_token": "run"})");
  ASSERT_TRUE(cased) << cased.error().message;
  EXPECT_FALSE(cased->normalizers[0].lowercase);
  EXPECT_TRUE(cased->normalizers[0].strip_accents.value_or(false));
  EXPECT_EQ(cased->post_processor.prefix, std::vector<std::uint32_t>{5});
  const auto wrong = read_vocabulary_text(lines, R"({"do_lower_case": 3})");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("do_lower_case"), std::string::npos);
}

}  // namespace
}  // namespace tamis::text
