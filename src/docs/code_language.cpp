// Table of programming languages, and how it is looked up.
#include "code_language.h"

#include <algorithm>
#include <string>

#include "source_text.h"

namespace tamis::docs {
namespace {

constexpr CodeShape kBraces = CodeShape::kBraces, kIndent = CodeShape::kIndent, kParens = CodeShape::kParens,
                    kNone = CodeShape::kNone;

// endings; interpreters; line comments; block comment; strings; long strings; shape; definitions; containers; functions
constexpr CodeLanguage kLanguages[] = {
    {"c h cc cpp cxx c++ hh hpp hxx h++ ipp inl cu cuh ino glsl", "", "//", "/*", "*/", "\"'", "", kBraces,
     "class struct union enum concept", "class struct union", true},
    {"py pyi pyx pxd bzl sconstruct wscript", "python", "#", "", "", "\"'", "\"\"\" '''", kIndent, "def class", "class",
     false},
    {"rs", "", "//", "/*", "*/", "\"", "", kBraces, "fn struct enum union trait impl mod macro_rules!",
     "trait impl mod", false},
    {"go", "", "//", "/*", "*/", "\"'", "`", kBraces, "func type", "", false},
    {"java scala groovy gradle", "", "//", "/*", "*/", "\"'", "\"\"\"", kBraces,
     "class interface enum record trait object def", "class interface enum record trait object", true},
    {"kt kts", "", "//", "/*", "*/", "\"'", "\"\"\"", kBraces, "class interface object fun", "class interface object",
     false},
    {"swift", "", "//", "/*", "*/", "\"", "\"\"\"", kBraces, "class struct enum protocol extension actor func",
     "class struct enum protocol extension actor", false},
    {"cs", "", "//", "/*", "*/", "\"'", "", kBraces, "class struct interface enum record",
     "class struct interface record", true},
    {"js mjs cjs jsx ts tsx mts cts", "node deno", "//", "/*", "*/", "\"'", "`", kBraces,
     "function class interface enum type", "class interface", true},
    {"dart zig", "", "//", "/*", "*/", "\"'", "", kBraces, "class struct enum interface mixin fn", "class", true},
    {"php php5 phtml", "php", "// #", "/*", "*/", "\"'", "", kBraces, "function class interface trait",
     "class interface trait", false},
    {"sh bash zsh ksh dash bats ebuild", "sh bash dash zsh ksh", "#", "", "", "\"", "", kIndent, "function", "", true},
    {"pl pm", "perl", "#", "", "", "\"", "", kBraces, "sub package", "", false},
    {"rb rake gemspec rakefile gemfile", "ruby", "#", "", "", "\"'", "", kIndent, "def class module", "class module",
     false},
    {"lua", "lua luajit", "--", "--[[", "]]", "\"'", "", kIndent, "function", "", false},
    {"sql psql ddl", "", "--", "/*", "*/", "'", "$$", kNone, "", "", false},
    {"lisp lsp el cl scm ss rkt clj cljs cljc edn", "guile racket sbcl", ";", "#|", "|#", "", "\"", kParens, "", "",
     false},
    {"hs lhs elm purs", "runhaskell", "--", "{-", "-}", "\"", "", kIndent, "data newtype class instance module type",
     "", false},
    {"ml mli fs fsi sml", "ocaml", "//", "(*", "*)", "", "\"", kIndent, "let type module class val", "", false},
    {"r", "Rscript", "#", "", "", "\"'", "", kBraces, "", "", false},
    {"jl", "julia", "#", "#=", "=#", "\"", "\"\"\"", kIndent, "function struct module macro", "", false},
    {"ex exs", "elixir", "#", "", "", "\"", "\"\"\"", kIndent, "defmodule def defp defmacro", "defmodule", false},
    {"erl hrl", "escript", "%", "", "", "\"", "", kNone, "", "", false},
    {"f f77 f90 f95 f03", "", "!", "", "", "", "", kIndent, "subroutine function module program", "", false},
    {"cmake cmakelists.txt", "", "#", "#[[", "]]", "", "\"", kNone, "", "", false},
    {"mk mak makefile gnumakefile makefile.am makefile.in", "make", "#", "", "", "", "", kNone, "", "", false},
    {"awk", "awk gawk mawk", "#", "", "", "\"", "", kBraces, "function", "", false},
    {"tcl", "tclsh wish", "#", "", "", "\"", "", kBraces, "proc", "", false},
    {"ps1 psm1", "pwsh", "#", "<#", "#>", "\"'", "", kBraces, "function class", "class", false},
    {"proto thrift", "", "//", "/*", "*/", "\"", "", kBraces, "message service enum struct", "message", false},
    {"css scss less", "", "", "/*", "*/", "\"'", "", kNone, "", "", false},
    {"vim", "", "\"", "", "", "", "", kIndent, "function function!", "", false},
    {"s asm", "", "# ; //", "/*", "*/", "", "", kNone, "", "", false},
    {"nix dockerfile containerfile", "", "#", "", "", "", "", kNone, "", "", false},
};
constexpr CodeLanguage kUnknown;

std::string interpreter(std::string_view first_line) {
  if (!first_line.starts_with("#!")) return {};
  std::string_view rest = trim(first_line.substr(2));
  std::string_view program = rest.substr(0, rest.find(' '));
  if (program.ends_with("/env")) {
    rest = trim(rest.substr(program.size()));
    while (rest.starts_with('-')) rest = trim(rest.substr(std::min(rest.find(' '), rest.size())));
    program = rest.substr(0, rest.find(' '));
  }
  const std::size_t slash = program.rfind('/');
  if (slash != std::string_view::npos) program.remove_prefix(slash + 1);
  const std::size_t end = program.find_last_not_of("0123456789.-");
  return std::string(end == std::string_view::npos ? program : program.substr(0, end + 1));
}

const CodeLanguage* by_interpreter(std::string_view first_line) {
  const std::string name = interpreter(first_line.substr(0, 200));
  if (name.empty()) return nullptr;
  const auto* found = std::ranges::find_if(kLanguages, [&](const auto& l) { return in_words(l.interpreters, name); });
  return found == std::end(kLanguages) ? nullptr : found;
}

template <class Take>
void each_word(std::string_view list, Take&& take) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (take(list.substr(0, end))) return;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

}  // namespace

bool in_words(std::string_view list, std::string_view word) {
  bool found = false;
  each_word(list, [&](std::string_view one) { return found = one == word; });
  return found;
}

std::string_view leading_sign(std::string_view list, std::string_view text) {
  std::string_view found;
  each_word(list, [&](std::string_view one) {
    if (text.starts_with(one)) found = one;
    return !found.empty();
  });
  return found;
}

const CodeLanguage& code_language(std::string_view file_name, std::string_view first_line) {
  std::string name;
  for (const char c : file_name) name += lower(c);
  for (const std::string_view packed : {".gz", ".zst", ".zstd"}) {
    if (name.ends_with(packed)) name.resize(name.size() - packed.size());
  }
  const std::size_t dot = name.rfind('.');
  const std::string_view ending =
      dot == std::string::npos ? std::string_view() : std::string_view(name).substr(dot + 1);
  for (const std::string_view key : {std::string_view(name), ending}) {
    if (key.empty()) continue;
    for (const auto& language : kLanguages) {
      if (in_words(language.endings, key)) return language;
    }
  }
  const CodeLanguage* found = by_interpreter(first_line);
  return found != nullptr ? *found : kUnknown;
}

bool known_interpreter(std::string_view first_line) { return by_interpreter(first_line) != nullptr; }

const std::vector<std::string_view>& code_endings() {
  static const std::vector<std::string_view> kEndings = [] {
    std::vector<std::string_view> endings;
    for (const auto& language : kLanguages) {
      each_word(language.endings, [&](std::string_view one) {
        endings.push_back(one);
        return false;
      });
    }
    return endings;
  }();
  return kEndings;
}

}  // namespace tamis::docs
