#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tamis/search/method.h>

#include <cmath>
#include <random>
#include <string>

namespace tamis::search {
namespace {

std::vector<std::string> names_of(const Method& method) {
  std::vector<std::string> names;
  for (const auto& field : method.fields) names.push_back(field.name);
  return names;
}
using Names = std::vector<std::string>;

TEST(Method, is_fields_joined_by_plus_and_a_fusion_behind_a_colon) {
  EXPECT_EQ(parse_method("bm25").value(), Method{});
  EXPECT_EQ(names_of(parse_method("splade-tiny").value()), Names{"splade-tiny"});
  const auto sum = parse_method("a.b+bm25+c_1:minmax").value();
  EXPECT_EQ(names_of(sum), (Names{"a.b", "bm25", "c_1"}));
  EXPECT_EQ(sum.fusion.name, "minmax");
  EXPECT_EQ(parse_method("a+b").value().fusion.name, "minmax");
}

TEST(Method, weights_follow_fields_and_steps_follow_all) {
  const auto method =
      parse_method(" a * 0.7 + (b>prune( terms = 4 ) > rocchio)*2 : rrf(k=20) > rm3 >rerank:x(n=5)").value();
  ASSERT_EQ(method.fields.size(), 2U);
  EXPECT_EQ(method.fields[0].weight, 0.7);
  EXPECT_EQ(method.fields[1].weight, 2);
  ASSERT_EQ(method.fields[1].steps.size(), 2U);
  EXPECT_EQ(method.fields[1].steps[0].number("terms"), 4);
  EXPECT_EQ(method.fusion.number("k"), 20);
  EXPECT_EQ(method.fusion.number("depth"), 1000) << "what was not said is the standard";
  ASSERT_EQ(method.steps.size(), 2U);
  EXPECT_EQ(method.steps[1].name, "rerank:x");
  EXPECT_EQ(to_string(method), "a*0.7+(b>prune(terms=4)>rocchio)*2:rrf(k=20)>rm3>rerank:x(n=5)");
  EXPECT_EQ(to_string(without_steps(method)), "a*0.7+b*2:rrf(k=20)");
}

TEST(Method, of_one_field_has_nothing_to_fuse) {
  const auto plain = parse_method("a>rm3>rocchio").value();
  for (const auto* text :
       {"(a>rm3)*3:rrf>rocchio", "(a>rm3>rocchio)", "a*2>rm3>rocchio", "a:zscore(depth=7)>rm3>rocchio"}) {
    EXPECT_EQ(parse_method(text).value(), plain) << text;
  }
}

TEST(Method, reads_back_what_it_writes) {
  for (const auto* text :
       {"bm25", "a+b:minmax", "x+y+z:minmax", "a*0.25+b:rrf(k=3,depth=9)", "a>rocchio(docs=2,beta=0)",
        "a+b:minmax>only:b", "a>rerank:dense(n=9,cp=0.05,ee=4,model=my-model)"}) {
    EXPECT_EQ(to_string(parse_method(text).value()), text);
  }
  EXPECT_EQ(to_string(parse_method("a+b").value()), "a+b:minmax");
}

MethodPart random_part(std::mt19937& rng, const PartInfo& info, const std::string& name) {
  MethodPart part{name};
  for (const auto& one : info.parameters) {
    if (rng() % 2 == 0) continue;
    if (one.kind == ParameterInfo::Kind::kName) {
      part.parameters.push_back({std::string(one.name), 0, "model-1"});
      continue;
    }
    const double share = static_cast<double>(rng()) / 4294967296.0;
    double value = one.least + share * share * share * (one.most - one.least);
    if (one.kind == ParameterInfo::Kind::kWhole) value = std::floor(value);
    part.parameters.push_back({std::string(one.name), value});
  }
  return part;
}

MethodPart random_step(std::mt19937& rng, const Method& method, bool of_field) {
  for (;;) {
    const auto& info = known_steps()[rng() % known_steps().size()];
    if (of_field && !info.of_field) continue;
    std::string name(info.name);
    if (name.ends_with(':')) name += method.fields[rng() % method.fields.size()].name;
    return random_part(rng, info, name);
  }
}

Method random_method(std::mt19937& rng) {
  Method method;
  method.fields.clear();
  const auto count = 1 + rng() % 4;
  for (std::size_t i = 0; i < count; ++i) {
    Method::Field field{std::string(1, static_cast<char>('a' + i)) + (rng() % 2 == 0 ? "" : "-1.x_")};
    if (count > 1 && rng() % 2 == 0) field.weight = static_cast<double>(1 + rng() % 1000) / 7.0;
    method.fields.push_back(std::move(field));
  }
  for (auto& field : method.fields) {
    while (count > 1 && rng() % 3 == 0) field.steps.push_back(random_step(rng, method, true));
  }
  const auto& fusion = known_fusions()[rng() % known_fusions().size()];
  if (count > 1) method.fusion = random_part(rng, fusion, std::string(fusion.name));
  while (rng() % 2 == 0) method.steps.push_back(random_step(rng, method, false));
  return method;
}

TEST(Method, random_ones_read_back_as_they_were_written) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    const auto method = random_method(rng);
    const auto text = to_string(method);
    const auto read = parse_method(text);
    ASSERT_TRUE(read) << text << " seed=" << seed << ": " << read.error().message;
    ASSERT_EQ(*read, method) << text << " seed=" << seed;
    std::string spaced;  // blanks between signs and names say nothing
    for (const char c : text) {
      const bool sign = std::string_view("+*:>()=,").find(c) != std::string_view::npos;
      spaced += sign ? fmt::format(" {} ", c) : std::string(1, c);
    }
    ASSERT_EQ(parse_method(spaced).value(), method) << spaced;
  }
}

TEST(Method, mutilated_ones_are_refused_or_read_back) {
  constexpr std::string_view kSigns = "+*:>()=, a1.-0e\n\xff";
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 rng(seed);
    auto text = to_string(random_method(rng));
    for (auto changes = 1 + rng() % 4; changes > 0 && !text.empty(); --changes) {
      const auto at = rng() % text.size();
      if (rng() % 2 == 0) {
        text.erase(at, 1 + rng() % 3);
      } else {
        text.insert(at, 1, kSigns[rng() % kSigns.size()]);
      }
    }
    const auto read = parse_method(text);
    if (!read) {
      EXPECT_EQ(read.error().code, Code::kInvalidArgument) << text;
      continue;
    }
    const auto again = parse_method(to_string(*read));
    ASSERT_TRUE(again) << text << " became " << to_string(*read);
    EXPECT_EQ(*again, *read) << text;
  }
}

TEST(Method, what_makes_no_sense_is_refused_and_the_message_says_what_does) {
  for (const auto* text : {"",        "+",       "a+",      "+a",          "a++b",   ":minmax", "a+a",   "a+b+a:minmax",
                           "a b",     "a)",      "(a",      "(a+b)",       "a*",     "a*-1+b",  "a*x+b", "a*0+b*0",
                           "a*1e9+b", "a*nan+b", "a*inf+b", "a+b:rrf:rrf", "a>rm3:", "()"}) {
    const auto method = parse_method(text);
    ASSERT_FALSE(method) << text;
    EXPECT_EQ(method.error().code, Code::kInvalidArgument) << text;
    EXPECT_NE(method.error().message.find("splade-tiny+bm25"), std::string::npos) << method.error().message;
  }
  const auto says = [](std::string_view text, std::string_view what) {
    const auto method = parse_method(text);
    ASSERT_FALSE(method) << text;
    EXPECT_NE(method.error().message.find(what), std::string::npos) << method.error().message;
  };
  for (const auto* text : {"a+b:", "a+b:nothing", "a+b:MINMAX"}) says(text, "minmax, rrf, ");
  for (const auto* text : {"a>", "a>nothing", "a>rerank:", "a>rm3>"}) says(text, "rm3, bo1, rocchio, ");
  says("a+b:rrf(q=3)", "it has k, depth");
  says("a+b:minmax(k=3)", "it has none");
  says("a+b:rrf(k=3,k=4)", "said twice");
  says("a+b:rrf(k=-3)", "wanted a number from 0");
  says("a+b:rrf(depth=2.5)", "wanted a whole number from 1");
  says("a+b:rrf(k=3", "a ) is wanted");
  says("(a>rerank:dense)+b", "of all fields");
  says("a+b>only:c", "no field of that name");
  says(std::string(5000, 'a'), "at most 4096");
}

}  // namespace
}  // namespace tamis::search
