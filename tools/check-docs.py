#!/usr/bin/env python3
"""Checks that the documentation tells the truth.

  tools/check-docs.py                    everything; needs build/release/tamis
  tools/check-docs.py --without-program  links only
  tools/check-docs.py --tamis PATH       another program

* Every relative link leads to a file of the repository, and its #anchor to a heading there.
* Every ```sh block right after a line `<!-- check -->` runs with exit status 0. The blocks of a page run in order, in
  one empty scratch folder (its HOME too), with `tamis` on PATH and TAMIS_SOURCE naming the repository.
* Every `tamis <command>` named anywhere exists in `tamis --help`, and every --option beside it in that command's help.
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK_SECONDS = 300
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
FENCE = re.compile(r"^(\s*)(```+|~~~+)\s*(\S*)\s*$")


class Page:
    """A Markdown file in pieces: lines outside of code, and code blocks."""

    def __init__(self, path):
        self.path = path
        self.prose = []  # (line number, text)
        self.blocks = []  # (line number, language, checked, text)
        fence, start, language, checked, body, last = None, 0, "", False, [], ""
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = FENCE.match(line)
            if fence is None and match:
                fence, start, language, body = match.group(2), number, match.group(3), []
                checked = last.strip() == "<!-- check -->"
            elif fence is not None and match and match.group(2).startswith(fence) and not match.group(3):
                self.blocks.append((start, language, checked, "\n".join(body) + "\n"))
                fence, last = None, ""
            elif fence is not None:
                body.append(line)
            else:
                self.prose.append((number, line))
                last = line
        self.unclosed = fence is not None

    def anchors(self):
        """The ids that a forge gives to the headings."""
        seen, anchors = {}, set()
        for _, line in self.prose:
            match = re.match(r"#{1,6}\s+(.*?)\s*#*$", line)
            if not match:
                anchors.update(re.findall(r'<a (?:id|name)="([^"]+)"', line))
                continue
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match.group(1))
            slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            count = seen.get(slug, 0)
            seen[slug] = count + 1
            anchors.add(slug if count == 0 else f"{slug}-{count}")
        return anchors


class Checker:
    def __init__(self, tamis):
        self.tamis = tamis
        self.failures = []
        self.counts = {"links": 0, "blocks run": 0, "commands": 0}
        self.pages = {}
        self.helps = {}

    def fail(self, page, line, what):
        self.failures.append(f"{page.path.relative_to(ROOT)}:{line}: {what}")

    def page(self, path):
        path = path.resolve()
        if path not in self.pages:
            self.pages[path] = Page(path)
        return self.pages[path]

    def check_links(self, page):
        for number, line in page.prose:
            for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
                if re.match(r"[a-z][a-z0-9+.-]*:", target):
                    continue  # another site
                self.counts["links"] += 1
                name, _, anchor = target.partition("#")
                path = (page.path.parent / name).resolve() if name else page.path
                if not path.is_relative_to(ROOT) or not path.exists():
                    self.fail(page, number, f"link to {target}: no such file in the repository")
                elif anchor and path.suffix == ".md" and anchor not in self.page(path).anchors():
                    self.fail(page, number, f"link to {target}: no such heading")

    def run_blocks(self, page):
        checked = [block for block in page.blocks if block[2]]
        for number, language, _, _ in checked:
            if language != "sh":
                self.fail(page, number, "<!-- check --> wants a ```sh block")
        if not checked or self.tamis is None:
            return
        with tempfile.TemporaryDirectory(prefix="tamis-docs-") as scratch:
            environment = {"PATH": f"{self.tamis.parent}:{os.environ['PATH']}", "HOME": scratch, "LC_ALL": "C.UTF-8",
                           "TAMIS_SOURCE": str(ROOT)}
            for number, language, _, text in checked:
                self.counts["blocks run"] += 1
                try:
                    done = subprocess.run(["sh", "-eu", "-c", text], cwd=scratch, env=environment, text=True,
                                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                          errors="replace", timeout=BLOCK_SECONDS, check=False)
                except subprocess.TimeoutExpired:
                    self.fail(page, number, f"block still runs after {BLOCK_SECONDS} s")
                    break
                if done.returncode != 0:
                    self.fail(page, number, f"block exits {done.returncode}:\n{done.stdout[-2000:]}")
                    break  # later blocks build on this one

    def help(self, *command):
        if command not in self.helps:
            done = subprocess.run([self.tamis, *command, "--help"], stdin=subprocess.DEVNULL, capture_output=True,
                                  text=True, timeout=60, check=False)
            self.helps[command] = done.stdout if done.returncode == 0 else None
        return self.helps[command]

    def check_command(self, page, number, words):
        """words: what follows `tamis`, up to the end of the command."""
        self.counts["commands"] += 1
        options = [w.split("=")[0] for w in words if re.fullmatch(r"--[a-z][a-z0-9-]*(=.*)?", w)]
        subcommand = next((w for w in words if re.fullmatch(r"[a-z][a-z-]*", w)), None)
        top = self.help() or ""
        if subcommand is not None and not re.search(rf"^\s+{subcommand}\b", top, re.MULTILINE):
            return self.fail(page, number, f"tamis {subcommand}: no such command in tamis --help")
        text = top + ((self.help(subcommand) or "") if subcommand else "")
        for option in options:
            if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text):
                self.fail(page, number, f"tamis {subcommand or ''} {option}: no such option in its help")
        return None

    def check_commands(self, page):
        lines = []
        for start, language, _, text in page.blocks:
            if language in ("", "sh", "console", "text"):
                joined = re.sub(r"\\\n", lambda m: "  ", text)
                lines += [(start, line) for line in joined.splitlines()]
        for number, line in page.prose:
            lines += [(number, code) for code in re.findall(r"`([^`]+)`", line)]
        for number, line in lines:
            for words in commands_in(line):
                self.check_command(page, number, words)

    def run(self, paths):
        for path in paths:
            page = self.page(path)
            if page.unclosed:
                self.fail(page, 1, "a code block does not end")
            self.check_links(page)
            self.run_blocks(page)
            # The manual is the program's own help, word for word: a test of the program compares them.
            if self.tamis is not None and path.name != "cli.md":
                self.check_commands(page)
        return self.failures


def commands_in(line):
    """The words after `tamis` of each call in a line of shell: ["search", "-k", "5", "…"]."""
    lexer = shlex.shlex(re.sub(r"^\s*\$\s+", "", line), posix=True, punctuation_chars="|&;()<>")
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:  # an apostrophe in prose or output
        return
    current, first = None, True
    for word in words + [";"]:
        if re.fullmatch(r"[|&;()]+", word):
            if current is not None:
                yield current
            current, first = None, True
        elif current is not None:
            current.append(word)
        elif first and re.fullmatch(r"\w+=.*", word):
            continue  # VARIABLE=value before the command
        elif first and word in ("tamis", "build/release/tamis", "./build/release/tamis"):
            current, first = [], False
        else:
            first = first and word in ("time", "sudo", "exec", "!")


def documents():
    paths = sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))
    return [path for path in paths if path.is_file()]


def main():
    parser = argparse.ArgumentParser(description="Checks links and commands of the documentation.")
    parser.add_argument("--tamis", type=Path, default=ROOT / "build/release/tamis")
    parser.add_argument("--without-program", action="store_true")
    arguments = parser.parse_args()
    tamis = None if arguments.without_program else arguments.tamis.resolve()
    if tamis is not None and not os.access(tamis, os.X_OK):
        print(f"check-docs: no program at {tamis}: build it with cmake --workflow --preset release", file=sys.stderr)
        return 2
    checker = Checker(tamis)
    failures = checker.run(documents())
    for failure in failures:
        print(failure)
    counts = ", ".join(f"{count} {what}" for what, count in checker.counts.items())
    print(f"check-docs: {len(checker.pages)} pages, {counts}, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
