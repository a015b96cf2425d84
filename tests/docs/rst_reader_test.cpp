#include <gtest/gtest.h>

#include "reading.h"
#include "rst_inline.h"

namespace tamis::docs {
namespace {

std::string rst(std::string_view text) { return outline(read_one("page.rst", text)); }

std::string stripped(std::string_view text) {
  RstSubstitutions substitutions(100);
  substitutions.define("v", "1.2");
  std::string out;
  strip_rst(text, substitutions, out);
  return out;
}

TEST(RstInline, keeps_what_is_read_and_drops_the_marks) {
  EXPECT_EQ(stripped("plain"), "plain");
  EXPECT_EQ(stripped("*it* **bold** ``a*b`` `default` |v| |w|"), "it bold a*b default 1.2 w");
  EXPECT_EQ(stripped(":ref:`text <label>` :func:`~os.path.join` :c:func:`!f` :pep:`8` `x`:sup:"),
            "text join f PEP 8 x");
  EXPECT_EQ(stripped("`Python <https://python.org>`_ `a`__ name_ other__ [1]_ _`target` `<http://x>`__"),
            "Python a name other [1] target http://x");
  EXPECT_EQ(stripped("2 * 3 * 4, '*' (*) *open, __init__ snake_case a_b_ x*y **kwargs"),
            "2 * 3 * 4, '*' (*) *open, __init__ snake_case a_b x*y **kwargs");
  EXPECT_EQ(stripped("\\*not\\* re\\ ``code``\\ s \\\\"), "*not* recodes \\");
  EXPECT_EQ(stripped("``\\n`` ```x``` ``a ` b``"), "\\n `x` a ` b");
  EXPECT_EQ(stripped("a : b :x: :no `x` 12:30 ::"), "a : b :x: :no x 12:30 ::");
  EXPECT_EQ(stripped("(*a*, \"**b**\")-\xE2\x80\x9C*c*\xE2\x80\x9D"),
            "(a, \"b\")-\xE2\x80\x9C"
            "c\xE2\x80\x9D");
}

TEST(RstInline, never_loses_a_line_end) {
  static constexpr std::string_view kPieces[] = {"*", "**", "_", "`",  "``", "|",  ":r:",  ":a:`", "<", ">",
                                                 " ", "\n", "a", "\\", "__", "`_", "[1]_", "~",    "!", "|v|"};
  for (std::uint32_t seed = 0; seed < 20000; ++seed) {
    std::mt19937 rng(seed);
    std::string text;
    for (auto n = rng() % 24; n > 0; --n) text += kPieces[rng() % std::size(kPieces)];
    const std::string out = stripped(text);
    ASSERT_EQ(std::count(out.begin(), out.end(), '\n'), std::count(text.begin(), text.end(), '\n'))
        << "seed " << seed << "\n"
        << text;
  }
}

TEST(RstReader, reads_titles_by_order_of_appearance) {
  EXPECT_EQ(rst("====\nBook\n====\n\nPart\n====\n\nChapter\n-------\n\nNext\n====\ntext\n\n----\n\nmore\n"),
            "H1 Book\nH2 Part\nH3 Chapter\nH2 Next\nP text\nP more\n");
  EXPECT_EQ(rst("A long title\n====\n\nShort\n==\n\n- Not\n  ====\n"), "H1 A long title\nP Short|==\nL1 Not\n");
  EXPECT_EQ(read_one("a.rst", ".. comment\n\n*Title* of it\n-----------\n").title, "Title of it");
  EXPECT_EQ(rst("Gr\xC3\xBC\xC3\x9F\n====\n"), "H1 Gr\xC3\xBC\xC3\x9F\n");
}

TEST(RstReader, reads_lists) {
  EXPECT_EQ(rst("* a\n* b\n  more\n\n  - c\n\n  again\n\n1. x\n#. y\n\n(a) z\n\nend\n"),
            "L1 a\nL1 b|more\nL2 c\nL1 again\nL1 x\nL1 y\nL1 z\nP end\n");
  EXPECT_EQ(rst("In the year\n1984. It was\n\n1984. It\nwas.\n\nA. Einstein\nsaid\n"),
            "P In the year|1984. It was\nP 1984. It|was.\nP A. Einstein|said\n");
  EXPECT_EQ(rst("term : kind\n  what it *means*\n\n  more\nother\n  thing\n"),
            "L1 term : kind|what it means\nL1 more\nL1 other|thing\n");
  EXPECT_EQ(rst("text\n\n:param x: the *x*\n:returns:\n   what\n\n:ref:`x` text\n"),
            "P text\nL1 param x: the x\nL1 returns: what\nP x text\n");
  EXPECT_EQ(rst("-a  all\n-f FILE, --file=FILE  read\n                      more\n--long\n    x\n\n-1 is text\n"),
            "L1 -a  all\nL1 -f FILE, --file=FILE  read|more\nL1 --long  x\nP -1 is text\n");
  EXPECT_EQ(rst("-\ttext::\n\n\t\tcode\n\n\tmore\n"), "L1 text:\nC code\nL1 more\n");
}

TEST(RstReader, reads_code_quotes_and_tables) {
  EXPECT_EQ(rst("As follows::\n\n  a *b*\n\n    c\n\nback ::\n\n> x\n> y\n\n::\n\n  z\n\n>>> 1\n1\n"),
            "P As follows:\nC a *b*||  c\nP back\nC > x|> y\nC z\nC >>> 1|1\n");
  EXPECT_EQ(rst("text\n\n  quote\n\n    deep\n\n| verse\n|   two\n"), "P text\nQ quote\nQ deep\nP verse|two\n");
  EXPECT_EQ(
      rst("+-----+---+\n| a   | b |\n+=====+===+\n| one | x |\n| two | y |\n+-----+---+\n| span    |\n+---------+\n"),
      "T a | b|one two | x y|span\n");
  EXPECT_EQ(rst("===== ======\nA     B\n===== ======\n*1*   long\n      text\n2     ``x``\n===== ======\n\nend\n"),
            "T A | B|1 | long text|2 | x\nP end\n");
  EXPECT_EQ(rst(".. list-table:: Title\n   :header-rows: 1\n\n   * - a\n     - b\n   * - c\n       d\n     - e\n"),
            "P Title\nT a | b|c d | e\n");
  EXPECT_EQ(rst(".. csv-table::\n\n   \"a, b\",c\n   d,e\n"), "T a, b | c|d | e\n");
}

TEST(RstReader, reads_directives) {
  EXPECT_EQ(rst(".. note:: Take\n   care.\n\n   And *again*.\n\n.. warning::\n\n   Hot\n"),
            "P Take|care.\nP And again.\nP Hot\n");
  EXPECT_EQ(rst(".. code-block:: c\n   :linenos:\n\n   int *a;\n\n     b\n\ntext\n"), "C int *a;||  b\nP text\n");
  EXPECT_EQ(rst(".. toctree::\n   :maxdepth: 2\n\n   a\n   b\n\n.. index:: x\n.. contents::\n\ntext\n"), "P text\n");
  EXPECT_EQ(rst(".. figure:: a.png\n   :alt: A cat\n   :width: 3\n\n   The caption.\n\n.. image:: b.png\n"),
            "P A cat\nP The caption.\n");
  EXPECT_EQ(
      rst("Top\n===\n\n.. function:: f(*a, \\\n                 b)\n              g()\n   :module: m\n\n   Text.\n\n   "
          ".. versionchanged:: 3.2\n      Now *b*.\n"),
      "H1 Top\nH2 f(*a,|b)|g()\nP Text.\nP Changed in version 3.2: Now b.\n");
  EXPECT_EQ(rst(".. py:class:: C\n\n   .. py:method:: m()\n\n      does\n\n.. option:: -x\n"),
            "H1 C\nH2 m()\nP does\nH1 -x\n");
  EXPECT_EQ(rst(".. strange:: name\n   :opt: 1\n\n   Text\n\n.. kernel-doc:: file.c\n   :internal:\n"),
            "L1 name|Text\n");
  EXPECT_EQ(rst(".. only:: html\n\n   Title\n   =====\n\n   text\n"), "H1 Title\nP text\n");
}

TEST(RstReader, drops_comments_and_targets_and_keeps_notes) {
  EXPECT_EQ(
      rst(".. a comment\n   goes on\n\n   here\n\n..\n\n  quote\n\n.. _target: http://x\n\n__ http://y\n\ntext\n"),
      "Q quote\nP text\n");
  EXPECT_EQ(
      rst("See [1]_ and |name|, |pic|.\n\n.. [1] The note.\n.. [CIT] Other\n   line\n.. |name| replace:: *Tamis*\n"
          ".. |pic| image:: x.png\n   :alt: sieve\n"),
      "P See [1] and Tamis, sieve.\nP [1] The note.\nP [CIT] Other|line\n");
}

TEST(RstReader, fields_in_front_are_metadata) {
  const auto document = read_one("a.rst", ":orphan:\n\nT\n=\n\n:Author: A. B.\n:Date: 2024-05-01\n\ntext\n");
  EXPECT_EQ(outline(document), "H1 T\nL1 Author: A. B.\nL1 Date: 2024-05-01\nP text\n");
  ASSERT_EQ(document.metadata.size(), 2U);
  EXPECT_EQ(std::get<std::string>(document.metadata[0].value), "A. B.");
  EXPECT_TRUE(std::holds_alternative<Date>(document.metadata[1].value));
}

TEST(RstReader, is_chosen_by_ending_and_content) {
  const auto reader_of = [](const char* name, std::string_view bytes) {
    MemoryStream stream(bytes);
    const auto outcome = read_document_stream(name, stream, {}, [](ExtractedDocument&&) { return ok(); });
    return outcome ? std::string(outcome->reader) : outcome.error().message;
  };
  EXPECT_EQ(reader_of("a.rst", "x"), "rst");
  EXPECT_EQ(reader_of("a.b.rst.txt", "x"), "rst");
  EXPECT_EQ(reader_of("a.rest.gz", "x"), "rst");
  EXPECT_EQ(reader_of("README", "Title\n=====\n\n.. note:: x\n"), "rst");
  EXPECT_EQ(reader_of("README", "Title\n=====\n\ntext .. and more\n"), "text");
}

std::string random_rst(std::mt19937& rng) {
  static constexpr std::string_view kStarts[] = {"",
                                                 "",
                                                 "",
                                                 "",
                                                 "- ",
                                                 "1. ",
                                                 "a) ",
                                                 ":f: ",
                                                 "-x  ",
                                                 "| ",
                                                 ">>> ",
                                                 "====\n",
                                                 "----",
                                                 "::",
                                                 ".. note:: ",
                                                 ".. image:: ",
                                                 ".. [1] ",
                                                 ".. |s| replace:: ",
                                                 ".. c",
                                                 "+--+--+",
                                                 "=== ===\n",
                                                 ".. code:: ",
                                                 ".. func:: f\n",
                                                 ".. function:: ",
                                                 ".. list-table:: ",
                                                 "* - ",
                                                 ".. versionadded:: 3 ",
                                                 ".. strange:: ",
                                                 ".. csv-table::\n\n",
                                                 ":alt: ",
                                                 "(i) ",
                                                 "..",
                                                 "\t"};
  static constexpr std::string_view kMarks[] = {"*",      "**", "`",   "``", "|",  "_", ":r:`",
                                                " <u>`_", "\\", "|s|", ",",  "\"", "::"};
  std::string text;
  unsigned word = 0;
  for (auto lines = 1 + rng() % 30; lines > 0; --lines) {
    text += std::string(rng() % 3 == 0 ? rng() % 9 : 3 * (rng() % 3), ' ');
    text += kStarts[rng() % std::size(kStarts)];
    for (auto words = rng() % 5; words > 0; --words) {
      if (rng() % 3 == 0) text += kMarks[rng() % std::size(kMarks)];
      text += 'w' + std::to_string(word++) + 'x';
      if (rng() % 3 == 0) text += kMarks[rng() % std::size(kMarks)];
      text += rng() % 8 == 0 ? "  " : " ";
    }
    text += '\n';
    if (rng() % 3 == 0) text += '\n';
  }
  return text + "\n\nw999x\n";
}

TEST(RstReader, every_word_is_said_to_stand_on_its_line) {
  for (std::uint32_t seed = 0; seed < 5000; ++seed) {
    std::mt19937 rng(seed);
    const std::string text = random_rst(rng);
    // A substitution shows words of another line.
    if (text.find("|s| replace") != std::string::npos) continue;
    expect_right_lines(text, read_one("page.rst", text), "seed " + std::to_string(seed));
    if (HasFatalFailure()) return;
  }
}

TEST(RstReader, no_input_takes_more_than_linear_time) {
  expect_no_blow_up("rst", {"*",
                            "*a ",
                            "*a* ",
                            "**",
                            "`",
                            "`a ",
                            "``",
                            "``a ",
                            "|",
                            "|a ",
                            ":a:",
                            ":a:`",
                            "_",
                            "a_ ",
                            "_`",
                            "\\",
                            "`a <b>`_",
                            "`<",
                            "- ",
                            "- a\n",
                            "1. ",
                            "1. a\n",
                            "a) ",
                            ":a: ",
                            ":a: b\n",
                            "-a  ",
                            "-a  b\n",
                            "| ",
                            "| a\n",
                            "====\n",
                            "a\n===\n",
                            "::\n\n a\n",
                            "a::\n\n b\n",
                            "::",
                            "> a\n",
                            ".. ",
                            "..\n",
                            ".. a\n",
                            ".. a::\n",
                            ".. _a:\n",
                            ".. [1] ",
                            ".. |a| replace:: b\n",
                            "+-+\n",
                            "+-+\n|a|\n",
                            "|a|b\n",
                            "=== ===\n",
                            "=== ===\na\n\n",
                            "== ==\n\n",
                            ".. list-table::\n\n  * - a\n",
                            ".. list-table::\n\n",
                            "* - a\n",
                            ".. csv-table::\n\n  a,b\n",
                            ".. note:: ",
                            ".. function:: a\n\n  ",
                            ".. image:: a\n  :alt: b\n",
                            " a\n  b\n",
                            "a\n b\n",
                            ">>> a\n",
                            "(",
                            "\t",
                            "\n",
                            " ",
                            ".. code::\n\n a\n",
                            ".. |a|",
                            "=",
                            "= ="});
}

TEST(RstReader, deep_and_broad_structure_stays_linear) {
  std::string stairs, down, deep_list = ".. |s| replace:: " + std::string(250, 's') + "\n\n";
  for (std::size_t i = 0; i < 1500; ++i) stairs += std::string(i, ' ') + "- a\n\n";
  for (std::size_t i = 1500; i > 0; --i) down += std::string(i, ' ') + "a\n\n";
  for (std::size_t i = 0; i < 100000; ++i) deep_list += "|s| ";
  for (const std::string& text :
       {stairs, down, deep_list, std::string(1000000, '-') + "\n" + std::string(1000000, ' ')}) {
    const double begin = cpu_seconds();
    const auto document = read_one("page.rst", text);
    EXPECT_LT(cpu_seconds() - begin, 10.0);
    EXPECT_LE(document.text.size(), 4 * text.size());
  }
}

TEST(RstReader, survives_ten_thousand_damaged_files) {
  expect_survives_mutation("rst",
                           {":Author: x\n\n=====\nTitle\n=====\n\nText *a* with `link <u>`_ and ``code``::\n\n  "
                            "literal\n\n- a\n\n  1. b\n\nterm\n  def\n\n.. note:: n\n",
                            "+---+---+\n| a | b |\n+===+===+\n| c | d |\n+---+---+\n\n== ==\na  b\n== ==\nc  d\n== "
                            "==\n\n.. list-table:: t\n\n   * - x\n     - y\n",
                            ".. function:: f(a)\n   g(b)\n   :opt: x\n\n   Text.\n\n   .. versionadded:: 3.1\n      "
                            "New |s|.\n\n.. |s| replace:: sub\n.. [1] note\n.. _t: u\n"},
                           {"*",
                            "**",
                            "`",
                            "``",
                            "|",
                            "_",
                            "::",
                            "\n\n",
                            "    ",
                            "\t",
                            "- ",
                            "1. ",
                            ".. ",
                            ".. note::",
                            "====\n",
                            "+--+\n",
                            "== ==\n",
                            ":f: ",
                            "-a  ",
                            "| ",
                            ">>> ",
                            "\\",
                            "\r\n",
                            "\xC3",
                            "\xEF\xBB\xBF",
                            ".. list-table::\n\n"});
}

}  // namespace
}  // namespace tamis::docs
