#include <gtest/gtest.h>
#include <tamis/search/method.h>

namespace tamis::search {
namespace {

using Fields = std::vector<std::string>;

TEST(Method, is_fields_joined_by_plus_and_a_fusion_behind_a_colon) {
  EXPECT_EQ(parse_method("bm25").value(), Method{});
  EXPECT_EQ(parse_method("splade-tiny").value().fields, Fields{"splade-tiny"});
  const auto sum = parse_method("a.b+bm25+c_1:minmax").value();
  EXPECT_EQ(sum.fields, (Fields{"a.b", "bm25", "c_1"}));
  EXPECT_EQ(sum.fusion, "minmax");
}

TEST(Method, reads_back_what_it_writes) {
  for (const auto* text : {"bm25", "a+b:minmax", "x+y+z:minmax"}) {
    EXPECT_EQ(to_string(parse_method(text).value()), text);
  }
  EXPECT_EQ(to_string(parse_method("a+b").value()), "a+b:minmax");
}

TEST(Method, what_makes_no_sense_is_refused_and_the_message_says_what_does) {
  for (const auto* text : {"", "+", "a+", "+a", "a++b", ":minmax", "a+a", "a+b+a:minmax"}) {
    const auto method = parse_method(text);
    ASSERT_FALSE(method) << text;
    EXPECT_EQ(method.error().code, Code::kInvalidArgument) << text;
    EXPECT_NE(method.error().message.find("splade-tiny+bm25"), std::string::npos) << method.error().message;
  }
  for (const auto* text : {"a+b:", "a+b:rrf", "a:minmax:minmax", "a+b:MINMAX"}) {
    const auto method = parse_method(text);
    ASSERT_FALSE(method) << text;
    EXPECT_NE(method.error().message.find("minmax is"), std::string::npos) << method.error().message;
  }
}

}  // namespace
}  // namespace tamis::search
