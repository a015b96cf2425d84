#include <gtest/gtest.h>

#include "markdown_inline.h"
#include "reading.h"

namespace tamis::docs {
namespace {

std::string md(std::string_view text) { return outline(read_one("page.md", text)); }

std::string stripped(std::string_view text, const LinkReferences& references = {}) {
  std::string out;
  strip_markdown(text, references, out);
  return out;
}

TEST(MarkdownInline, keeps_what_is_read_and_drops_the_marks) {
  EXPECT_EQ(stripped("plain"), "plain");
  EXPECT_EQ(stripped("**bold** *it* _it_ __bold__ ***both*** ~~no~~"), "bold it it bold both no");
  EXPECT_EQ(stripped("2 * 3 * 4, a_b_c, *open, snake_case_name, ~/home"),
            "2 * 3 * 4, a_b_c, *open, snake_case_name, ~/home");
  EXPECT_EQ(stripped("[text](http://x/(a)?b \"title\") and ![alt](i.png)"), "text and alt");
  EXPECT_EQ(stripped("[a [b](c) d](e) [x](<a b>) [no] (x) a[i](not a link"), "a b d x [no] (x) a[i](not a link");
  EXPECT_EQ(stripped("`a*b*c` ``x ` y`` `open"), "a*b*c x ` y `open");
  EXPECT_EQ(stripped("\\*not\\* \\a &amp;&lt;&nosuch; <b>x</b> <T> <https://x.y> <a@b.c> a < b"),
            "*not* \\a &<&nosuch; x <T> https://x.y a@b.c a < b");
  EXPECT_EQ(stripped("a<!-- gone -->b <br/> <!-- open"), "ab  <!-- open");
  EXPECT_EQ(stripped("[text][ref] [ref] [Ref][] [x][no]", {"ref"}), "text ref Ref [x][no]");
}

TEST(MarkdownInline, never_loses_a_line_end) {
  static constexpr std::string_view kPieces[] = {"*",    "**",  "_", "`", "``", "[",  "](", ")",  "!",     "<b", ">",
                                                 "<!--", "-->", "a", " ", "\n", "][", "]",  "\\", "&amp;", "~~", "\""};
  for (std::uint32_t seed = 0; seed < 20000; ++seed) {
    std::mt19937 rng(seed);
    std::string text;
    for (auto n = rng() % 24; n > 0; --n) text += kPieces[rng() % std::size(kPieces)];
    const std::string out = stripped(text, {"a"});
    ASSERT_EQ(std::count(out.begin(), out.end(), '\n'), std::count(text.begin(), text.end(), '\n'))
        << "seed " << seed << "\n"
        << text;
  }
}

TEST(MarkdownReader, reads_blocks) {
  EXPECT_EQ(md("# One #\n\nText *a*\nmore\n\nTwo\n===\nThree\n---\n* * *\n"),
            "H1 One\nP Text a|more\nH1 Two\nH2 Three\n");
  EXPECT_EQ(md("#no\n####### no\n## \n#\tyes {#id}\n"), "P #no|####### no\nH1 yes\n");
  EXPECT_EQ(md("```c\nint *a;\n\n# x\n```\nafter\n~~~\nopen"), "C int *a;||# x\nP after\nC open\n");
  EXPECT_EQ(md("text\n\n    code *a*\n\n    more\nend\n"), "P text\nC code *a*||more\nP end\n");
  EXPECT_EQ(md("> quote\n> more\nlazy\n\n> > deep\n"), "Q quote|more|lazy\nQ deep\n");
  EXPECT_EQ(md("| a | b |\n|---|:-:|\n| *1* | `2` |\n\nx | y\n"), "T a | b|1 | 2\nP x | y\n");
  EXPECT_EQ(md("see [x]\n\n[x]: http://y\n[^1]: note\n"), "P see x\nP [^1]: note\n");
  EXPECT_EQ(md("<!-- a\n\nb -->\n<div>\n\n*text*\n\n</div>\n"), "P text\n");
  EXPECT_EQ(md(""), "");
  EXPECT_EQ(md("\n\n---\n"), "");
}

TEST(MarkdownReader, reads_lists) {
  EXPECT_EQ(md("- a\n- b\n  more\n  - c\n\n    para of c\n- [x] d\n\nend\n"),
            "L1 a\nL1 b|more\nL2 c\nL2 para of c\nL1 d\nP end\n");
  EXPECT_EQ(md("1. a\n2) b\n10. c\n\n   ```\n   code\n   ```\n"), "L1 a\nL1 b\nL1 c\nC code\n");
  EXPECT_EQ(md("In the year\n1984. It was\n"), "P In the year|1984. It was\n");
  EXPECT_EQ(md("text\n- a\n- b\n"), "P text\nL1 a\nL1 b\n");
  EXPECT_EQ(md("* a\n\n      code\n* # head\n"), "L1 a\nC code\nH1 head\n");
  EXPECT_EQ(md("> - a\n> - b\n"), "L1 a\nL1 b\n");
}

TEST(MarkdownReader, front_matter_becomes_metadata) {
  const auto document = read_one("page.md",
                                 "---\ntitle: \"A: B\"\ndate: 2024-05-01\nlang: de-AT\nversion: 3\ntags:\n  - x\n  - "
                                 "y\nnested:\n  k: v\n---\n# H\n");
  EXPECT_EQ(document.title, "A: B");
  EXPECT_EQ(document.language, "de");
  ASSERT_EQ(document.metadata.size(), 3U);
  EXPECT_TRUE(std::holds_alternative<Date>(document.metadata[0].value));
  EXPECT_EQ(std::get<double>(document.metadata[1].value), 3.0);
  EXPECT_EQ(std::get<std::string>(document.metadata[2].value), "x, y");
  EXPECT_EQ(outline(document), "H1 H\n");
  EXPECT_EQ(origin_of(document, 0), 12U);
  EXPECT_EQ(read_one("a.md", "+++\ntitle = \"T\"\n+++\n# H\n").title, "T");
  EXPECT_EQ(md("---\nno key here\n---\ntext\n"), "H2 no key here\nP text\n");
  EXPECT_EQ(read_one("a.md", "text\n\n# First *title*\n# Second\n").title, "First title");
}

std::string random_markdown(std::mt19937& rng) {
  static constexpr std::string_view kStarts[] = {"",    "",          "",      "# ",    "## ",   "- ",  "  - ", "1. ",
                                                 "> ",  "> > ",      "    ",  "\t",    "```",   "~~~", "| ",   "---",
                                                 "===", "[ref]: x ", "<!-- ", "<div>", "* * *", "   "};
  static constexpr std::string_view kMarks[] = {"*",  "**", "_",     "`", "[",   "](u)", "](\nu)", "<b>",
                                                "\\", "|",  "&amp;", "!", "-->", "~~",   "[ref]"};
  std::string text = rng() % 4 == 0 ? "---\nkey: value\n---\n" : "";
  unsigned word = 0;
  for (auto lines = 1 + rng() % 30; lines > 0; --lines) {
    text += kStarts[rng() % std::size(kStarts)];
    for (auto words = rng() % 5; words > 0; --words) {
      if (rng() % 3 == 0) text += kMarks[rng() % std::size(kMarks)];
      text += 'w' + std::to_string(word++) + 'x';
      if (rng() % 3 == 0) text += kMarks[rng() % std::size(kMarks)];
      text += ' ';
    }
    text += '\n';
    if (rng() % 3 == 0) text += '\n';
  }
  return text + "\n-->\n```\n\nw999x\n";
}

TEST(MarkdownReader, every_word_is_said_to_stand_on_its_line) {
  for (std::uint32_t seed = 0; seed < 5000; ++seed) {
    std::mt19937 rng(seed);
    const std::string text = random_markdown(rng);
    expect_right_lines(text, read_one("page.md", text), "seed " + std::to_string(seed));
    if (HasFatalFailure()) return;
  }
}

TEST(MarkdownReader, no_input_takes_more_than_linear_time) {
  expect_no_blow_up(
      "markdown",
      {"[",     "![",    "](",     "[a](",  "[a][",       "]",        "[a](b",     "](<",   "](a \"",   "[[]]",
       "*",     "**a",   "*a _b ", "_a*",   "`",          "``a",      "`a``b```c", "<",     "<a",       "<!--",
       "<a ",   "&",     "> ",     "- ",    "- a\n",      "1. ",      ">> - ",     "    ",  "\t\n",     "#",
       "# a\n", "```\n", "|",      "|-|\n", "a|b\n-|-\n", "[a]: b\n", "---\n",     "===\n", "a\n===\n", "\\",
       "~~",    "~~a",   "\n",     " \n",   "a\n\n",      "<!--\n",   "  - a\n",   "(",     "[x](y(",   "<b <b"});
}

TEST(MarkdownReader, survives_ten_thousand_damaged_files) {
  expect_survives_mutation(
      "markdown",
      {"---\ntitle: x\n---\n# Head *a*\n\nText with [link](http://x \"t\"), `code` and **bold**.\n\n- a\n  - b\n\n    "
       "c\n\n> q\n",
       "| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1\n```\n\n    code\n\nSetext\n===\n\n[ref]: "
       "http://x\n![alt][ref]\n"},
      {"#",     "```",   "~~~", "- ", "> ", "\n\n", "    ", "\t",  "|",     "|-|",  "[",    "](",
       ")",     "*",     "**",  "_",  "`",  "<!--", "-->",  "<b>", "&amp;", "\r\n", "\xC3", "\xEF\xBB\xBF",
       "---\n", "===\n", "\\",  "1. "});
}

}  // namespace
}  // namespace tamis::docs
