"""tamis eval: runs and judgements."""
import gzip
import json

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
        for words, says in (([], "wanted: tamis eval runs"), (["index"], "no kind of evaluation"), (["runs"], "no run named"),
                            (["runs", "bad.trec"], "--qrels"), (["runs", "absent", "--qrels", "qrels.tsv"], "absent"),
                            (["runs", "bad.trec", "--qrels", "qrels.tsv", "--measures", "XY"], "nDCG"),
                            (["runs", "bad.trec", "--qrels", "qrels.tsv", "--alpha", "2"], "--alpha"),
                            (["runs", "bad.trec", "--qrels", "qrels.tsv", "--resamples", "4000000000"], "--resamples")):
            self.assertIn(says, self.tamis("eval", *words, code=2).err)
