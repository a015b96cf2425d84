#include <gtest/gtest.h>
#include <tamis/search/query.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace tamis::search {
namespace {

using Kind = Clause::Kind;
using Need = Clause::Need;
using Compare = Clause::Compare;

const std::vector<std::string> kFields = {"path", "title", "year", "first name"};

/// One line a clause: "must field path glob docs/*".
std::string show(const ParsedQuery& query) {
  constexpr const char* kKinds[] = {"words", "phrase", "field"};
  constexpr const char* kNeeds[] = {"should", "must", "not"};
  constexpr const char* kCompares[] = {"=", "<", "<=", ">", ">=", "glob"};
  std::string out;
  for (const auto& clause : query.clauses) {
    out += std::string(kNeeds[static_cast<int>(clause.need)]) + ' ' + kKinds[static_cast<int>(clause.kind)] + ' ';
    if (clause.kind == Kind::kField) out += clause.field + ' ' + kCompares[static_cast<int>(clause.compare)] + ' ';
    out += '[' + clause.text + "]\n";
  }
  return out;
}
std::string parsed(std::string_view text) { return show(parse_query(text, kFields).value()); }

TEST(Query, reads_the_syntax_that_people_expect) {
  EXPECT_EQ(parsed("rotate  a\tlog file"), "should words [rotate a log file]\n");
  EXPECT_EQ(parsed("how \"to rotate\" logs"), "should words [how]\nshould phrase [to rotate]\nshould words [logs]\n");
  EXPECT_EQ(parsed("+log -\"log in\" +\"a b\" -x"),
            "must words [log]\nnot phrase [log in]\nmust phrase [a b]\nnot words [x]\n");
  EXPECT_EQ(parsed("path:docs/*.md -path:old/** title:Guide"),
            "must field path glob [docs/*.md]\nnot field path glob [old/**]\nmust field title = [Guide]\n");
  EXPECT_EQ(parsed("year:>=2020 year:<2024 year:>1 year:<=9 year:7"),
            "must field year >= [2020]\nmust field year < [2024]\nmust field year > [1]\nmust field year <= [9]\n"
            "must field year = [7]\n");
  EXPECT_EQ(parsed("title:\"Two words\" title:Gui* \"title:x\""),
            "must field title = [Two words]\nmust field title glob [Gui*]\nshould phrase [title:x]\n");
  EXPECT_EQ(parsed("\xE2\x80\x9Cpasted quotes\xE2\x80\x9D x"), "should phrase [pasted quotes]\nshould words [x]\n");
}

TEST(Query, takes_what_only_looks_like_syntax_as_words) {
  for (const std::string text :
       {"https://example.org/a?b=c", "12:30", "unknown:value", "--verbose", "++i", "c++", "-", "+", "a-b",
        "title:", "year:>=", "x = y - z", "5\" disk", "C:\\temp\\new", "\\d+", "std::vector", ":", "\\"}) {
    EXPECT_EQ(parsed(text), "should words [" + text + "]\n");
  }
}

TEST(Query, backslash_takes_the_meaning_away) {
  EXPECT_EQ(parsed(R"(\+a \-b \"c d\" title\:e \\)"), "should words [+a -b \"c d\" title:e \\]\n");
  EXPECT_EQ(parsed(R"("say \"hi\"" )"), "should phrase [say \"hi\"]\n");
  EXPECT_EQ(parsed(R"(year:\>5)"), "must field year = [>5]\n");
  EXPECT_EQ(parsed(R"(title:what\?)"), "must field title = [what?]\n");
  EXPECT_EQ(parsed(R"(path:a\*b*)"), "must field path glob [a[*]b*]\n");
  EXPECT_EQ(parsed(R"(title:a\*b*)"), "must field title glob [a[*]b*]\n");
  EXPECT_EQ(parsed(R"(first\ name:Ada)"), "must field first name = [Ada]\n");
  EXPECT_EQ(parsed(R"(one\ word two)"), "should words [one word two]\n");
}

TEST(Query, unclosed_and_empty_quotes_do_no_harm) {
  EXPECT_EQ(parsed("a \"b c"), "should words [a]\nshould phrase [b c]\n");
  EXPECT_EQ(parsed("\"\" \" \" -\"\" \""), "");
  EXPECT_EQ(parsed("title:\"\""), "must field title = []\n");
  EXPECT_EQ(parsed("title:\"open"), "must field title = [open]\n");
  EXPECT_EQ(parsed(" \n\t "), "");
}

TEST(Query, plain_query_has_no_syntax) {
  EXPECT_EQ(show(plain_query("+a -b \"c\" path:d \\").value()), "should words [+a -b \"c\" path:d \\]\n");
  EXPECT_EQ(show(plain_query("  ").value()), "");
}

TEST(Query, words_are_those_searched_for) {
  EXPECT_EQ(parse_query("a +b \"c d\" -e -\"f\" path:g h", kFields).value().words(), "a b c d h");
}

TEST(Query, limits_are_named) {
  const auto too_long = parse_query(std::string(kMaxQueryBytes + 1, 'a'), kFields);
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code, Code::kExhausted);
  EXPECT_EQ(too_long.error().message, "query: 1048577 bytes long, at most 1048576");
  EXPECT_FALSE(plain_query(std::string(kMaxQueryBytes + 1, 'a')));
  EXPECT_EQ(parse_query(std::string(kMaxQueryBytes, 'a'), kFields).value().clauses.size(), 1U);

  std::string many;
  for (std::size_t i = 0; i < kMaxQueryClauses; ++i) many += "+a ";
  EXPECT_EQ(parse_query(many, kFields).value().clauses.size(), kMaxQueryClauses);
  const auto too_many = parse_query(many + "+a", kFields);
  ASSERT_FALSE(too_many);
  EXPECT_EQ(too_many.error().code, Code::kExhausted);
  EXPECT_EQ(parse_query(std::string(100'000, 'x') + std::string(100'000, ' ') + " y z", kFields).value().clauses.size(),
            1U);
}

std::string random_word(std::mt19937& rng) {
  constexpr std::string_view kAlphabet = "ab\"\\+-:*?[<>\xC3\xA9 ";
  std::string word;
  do {
    word.clear();
    for (auto length = 1 + rng() % 4; length > 0; --length) word += kAlphabet[rng() % kAlphabet.size()];
  } while (std::all_of(word.begin(), word.end(), [](char c) { return c == ' '; }));
  return word;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\\"+-:*?[<> ").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

Clause random_clause(std::mt19937& rng) {
  Clause clause;
  clause.kind = static_cast<Kind>(rng() % 3);
  clause.need = static_cast<Need>(rng() % 3);
  clause.text = random_word(rng);
  if (clause.kind == Kind::kField) {
    if (clause.need == Need::kShould) clause.need = Need::kMust;
    clause.field = kFields[1 + rng() % (kFields.size() - 1)];
    clause.compare = static_cast<Compare>(rng() % 5);
  }
  return clause;
}

std::string written(const Clause& clause) {
  constexpr const char* kCompares[] = {"", "<", "<=", ">", ">="};
  const std::string sign = clause.need == Need::kNot ? "-" : clause.need == Need::kMust ? "+" : "";
  if (clause.kind == Kind::kPhrase) return sign + '"' + escaped(clause.text) + '"';
  if (clause.kind == Kind::kWords) return sign + escaped(clause.text);
  return sign + escaped(clause.field) + ':' + kCompares[static_cast<int>(clause.compare)] + escaped(clause.text);
}

TEST(Query, what_is_written_with_escapes_is_read_back) {
  for (std::uint32_t seed = 0; seed < 5000; ++seed) {
    std::mt19937 rng(seed);
    ParsedQuery query;
    std::string text;
    for (auto count = rng() % 6; count > 0; --count) {
      const Clause clause = random_clause(rng);
      text += written(clause) + (rng() % 2 == 0 ? " " : " \t ");
      const bool plain = clause.kind == Kind::kWords && clause.need == Need::kShould;
      if (plain && !query.clauses.empty() && query.clauses.back().kind == Kind::kWords &&
          query.clauses.back().need == Need::kShould) {
        query.clauses.back().text += ' ' + clause.text;
      } else {
        query.clauses.push_back(clause);
      }
    }
    EXPECT_EQ(parsed(text), show(query)) << text << " seed=" << seed;
  }
}

TEST(Query, any_bytes_give_clauses_that_keep_the_laws) {
  constexpr std::string_view kPieces[] = {
      "a",     "bc",     "\"",           "\\",           "+",    "-",   ":", "*", "[", ">", "=", " ", "\n", "path:",
      "year:", "title:", "\xE2\x80\x9C", "\xE2\x80\x9D", "\xE2", "\xFF"};
  for (std::uint32_t seed = 0; seed < 20'000; ++seed) {
    std::mt19937 rng(seed);
    std::string text;
    for (auto count = rng() % 20; count > 0; --count) text += kPieces[rng() % std::size(kPieces)];
    const auto query = parse_query(text, kFields).value();
    std::size_t bytes = 0;
    for (const auto& clause : query.clauses) {
      bytes += clause.text.size();
      if (clause.kind == Kind::kField) {
        EXPECT_NE(std::find(kFields.begin(), kFields.end(), clause.field), kFields.end()) << text << " seed=" << seed;
        EXPECT_NE(clause.need, Need::kShould) << text << " seed=" << seed;
        EXPECT_TRUE(clause.compare != Compare::kGlob || clause.field == "path" ||
                    clause.text.find_first_of("*?[") != std::string::npos)
            << text << " seed=" << seed;
      } else {
        EXPECT_NE(clause.text.find_first_not_of(" \t\n\v\f\r"), std::string::npos) << text << " seed=" << seed;
        EXPECT_TRUE(clause.field.empty());
      }
    }
    EXPECT_LE(bytes, 3 * text.size() + 1) << text << " seed=" << seed;
    for (std::size_t i = 1; i < query.clauses.size(); ++i) {
      EXPECT_FALSE(query.clauses[i].kind == Kind::kWords && query.clauses[i].need == Need::kShould &&
                   query.clauses[i - 1].kind == Kind::kWords && query.clauses[i - 1].need == Need::kShould)
          << text << " seed=" << seed;
    }
  }
}

}  // namespace
}  // namespace tamis::search
