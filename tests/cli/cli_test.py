#!/usr/bin/env python3
"""Runs the real program in scratch folders, as a user would: python3 tests/cli/cli_test.py PATH/TO/tamis [TestName…]"""
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

TAMIS = ""
ROOT = Path(__file__).resolve().parent.parent.parent

LOGS = """# Log files

How log files are kept in order.

## Rotation

### Weekly

To rotate a log file, logrotate renames it once a week and keeps four old ones.

### By size

The option size starts the rotation when the log file grows beyond a limit.

## Compression

Old log files are compressed with gzip.
"""
BREAD = "Bread rises faster in a warm kitchen.\n\nA pinch of salt slows the yeast.\n"
JSONL = "".join(json.dumps(document) + "\n" for document in [
    {"_id": "sun-1", "title": "The sun", "text": "The sun is a star made of hydrogen.", "metadata": {"year": 1999}},
    {"_id": "moon-2", "title": "The moon", "text": "The moon has no light of its own.", "metadata": {"year": 2024}},
    {"_id": "mars 3", "title": "Mars", "text": "Mars is a red planet with two small moons.", "metadata": {"year": 2024}},
])


class Run:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.out[:3000]}\n--- stderr\n{self.err[:3000]}"

    def lines(self):
        return self.out.splitlines()

    def json_lines(self):
        return [json.loads(line) for line in self.lines()]


class Scratch(unittest.TestCase):
    """Each test has an empty folder as home and current folder."""

    def setUp(self):
        self.home = Path(tempfile.mkdtemp(prefix="tamis-cli-"))
        self.addCleanup(self.clean)

    def clean(self):
        for path, folders, _ in os.walk(self.home):
            for folder in folders:
                os.chmod(Path(path) / folder, 0o755)
        shutil.rmtree(self.home)

    def environment(self, extra=None):
        keep = {name: value for name, value in os.environ.items()
                if name.endswith("SAN_OPTIONS") or name.startswith("LLVM_") or name.startswith("GCOV_")}
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "LC_ALL": "C.UTF-8", **keep, **(extra or {})}

    def tamis(self, *words, cwd=None, stdin=b"", env=None, code=None):
        done = subprocess.run([TAMIS, *map(str, words)], cwd=cwd or self.home, env=self.environment(env), input=stdin,
                              capture_output=True, timeout=300, check=False)
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        run = Run(done)
        self.assertIn(run.code, (0, 1, 2), run)
        self.assertNotIn("\x1b", run.out + run.err, "colours without a terminal")
        if code is not None:
            self.assertEqual(run.code, code, f"tamis {' '.join(map(str, words))[:200]}: {run}")
        if run.code == 2:
            self.assertTrue(run.err.strip(), "an error without a message")
        return run

    def write(self, name, text):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def docs(self):
        self.write("docs/admin/logs.md", LOGS)
        self.write("docs/bread.txt", BREAD)
        self.write("docs/sky.jsonl", JSONL)
        self.tamis("index", "--min-words", "1", "--target-words", "10", "docs", code=0)  # a passage a section


class Help(Scratch):
    def test_help_of_the_program_and_of_every_command(self):
        top = self.tamis("--help", code=0)
        self.assertEqual(top.out, self.tamis("-h", code=0).out)
        self.assertEqual(top.out, self.tamis("help", code=0).out)
        self.assertEqual(self.tamis(code=2).err.strip(), top.out.strip())
        commands = re.findall(r"^  ([a-z]+) {2,}\S", top.out, re.MULTILINE)
        self.assertEqual(commands, ["index", "search", "show", "info", "verify", "remove", "merge", "cpu", "completion",
                                    "man"])
        for command in commands:
            text = self.tamis(command, "--help", code=0).out
            self.assertEqual(text, self.tamis("help", command, code=0).out)
            self.assertIn(f"Usage: tamis {command}", text)
            self.assertIn("Examples:", text)
            for line in text.splitlines():
                self.assertLessEqual(len(line), 100, line)

    def test_version(self):
        self.assertRegex(self.tamis("--version", code=0).out, r"^tamis \d+\.\d+\.\d+\n$")

    def test_wrong_arguments_are_named_and_a_near_one_is_offered(self):
        for words, says in [
            (["serach", "x"], "is 'search' meant?"),
            (["frobnicate"], "no command 'frobnicate'"),
            (["--frob"], "no command '--frob'"),
            (["search", "--jsn", "x"], "is --json meant?"),
            (["search", "-k", "many", "x"], "--k: 'many'"),
            (["search", "-k", "99999999", "x"], "--k: 99999999"),
            (["search", "--format", "xml", "x"], "text, jsonl, trec"),
            (["search", "--format", "trec", "x"], "--queries"),
            (["search", "--algorithm", "magic", "x"], "exhaustive"),
            (["search"], "no question"),
            (["search", "a", "-draft"], "put the question in quotes"),
            (["index"], "nothing named"),
            (["index", "--memory", "lots", "."], "--memory"),
            (["index", "--reader", "braille", "."], "--reader"),
            (["index", "--language", "klingon", "."], "klingon"),
            (["index", "--k1", "-3", "."], "k1"),
            (["index", "--k1"], "--k1"),
            (["index", "--vectors", "v.jsonl", "."], "not both"),
            (["info", "extra"], "'extra' is one argument too many"),
            (["show"], "nothing named"),
            (["remove"], "nothing named"),
            (["completion"], "bash, zsh or fish"),
            (["completion", "tcsh"], "'tcsh' is not known"),
        ]:
            run = self.tamis(*words, code=2)
            self.assertIn(says, run.err, words)
            self.assertEqual(run.out, "", words)
        self.assertEqual(list(self.home.iterdir()), [], "a wrong call left something behind")


class Index(Scratch):
    def test_only_what_changed_is_worked_on(self):
        self.write("docs/admin/logs.md", LOGS)
        self.write("docs/bread.txt", BREAD)
        first = json.loads(self.tamis("index", "--json", "docs", code=0).out)
        self.assertEqual((first["files_added"], first["documents"], first["published"]), (2, 2, True))
        again = json.loads(self.tamis("index", "--json", "docs", code=0).out)
        self.assertEqual((again["files_added"], again["files_unchanged"], again["documents"]), (0, 2, 0))
        self.assertIn("up to date", self.tamis("index", "docs", code=0).out)
        self.write("docs/bread.txt", BREAD + "\nSourdough needs patience.\n")
        self.write("docs/new.txt", "A new page about submarines.")
        (self.home / "docs/admin/logs.md").unlink()
        third = json.loads(self.tamis("index", "--json", "docs", code=0).out)
        self.assertEqual((third["files_added"], third["files_changed"], third["files_deleted"]), (1, 1, 1))
        self.tamis("search", "rotation", code=1)
        self.assertIn("bread.txt", self.tamis("search", "sourdough", code=0).out)
        self.assertIn("new.txt", self.tamis("search", "submarines", code=0).out)

    def test_the_summary_says_what_was_indexed_and_what_was_skipped_and_why(self):
        self.write("docs/logs.md", LOGS)
        self.write("docs/.gitignore", "*.tmp\n")
        self.write("docs/a.tmp", "x")
        self.write("docs/b.tmp", "x")
        self.write("docs/.secret", "x")
        self.write("docs/picture.bin", b"\x00\x01\x02\xff" * 100)
        text = self.tamis("index", "docs", code=0).out
        for part in ["1 document", "ignored by", "a.tmp, ", "hidden", "MB/s"]:
            self.assertIn(part, text)
        everything = json.loads(self.tamis("index", "--hidden", "--no-ignore", "--json", "docs", code=0).out)
        self.assertNotIn("a.tmp", [os.path.basename(s["path"]) for s in everything["skipped"]])
        self.assertEqual(self.tamis("index", "-q", "docs", code=0).out, "")

    def test_empty_folders_and_missing_paths(self):
        (self.home / "empty").mkdir()
        self.assertIn("nothing to index", self.tamis("index", "empty", code=1).err)
        self.assertIn("empty", self.tamis("search", "x", code=1).err)
        run = self.tamis("index", "--index", "other", "absent", code=2)
        self.assertIn("absent: no such file or folder", run.err)
        self.assertFalse((self.home / "other").exists())

    def test_standard_input_with_a_name(self):
        self.tamis("index", "-", "--name", "note.md", "--min-words", "1", stdin=LOGS.encode(), code=0)
        hit = self.tamis("search", "--json", "rotate weekly", code=0).json_lines()[0]
        self.assertIn("note.md", hit["path"])
        self.assertIn("Weekly", hit["heading"])
        self.tamis("index", "-", "--name", "note.md", stdin=b"# Other\n\nsubmarines\n", code=0)
        self.tamis("search", "rotate", code=1)

    def test_fields_of_json_lines_can_be_chosen(self):
        self.write("c.jsonl", '{"key": "k1", "name": "Pumps", "abstract": "centrifugal", "body": "impeller"}\n')
        self.tamis("index", "c.jsonl", "--id-field", "key", "--title-field", "name", "--text-field", "abstract",
                   "--text-field", "body", code=0)
        hit = self.tamis("search", "--json", "impeller", code=0).json_lines()[0]
        self.assertEqual((hit["document"], hit["title"]), ("k1", "Pumps"))
        self.assertIn("centrifugal", hit["text"])

    def test_passage_and_bm25_settings_are_options(self):
        self.write("docs/logs.md", LOGS)
        self.tamis("index", "--whole-document", "--k1", "1.2", "--b", "0.75", "docs", code=0)
        info = json.loads(self.tamis("info", "--json", code=0).out)
        self.assertEqual(info["passages"], 1)
        self.assertIn('"k1":1.2', info["settings"]["bm25"])
        self.assertIn("--rebuild", self.tamis("index", "--k1", "2", "docs", code=2).err)

    def test_two_sources_live_side_by_side_and_one_is_forgotten(self):
        self.write("a/logs.md", LOGS)
        self.write("b/bread.txt", BREAD)
        self.tamis("index", "a", code=0)
        self.tamis("index", "b", code=0)
        self.tamis("search", "rotation", code=0)
        self.tamis("search", "yeast", code=0)
        self.tamis("remove", "a", code=0)
        self.tamis("search", "rotation", code=1)
        self.tamis("search", "yeast", code=0)
        self.assertIn("absent", self.tamis("remove", "absent", code=2).err)

    def test_ctrl_c_stops_and_leaves_a_sound_index(self):
        for i in range(3000):
            self.write(f"docs/{i}.txt", f"file {i} " + "word and another word, " * 200)
        process = subprocess.Popen([TAMIS, "index", "docs"], cwd=self.home, env=self.environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
        self.assertIn(process.returncode, (-signal.SIGINT, 0), err)  # 0: it was done already
        if process.returncode != 0:
            self.assertIn(b"stopped", err)
        self.tamis("verify", code=0)
        self.tamis("index", "docs", code=0)
        info = json.loads(self.tamis("info", "--json", code=0).out)
        self.assertEqual(info["documents"], 3000)

    def test_an_unwritable_place_is_a_clear_error(self):
        self.write("docs/bread.txt", BREAD)
        self.write("file", "x")
        self.assertIn("file", self.tamis("index", "--index", "file/index", "docs", code=2).err)


class Search(Scratch):
    KEYS = ["rank", "score", "document", "passage", "path", "line", "start", "end", "heading", "text", "title"]

    def test_a_question_finds_the_passage_with_place_heading_and_lines(self):
        self.docs()
        run = self.tamis("search", "how", "do I rotate", "a log file", code=0)
        self.assertRegex(run.lines()[0], r"^1\. docs/admin/logs\.md:\d+  .*Weekly.*  \d+\.\d+  p\d+$")
        self.assertTrue(run.lines()[1].startswith("   "), run)
        self.assertIn("logrotate renames", run.out)

    def test_json_has_exactly_the_promised_keys_and_true_values(self):
        self.docs()
        hits = self.tamis("search", "--json", "-k", "20", "rotate log files", code=0).json_lines()
        self.assertGreater(len(hits), 1)
        for rank, hit in enumerate(hits, 1):
            self.assertEqual(list(hit), self.KEYS)
            self.assertEqual(hit["rank"], rank)
            whole = self.tamis("show", "--document", "--json", f"p{hit['passage']}", code=0).json_lines()[0]["text"]
            self.assertEqual(whole.encode()[hit["start"]:hit["end"]].decode(), hit["text"])
        self.assertEqual([h["score"] for h in hits], sorted((h["score"] for h in hits), reverse=True))
        text = Path(hits[0]["path"]).read_text().splitlines()
        self.assertIn(text[hits[0]["line"] - 1].strip("# "), hits[0]["text"] + hits[0]["heading"])

    def test_syntax(self):
        self.docs()

        def found(question, *options):
            run = self.tamis("search", "--json", *options, question)
            return sorted({hit["document"].split("/")[-1] for hit in run.json_lines()})

        self.assertEqual(found("moon"), ["mars 3", "moon-2"])
        self.assertEqual(found("moon -planet"), ["moon-2"])
        self.assertEqual(found("-planet moon"), ["moon-2"])
        self.assertEqual(found("+moons +red"), ["mars 3"])
        self.assertEqual(found('"light of its own"'), ["moon-2"])
        self.assertEqual(found('"own its of light"'), [])
        self.assertEqual(found("year:2024 sun moon"), ["mars 3", "moon-2"])
        self.assertEqual(found("year:<2000 sun moon"), ["sun-1"])
        self.assertEqual(found("path:**/*.txt salt sun"), ["bread.txt"])
        self.assertEqual(found("id:sun-1"), ["sun-1"])
        self.assertEqual(found("-planet moon", "--plain"), ["mars 3", "moon-2"])

    def test_nothing_found_is_exit_1_with_a_reason(self):
        self.docs()
        run = self.tamis("search", "xylophonic quux", code=1)
        self.assertEqual(run.out, "")
        self.assertIn("xylophonic", run.err)
        self.assertIn("quux", run.err)
        self.tamis("search", "moon -moon", code=1)

    def test_odd_questions_get_an_answer_or_a_clear_error(self):
        self.docs()
        self.assertIn("empty", self.tamis("search", "", code=2).err)
        self.assertIn("empty", self.tamis("search", " ?! ", code=2).err)
        self.tamis("search", "log " * 25000, code=0)  # 100 kB
        self.tamis("search", " ".join(f"w{i}" for i in range(20000)) + " log")
        self.assertTrue(self.tamis("search", "-k", "3", "x" * 120000, code=1).err)
        self.tamis("search", '"unclosed phrase', code=1)
        self.tamis("search", "https://example.org/a:b 12:30 word: log", code=0)
        self.tamis("search", b"log \xff\xfe file".decode("utf-8", "surrogateescape"), code=0)
        self.tamis("search", "-k", "0", "log", code=1)

    def test_all_algorithms_give_the_same_hits(self):
        self.docs()
        refusal = self.tamis("search", "--algorithm", "magic", "x", code=2).err
        names = re.search(r"\(there are ([^)]*)\)", refusal).group(1).split(", ")
        self.assertIn("exhaustive", names)
        outs = {self.tamis("search", "--json", "--algorithm", name, "the log file of the moon", code=0).out for name in names}
        self.assertEqual(len(outs), 1)

    def test_title_weight(self):
        self.docs()
        plain = self.tamis("search", "--json", "--title-weight", "0", "moon", code=0).json_lines()
        heavy = self.tamis("search", "--json", "--title-weight", "5", "moon", code=0).json_lines()
        score = {hit["document"]: hit["score"] for hit in plain}
        raised = {hit["document"]: hit["score"] for hit in heavy}
        self.assertGreater(raised["moon-2"], score["moon-2"])
        self.assertEqual(raised["mars 3"], score["mars 3"])

    def test_stats_go_to_standard_error(self):
        self.docs()
        run = self.tamis("search", "--stats", "--json", "rotate log", code=0)
        run.json_lines()
        self.assertRegex(run.err, r"^query \d+\.\d+ ms: \d+ of \d+ postings scored")

    def test_one_hit_a_document(self):
        self.docs()
        hits = self.tamis("search", "--documents", "--json", "log file", code=0).json_lines()
        documents = [hit["document"] for hit in hits]
        self.assertEqual(len(documents), len(set(documents)))
        self.assertGreater(len(self.tamis("search", "--json", "log file", code=0).lines()), len(documents))

    def test_the_index_is_found_upward_by_option_and_by_variable(self):
        self.docs()
        deep = self.home / "docs/admin"
        self.assertRegex(self.tamis("search", "rotation", cwd=deep, code=0).out, r"^1\. logs\.md:")
        elsewhere = Path(tempfile.mkdtemp(prefix="tamis-cli-else-"))
        self.addCleanup(shutil.rmtree, elsewhere)
        run = self.tamis("search", "rotation", cwd=elsewhere, code=2)
        self.assertIn("tamis index", run.err)
        self.tamis("search", "--index", self.home / ".tamis", "rotation", cwd=elsewhere, code=0)
        self.tamis("search", "rotation", cwd=elsewhere, env={"TAMIS_INDEX": str(self.home / ".tamis")}, code=0)
        self.tamis("search", "--index", self.home / "absent", "rotation", cwd=elsewhere, code=2)

    def test_a_closed_pipe_is_no_failure(self):
        self.docs()
        many = "".join(f'{{"_id": "{i}", "text": "log file"}}\n' for i in range(3000))
        self.write("q.jsonl", many)
        line = f"{TAMIS} search --queries q.jsonl --json; echo exit $? >&2"
        done = subprocess.run(["sh", "-c", f"({line}) | head -n 1"], cwd=self.home, env=self.environment(),
                              capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.stderr, "exit 0\n")
        json.loads(done.stdout)

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_a_full_disk_is_an_error(self):
        self.docs()
        with open("/dev/full", "wb") as full:
            done = subprocess.run([TAMIS, "search", "log"], cwd=self.home, env=self.environment(), stdout=full,
                                  stderr=subprocess.PIPE, timeout=300, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"No space left", done.stderr)

    def test_a_read_only_index_answers(self):
        self.docs()
        for path, folders, files in os.walk(self.home / ".tamis"):
            for name in files:
                os.chmod(Path(path) / name, 0o444)
            for name in folders:
                os.chmod(Path(path) / name, 0o555)
        os.chmod(self.home / ".tamis", 0o555)
        command = [TAMIS, "search", "rotation"]
        if os.geteuid() == 0:  # root may write anywhere: be somebody else
            if shutil.which("setpriv") is None:
                self.skipTest("root without setpriv")
            os.chmod(self.home, 0o755)
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
            probe = subprocess.run([*command[:4], "test", "-x", TAMIS], check=False)
            if probe.returncode != 0:
                self.skipTest("the program lies where nobody may go")
        done = subprocess.run(command, cwd=self.home, env=self.environment(), capture_output=True, timeout=300, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"logs.md", done.stdout)

    def test_documents_cannot_command_the_terminal(self):
        self.write("docs/evil.txt", "submarine \x1b[2J\x1b]0;owned\x07 periscope\n")
        self.write("docs/e\x1b[31mvil.txt", "torpedo\n")
        self.tamis("index", "docs", code=0)
        self.assertIn("periscope", self.tamis("search", "submarine", code=0).out)
        self.tamis("search", "torpedo", code=0)


class Batch(Scratch):
    def test_a_trec_run_has_six_columns_and_documents_by_best_passage(self):
        self.docs()
        self.write("q.jsonl", '{"_id": "q1", "text": "rotate a log file"}\n{"_id": "q 2", "text": "moon -planet"}\n'
                              '{"_id": "q3", "text": "zzz"}\n')
        run = self.tamis("search", "--queries", "q.jsonl", "--format", "trec", "-k", "1000", code=0)
        seen = {}
        for line in run.lines():
            query, q0, document, rank, score, tag = line.split(" ")
            self.assertEqual((q0, tag), ("Q0", "tamis"))
            ranks = seen.setdefault(query, [])
            self.assertEqual(int(rank), len(ranks) + 1)
            self.assertNotIn(document, [d for d, _ in ranks])
            ranks.append((document, float(score)))
        self.assertEqual(list(seen), ["q1", "q%202"])
        for ranks in seen.values():
            self.assertEqual([s for _, s in ranks], sorted((s for _, s in ranks), reverse=True))
        self.assertIn("mars%203", [d for d, _ in seen["q%202"]])  # no syntax in files
        best = self.tamis("search", "--json", "rotate a log file", code=0).json_lines()[0]
        self.assertEqual(seen["q1"][0], (best["document"], best["score"]))
        strict = self.tamis("search", "--queries", "q.jsonl", "--format", "trec", "--syntax", code=0)
        self.assertNotIn("mars%203", strict.out)

    def test_k_documents_come_out_even_if_each_has_many_passages(self):
        for i in range(6):
            sections = "".join(f"## Part {n}\n\nwater {'pump ' * (n % 5 + 1)}number {n}\n\n" for n in range(40))
            self.write(f"docs/{i}.md", f"# Book {i}\n\n{sections}")
        self.tamis("index", "--min-words", "1", "--target-words", "5", "docs", code=0)
        run = self.tamis("search", "--queries", "-", "--format", "trec", "-k", "6", stdin=b"1\twater pump\n", code=0)
        self.assertEqual(len(run.lines()), 6)

    def test_questions_come_in_three_layouts_and_by_pipe(self):
        self.docs()
        outs = []
        for questions in [b'{"qid": "a", "query": "moon"}\n\n{"id": 7, "question": "sun"}\n', b"a\tmoon\r\n7\tsun\n"]:
            outs.append(self.tamis("search", "--queries", "-", "--format", "trec", stdin=questions, code=0).out)
        self.assertEqual(outs[0], outs[1])
        lines = self.tamis("search", "--queries", "-", "--json", stdin=b"moon\nsun\n", code=0).json_lines()
        self.assertEqual({hit["query"] for hit in lines}, {"1", "2"})
        self.assertEqual(list(lines[0]), ["query", *Search.KEYS])
        text = self.tamis("search", "--queries", "-", stdin=b"moon\nzzz\n", code=0).out
        self.assertIn("== 1  moon", text)
        self.assertIn("(nothing found)", text)

    def test_bad_questions_are_named_and_the_others_answered(self):
        self.docs()
        run = self.tamis("search", "--queries", "-", "--format", "trec", stdin=b"a\tmoon\nb\t?!\nc\tsun\n", code=0)
        self.assertEqual({line.split()[0] for line in run.lines()}, {"a", "c"})
        self.assertIn("question b", run.err)
        self.write("bad.jsonl", '{"_id": "a", "text": "x"}\n{"_id": "b"\n')
        self.assertIn("bad.jsonl: line 2", self.tamis("search", "--queries", "bad.jsonl", code=2).err)
        self.assertIn("absent", self.tamis("search", "--queries", "absent", code=2).err)
        self.tamis("search", "--queries", "bad.jsonl", "x", code=2)

    def test_threads_do_not_change_a_byte(self):
        self.docs()
        questions = "".join(f"{i}\t{q}\n" for i, q in enumerate(["moon", "log file", "salt", "zzz"] * 200)).encode()
        outs = {self.tamis("search", "--queries", "-", "--format", "trec", "--threads", n, stdin=questions, code=0).out
                for n in ("1", "2", "5")}
        self.assertEqual(len(outs), 1)

    def test_stats_of_many_questions(self):
        self.docs()
        run = self.tamis("search", "--queries", "-", "--format", "trec", "--stats", stdin=b"moon\nsun\n", code=0)
        self.assertRegex(run.err, r"2 questions: p50 \d+\.\d+ ms, p90")


class Vectors(Scratch):
    LINES = ('{"_id": "d1", "vector": {"log": 2.0, "rotate": 1.5}}\n{"id": "d2", "vector": {"log": 1.0}}\n'
             '{"id": 3, "vector": {"moon": 1.0}}\n')

    def test_vectors_of_other_programs_are_indexed_and_searched(self):
        self.write("v.jsonl", self.LINES)
        self.tamis("index", "--vectors", "v.jsonl", code=0)
        self.write("q.jsonl", '{"id": "q", "vector": {"log": 1.0, "rotate": 1.0, "unknown": 3.0}}\n')
        run = self.tamis("search", "--query-vectors", "q.jsonl", "--format", "trec", code=0)
        self.assertEqual([line.split()[2] for line in run.lines()], ["d1", "d2"])
        score = float(run.lines()[0].split()[4])
        self.assertAlmostEqual(score, 3.5, delta=0.02)
        hits = self.tamis("search", "--query-vectors", "q.jsonl", "--json", code=0).json_lines()
        self.assertEqual([hit["document"] for hit in hits], ["d1", "d2"])
        self.assertIn("--query-vectors", self.tamis("search", "zzz", code=1).err)
        self.tamis("verify", code=0)

    def test_csr_with_ids(self):
        rows = [[(0, 1.0), (3, 2.0)], [(3, 1.0)], []]
        pointers, columns, values = [0], [], []
        for row in rows:
            columns += [c for c, _ in row]
            values += [v for _, v in row]
            pointers.append(len(columns))
        image = struct.pack("<3q", len(rows), 5, len(columns)) + struct.pack(f"<{len(pointers)}q", *pointers)
        image += struct.pack(f"<{len(columns)}i", *columns) + struct.pack(f"<{len(values)}f", *values)
        self.write("v.csr", image)
        self.write("v.csr.ids", "a\nb\nc\n")
        self.tamis("index", "--vectors", "v.csr", code=0)
        run = self.tamis("search", "--query-vectors", "v.csr", "--format", "trec", code=0)
        self.assertEqual([line.split()[:4] for line in run.lines()],
                         [["a", "Q0", "a", "1"], ["a", "Q0", "b", "2"], ["b", "Q0", "a", "1"], ["b", "Q0", "b", "2"]])

    def test_a_bad_file_is_named_with_its_line(self):
        self.write("v.jsonl", self.LINES + '{"id": "d4", "vector": {"log": -1}}\n')
        self.assertIn("v.jsonl: line 4", self.tamis("index", "--vectors", "v.jsonl", code=2).err)
        self.assertIn("absent", self.tamis("index", "--vectors", "absent", code=2).err)


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
        self.assertIn("kernel", text)
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
        self.assertEqual(complete("tamis", "search", "--format", ""), ["text", "jsonl", "trec"])
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
        process, terminal = pty.fork()
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


if __name__ == "__main__":
    TAMIS = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
