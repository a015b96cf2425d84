#include <gtest/gtest.h>

#include "reading.h"
#include "roff_text.h"

namespace tamis::docs {
namespace {

std::string man(std::string_view text) {
  return outline(read_one("page", ".\\\" a manual page\n" + std::string(text)));
}

std::string roff(std::string_view text) {
  RoffText decoder;
  std::string out;
  decoder.decode(text, out);
  return out;
}

TEST(RoffText, decodes_escapes) {
  EXPECT_EQ(roff("\\fBbold\\fP \\f(CWcode\\fR \\f[I]it\\f[] \\-x \\s-1SM\\s0 \\s+2a\\s10b"), "bold code it -x SM ab");
  EXPECT_EQ(roff("a\\(emb\\[u2014]c \\[aq]x\\[aq] \\(lqq\\(rq \\*(lqs\\*(rq \\e \\\\ \\&. \\~ \\0|"),
            "a—b—c 'x' “q” “s” \\ \\ .    |");
  EXPECT_EQ(roff("\\h'3n'x\\v'-1'y\\n(.gz\\nAz\\n[ab]z\\m[red]w\\$1v\\kAu"), "xyzzzwvu");
  EXPECT_EQ(roff("\\('e\\(:u\\[ss] text \\\" comment"), "éüß text ");
  EXPECT_EQ(roff("\\"), "");
  EXPECT_EQ(roff("\\(\xC3\xA9x \\\xC3\xA9y \\C'em' \\[nosuch]"), "x y — ");
}

TEST(RoffText, strings_expand_within_a_budget) {
  RoffText decoder;
  decoder.define("a", "xx");
  for (int i = 0; i < 100; ++i) decoder.define("a", "\\*a\\*a");
  std::string out;
  decoder.decode("\\*a", out);
  EXPECT_LE(out.size(), 256U);
  std::string many;
  for (int i = 0; i < 100000; ++i) many += "\\*a";
  out.clear();
  decoder.decode(many, out);
  EXPECT_LE(out.size(), (1U << 20U) + 256U);
}

TEST(ManReader, reads_man_macros) {
  const auto document = read_one("ls.1", ".TH LS 1 2024-05-01 \"GNU\"\n.SH NAME\nls \\- list\n");
  EXPECT_EQ(document.title, "ls(1)");
  ASSERT_EQ(document.metadata.size(), 2U);
  EXPECT_EQ(std::get<std::string>(document.metadata[0].value), "1");
  EXPECT_TRUE(std::holds_alternative<Date>(document.metadata[1].value));
  EXPECT_EQ(outline(document), "H1 NAME\nP ls - list\n");
  EXPECT_EQ(man(".SH\nTWO WORDS\n.SS \"Sub section\"\ntext\n.B bold\nand\n.BR printf (3),\nmore\n.PP\nnext\n\nlast\n"),
            "H1 TWO WORDS\nH2 Sub section\nP text bold and printf(3), more\nP next\nP last\n");
  EXPECT_EQ(man(".TP\n.B \\-a\nAll.\nReally.\n.TP\n.B \\-b\n.TQ\n.B \\-\\-bb\nBoth.\n.IP \\(bu 2\npoint\n.IP \"x "
                "y\"\ny\n.IP\nmore\n.PP\nend\n"),
            "L1 -a|All. Really.\nL1 -b|--bb|Both.\nL1 point\nL1 x y|y\nL1 more\nP end\n");
  EXPECT_EQ(man(".RS\nin\n.TP\ntag\nbody\n.RE\nout\n.nf\n  a  b\n\nc\n.fi\nfill\n.br\nline\n.EX\ncode\n.EE\n"),
            "L1 in\nL2 tag|body\nP out\nC   a  b||c\nP fill|line\nC code\n");
  EXPECT_EQ(man(".TS\ntab(|) allbox;\nl l\nl l.\na|\\fBb\\fP\n_\nc|T{\nd\n.B e\nT}\n.TE\nend\n"),
            "T a | b|c | d e\nP end\n");
  EXPECT_EQ(man(".UR http://x\nsite\n.UE .\n.SY cmd\n.OP \\-f file\n.YS\nlong \\\nline\n"),
            "P site <http://x>.\nP cmd [-f file]\nP long line\n");
}

TEST(ManReader, conditions_hold_as_on_a_terminal) {
  EXPECT_EQ(man(".if n yes\n.if t no\n.if !n no\n.ie n \\{\\\nyes2\n.ie t no\n.\\}\n.el \\{\\\nno\n.\\}\nend\n"),
            "P yes yes2 end\n");
  EXPECT_EQ(man(".ie t \\{\\\nno\n'br\\}\n.el\\{\\\n.    ds Q yes\n'br\\}\n.de XX\nno\n..\n\\*Q \\*(--\n"), "P yes\n");
}

TEST(ManReader, reads_mdoc_macros) {
  EXPECT_EQ(man(".Dd May 1, 2024\n.Dt CP 1\n.Sh NAME\n.Nm cp ,\n.Nm copy\n.Nd copy files\n.Sh SYNOPSIS\n.Nm\n.Op Fl R "
                "Op Fl H | Fl L\n.Op Fl a Ar x ,\n.Ar source\n"),
            "H1 NAME\nP cp, copy – copy files\nH1 SYNOPSIS\nP cp [-R [-H | -L]] [-a x], source\n");
  EXPECT_EQ(man(".Dd x\n.Bl -tag\n.It Fl f Ns Ar file\nUse\n.Pa /etc/x .\n.Bl -bullet\n.It\none\n.El\n.It Xo\n.Fl "
                "g\n.Xc\ngo\n.El\n.Pp\nSee\n.Xr cp 1 ,\n.Xr ls 1 .\n"),
            "L1 -ffile|Use /etc/x.\nL2 one\nL1 -g go\nP See cp(1), ls(1).\n");
  EXPECT_EQ(man(".Dd x\n.In stdio.h\n.Ft int\n.Fn f \"int a\" \"char *b\"\n.Ft void\n.Fo g\n.Fa \"int a\"\n.Fa "
                "b\n.Fc\n.Bd -literal\nx  y\n.Ed\n.Dq quoted text .\n.Po in Pc .\n"),
            "P #include <stdio.h>|int f(int a, char *b)|void g(int a, b)\nC x  y\nP “quoted text”. (in).\n");
}

std::string random_page(std::mt19937& rng) {
  static constexpr std::string_view kMacros[] = {
      ".SH ",  ".SS ",    ".PP\n", ".TP\n", ".IP ",   ".IP \\(bu\n", ".RS\n",          ".RE\n", ".nf\n",
      ".fi\n", ".B ",     ".BR ",  ".br\n", ".if n ", ".if t ",      ".ie n ",         ".el ",  ".TS\nl l.\n",
      ".TE\n", ".Op Fl ", ".Pp\n", ".Bl\n", ".It ",   ".El\n",       ".Bd -literal\n", ".Ed\n", "\\fB",
      "\\\" ", ".de X\n", "..\n",  ".Fo ",  ".Fa ",   ".Fc\n",       ".TQ\n"};
  std::string page = ".TH X 1\n";
  unsigned word = 0;
  for (auto lines = 1 + rng() % 40; lines > 0; --lines) {
    if (rng() % 2 == 0) page += kMacros[rng() % std::size(kMacros)];
    for (auto words = rng() % 4; words > 0; --words) page += 'w' + std::to_string(word++) + "x ";
    page += rng() % 4 == 0 ? "\n\n" : "\n";
  }
  return page + "\n..\n.TE\n.PP\nw999x\n";
}

TEST(ManReader, every_word_is_said_to_stand_on_its_line) {
  for (std::uint32_t seed = 0; seed < 5000; ++seed) {
    std::mt19937 rng(seed);
    const std::string page = random_page(rng);
    expect_right_lines(page, read_one("x", page), "seed " + std::to_string(seed));
    if (HasFatalFailure()) return;
  }
}

TEST(ManReader, no_input_takes_more_than_linear_time) {
  expect_no_blow_up("man", {".if n ",
                            ".el ",
                            ".ie n \\{",
                            ".B a\n",
                            "\\",
                            "\\(",
                            "\\[",
                            "\\h'",
                            "\\*a",
                            "\\n[",
                            ".ds a \\*a\\*a\n",
                            ".TS\n",
                            "a\\\n",
                            ".TP\n",
                            ".RS\n",
                            ".Op ",
                            ".Op a\n",
                            ".Bl\n.It\n",
                            ".SH\n",
                            "\"",
                            ".B \"",
                            "T{\n",
                            ".de\n",
                            "\\s",
                            "\\C'",
                            ".Fo a\n",
                            ".Fl ",
                            ". ",
                            "'",
                            "\\\"",
                            ".ds a",
                            ".TS\nl.\na\tb\t"});
}

TEST(ManReader, survives_ten_thousand_damaged_pages) {
  expect_survives_mutation("man",
                           {".TH LS 1 2024-05-01\n.SH NAME\nls \\- list\n.SH OPTIONS\n.TP\n.BR \\-a \", \" "
                            "\\-\\-all\nAll \\fIof\\fP \\(lqit\\(rq.\n.IP \\(bu 2\nx\n.RS\n.nf\ncode\n.fi\n.RE\n",
                            ".Dd May 1, 2024\n.Dt CP 1\n.Sh NAME\n.Nm cp\n.Nd copy\n.Sh SYNOPSIS\n.Nm\n.Op Fl f Ar "
                            "x\n.Bl -tag\n.It Fl a\nb\n.El\n.Bd -literal\nx\n.Ed\n.Fo f\n.Fa a\n.Fc\n",
                            ".ie n \\{\\\n.ds C` \"\"\n'br\\}\n.el\\{\\\n.ds C` x\n'br\\}\n\\*(C`\n.TS\ntab(|);\nl "
                            "l\nl l.\na|b\nc|T{\nd\nT}\n.TE\n.UR u\nv\n.UE\n"},
                           {".",    "'",    "\\",    "\\{",   "\\}",   "\\f",  "\\(",  "\\[",      "\\*(", "\\s",
                            "\\h'", ".SH ", ".TP\n", ".TS\n", ".TE\n", "T{\n", "T}",   ".if n ",   ".el ", ".de X\n",
                            "..\n", "\"",   "\\\n",  ".Op ",  "Fl ",   ".It ", "\xC3", "\xC3\xA9", "\r\n", "\t"});
}

}  // namespace
}  // namespace tamis::docs
