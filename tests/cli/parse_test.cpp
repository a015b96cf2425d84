#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "app.h"
#include "command.h"
#include "help.h"

namespace tamis::cli {
namespace {

struct Config {
  float k1 = 0.9F;
  std::uint32_t target_words = 180;
  bool whole = false;
};
template <class C, class Visitor>
requires std::same_as<std::remove_const_t<C>, Config>
void visit_fields(C& config, Visitor&& field) {
  field("k1", config.k1, "saturation");
  field("target_words", config.target_words, "words a passage");
  field("whole", config.whole, "one passage");
}

/// A command with one option of each kind.
struct World {
  std::vector<std::string> words, fields;
  std::string format = "text";
  std::uint32_t k = 10;
  float weight = -1.0F;
  std::uint64_t memory = 1 << 20;
  bool json = false;
  Config config;
  Command command;
  World() {
    command.name = "search";
    command.summary = "find";
    command.arguments("WORD", words, "the question");
    command.option("-k,--k", "N", k, "how many");
    command.option("--format", "NAME", format, "form").among({"text", "trec"});
    command.option("--field", "NAME", fields, "a field");
    command.option("--weight", "N", weight, "weight");
    command.flag("-j,--json", json, "as JSON");
    command.bytes_option("--memory", memory, "bytes");
    command.config_options(config, "BM25");
  }
  std::string fault(const std::vector<std::string>& line) {
    const auto parsed = parse_options(command, line);
    return parsed ? "" : parsed.error().message;
  }
};

TEST(Parse, options_take_their_values_in_every_spelling) {
  const std::vector<std::vector<std::string>> lines = {{"-k", "7", "a", "b"},        {"-k7", "a", "b"},
                                                       {"a", "--k=7", "b"},          {"a", "b", "--k", "7"},
                                                       {"-k", "3", "a", "b", "-k7"}, {"--k", "7", "--", "a", "b"}};
  for (const auto& line : lines) {
    World world;
    ASSERT_EQ(world.fault(line), "") << line.front();
    EXPECT_EQ(world.k, 7U) << line.front();
    EXPECT_EQ(world.words, (std::vector<std::string>{"a", "b"})) << line.front();
  }
}

TEST(Parse, everything_at_once) {
  World world;
  ASSERT_EQ(world.fault({"--field", "a", "x", "--field=b", "--format", "trec", "-j", "--memory", "4G", "--weight",
                         "-2.5", "--k1", "1.2", "--target-words", "50", "--whole", "y"}),
            "");
  EXPECT_EQ(world.fields, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(world.words, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(world.format, "trec");
  EXPECT_TRUE(world.json);
  EXPECT_EQ(world.memory, 4ULL << 30);
  EXPECT_EQ(world.weight, -2.5F);
  EXPECT_EQ(world.config.k1, 1.2F);
  EXPECT_EQ(world.config.target_words, 50U);
  EXPECT_TRUE(world.config.whole);
}

TEST(Parse, a_question_in_quotes_may_begin_with_a_minus) {
  World world;
  ASSERT_EQ(world.fault({"-draft report", "-k", "2"}), "");
  EXPECT_EQ(world.words, (std::vector<std::string>{"-draft report"}));
  World value;
  ASSERT_EQ(value.fault({"--field", "- b c", "--field=a b", "w"}), "");
  EXPECT_EQ(value.fields, (std::vector<std::string>{"- b c", "a b"}));
  World after;
  ASSERT_EQ(after.fault({"--", "-draft", "--report"}), "");
  EXPECT_EQ(after.words, (std::vector<std::string>{"-draft", "--report"}));
}

TEST(Parse, faults_say_what_is_wrong_and_what_may_be_meant) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> faults = {
      {{"--fromat", "trec"}, "--format meant"},
      {{"a", "-draft"}, "put the question in quotes"},
      {{"--format", "xml"}, "'xml' is not known (there are text, trec)"},
      {{"-k", "ten"}, "--k: 'ten'"},
      {{"-k", "-1"}, "--k: '-1'"},
      {{"-k", "99999999999"}, "--k: "},
      {{"--memory", "4X"}, "--memory: '4X'"},
      {{"--memory", "99999999999T"}, "--memory: "},
      {{"--k"}, "--k"},
      {{"--json=maybe"}, "json"},
  };
  for (const auto& [line, says] : faults) {
    World world;
    EXPECT_NE(world.fault(line).find(says), std::string::npos) << line.front() << ": " << world.fault(line);
  }
}

TEST(Parse, help_wins_over_everything_else) {
  World world;
  for (const auto& line : std::vector<std::vector<std::string>>{{"--help"}, {"-h", "x"}, {"--nonsense", "--help"}}) {
    EXPECT_TRUE(parse_options(world.command, line).value().help);
  }
}

TEST(Parse, sizes) {
  EXPECT_EQ(parse_bytes("x", "0").value(), 0U);
  EXPECT_EQ(parse_bytes("x", "123").value(), 123U);
  EXPECT_EQ(parse_bytes("x", "64k").value(), 64ULL << 10);
  EXPECT_EQ(parse_bytes("x", "64KiB").value(), 64ULL << 10);
  EXPECT_EQ(parse_bytes("x", "2MB").value(), 2ULL << 20);
  EXPECT_EQ(parse_bytes("x", "3T").value(), 3ULL << 40);
  for (const char* bad : {"", "G", "-1", "1.5G", "1GG", "1 G", "18446744073709551616"}) {
    EXPECT_FALSE(parse_bytes("x", bad).has_value()) << bad;
  }
}

TEST(Parse, nearest_word_or_none) {
  const std::vector<std::string> names = {"index", "search", "show", "info"};
  EXPECT_EQ(nearest("serach", names), "search");
  EXPECT_EQ(nearest("idnex", names), "index");
  EXPECT_EQ(nearest("sho", names), "show");
  EXPECT_EQ(nearest("completely-else", names), "");
  EXPECT_EQ(nearest(std::string(100000, 'x'), names), "");
}

TEST(Help, names_every_option_with_choices_defaults_and_groups) {
  const World world;
  const auto help = command_help(world.command, 100);
  for (const char* part : {"Usage: tamis search [OPTION]... [WORD]...", "-k, --k N", "how many (default 10)",
                           "--format NAME", "form: text, trec (default text)", "may be repeated",
                           "BM25:", "--target-words N", "(default 180)", "--memory SIZE"}) {
    EXPECT_NE(help.find(part), std::string::npos) << part << "\n" << help;
  }
}

}  // namespace
}  // namespace tamis::cli
