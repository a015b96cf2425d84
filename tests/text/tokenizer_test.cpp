#include <gtest/gtest.h>
#include <tamis/text/tokenizer.h>

#include <random>
#include <string>
#include <vector>

#include "tokenizer_laws.h"
#include "tokenizer_worlds.h"
#include "worlds.h"

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

TEST(Tokenizer, bytes_are_joined_as_gpt2_does) {
  const auto tokenizer = Tokenizer::from_json(byte_level_json()).value();
  EXPECT_EQ(spell(tokenizer, "the  thing <mask>e\xCC\x81"),
            "the 0-3|Ġ 4-4|Ġ 5-5|th 5-7|ing 7-10|<mask> 11-17|Ã© 17-18");
  EXPECT_EQ(spell(tokenizer, "a    the"), "a 0-1|     5-5|the 5-8");
}

TEST(Tokenizer, words_begin_with_a_letter_for_the_space_as_sentencepiece_does) {
  const auto tokenizer = Tokenizer::from_json(unigram_json()).value();
  EXPECT_EQ(spell(tokenizer, "the  ab ﬁxy"), "▁the 0-3|▁ab 4-7|▁ 7-8|fi 8-11|<unk> 11-13");
  EXPECT_EQ(tokenizer.suffix().size(), 1U);
}

TEST(Tokenizer, laws_hold_on_random_texts) {
  for (const auto& json : {bert_json({"run", "##ning", "a", "##b", ",", "the"}), byte_level_json(), unigram_json()}) {
    const auto tokenizer = Tokenizer::from_json(json).value();
    Tokenizer::Scratch warm;
    for (std::uint32_t seed = 0; seed < 1000; ++seed) {
      std::mt19937 rng(seed);
      ASSERT_EQ(broken_law(tokenizer, random_text(rng, 30), warm), "") << "seed=" << seed;
    }
  }
}

/// An added token that is looked for in the normalised text forbids the short cut.
TEST(Tokenizer, the_short_cut_for_bert_equals_the_rules) {
  for (const char* rule : {R"({"type": "BertNormalizer"})", R"({"type": "BertNormalizer", "lowercase": false})",
                           R"({"type": "BertNormalizer", "clean_text": false, "handle_chinese_chars": false})"}) {
    std::string json =
        bert_json({"run", "##ning", "the", "a", "##b", "1", "##0", ",", "\"", "北", "京", "haus", "##er"}, rule);
    const auto quick = Tokenizer::from_json(json).value();
    json.replace(json.find("\"added_tokens\": ["), 17, R"("added_tokens": [{"content": "qqqqqqqq"}, )");
    const auto slow = Tokenizer::from_json(json).value();
    Tokenizer::Scratch quick_scratch, slow_scratch;
    for (std::uint32_t seed = 0; seed < 3000; ++seed) {
      std::mt19937 rng(seed);
      const std::string text = random_text(rng, 30);
      std::vector<Tokenizer::Token> wanted, seen;
      slow.encode(text, slow_scratch, wanted);
      quick.encode(text, quick_scratch, seen);
      ASSERT_EQ(seen, wanted) << rule << " seed=" << seed;
    }
  }
}

TEST(Tokenizer, unknown_kinds_are_named_with_what_is_known) {
  const auto message = [](std::string json, std::string_view from, std::string_view to) {
    json.replace(json.find(from), from.size(), to);
    const auto made = Tokenizer::from_json(json);
    return made ? std::string("made") : made.error().message;
  };
  const std::string json = bert_json({"run"});
  EXPECT_EQ(message(json, "BertNormalizer", "Shout").find("normalizer.type: \"Shout\" is not known (known: "), 0U);
  EXPECT_NE(message(json, "BertPreTokenizer", "Chop").find("BertPreTokenizer"), std::string::npos);
  EXPECT_NE(message(json, "BertProcessing", "Wrap").find("TemplateProcessing"), std::string::npos);
  EXPECT_EQ(message(json, "WordPiece", "Morse"), "model.type: \"Morse\" is not known (known: WordPiece, BPE, Unigram)");
  EXPECT_NE(message(json, "\"[UNK]\", \"cont", "\"[HUH]\", \"cont").find("model.unk_token"), std::string::npos);
}

TEST(Tokenizer, hostile_files_are_errors) {
  const auto message = [](const std::string& json) {
    const auto made = Tokenizer::from_json(json);
    return made ? std::string("made") : made.error().message;
  };
  const auto model = [&](const std::string& inside) { return message("{\"model\": {" + inside + "}}"); };
  EXPECT_NE(message("").find("not JSON"), std::string::npos);
  EXPECT_NE(message("[]").find("not an object"), std::string::npos);
  EXPECT_NE(message(std::string(100'000, '[')).find("not an object"), std::string::npos);
  EXPECT_NE(message("{\"model\": " + std::string(100'000, '[')).find("not JSON"), std::string::npos);
  EXPECT_NE(message(bert_json({"run"}) + "{}").find("more behind its end"), std::string::npos);
  EXPECT_NE(message(R"({"model": {}, "model": {}})").find("given twice"), std::string::npos);
  EXPECT_NE(message(R"({"model": {"vocab": {"a": 0}, "vocab": {"a": 0}}})").find("given twice"), std::string::npos);
  EXPECT_NE(model(R"("type": "WordPiece", "vocab": {"[UNK]": 4000000000})").find("not a whole number"),
            std::string::npos);
  EXPECT_NE(model(R"("type": "WordPiece", "vocab": {"[UNK]": 1, "a": 1})").find("twice"), std::string::npos);
  EXPECT_NE(model(R"("type": "WordPiece", "vocab": {"[UNK]": -1})").find("not a whole number"), std::string::npos);
  EXPECT_NE(model(R"("type": "BPE", "vocab": {"a": 0}, "merges": ["a b"])").find("model.merges[0]"), std::string::npos);
  EXPECT_NE(model(R"("type": "BPE", "vocab": {"a": 0}, "merges": [], "dropout": 0.5)").find("dropout"),
            std::string::npos);
  EXPECT_NE(model(R"("type": "Unigram", "vocab": [["a", 0]], "unk_id": 7)").find("model.unk_id"), std::string::npos);
  EXPECT_NE(model(R"("type": "Unigram", "vocab": [["a"]], "unk_id": 0)").find("model.vocab[0]"), std::string::npos);
  EXPECT_NE(model(R"("type": "Unigram", "vocab": [["a", 1e999]], "unk_id": 0)").find("model.vocab[0]"),
            std::string::npos);
  EXPECT_NE(model(R"("type": "Unigram", "vocab": {"a": 0}, "unk_id": 0)").find("not an array"), std::string::npos);
  EXPECT_NE(model(R"("type": "BPE", "vocab": [["a", 0]], "merges": [])").find("not an object"), std::string::npos);
  EXPECT_NE(model(R"("type": "BPE", "vocab": {"a": 0}, "merges": {})").find("not an array"), std::string::npos);
  EXPECT_NE(model(R"("type": "BPE", "vocab": {"a": 0}, "merges": [["a", "a", "a"]])").find("not a pair"),
            std::string::npos);
  EXPECT_NE(model("\"type\": \"WordPiece\", \"vocab\": {\"[UNK]\": 0, \"" + std::string(5000, 'x') + "\": 1}")
                .find("5000 bytes"),
            std::string::npos);
  std::string deep = R"({"type": "NFC"})";
  for (int i = 0; i < 100; ++i) deep = R"({"type": "Sequence", "normalizers": [)" + deep + "]}";
  EXPECT_NE(message(bert_json({"a"}, deep)).find("not JSON"), std::string::npos);
  EXPECT_NE(
      message(bert_json({"a"}, R"({"type": "Precompiled", "precompiled_charsmap": "/////w=="})")).find("charsmap"),
      std::string::npos);
  EXPECT_NE(
      message(bert_json({"a"}, R"({"type": "Replace", "pattern": {"Regex": "("}, "content": ""})")).find("Replace"),
      std::string::npos);
}

TEST(Tokenizer, very_long_words_take_little_time) {
  for (const auto& json : {bert_json({"a", "##a"}), byte_level_json(), unigram_json()}) {
    const auto tokenizer = Tokenizer::from_json(json).value();
    Tokenizer::Scratch scratch;
    for (const std::string piece : {"a", "the", "\xCC\x81", "漢", "é", " ", "\xFF"}) {
      std::string text;
      while (text.size() < 30'000) text += piece;
      EXPECT_EQ(broken_law(tokenizer, text, scratch), "") << piece;
    }
  }
}

TEST(Tokenizer, the_fingerprint_changes_with_what_decides) {
  const auto print = [](const std::string& json) { return Tokenizer::from_json(json).value().fingerprint(); };
  EXPECT_EQ(print(bert_json({"a"})), print(bert_json({"a"})));
  EXPECT_NE(print(bert_json({"a"})), print(bert_json({"b"})));
  EXPECT_NE(print(bert_json({"a"})), print(bert_json({"a"}, R"({"type": "BertNormalizer", "lowercase": false})")));
}

}  // namespace
}  // namespace tamis::text
