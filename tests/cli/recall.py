"""tamis tune, tamis bench and --recall: an index that is large enough for blocks."""
import json
import random

from scratch import Scratch

WORDS = ["kernel", "module", "window", "garden", "violin", "copper", "socket", "packet", "buffer", "thread", "cursor",
         "folder", "mirror", "signal", "engine", "branch", "editor", "device", "memory", "string"]


class Recall(Scratch):
    def large(self, lines=17000):
        chance = random.Random(7)
        with open(self.home / "large.jsonl", "w", encoding="utf-8") as file:
            for number in range(lines):
                text = " ".join(f"{chance.choice(WORDS)}{chance.randrange(30)}" for _ in range(7))
                file.write(json.dumps({"_id": f"d{number}", "text": text + "."}) + "\n")
        self.tamis("index", "--encoder", "bm25", "large.jsonl", code=0)

    def hits(self, *options):
        return [(hit["document"], hit["score"])
                for hit in self.tamis("search", "--json", "-k", "10", *options, "kernel3 window7 violin9 memory21 string4",
                                      code=0).json_lines()]

    def test_a_large_index_is_searched_by_blocks_and_finds_what_windows_find(self):
        self.large()
        stats = self.tamis("search", "--stats", "kernel3 window7", code=0).err
        self.assertRegex(stats, r"\d+ of 266 blocks read")
        self.assertIn("recall 1: exact", stats)
        self.assertEqual(self.hits(), self.hits("--algorithm", "window-exhaustive"))
        self.tamis("verify", code=0)

    def test_less_recall_is_exact_until_it_is_tuned(self):
        self.large()
        before = self.tamis("search", "--recall", "0.9", "--stats", "kernel3 window7", code=0).err
        self.assertIn("nothing faster is known", before)
        table = self.tamis("tune", "--sample", "40", "-k", "10", code=0).out
        self.assertRegex(table, r"bm25, 10 hits\n  recall 0\.9 ")
        after = self.tamis("search", "--recall", "0.9", "--stats", "kernel3 window7", code=0).err
        self.assertNotIn("nothing faster is known", after)
        deeper = self.tamis("search", "--recall", "0.9", "-k", "50", "--stats", "kernel3 window7", code=0).err
        self.assertIn("nothing faster is known", deeper)
        exact = dict(self.hits())
        for document, score in self.hits("--recall", "0.9"):
            self.assertEqual(exact.get(document, score), score)

    def test_an_index_keeps_the_recall_that_it_was_made_with(self):
        self.large()
        self.tamis("index", "--recall", "0.95", "-q", code=0)
        stats = self.tamis("search", "--stats", "kernel3 window7", code=0).err
        self.assertIn("recall 0.95: ", stats)
        info = self.tamis("info", code=0).out
        self.assertRegex(info, r"blocks \d")
        self.assertIn("recall = 0.95", info)
        self.assertRegex(info, r"curve\.10\.bm25: \d+ points")
        self.assertEqual(json.loads(self.tamis("info", "--json", code=0).out)["passages_in_blocks"], 17000)
        self.assertNotIn("nothing faster is known", stats)

    def test_bench_says_recall_latency_and_throughput(self):
        self.large()
        self.tamis("tune", "--sample", "40", "-k", "10", "-q", code=0)
        rows = self.tamis("bench", "--json", "--sample", "30", "--rounds", "1", code=0).json_lines()
        self.assertEqual([row["recall"] for row in rows], [1, 0.99, 0.95, 0.9])
        self.assertEqual(rows[0]["found"], 1)
        for row in rows:
            self.assertEqual(row["questions"], 30)
            self.assertGreater(row["p50_ms"], 0)
            self.assertLessEqual(row["p50_ms"], row["p99_ms"])
            self.assertGreater(row["questions_per_second_all_threads"], 0)
        self.assertIn("questions/s", self.tamis("bench", "--sample", "5", "--rounds", "1", code=0).out)

    def test_a_small_index_has_nothing_to_tune_and_bad_numbers_are_refused(self):
        self.docs()
        self.assertIn("too small", self.tamis("tune", code=1).err)
        self.assertEqual(self.tamis("bench", "--json", "--sample", "3", code=0).json_lines()[0]["found"], 1)
        for command in (["search", "--recall", "0", "x"], ["search", "--recall", "1.1", "x"], ["bench", "--recall", "nan"],
                        ["index", "--recall", "-1"], ["tune", "-k", "0"], ["bench", "-k", "0"], ["bench", "--rounds", "0"],
                        ["tune", "--queries", "a", "--query-vectors", "b"]):
            self.assertTrue(self.tamis(*command, code=2).err, command)
