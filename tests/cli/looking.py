"""tamis show, info, verify, merge, cpu, completion, man; and what a terminal gets to see."""
import json
import os
import pty
import re
import select
import shutil
import struct
import subprocess

from scratch import TAMIS, ROOT, Scratch


class Show(Scratch):
    def test_a_passage_by_number_place_path_and_document_id(self):
        self.docs()
        hit = self.tamis("search", "--json", "rotate weekly", code=0).json_lines()[0]
        name = f"p{hit['passage']}"
        by_number = self.tamis("show", name, code=0).out
        self.assertIn("logrotate renames it once a week", by_number)
        self.assertIn(f"> {name}, line", by_number)
        self.assertEqual(self.tamis("show", hit["passage"], code=0).out, by_number)
        place = f"docs/admin/logs.md:{hit['line']}"
        self.assertEqual(self.tamis("show", place, code=0).out, by_number)
        self.assertEqual(self.tamis("show", f"logs.md:{hit['line']}", cwd=self.home / "docs/admin", code=0).out.split("\n", 1)[1],
                         by_number.split("\n", 1)[1])
        self.assertEqual(self.tamis("show", f"{hit['path']}:{hit['line']}", code=0).out, by_number)
        self.assertIn("no light of its own", self.tamis("show", "moon-2", code=0).out)
        self.assertIn("two small moons", self.tamis("show", "docs/sky.jsonl:3", code=0).out)
        self.assertIn("Log files", self.tamis("show", "docs/admin/logs.md", code=0).out)

    def test_neighbours_whole_documents_and_json(self):
        self.docs()
        hit = self.tamis("search", "--json", "grows beyond a limit", code=0).json_lines()[0]
        name = f"p{hit['passage']}"
        alone = self.tamis("show", "-C", "0", name, code=0).out
        self.assertEqual(len(re.findall(r"^[> ] p\d+, line", alone, re.MULTILINE)), 1)
        wide = self.tamis("show", "-C", "100", name, code=0).out
        self.assertIn("gzip", wide)
        whole = self.tamis("show", "--document", name, code=0).out
        for part in ["kept in order", "logrotate", "beyond a limit", "gzip"]:
            self.assertIn(part, whole)
        shown = self.tamis("show", "--json", name, code=0).json_lines()[0]
        self.assertEqual(shown["text"], hit["text"])
        self.assertNotIn("score", shown)

    def test_what_is_not_there_is_an_error(self):
        self.docs()
        for name in ["p999999", "999999", "docs/absent.md:3", "absent"]:
            self.assertIn(name.lstrip("p"), self.tamis("show", name, code=2).err)


class Others(Scratch):
    def test_info(self):
        self.docs()
        text = self.tamis("info", code=0).out
        for part in ["documents   5", "passages", "languages", "words a passage", "docs (folder)", "on disk"]:
            self.assertIn(part, text)
        info = json.loads(self.tamis("info", "--json", code=0).out)
        self.assertEqual(info["documents"], 5)
        self.assertIn("tamis index", self.tamis("info", cwd="/", code=2).err)

    def test_verify_finds_damage_in_any_file(self):
        self.docs()
        self.assertIn("sound", self.tamis("verify", code=0).out)
        files = [path for path in (self.home / ".tamis/segments").iterdir() if path.stat().st_size > 0]
        self.assertTrue(files)
        for path in files:
            good = path.read_bytes()
            bad = bytearray(good)
            bad[len(bad) // 2] ^= 0x10
            path.write_bytes(bad)
            run = self.tamis("verify", code=2)
            self.assertIn(path.name, run.out + run.err)
            path.write_bytes(good)
        self.tamis("verify", code=0)

    def test_merge(self):
        for i in range(4):
            self.write(f"docs/{i}.txt", f"number{i} and water\n")
            self.tamis("index", "docs", code=0)
        before = self.tamis("search", "--json", "water number2", code=0).out
        self.assertRegex(self.tamis("merge", "--all", code=0).out, r"1 left|nothing to merge: 1 segment")
        self.assertEqual(self.tamis("search", "--json", "water number2", code=0).out, before)
        self.assertIn("nothing to merge", self.tamis("merge", code=0).out)
        self.tamis("verify", code=0)

    def test_cpu_lists_kernels_and_obeys_the_cap(self):
        text = self.tamis("cpu", code=0).out
        self.assertIn("isa", text)
        self.assertRegex(text, r"kernel +index/\w+: \w+ of .*ref\n")
        self.assertRegex(text, r"kernel +sieve/blocks: \w+ of .*ref\n")
        self.assertRegex(self.tamis("cpu", env={"TAMIS_MAX_ISA": "ref"}, code=0).out, r"isa +ref")
        self.assertIn("TAMIS_MAX_ISA", self.tamis("cpu", env={"TAMIS_MAX_ISA": "nonsense"}, code=0).err)

    def test_completion_scripts_parse_and_complete(self):
        for shell in ("bash", "zsh", "fish"):
            script = self.write(f"tamis.{shell}", self.tamis("completion", shell, code=0).out)
            for word in ["--text-field", "--query-vectors", "verify"]:
                self.assertIn(word.lstrip("-") if shell == "fish" else word, script.read_text())
            if shutil.which(shell):
                subprocess.run([shell, "-n", script], check=True)

        def complete(*words):
            joined = " ".join(f"'{word}'" for word in words)
            code = f"source tamis.bash; COMP_WORDS=({joined}); COMP_CWORD={len(words) - 1}; _tamis; echo ${{COMPREPLY[@]}}"
            return subprocess.run(["bash", "-c", code], cwd=self.home, capture_output=True, text=True, check=True).stdout.split()

        self.assertEqual(complete("tamis", "se"), ["search"])
        self.assertEqual(complete("tamis", "search", "--query-vectors-f"), ["--query-vectors-format"])
        self.assertEqual(complete("tamis", "search", "--format", ""), ["text", "jsonl", "trec", "bin"])
        self.assertIn("tamis.bash", complete("tamis", "index", "tam"))

    def test_the_manual_page_is_clean(self):
        page = self.write("tamis.1", self.tamis("man", code=0).out)
        if shutil.which("mandoc"):
            done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True, check=False)
            self.assertEqual(done.stdout, "")
        if shutil.which("man"):
            done = subprocess.run(["man", "-l", "--warnings", page], capture_output=True, text=True, check=False,
                                  env=self.environment({"MANWIDTH": "80"}))
            self.assertEqual(done.stderr, "")
            self.assertIn("tamis search", done.stdout)

    def test_the_page_in_docs_is_the_one_that_the_program_makes(self):
        self.assertEqual((ROOT / "docs/cli.md").read_text(), self.tamis("man", "--markdown", code=0).out,
                         "make it anew: tamis man --markdown > docs/cli.md")


class OnATerminal(Scratch):
    def on_terminal(self, *words, env=None):
        """Runs with a terminal of 80 columns as standard output and error; returns exit code and what was written."""
        import fcntl
        import termios
        try:
            process, terminal = pty.fork()
        except OSError as error:
            self.skipTest(f"SKIPPED, not tested here: no pseudo-terminal to be had ({error}); mount /dev/pts")
        if process == 0:
            os.chdir(self.home)
            os.execve(TAMIS, [TAMIS, *words], self.environment({"TERM": "xterm", **(env or {})}))
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        out = b""
        while True:
            select.select([terminal], [], [], 300)
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            out += piece
        _, status = os.waitpid(process, 0)
        os.close(terminal)
        return os.waitstatus_to_exitcode(status), out.decode().replace("\r\n", "\n")

    def test_hits_are_lit_and_lines_fit(self):
        self.docs()
        code, out = self.on_terminal("search", "rotate a log file")
        self.assertEqual(code, 0)
        self.assertIn("\x1b[1;33mrotate\x1b[0m", out.replace(" \x1b[0m", "\x1b[0m "))
        for line in re.sub(r"\x1b\[[0-9;]*m", "", out).splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_no_color_and_dumb_terminals_get_none(self):
        self.docs()
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            _, out = self.on_terminal("search", "rotate a log file", env=env)
            self.assertNotIn("\x1b", out)

    def test_progress_is_drawn_and_taken_away(self):
        for i in range(2000):
            self.write(f"docs/{i}.txt", f"file {i} " + "word and another word, " * 100)
        code, out = self.on_terminal("index", "docs")
        self.assertEqual(code, 0)
        drawn = out.split("\r")
        if len(drawn) > 1:  # a fast machine may be done before the first picture
            self.assertIn("\x1b[K", out)
        self.assertIn("2,000 documents", drawn[-1].replace("\x1b[K", ""))
