"""tamis search: questions, files of questions, vectors."""
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

from scratch import TAMIS, Scratch


class Search(Scratch):
    KEYS = ["rank", "score", "document", "passage", "path", "line", "start", "end", "heading", "text", "title"]

    def test_a_question_finds_the_passage_with_place_heading_and_lines(self):
        self.docs()
        run = self.tamis("search", "to rotate", "a log file", "once a week", code=0)
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
        self.assertAlmostEqual(raised["mars 3"], score["mars 3"], places=5)  # the grid of query weights differs

    def test_near_spellings_of_unknown_words_are_suggested(self):
        self.docs()
        run = self.tamis("search", "to rotaet a log", code=0)
        self.assertEqual(run.lines()[0], "Did you mean: to rotate a log")
        self.assertTrue(run.lines()[2].startswith("1. "), run)
        plain = self.tamis("search", "a log", code=0)
        self.assertNotIn("Did you mean", plain.out)
        hits = self.tamis("search", "--json", "to rotaet a log", code=0).json_lines()
        self.assertEqual({hit["did_you_mean"] for hit in hits}, {"to rotate a log"})
        self.assertEqual(list(hits[0]), [*self.KEYS, "did_you_mean"])
        # What is searched stays as it was asked.
        found = self.tamis("search", "--json", "a log", code=0).json_lines()
        self.assertEqual([hit["passage"] for hit in hits], [hit["passage"] for hit in found])
        nothing = self.tamis("search", "--json", "rotaet", code=1)
        self.assertEqual(nothing.json_lines(), [{"did_you_mean": "rotate"}])
        self.assertEqual(self.tamis("search", "rotaet", code=1).out, "Did you mean: rotate\n")
        self.write("q.jsonl", '{"_id": "a", "text": "rotaet"}\n{"_id": "b", "text": "log"}\n')
        many = self.tamis("search", "--queries", "q.jsonl", "--json", "-k", "1", code=0).json_lines()
        self.assertEqual(many[0], {"query": "a", "did_you_mean": "rotate"})
        self.assertNotIn("did_you_mean", many[1])
        self.assertEqual(self.tamis("search", "--queries", "q.jsonl", code=0).lines()[1], "Did you mean: rotate")

    def test_steps_that_cost_nothing(self):
        rows = [{"_id": f"a{i}", "text": f"the red fox jumps over a lazy dog number {'one two three'.split()[i]}"} for i in range(3)]
        rows += [{"_id": "far", "text": "a dog and then much later, when all is over, a fox which is red", "date": "2024-05-01"},
                 {"_id": "old", "text": "a dog and then much later, after that, all is over: the red fox", "date": "2001-05-01"}]
        rows += [{"_id": f"o{i}", "text": "something else altogether"} for i in range(20)]
        self.write("d.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        self.tamis("index", "d.jsonl", code=0)

        def found(steps):
            return self.tamis("search", "--json", "--method", "bm25" + steps, "red fox dog", code=0).json_lines()

        self.assertEqual(len(found("")), 5)
        left = found("> distinct(t=0.5)")
        self.assertEqual({hit["document"]: hit.get("similar") for hit in left}, {"a0": 2, "far": None, "old": None})
        self.assertIn("(2 more like this)", self.tamis("search", "--method", "bm25>distinct(t=0.5)", "red fox dog", code=0).out)
        self.assertEqual(found("> recent(half=100,weight=10)")[0]["document"], "far")
        self.assertIn(found("> proximity(weight=10)")[0]["document"], {"a0", "a1", "a2"})

    def test_stats_go_to_standard_error(self):
        self.docs()
        run = self.tamis("search", "--stats", "--json", "rotate log", code=0)
        run.json_lines()
        self.assertRegex(run.err, r"^bm25: query \d+\.\d+ ms: \d+ of \d+ postings scored")

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
        self.assertNotIn("mars%203", [line.split(" ")[2] for line in strict.lines() if line.startswith("q%202 ")])

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

    def test_seismic_files_and_answers_as_binary(self):
        rows = [[(0, 1.0), (3, 2.0)], [(3, 1.0)], []]
        image = struct.pack("<I", len(rows))
        for row in rows:
            image += struct.pack(f"<I{len(row)}I{len(row)}f", len(row), *[c for c, _ in row], *[v for _, v in row])
        self.write("documents.bin", image)
        self.tamis("index", "--vectors", "documents.bin", "--vectors-format", "seismic", code=0)
        command = [TAMIS, "search", "--query-vectors", "documents.bin", "--format", "bin", "-k", "3"]
        answer = subprocess.run(command, cwd=self.home, env=self.environment(), capture_output=True, check=True).stdout
        self.assertEqual(struct.unpack_from("<2I", answer), (3, 3))
        none = 2**32 - 1
        self.assertEqual(struct.unpack_from("<9I", answer, 8), (0, 1, none, 0, 1, none, none, none, none))
        scores = struct.unpack_from("<9f", answer, 8 + 36)
        for score, wanted in zip(scores, (5.0, 2.0, None, 2.0, 1.0, None, None, None, None)):
            if wanted is None:
                self.assertEqual(score, -float("inf"))
            else:
                self.assertAlmostEqual(score, wanted, delta=0.03)
        self.assertEqual(len(answer), 8 + 2 * 36)

    def test_binary_answers_need_row_numbers_for_ids(self):
        self.write("v.jsonl", self.LINES)
        self.tamis("index", "--vectors", "v.jsonl", code=0)
        run = self.tamis("search", "--query-vectors", "v.jsonl", "--format", "bin", code=2)
        self.assertIn('"d1" has no row number', run.err)
        self.assertEqual(run.out, "")
        self.assertIn("file of questions", self.tamis("search", "--format", "bin", "log", code=2).err)
        self.write("one.jsonl", '{"id": "q", "vector": {"moon": 1.0}}\n')  # document 3
        self.tamis("search", "--query-vectors", "one.jsonl", "--format", "bin", "-k", "300000000", code=2)

    def test_a_bad_file_is_named_with_its_line(self):
        self.write("v.jsonl", self.LINES + '{"id": "d4", "vector": {"log": -1}}\n')
        self.assertIn("v.jsonl: line 4", self.tamis("index", "--vectors", "v.jsonl", code=2).err)
        self.assertIn("absent", self.tamis("index", "--vectors", "absent", code=2).err)
