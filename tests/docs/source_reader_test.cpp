#include <gtest/gtest.h>
#include <tamis/docs/passages.h>

#include "reading.h"

namespace tamis::docs {
namespace {

std::string code(const char* name, std::string_view text) { return outline(read_one(name, text)); }

TEST(SourceReader, c_functions_and_classes_are_headings_with_their_comment) {
  EXPECT_EQ(
      code("a.cpp",
           "// Copyright\n\n#include <x>\nint table[] = {\n  1};\n\n/// Adds *two*.\n/// Fast.\nint add(int a,\n  "
           "      int b) {\n  return a;  // }\n\n}\nint add(int);\nint x;\n"),
      "P Copyright\nC #include <x>|int table[] = {|  1};\nH1 add\nP Adds *two*.|Fast.\nC int add(int a,|        "
      "int b) {|  return a;  // }||}\nC int add(int);|int x;\n");
  EXPECT_EQ(code("a.h",
                 "namespace n {\n/** A\n * box. */\ntemplate <class T>\nclass Box final : public B {\n public:\n  // "
                 "Opens.\n  void open() { f(); }\n  int x_;\n};\n}\n"),
            "C namespace n {\nH1 Box\nP A|box.\nC template <class T>|class Box final : public B {\nC  public:\nH2 "
            "open\nP Opens.\nC   void open() { f(); }\nC   int x_;|};\nC }\n");
  EXPECT_EQ(code("a.c", "static int\nmain (int n)\n{\n  if (n) {\n  }\n}\n"),
            "H1 main\nC static int|main (int n)|{|  if "
            "(n) {|  }|}\n");
}

TEST(SourceReader, python_follows_indentation) {
  EXPECT_EQ(code("a.py",
                 "#!/usr/bin/python3\n# About.\nimport os\n\n\nclass A(B):\n    \"\"\"Doc\n\nof A.\"\"\"\n\n    "
                 "@property\n    def f(self,\n          x):\n        return '''\nx'''\n\n    y = 1\n\ndef g(): pass\n"),
            "P About.\nC import os\nH1 A\nC class A(B):\nC     \"\"\"Doc||of A.\"\"\"\nH2 f\nC     @property|    def "
            "f(self,|          x):|        return '''|x'''\nC     y = 1\nH1 g\nC def g(): pass\n");
}

TEST(SourceReader, knows_many_languages) {
  EXPECT_EQ(code("a.rs", "/// Doc.\n#[inline]\npub fn f<'a>(x: &'a str) -> T {\n}\nimpl X for Y {\n    fn g() {}\n}\n"),
            "H1 f\nP Doc.\nC #[inline]|pub fn f<'a>(x: &'a str) -> T {|}\nH1 X for Y\nC impl X for Y {\nH2 g\nC     fn "
            "g() {}\nC }\n");
  EXPECT_EQ(code("a.go", "func (s *T) Run(x int) {\n}\ntype T struct {\n}\n"),
            "H1 Run\nC func (s *T) Run(x int) {|}\nH1 T\nC type T struct {|}\n");
  EXPECT_EQ(code("a.sh", "# Runs.\nrun() {\n  x\n}\nrun\n"), "H1 run\nP Runs.\nC run() {|  x|}\nC run\n");
  EXPECT_EQ(code("a.rb", "class A\n  def f(x)\n    1\n  end\nend\n"),
            "H1 A\nC class A\nH2 f\nC   def f(x)|    1|  "
            "end\nC end\n");
  EXPECT_EQ(code("a.lisp", ";; Adds.\n(defun add (a)\n  a)\n(add 1)\n"),
            "H1 add\nP Adds.\nC (defun add (a)|  a)\nC (add "
            "1)\n");
  EXPECT_EQ(code("a.sql", "-- All.\nSELECT 1;\n"), "P All.\nC SELECT 1;\n");
  EXPECT_EQ(code("Makefile", "# All.\nall:\n\tcc\n"), "P All.\nC all:|\tcc\n");
  EXPECT_EQ(code("a.js", "export default async function f() {\n}\nclass A {\n  g(x) {\n  }\n}\n"),
            "H1 f\nC export default async function f() {|}\nH1 A\nC class A {\nH2 g\nC   g(x) {|  }\nC }\n");
  EXPECT_EQ(code("tool", "#!/usr/bin/env -S perl -w\nsub f {\n  1;\n}\n"), "H1 f\nC sub f {|  1;|}\n");
}

TEST(SourceReader, what_is_unclear_is_code_between_blank_lines) {
  EXPECT_EQ(code("a.c", "int f() {\n\n  x;\n"), "C int f() {\nC   x;\n");
  EXPECT_EQ(code("a.c", "}}}{{\n\nf(x);\n"), "C }}}{{\nC f(x);\n");
  EXPECT_EQ(code("a.c", "/* open\nx\n"), "P open|x\n");
}

TEST(SourceReader, passages_carry_the_names_around_them) {
  std::string text = "class Box {\n  void open() {\n";
  for (int i = 0; i < 120; ++i) text += "    call(one, two, three);\n";
  text += "  }\n};\n";
  const auto document = read_one("a.cpp", text);
  const auto passages = split_passages(document, {});
  ASSERT_FALSE(passages.empty());
  EXPECT_EQ(heading_path(document, passages.back()), "Box \xE2\x80\xBA open");
}

constexpr const char* kNames[] = {"a.c",    "a.py", "a.rs",  "a.go", "a.js", "a.sh",
                                  "a.lisp", "a.hs", "a.sql", "a.rb", "a.php"};

TEST(SourceReader, every_word_is_said_to_stand_on_its_line) {
  static constexpr std::string_view kPieces[] = {
      "{",  "}",    "(",      ")",      ";",    "\"",    "'",          "/*", "*/",   "//",
      "#",  "--",   "\"\"\"", "class ", "def ", "fn ",   "struct A {", "  ", "    ", "\n",
      "\n", "\n\n", "int ",   "f() {",  "}\n",  "end\n", "(defun ",    "`",  "\\",   "@x\n"};
  for (std::uint32_t seed = 0; seed < 5000; ++seed) {
    std::mt19937 rng(seed);
    std::string text;
    unsigned word = 0;
    for (auto n = rng() % 80; n > 0; --n) {
      text += kPieces[rng() % std::size(kPieces)];
      if (rng() % 2 == 0) text += " w" + std::to_string(word++) + "x ";
    }
    text += "\n\n w999x\n";
    const char* name = kNames[seed % std::size(kNames)];
    const auto document = read_one(name, text);
    expect_right_lines(text, document, std::string(name) + " seed " + std::to_string(seed));
    // Nothing but comment signs and names of headings may differ: every word is there.
    for (unsigned i = 0; i < word; ++i) {
      ASSERT_NE(document.text.find("w" + std::to_string(i) + "x"), std::string::npos)
          << name << " seed " << seed << "\n"
          << text;
    }
    if (HasFatalFailure()) return;
  }
}

TEST(SourceReader, no_input_takes_more_than_linear_time) {
  for (const char* name : {"a.c", "a.py", "a.lisp", "a.sh", "a.sql"}) {
    for (const std::string_view pattern :
         {"{",        "}",       "f() {\n", "class A {\n", "def f\n", " def f\n",          "/*", "/* */", "\"", "'",
          "'\\",      "\"\"\"",  "//\n",    "# a\n",       "(",       "(def a\n",          "f(", "f(\n",  "a ", "\n",
          "fn f() {", "static ", "impl <",  "}\n",         "@a\n",    "class A\n  def f\n"}) {
      std::string bytes;
      while (bytes.size() < (1U << 16U)) bytes += pattern;
      const double begin = cpu_seconds();
      EXPECT_TRUE(read_bytes(name, bytes).has_value());
      EXPECT_LT(cpu_seconds() - begin, 5.0) << name << " " << pattern;
    }
  }
  std::string stairs;
  for (std::size_t i = 0; i < 1500; ++i) stairs += std::string(i, ' ') + "class A:\n";
  const double begin = cpu_seconds();
  EXPECT_TRUE(read_bytes("a.py", stairs).has_value());
  EXPECT_LT(cpu_seconds() - begin, 5.0);
}

TEST(SourceReader, survives_ten_thousand_damaged_files) {
  const std::vector<std::string> seeds = {
      "/* L */\n#include <a>\nnamespace n {\n// c\nclass A : B {\n public:\n  int f(int x) const { return '{'; "
      "}\n};\n}\nint g()\n{\n}\n",
      "# c\nclass A:\n    \"\"\"d\"\"\"\n    @p\n    def f(self):\n        return 1\n\ndef g():\n    pass\n",
      "(defun f (x)\n  \"doc\"\n  x)\n;; c\nfunction f() {\n  echo '}'\n}\n"};
  const std::vector<std::string_view> pieces = {"{",          "}",      "\"", "'",  "/*",   "*/",  "//", "#",
                                                "\n",         "\n\n",   "  ", "\t", "(",    ")",   ";",  "class A {\n",
                                                "def f():\n", "\"\"\"", "`",  "\\", "\r\n", "\xC3"};
  for (std::uint32_t seed = 0; seed < 10000; ++seed) {
    std::mt19937 rng(seed);
    const std::string bytes = mutated(seeds[seed % seeds.size()], rng, pieces);
    const auto documents = read_bytes(kNames[seed % std::size(kNames)], bytes);
    if (!documents) {
      ASSERT_EQ(documents.error().message, "binary file") << "seed " << seed << "\n" << bytes;
    }
  }
}

}  // namespace
}  // namespace tamis::docs
