"""Help, arguments and tamis index, as a user meets them."""
import json
import os
import re
import signal
import subprocess
import time

from scratch import TAMIS, LOGS, BREAD, Scratch


class Help(Scratch):
    def test_help_of_the_program_and_of_every_command(self):
        top = self.tamis("--help", code=0)
        self.assertEqual(top.out, self.tamis("-h", code=0).out)
        self.assertEqual(top.out, self.tamis("help", code=0).out)
        self.assertEqual(self.tamis(code=2).err.strip(), top.out.strip())
        commands = re.findall(r"^  ([a-z]+) {2,}\S", top.out, re.MULTILINE)
        self.assertEqual(commands, ["index", "search", "show", "info", "verify", "remove", "merge", "eval", "tune", "bench", "model",
                                    "encode", "cpu", "completion", "man"])
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
        self.assertIn("name the path", self.tamis("index", "--reader", "text", code=2).err)
        third = json.loads(self.tamis("index", "--json", code=0).out)  # no path: all that was indexed before
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
        while process.poll() is None and not (self.home / ".tamis/segments").exists():
            time.sleep(0.002)
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
