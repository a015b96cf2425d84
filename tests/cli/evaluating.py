"""tamis eval: runs and judgements."""
import gzip
import json
import random
import re
import struct
from html.parser import HTMLParser

from scratch import Scratch


class Eval(Scratch):
    QRELS = "query-id\tcorpus-id\tscore\n" + "".join(f"q{i}\td{i}\t1\n" for i in range(12))

    def files(self):
        self.write("qrels.tsv", self.QRELS)
        bad = "".join(f"q{i} Q0 x 1 2.0 bad\nq{i} Q0 d{i} 2 1.0 bad\n" for i in range(12))
        good = "".join(f"q{i} Q0 d{i} 1 2.0 good\nq{i} Q0 x 2 1.0 good\n" for i in range(11))
        self.write("bad.trec", bad)
        self.write("good.trec.gz", gzip.compress(good.encode()))
        self.write("q.jsonl", "".join(json.dumps({"_id": f"q{i}", "text": f"question {i}"}) + "\n" for i in range(12)))

    def test_a_table_says_how_good_runs_are_and_whether_they_differ(self):
        self.files()
        run = self.tamis("eval", "runs", "bad.trec", "good.trec.gz", "--qrels", "qrels.tsv", "--measures", "RR AP@1", code=0)
        rows = [line.split() for line in run.lines()]
        self.assertEqual(rows[0][:3], ["RR", "mean", "change"])
        self.assertEqual(rows[1], ["bad.trec", "0.5000"])
        self.assertEqual(rows[2][:3], ["good.trec.gz", "0.9167", "+0.4167"])
        self.assertIn("*", rows[2])
        self.assertEqual(rows[2][-1], "11/1")
        self.assertEqual(rows[5], ["bad.trec", "0.0000"])
        self.assertIn("no hits for 1 of 12", run.err)
        skipped = self.tamis("eval", "runs", "good.trec.gz", "--qrels", "qrels.tsv", "--missing", "skip", "--measures", "RR")
        self.assertEqual(skipped.lines(), ["RR                       1.0000"])

    def test_json_and_the_queries_that_lose_most(self):
        self.files()
        words = ["eval", "runs", "bad.trec", "good.trec.gz", "--qrels", "qrels.tsv", "--measures", "RR"]
        lines = self.tamis(*words, "--json", "--per-query", code=0).json_lines()
        self.assertEqual(len(lines), 2 + 24)
        self.assertEqual(lines[0], {"measure": "RR", "run": "bad.trec", "mean": 0.5, "queries": 12})
        self.assertAlmostEqual(lines[1]["difference"], 5 / 12, places=12)
        # 12 equal differences, one against the others: 1 + 12 of each side's assignments are as far from 0.
        self.assertEqual((lines[1]["p"], lines[1]["p_holm"]), (2 * 13 / 4096, 2 * 13 / 4096))
        self.assertTrue(lines[1]["significant"])
        self.assertEqual(lines[2], {"measure": "RR", "run": "bad.trec", "query": "q0", "value": 0.5})
        text = self.tamis(*words, "--queries-worst", "1", "--queries", "q.jsonl", code=0).out
        self.assertRegex(text, r"largest losses of good\.trec\.gz\n +q11 +0\.5000 > 0\.0000 +-0\.5000 +question 11\n")
        self.assertRegex(text, r"largest gains of good\.trec\.gz\n +q0 ")

    def test_passages_and_own_ids(self):
        self.write("qrels", "a 0 b 1\n")
        self.write("run", "a Q0 a#1 1 3 x\na Q0 c#1 2 2 x\na Q0 b#4 3 1.5 x\na Q0 b#2 4 1 x\n")
        words = ["eval", "runs", "run", "--qrels", "qrels", "--measures", "RR", "--passages"]
        for rule, value in (("max", "0.3333"), ("sum", "0.5000"), ("first", "0.3333"), ("mean", "0.3333")):
            self.assertEqual(self.tamis(*words, rule, code=0).out.split(), ["RR", value])
        self.assertEqual(self.tamis(*words, "sum", "--no-self", code=0).out.split(), ["RR", "1.0000"])

    def test_what_is_wrong_is_named_with_its_line(self):
        self.files()
        for name, text, says in (("r", "q0 Q0 d 1 nan x\n", "r: line 1: the score"),
                                 ("r", "q0 Q0 d 1 1 x\nq0 Q0 d 2 1 x\n", "r: line 2: query"),
                                 ("r", "q0 Q0 d 1 1\n", "r: line 1: 5 columns")):
            self.write(name, text)
            run = self.tamis("eval", "runs", name, "--qrels", "qrels.tsv", code=2)
            self.assertIn(says, run.err)
            self.assertNotIn("verify", run.err)
        self.write("j", "q0 0 d 1\nq0 0 d 1\n")
        self.assertIn("j: line 2", self.tamis("eval", "runs", "bad.trec", "--qrels", "j", code=2).err)
        self.write("j", "")
        self.assertIn("no judgements", self.tamis("eval", "runs", "bad.trec", "--qrels", "j", code=2).err)
        for words, says in (([], "tamis eval runs"), (["index", "--qrels", "j"], "--queries"), (["runs"], "no run named"),
                            (["runs", "bad.trec"], "--qrels"), (["runs", "absent", "--qrels", "qrels.tsv"], "absent"),
                            (["runs", "bad.trec", "--qrels", "qrels.tsv", "--measures", "XY"], "nDCG"),
                            (["runs", "bad.trec", "--qrels", "qrels.tsv", "--alpha", "2"], "--alpha"),
                            (["runs", "bad.trec", "--qrels", "qrels.tsv", "--resamples", "4000000000"], "--resamples")):
            self.assertIn(says, self.tamis("eval", *words, code=2).err)


class EvalIndex(Scratch):
    """Questions that an index is asked, against the run that `tamis search` makes of them."""
    WORDS = "sun moon star red planet light water salt bread warm kitchen log file rotate week size".split()

    def setUp(self):
        super().setUp()
        rng = random.Random(7)
        documents, questions, qrels = "", "", "query-id\tcorpus-id\tscore\n"
        for i in range(60):
            text = ". ".join(" ".join(rng.choices(self.WORDS, k=6)) for _ in range(6)) + "."
            documents += json.dumps({"_id": f"g{i % 3}/d{i}", "text": text, "metadata": {"year": 2000 + i}}) + "\n"
        for i in range(20):
            questions += json.dumps({"_id": f"q{i}", "text": " ".join(rng.choices(self.WORDS, k=3))}) + "\n"
            for j in rng.sample(range(60), 5):
                qrels += f"q{i}\tg{j % 3}/d{j}\t{rng.randint(0, 2)}\n"
        self.questions = [json.loads(line) for line in questions.splitlines()]
        self.write("d.jsonl", documents)
        self.write("q.jsonl", questions)
        self.write("qrels.tsv", qrels)
        self.tamis("index", "--min-words", "1", "--target-words", "6", "--max-words", "8", "--encoder", "bm25", "d.jsonl", code=0)

    def eval(self, *words, code=0):
        return self.tamis("eval", ".tamis", "--qrels", "qrels.tsv", *words, code=code)

    def test_values_are_those_of_the_runs_that_a_search_makes(self):
        self.write("s.trec", self.tamis("search", "--queries", "q.jsonl", "--format", "trec", "-k", "20", code=0).out)
        rows = self.eval("--queries", "q.jsonl", "--depth", "20", "--save-runs", "out/runs", "--json", "--per-query").json_lines()
        expected = self.tamis("eval", "runs", "s.trec", "--qrels", "qrels.tsv", "--json", "--per-query", code=0).json_lines()
        for row in rows:
            self.assertEqual(row.pop("run"), "bm25")
            self.assertTrue("query" in row or row.pop("p50_ms") <= row.pop("p90_ms"))
        self.assertEqual([row for row in rows], [{k: v for k, v in row.items() if k != "run"} for row in expected])
        saved = self.tamis("eval", "runs", "out/runs/bm25.trec", "--qrels", "qrels.tsv", "--json", code=0).json_lines()
        self.assertEqual([row["mean"] for row in saved], [row["mean"] for row in expected if "query" not in row])

    def test_documents_from_passages_by_each_rule(self):
        def exact(score):  # printed with as many digits as a float needs
            return struct.unpack("f", struct.pack("f", score))[0]
        hits = self.tamis("search", "--queries", "q.jsonl", "--json", "-k", "1000", code=0).json_lines()
        run = "".join(f"{hit['query']} Q0 {hit['document']}#{hit['passage']} 1 {exact(hit['score'])!r} x\n" for hit in hits)
        self.write("p.trec", run)
        for rule in ("max", "first", "sum", "mean"):
            words = ["--passages", rule, "--passage-top", "2", "--measures", "nDCG@10 AP"]
            here = self.eval("--queries", "q.jsonl", *words, "--json").json_lines()
            there = self.tamis("eval", "runs", "p.trec", "--qrels", "qrels.tsv", *words, "--json", code=0).json_lines()
            for a, b in zip(here, there, strict=True):
                self.assertAlmostEqual(a["mean"], b["mean"], places=9, msg=rule)

    def test_a_filter_of_a_question_says_what_may_answer_it(self):
        self.write("f.jsonl", "".join(json.dumps({**q, "filter": "id:g1/* year:<2040"}) + "\n" for q in self.questions))
        self.eval("--queries", "f.jsonl", "--save-runs", "runs", "--quiet")
        found = {line.split()[2] for line in (self.home / "runs/bm25.trec").read_text().splitlines()}
        self.assertEqual(found, {f"g1/d{i}" for i in range(1, 40, 3)})
        listed = self.tamis("search", "--queries", "f.jsonl", "--format", "trec", "-k", "1000", code=0).lines()
        self.assertEqual({line.split()[2] for line in listed}, found)
        self.write("f.jsonl", json.dumps(self.questions[0]) + "\n" + json.dumps({**self.questions[1], "filter": "sun"}) + "\n")
        self.assertIn('f.jsonl: line 2: filter: "sun" is no filter', self.eval("--queries", "f.jsonl", code=2).err)

    def test_one_method_is_one_line(self):
        run = self.eval("--queries", "q.jsonl", "--measures", "nDCG@10 RR", "--threads", "1")
        self.assertIn("20 questions", run.lines()[0])
        self.assertIn("1 thread", run.lines()[0])
        self.assertEqual(run.lines()[1].split(), ["nDCG@10", "RR", "p50", "ms", "p90", "ms"])
        self.assertEqual(run.lines()[2].split()[0], "bm25")
        self.assertEqual(len(run.lines()), 3)
        self.assertEqual(self.eval("--queries", "q.jsonl", "--timed-hits", "0", "--json").json_lines()[0]["queries"], 20)

    def test_judgements_without_a_question_are_left_out(self):
        self.write("few.jsonl", "".join(json.dumps(q) + "\n" for q in self.questions[:5]))
        run = self.eval("--queries", "few.jsonl", "--json")
        self.assertIn("15 of 20 judged queries without a question left out", run.err)
        self.assertEqual(run.json_lines()[0]["queries"], 5)
        sampled = self.eval("--queries", "q.jsonl", "--sample", "4", "--json", "--per-query", "--measures", "RR")
        self.assertEqual(sampled.err, "")
        self.assertEqual([row["query"] for row in sampled.json_lines()[1:]], ["q0", "q5", "q10", "q15"])
        self.assertEqual(self.eval("--queries", "q.jsonl", "--sample", "40", "--json").json_lines()[0]["queries"], 20)

    def test_title_weight_is_that_of_a_search(self):
        self.eval("--queries", "q.jsonl", "--title-weight", "3", "--save-runs", "runs", "--quiet")
        listed = self.tamis("search", "--queries", "q.jsonl", "--title-weight", "3", "--format", "trec", "-k", "1000", code=0).lines()
        saved = (self.home / "runs/bm25.trec").read_text().splitlines()
        self.assertEqual({tuple(line.split()[:3]) for line in saved}, {tuple(line.split()[:3]) for line in listed})

    def test_own_ids_are_taken_out(self):
        self.write("own.jsonl", json.dumps({"_id": "g0/d0", "text": "sun moon"}) + "\n")
        self.write("own.tsv", "g0/d0\tg0/d0\t1\ng0/d0\tg1/d1\t1\n")
        words = ["eval", ".tamis", "--qrels", "own.tsv", "--queries", "own.jsonl", "--measures", "R@1000", "--json"]
        self.assertGreater(self.tamis(*words, code=0).json_lines()[0]["mean"], self.tamis(*words, "--no-self", code=0).json_lines()[0]["mean"])

    def test_what_is_wrong_is_said(self):
        for words, says in ((["--methods", "bm25, bm25"], "named twice"), (["--methods", "bm25,,"], "an empty one"),
                            (["--methods", "nonsense"], "nonsense"), (["--depth", "0"], "--depth"),
                            (["--against", "x"], "--against: x"), (["--passage-top", "0"], "--passage-top"),
                            (["--recall", "7"], "--recall")):
            self.assertIn(says, self.eval("--queries", "q.jsonl", *words, code=2).err)
        self.write("other.jsonl", '{"_id": "x", "text": "y"}\n')
        self.assertIn("none of its questions has judgements", self.eval("--queries", "other.jsonl", code=2).err)
        self.write("other.jsonl", '{"_id": "x", "text": "y"}\n{"_id": "x", "text": "y"}\n')
        self.assertIn("second time", self.eval("--queries", "other.jsonl", code=2).err)
        self.write("empty.jsonl", '{"_id": "q0", "text": "..."}\n')
        self.assertIn("empty query", self.eval("--queries", "empty.jsonl", code=2).err)
        self.assertIn("absent", self.tamis("eval", "absent", "--qrels", "qrels.tsv", "--queries", "q.jsonl", code=2).err)

    def collections(self):
        """Two collections of one group and one by itself, on the same index."""
        parts = {"odd": self.questions[1::2], "even": self.questions[::2], "all": self.questions}
        rows = []
        for name, questions in parts.items():
            self.write(f"lists/{name}.jsonl", "".join(json.dumps(q) + "\n" for q in questions))
            row = {"name": name, "index": "../.tamis", "queries": f"{name}.jsonl", "qrels": "../qrels.tsv"}
            rows.append(row if name == "all" else {**row, "group": "halves"})
        self.write("lists/list.jsonl", "\n".join(map(json.dumps, rows)) + "\n")
        return ["eval", "collections", "lists/list.jsonl"]

    def test_collections_weigh_alike_and_groups_are_one(self):
        words = [*self.collections(), "--json", "--measures", "nDCG@10 RR"]
        rows = self.tamis(*words, code=0).json_lines()
        means = {row["collection"]: row["mean"] for row in rows if "collection" in row and row["measure"] == "RR"}
        whole = next(row for row in rows if "collection" not in row and row["measure"] == "RR")
        self.assertEqual(set(means), {"odd", "even", "all"})
        halves = (means["odd"] + means["even"]) / 2
        self.assertEqual(whole["means"], {"halves": halves, "all": means["all"]})
        self.assertAlmostEqual(whole["mean"], (halves + means["all"]) / 2, places=12)
        self.assertAlmostEqual(halves, means["all"], places=12)  # halves of the same size
        table = self.tamis(*words[:3], "--measures", "RR", code=0).lines()
        self.assertEqual(table[0], "RR of 2 collections")
        self.assertEqual(table[4].split()[:3], ["halves", "(2)", "20"])
        self.assertIn(f"{whole['mean']:.4f}", next(line for line in table if line.startswith("mean")))
        self.assertIn(f"| **mean** | | **{whole['mean']:.4f}** |", self.tamis(*words[:3], "--measures", "RR", "--markdown", code=0).out)

    def test_a_list_that_is_wrong_is_named_with_its_line(self):
        words = self.collections()
        good = (self.home / "lists/list.jsonl").read_text().splitlines()
        for line, says in (("nonsense", "line 2: not a JSON object"), (good[0], "line 2: the name"), ('{"name": 7}', 'line 2: "name" is no text'),
                           ('{"name": "x", "index": "y"}', 'line 2: "queries" is missing'), ('{"nme": "x"}', 'line 2: "nme" is not known')):
            self.write("lists/list.jsonl", good[0] + "\n" + line + "\n")
            self.assertIn(f"list.jsonl: {says}", self.tamis(*words, code=2).err)
        self.write("lists/list.jsonl", "\n")
        self.assertIn("no collections", self.tamis(*words, code=2).err)
        self.write("lists/list.jsonl", good[0].replace("../.tamis", "nowhere") + "\n")
        self.assertRegex(self.tamis(*words, code=2).err, "odd: .*nowhere")
        for more, says in ((["--qrels", "qrels.tsv"], "stand in the list"), (["--choose", "x"], "wanted NAME"), (["--choose", "x=bm25"], "no --methods"),
                           (["--json", "--markdown"], "name one")):
            self.assertIn(says, self.tamis(*words, *more, code=2).err)

    def test_a_ledger_keeps_what_was_measured(self):
        words = ["--queries", "q.jsonl", "--ledger", "l.db", "--quiet"]
        self.assertIn("l.db: entry 1", self.eval(*words).err)
        self.eval(*words, "--passages", "sum", "--collection", "mine")
        self.tamis("index", "d.jsonl", "--min-words", "1", "--target-words", "30", "--max-words", "40", "--rebuild", code=0)
        self.eval(*words, "--json")
        listed = self.tamis("eval", "ledger", "l.db", "--json", code=0).json_lines()
        self.assertEqual([row["number"] for row in listed], [1, 2, 3])
        self.assertEqual([row["collection"] for row in listed], [self.home.name, "mine", self.home.name])
        self.assertEqual(listed[0]["index"], listed[1]["index"])
        self.assertNotEqual(listed[0]["index"], listed[2]["index"])
        self.assertEqual(listed[1]["parameters"]["passages"], "sum")
        self.assertEqual(len(self.tamis("eval", "ledger", "l.db", code=0).lines()), 4)
        made = self.tamis("eval", "diff", "1", "3", "--ledger", "l.db", "--json", code=0).json_lines()
        self.assertEqual([row["mean"] for row in made[::2]], list(listed[0]["measures"].values()))
        self.assertEqual([row["mean"] for row in made[1::2]], list(listed[2]["measures"].values()))
        shown = self.tamis("eval", "diff", "1", "3", "--ledger", "l.db", "--queries", "q.jsonl", code=0).out
        self.assertRegex(shown, r"index +\w{16} > \w{16}\npassages ")
        self.assertIn(self.questions[int(re.search(r"largest gains.*\n +q(\d+)", shown)[1])]["text"], shown)
        for more, says in ((["1", "9"], "no entry 9 (the last one is 3)"), (["1", "x"], "x is no number"), (["1"], "wanted two")):
            self.assertIn(says, self.tamis("eval", "diff", *more, "--ledger", "l.db", code=2).err)
        self.assertIn("no such ledger", self.tamis("eval", "ledger", "absent.db", code=2).err)
        self.write("text.db", "no database " * 20)
        self.assertIn("text.db", self.eval("--queries", "q.jsonl", "--ledger", "text.db", code=2).err)

    def test_runs_are_compared_by_diff_too(self):
        self.eval("--queries", "q.jsonl", "--save-runs", "runs")
        again = ["eval", "diff", "runs/bm25.trec", "runs/bm25.trec", "--qrels", "qrels.tsv", "--measures", "RR"]
        self.assertIn("+0.0000", self.tamis(*again, code=0).out)

    def test_a_page_says_it_all_and_needs_nothing_else(self):
        self.questions[0]["text"] += " <script>alert(1)</script> & sun"
        self.write("q.jsonl", "".join(json.dumps(q) + "\n" for q in self.questions))
        self.eval("--queries", "q.jsonl", "--save-runs", "runs", "--html", "one.html")
        self.write("runs/worse.trec", "".join(f"q{i} Q0 g0/d0 1 1 x\n" for i in range(20)))
        self.tamis("eval", "runs", "runs/bm25.trec", "runs/worse.trec", "--qrels", "qrels.tsv", "--queries", "q.jsonl", "--queries-worst", "20", "--measures", "R@100", "--html", "runs.html", code=0)
        self.tamis(*self.collections(), "--html", "many.html", code=0)
        for name in ("one.html", "runs.html", "many.html"):
            page = (self.home / name).read_text()
            parser = Tags()
            parser.feed(page)
            self.assertEqual(parser.open, [], name)
            self.assertFalse(parser.seen & {"script", "link", "img", "iframe", "object"}, name)
            self.assertFalse(re.search(r"https?:|url\(|@import", page), name)
            self.assertIn("bm25", page)
            self.assertIn("prefers-color-scheme:dark", page)
        self.assertIn("&lt;script&gt;", (self.home / "runs.html").read_text())
        self.assertIn("▼", (self.home / "runs.html").read_text())
        self.assertIn("No such file", self.eval("--queries", "q.jsonl", "--html", "no/where.html", code=2).err)


class Tags(HTMLParser):
    """Which elements there are, and those that nobody closed."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
