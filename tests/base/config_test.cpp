#include <gtest/gtest.h>
#include <tamis/base/config.h>

#include <bit>
#include <cmath>
#include <concepts>
#include <limits>
#include <random>

namespace tamis {
namespace {

struct SampleConfig {
  bool fast = false;
  std::uint32_t window_docs = 8192;
  std::uint64_t memory_bytes = 1ULL << 40;
  float query_mass = 0.4F;
  double drift = 0.1;
  std::string language = "en";
  bool operator==(const SampleConfig&) const = default;
  [[nodiscard]] Status validate() const {
    if (window_docs == 0) return Error{Code::kInvalidArgument, "window_docs: 0, wanted at least 1"};
    return ok();
  }
};
template <class Config, class Visitor>
requires std::same_as<std::remove_const_t<Config>, SampleConfig>
void visit_fields(Config& config, Visitor&& field) {
  field("fast", config.fast, "a flag");
  field("window_docs", config.window_docs, "documents scored at a time");
  field("memory_bytes", config.memory_bytes, "at most this much");
  field("query_mass", config.query_mass, "share kept, (0, 1]");
  field("drift", config.drift, "a double");
  field("language", config.language, "a code");
}

Result<SampleConfig> parse(std::string_view json) { return from_json<SampleConfig>(json); }
Error parse_error(std::string_view json) {
  auto parsed = parse(json);
  EXPECT_FALSE(parsed) << json;
  return parsed ? Error{} : std::move(parsed).error();
}

TEST(Config, json_holds_every_field_in_order) {
  EXPECT_EQ(
      to_json(SampleConfig{}),
      R"({"fast":false,"window_docs":8192,"memory_bytes":1099511627776,"query_mass":0.4,"drift":0.1,"language":"en"})");
}

TEST(Config, random_configurations_survive_json_bit_by_bit) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937_64 rng(seed);
    SampleConfig config;
    config.fast = rng() % 2 == 0;
    config.window_docs = static_cast<std::uint32_t>(1 + rng() % std::numeric_limits<std::uint32_t>::max());
    config.memory_bytes = rng() >> rng() % 64;
    const auto f = std::bit_cast<float>(static_cast<std::uint32_t>(rng()));
    config.query_mass = std::isfinite(f) ? f : 1.0F;
    const auto d = std::bit_cast<double>(rng());
    config.drift = std::isfinite(d) ? d : 1.0;
    config.language.clear();
    for (std::size_t length = rng() % 12; length > 0; --length) config.language += static_cast<char>(rng());
    const auto json = to_json(config);
    const auto parsed = parse(json);
    ASSERT_TRUE(parsed) << json << " seed=" << seed << " " << parsed.error().message;
    ASSERT_EQ(*parsed, config) << json << " seed=" << seed;
    ASSERT_EQ(std::signbit(parsed->drift), std::signbit(config.drift)) << "seed=" << seed;
  }
}

TEST(Config, missing_keys_keep_their_defaults_and_space_is_free) {
  EXPECT_EQ(*parse("{}"), SampleConfig{});
  EXPECT_EQ(*parse(" \n{ \t} "), SampleConfig{});
  SampleConfig config;
  config.language = "a\"\\/\b\f\n\r\t\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
  EXPECT_EQ(*parse(R"( { "language" : "a\"\\\/\b\f\n\r\t\u00e9\u20AC\ud83d\ude00" } )"), config);
}

TEST(Config, an_unknown_key_is_an_error_that_lists_the_known_ones) {
  const auto error = parse_error(R"({"windows":3})");
  EXPECT_EQ(error.code, Code::kInvalidArgument);
  EXPECT_EQ(error.message,
            "unknown setting 'windows': there are fast, window_docs, memory_bytes, query_mass, drift, language");
}

TEST(Config, a_value_of_the_wrong_type_or_range_is_an_error_that_names_the_field) {
  for (const std::string json :
       {R"({"window_docs":-1})", R"({"window_docs":4294967296})", R"({"window_docs":1.5})", R"({"window_docs":"many"})",
        R"({"window_docs":true})", R"({"window_docs":""})", R"({"window_docs":0})"}) {
    const auto error = parse_error(json);
    EXPECT_EQ(error.code, Code::kInvalidArgument);
    EXPECT_EQ(error.message.substr(0, 12), "window_docs:") << json;
  }
  EXPECT_EQ(parse_error(R"({"fast":1})").message, "fast: '1' is not true or false");
  EXPECT_EQ(parse_error(R"({"query_mass":1e99})").message, "query_mass: '1e99' is not a number");
  EXPECT_EQ(parse_error(R"({"query_mass":"nan"})").message, "query_mass: 'nan' is not a number");
  EXPECT_EQ(parse_error(R"({"drift":"inf"})").message, "drift: 'inf' is not a number");
}

TEST(Config, what_is_not_one_flat_json_object_is_an_error) {
  for (const std::string json : {"",
                                 " ",
                                 "null",
                                 "[]",
                                 "3",
                                 "\"a\"",
                                 "{",
                                 "}",
                                 "{}x",
                                 "{}{}",
                                 "{,}",
                                 R"({"fast"})",
                                 R"({"fast":})",
                                 R"({"fast":true,})",
                                 R"({"fast":true "drift":1})",
                                 R"({fast:true})",
                                 R"({"fast":tru})",
                                 R"({"fast":null})",
                                 R"({"fast":[]})",
                                 R"({"fast":{}})",
                                 R"({"drift":01})",
                                 R"({"drift":.5})",
                                 R"({"drift":1.})",
                                 R"({"drift":1e})",
                                 R"({"drift":+1})",
                                 R"({"drift":-})",
                                 R"({"drift":0x10})",
                                 R"({"language":"a)",
                                 R"({"language":"\x"})",
                                 R"({"language":"\u12"})",
                                 R"({"language":"\ud800"})",
                                 R"({"language":"\ud800\u0041"})",
                                 R"({"language":"\udc00"})",
                                 "{\"language\":\"\n\"}",
                                 R"({"language":"\)",
                                 R"({"fast":true,"fast":true})"}) {
    EXPECT_EQ(parse_error(json).code, Code::kInvalidArgument) << json;
  }
  // Every beginning of a good object is a bad one.
  const std::string good = to_json(SampleConfig{});
  for (std::size_t size = 0; size < good.size(); ++size) parse_error(good.substr(0, size));
}

TEST(Config, one_field_can_be_set_from_text_as_flags_do) {
  SampleConfig config;
  EXPECT_TRUE(set_field(config, "window_docs", "7"));
  EXPECT_EQ(config.window_docs, 7U);
  EXPECT_FALSE(set_field(config, "window_docs", "7 "));
  EXPECT_EQ(config.window_docs, 7U) << "a refused value changes nothing";
  const auto fields = describe_fields(config);
  ASSERT_EQ(fields.size(), 6U);
  EXPECT_EQ(fields[0].type, "flag");
  EXPECT_EQ(fields[1].type, "number");
  EXPECT_EQ(fields[1].value, "7");
  EXPECT_EQ(fields[5].type, "text");
}

}  // namespace
}  // namespace tamis
