#!/usr/bin/env python3
"""Checks the house rules that a compiler does not see; reads who may include whom from the table of ARCHITECTURE.md.

  tools/check-layers.py           prints each breach as file:line: what; exits 1 when there is one
  tools/check-layers.py --self-test
"""

import re
import sys
import tempfile
from pathlib import Path

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60

# Headers that g++ 12 and clang 14 do not both have, or that a library has no business with.
BANNED_HEADERS = {
    "format": "not in g++ 12: use fmt",
    "expected": "not in g++ 12: use tamis::Result",
    "source_location": "not in clang 14",
    "ranges": "view pipelines do not compile with clang 14",
}
LIBRARY_BANNED_HEADERS = {"iostream": "library code does not print", "print": "library code does not print"}
LIBRARY_BANNED_CALLS = {
    "prints": re.compile(r"(?<![\w.>])(?:std::|fmt::)?(?:printf|fprintf|vprintf|puts|fputs|putchar|perror|print|println)\s*\(|std::(?:cout|cerr|clog)\b"),
    "ends the program": re.compile(r"(?<![\w.>:])(?:std::)?(?:exit|_exit|quick_exit|abort|terminate)\s*\("),
    "reads the environment": re.compile(r"(?<![\w.>:])(?:std::)?(?:getenv|secure_getenv|setenv|putenv)\s*\("),
    "throws": re.compile(r"(?<![\w])throw\b"),
}
# (file, what): the exceptions, each with its reason.
ALLOWED = {
    ("src/base/variants.cpp", "reads the environment"): "the dispatch file",
    ("src/base/result.cpp", "prints"): "a broken TAMIS_CHECK says which before it aborts",
    ("src/base/result.cpp", "ends the program"): "TAMIS_CHECK",
    ("src/base/result.cpp", "throws"): "Result::value(), for tests and tools",
    ("src/base/buffer.cpp", "throws"): "std::bad_alloc, as a vector",
    ("include/tamis/base/buffer.h", "throws"): "std::bad_alloc, as a vector",
}
EXEMPT_FROM_LENGTH = re.compile(r"^//+ *(Table|Generated)\b", re.MULTILINE)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


class Checker:
    def __init__(self, root):
        self.root = root
        self.breaches = []
        self.rooms = {}  # name -> set of rooms that it may use, base included

    def breach(self, path, line, what):
        self.breaches.append(f"{path.relative_to(self.root)}:{line}: {what}")

    def read_table(self):
        path = self.root / "ARCHITECTURE.md"
        for number, line in enumerate(path.read_text().splitlines(), 1):
            row = re.match(r"\|\s*`(\w+)`\s*\|[^|]*\|([^|]*)\|\s*$", line)
            if not row:
                continue
            name, uses = row.group(1), set(re.findall(r"\w+", row.group(2)))
            for other in sorted(uses - set(self.rooms)):
                self.breach(path, number, f"{name} may use {other}, which is no room above it")
            self.rooms[name] = uses | ({"base"} if name != "base" else set())
        if not self.rooms:
            self.breach(path, 1, "no table of rooms found")

    def check_folders(self):
        present = {p.name for p in (self.root / "src").iterdir() if p.is_dir()}
        for name in sorted(present ^ set(self.rooms)):
            where = "src" if name in present else "the table of ARCHITECTURE.md"
            self.breach(self.root / "ARCHITECTURE.md", 1, f"room {name} is only in {where}")
        for folder in (self.root / "include/tamis").iterdir():
            if folder.is_dir() and folder.name not in self.rooms:
                self.breach(folder, 1, "headers of no room")

    def check_cmake(self, room):
        path = self.root / "src" / room / "CMakeLists.txt"
        if not path.exists():
            return self.breach(path, 1, "missing")
        text = re.sub(r"#.*", "", path.read_text())
        used = set(re.findall(r"tamis::(\w+)", text)) - {room}
        for other in sorted(used - self.rooms[room]):
            self.breach(path, 1, f"links tamis::{other}; ARCHITECTURE.md does not allow it")
        if "tamis_room(" in text:
            for other in sorted(self.rooms[room] - used):
                self.breach(path, 1, f"ARCHITECTURE.md lists {other}, DEPENDS does not")
        return None

    def check_includes(self, path, lines, allowed, quoted_from):
        for number, line in lines:
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not match:
                continue
            quoted, name = match.group(1) == '"', match.group(2)
            if name in BANNED_HEADERS:
                self.breach(path, number, f"<{name}>: {BANNED_HEADERS[name]}")
            if name.startswith("tamis/"):
                room = name.split("/")[1] if name.count("/") >= 2 else "engine"  # tamis/tamis.h is engine's
                if quoted:
                    self.breach(path, number, f'"{name}": public headers are included with <>')
                if not (self.root / "include" / name).exists():
                    self.breach(path, number, f"<{name}>: no such header")
                elif allowed is not None and room not in allowed:
                    self.breach(path, number, f"<{name}>: ARCHITECTURE.md does not allow it here")
            elif quoted and not any((folder / name).exists() for folder in quoted_from):
                self.breach(path, number, f'"{name}": a quoted include names a private header beside the file')

    def check_library_rules(self, path, text, lines):
        relative = str(path.relative_to(self.root))
        for number, line in lines:
            match = re.match(r"\s*#\s*include\s*<(\w+)>", line)
            if match and match.group(1) in LIBRARY_BANNED_HEADERS:
                self.breach(path, number, f"<{match.group(1)}>: {LIBRARY_BANNED_HEADERS[match.group(1)]}")
        for number, line in enumerate(strip_comments_and_strings(text).splitlines(), 1):
            for what, pattern in LIBRARY_BANNED_CALLS.items():
                if pattern.search(line) and (relative, what) not in ALLOWED:
                    self.breach(path, number, f"library code {what} here")

    def check_size(self, path, text):
        count = text.count("\n")
        if count > MAX_FILE_LINES and not EXEMPT_FROM_LENGTH.search(text[:1000]):
            self.breach(path, count, f"{count} lines; at most {MAX_FILE_LINES}, or say 'Table:' or 'Generated' at the top")
        if path.suffix in (".h", ".cpp") and not path.is_relative_to(self.root / "tests"):
            for number, length in long_functions(text):
                self.breach(path, number, f"function of {length} lines; at most {MAX_FUNCTION_LINES}")

    def check_unfinished(self, path, text):
        for number, line in enumerate(text.splitlines(), 1):
            if UNFINISHED.search(line) and path.name != Path(__file__).name:
                self.breach(path, number, "unfinished work is an issue, not a comment")

    def check_source(self, path, allowed, quoted_from, library):
        text = path.read_text()
        # Includes are read from the raw text: their names look like strings.
        lines = list(enumerate(text.splitlines(), 1))
        self.check_includes(path, lines, allowed, quoted_from)
        if library:
            self.check_library_rules(path, text, lines)
        self.check_size(path, text)
        self.check_unfinished(path, text)

    def run(self):
        self.read_table()
        self.check_folders()
        tests = self.root / "tests"
        for room, uses in self.rooms.items():
            self.check_cmake(room)
            own = uses | {room}
            private = self.root / "src" / room
            library = room != "cli"
            for path in sources(self.root / "include/tamis" / room):
                self.check_source(path, own, [], library)
            for path in sources(private):
                self.check_source(path, own, [path.parent, private], library)
            for path in sources(tests / room):
                self.check_source(path, own, [path.parent, tests, private], False)
        for folder in ("bench", "examples", "python"):
            for path in sources(self.root / folder):
                self.check_source(path, None, [path.parent, self.root / folder], False)
        for folder in ("tools", "tests", "bench", "python"):
            for path in sorted((self.root / folder).rglob("*.py")) + sorted((self.root / folder).rglob("*.sh")):
                self.check_size(path, path.read_text())
                self.check_unfinished(path, path.read_text())
        return self.breaches


def sources(folder):
    return sorted(p for p in folder.rglob("*") if p.suffix in (".h", ".cpp"))


def strip_comments_and_strings(text):
    """The text with comments and literals blanked, line breaks kept."""
    pattern = r'R"(\w*)\(.*?\)\1"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\''
    return re.sub(pattern, lambda m: "\n" * m.group(0).count("\n") or " ", text, flags=re.DOTALL)


def long_functions(text):
    """(line, length) of each function that is too long. clang-format makes the braces' columns tell where one ends."""
    start, indent = None, ""
    for number, line in enumerate(strip_comments_and_strings(text).splitlines(), 1):
        opens = re.match(r"^( {0,4})\S.*\)[^;=]*\{\s*$", line)
        if start is None and opens and not re.match(r"\s*(?:\}|namespace|class|struct|union|enum|if|for|while|switch|do)\b", line):
            start, indent = number, opens.group(1)
        elif start is not None and re.match(indent + r"\}", line):
            if number - start + 1 > MAX_FUNCTION_LINES:
                yield start, number - start + 1
            start = None


def self_test():
    """A tree with one breach of each kind; each must be found."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        table = "| room | holds | may use |\n|---|---|---|\n| `base` | x | – |\n| `text` | x | – |\n| `docs` | x | text |\n"
        files = {
            "ARCHITECTURE.md": table,
            "include/tamis/base/a.h": "#pragma once\n",
            "include/tamis/text/b.h": "#pragma once\n#include <tamis/base/a.h>\n",
            "include/tamis/docs/c.h": "#pragma once\n#include <tamis/text/b.h>\n",
            "src/base/a.cpp": "#include <tamis/base/a.h>\n",
            "src/text/b.cpp": '#include "own.h"\n#include <tamis/text/b.h>\n// printf( in a comment is free\n',
            "src/text/own.h": "#pragma once\n",
            "src/docs/c.cpp": "#include <tamis/docs/c.h>\n",
            "src/base/CMakeLists.txt": "tamis_room(base)\n",
            "src/text/CMakeLists.txt": "tamis_room(text DEPENDS tamis::base)\n",
            "src/docs/CMakeLists.txt": "tamis_room(docs DEPENDS tamis::base tamis::text)\n",
        }
        breaking = [
            ("src/text/b.cpp", "#include <tamis/docs/c.h>\n", "does not allow"),
            ("src/text/b.cpp", "#include <tamis/base/none.h>\n", "no such header"),
            ("src/text/b.cpp", '#include "absent.h"\n', "quoted include"),
            ("src/text/b.cpp", "#include <iostream>\n", "does not print"),
            ("src/text/b.cpp", "#include <format>\n", "use fmt"),
            ("src/text/b.cpp", 'void f() { std::printf("x"); }\n', "prints"),
            ("src/text/b.cpp", "int f() { exit(1); }\n", "ends the program"),
            ("src/text/b.cpp", 'auto f() { return std::getenv("X"); }\n', "reads the environment"),
            ("src/text/b.cpp", "void f() { throw 1; }\n", "throws"),
            ("src/text/b.cpp", "\n" * 401, "lines; at most 400"),
            ("src/text/b.cpp", "void f() {\n" + "  g();\n" * 60 + "}\n", "function of 62"),
            ("src/text/b.cpp", "// TO" + "DO\n", "unfinished"),
            ("src/text/CMakeLists.txt", "tamis_room(text DEPENDS tamis::base tamis::docs)\n", "links tamis::docs"),
            ("src/docs/CMakeLists.txt", "tamis_room(docs DEPENDS tamis::base)\n", "DEPENDS does not"),
            ("ARCHITECTURE.md", table.replace("| `text` | x | – |", "| `text` | x | docs |"), "no room above"),
            ("ARCHITECTURE.md", table + "| `more` | x | – |\n", "room more is only"),
        ]

        def write(contents):
            for path, content in contents.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(content)

        write(files)
        assert Checker(root).run() == [], Checker(root).run()
        for path, content, expected in breaking:
            write({**files, path: content})
            found = Checker(root).run()
            assert any(expected in breach for breach in found), (expected, found)
    print(f"check-layers: self-test found all {len(breaking)} breaches")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    checker = Checker(Path(__file__).resolve().parent.parent)
    breaches = checker.run()
    for breach in breaches:
        print(breach)
    print(f"check-layers: {len(checker.rooms)} rooms, {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
