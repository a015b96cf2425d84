"""Indexes with vectors of a model beside their words."""
import json
import math
import shutil
import signal
import subprocess
import time

from encoding import PIECES
from scratch import ROOT, TAMIS, Scratch

DOCUMENTS = "".join(json.dumps({"_id": f"d{i}", "title": PIECES[5 + i], "text": f"{PIECES[39 - i]} the {PIECES[5 + i * 7 % 35]} is {PIECES[5 + i * 3 % 35]}"}) + "\n"
                    for i in range(30))


class Meaning(Scratch):
    def setUp(self):
        super().setUp()
        self.model = self.home / "tiny"
        shutil.copytree(ROOT / "tests/models/fixtures/bert", self.model)
        self.write("tiny/vocab.txt", "\n".join(PIECES) + "\n")
        self.write("d.jsonl", DOCUMENTS)

    def index(self, *options, code=0):
        return self.tamis("index", *options, code=code)

    def found(self, *options):
        return [(hit["document"], hit["score"]) for hit in self.tamis("search", "--json", "-k", "30", *options, code=0).json_lines()]

    def vectors(self, text, *options):
        run = self.tamis("encode", "--encoder", self.model, *options, stdin=text.encode(), code=0)
        return {line["_id"]: line["vector"] for line in run.json_lines()}

    def test_an_index_is_searched_by_words_and_meaning_unless_told_otherwise(self):
        run = self.index("d.jsonl", "--encoder", "./tiny")
        self.assertIn("encoded    30 passages", run.out)
        self.assertIn("vectors     of tiny\n", self.tamis("info", code=0).out)
        self.assertRegex(self.tamis("search", "--stats", "the red moon", code=0).err, r"^tiny\+bm25:minmax: query .* of it encoding: ")
        words, meaning = dict(self.found("--method", "bm25", "red moon")), dict(self.found("--method", "tiny", "red moon"))
        self.assertNotEqual(list(words), list(meaning))
        both = self.found("red moon")
        self.assertEqual(both, self.found("--method", "tiny+bm25:minmax", "red moon"))
        sums = {name: meaning.get(name, 0) / max(meaning.values()) + words.get(name, 0) / max(words.values()) for name in {*words, *meaning}}
        self.assertEqual({name for name, _ in both}, set(sums))
        for name, score in both:
            self.assertAlmostEqual(score, sums[name], places=5)
        self.assertEqual(self.tamis("verify", code=0).code, 0)

    def test_scores_are_products_of_vectors(self):
        self.index("d.jsonl", "--encoder", "./tiny")
        passages = self.vectors(DOCUMENTS)
        asked = self.vectors("the sun of the star", "--query")["1"]
        for name, score in self.found("--method", "tiny", "the sun of the star"):
            exact = sum(weight * passages[name].get(token, 0) for token, weight in asked.items())
            self.assertAlmostEqual(score, exact, delta=0.02 * exact + 0.05)
        self.assertEqual(self.found("--method", "tiny", "--query-encoder", "model", "sun"), self.found("--method", "tiny", "sun"))

    def test_questions_without_the_network_weigh_tokens_by_the_index(self):
        self.index("d.jsonl", "--encoder", "./tiny")
        passages = self.vectors(DOCUMENTS)
        tokens = ["sun", "moon"]
        df = {token: sum(token in vector for vector in passages.values()) for token in tokens}
        idf = {token: math.log(1 + (30 - df[token] + 0.5) / (df[token] + 0.5)) for token in tokens}
        found = self.found("--method", "tiny", "--query-encoder", "idf", "sun moon sun")
        self.assertTrue(found)
        for name, score in found:
            exact = sum(idf[token] * passages[name].get(token, 0) for token in tokens)
            self.assertAlmostEqual(score, exact, delta=0.02 * exact + 0.05)

    def test_without_a_model_a_new_index_is_one_of_words_and_says_so(self):
        run = self.index("d.jsonl")
        self.assertIn("splade-tiny is not installed", run.err)
        self.assertIn("tamis model get splade-tiny", run.err)
        self.assertEqual(self.tamis("search", "moon", code=0).err, "")
        self.assertEqual(self.index("d.jsonl").err, "", "it is said once")
        self.assertEqual(self.tamis("index", "--index", "other", "--encoder", "bm25", "d.jsonl", code=0).err, "")
        run = self.index("d.jsonl", "--encoder", "nothing-like-it", code=2)
        self.assertIn("nothing-like-it", run.err)

    def test_the_default_model_is_used_when_it_is_there(self):
        self.tamis("model", "get", "./tiny", "--name", "splade-tiny", code=0)
        self.assertIn("encoded    30 passages", self.index("d.jsonl").out)
        self.assertIn('"model":"splade-tiny"', self.tamis("info", "--json", code=0).out)
        self.assertTrue(self.found("--method", "splade-tiny", "moon"))
        self.write("more.jsonl", '{"_id": "new", "text": "red light"}\n')
        self.assertIn("encoded    1 passage", self.index("more.jsonl").out)
        self.tamis("model", "remove", "splade-tiny", code=0)
        run = self.tamis("search", "moon", code=0)
        self.assertIn("the model splade-tiny of the index is not installed", run.err)
        self.assertIn("splade-tiny", self.tamis("search", "--method", "splade-tiny", "moon", code=2).err)
        self.write("third.jsonl", '{"_id": "third", "text": "dark sun"}\n')
        run = self.index("third.jsonl")
        self.assertIn("1 passage wait", run.err.replace("waits", "wait"))
        self.tamis("model", "get", "./tiny", "--name", "splade-tiny", code=0)
        self.assertIn("1 passages have no vector of splade-tiny yet", self.tamis("search", "moon", code=0).err)
        self.assertIn("no vector of splade-tiny yet", self.tamis("search", "--method", "splade-tiny", "moon", code=2).err)
        self.assertIn("encoded    1 passage", self.index().out)
        self.assertEqual(self.tamis("search", "moon", code=0).err, "")

    def test_ctrl_c_while_encoding_leaves_words_and_the_next_run_goes_on(self):
        words = PIECES[5:]
        self.write("many.jsonl", "".join(json.dumps({"_id": str(i), "text": " ".join(words[i * k % 35] for k in range(1, 12))}) + "\n"
                                         for i in range(40000)))
        command = [TAMIS, "index", "many.jsonl", "--whole-document", "--encoder", "./tiny", "--threads", "1"]
        process = subprocess.Popen(command, cwd=self.home, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        part = self.home / ".tamis/segments/000001.tiny.part.000000"
        while process.poll() is None and not part.exists():
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, -signal.SIGINT, err)
        self.assertRegex(err, r"words can be searched; \d+ of 40000 passages got their vectors")
        run = self.tamis("search", "moon", code=0)
        self.assertIn("40000 passages have no vector of tiny yet", run.err)
        again = json.loads(self.index("--json").out)
        self.assertLess(again["encoded"], 40000)
        self.assertEqual(again["waiting"], 0)
        self.assertEqual(self.tamis("search", "moon", code=0).err, "")

    def test_another_model_under_the_same_name_is_refused(self):
        self.index("d.jsonl", "--encoder", "./tiny")
        shutil.copytree(ROOT / "tests/models/fixtures/bert", self.home / "else/tiny")
        self.write("else/tiny/vocab.txt", "\n".join(PIECES[:-1]) + "\nmum\n")
        for run in (self.index("d.jsonl", "--encoder", "./else/tiny", code=2), ):
            self.assertIn("another model named tiny", run.err)
        self.write("tiny/vocab.txt", "\n".join(PIECES[:-1]) + "\nmum\n")
        run = self.tamis("search", "moon", code=2)
        self.assertIn("another model named tiny", run.err)
        self.assertIn("--method bm25", run.err)
        self.assertTrue(self.found("--method", "bm25", "moon"))
        self.index("--rebuild", "--encoder", "./tiny")
        self.assertTrue(self.found("moon"))

    def test_vectors_are_given_up_by_a_rebuild_only(self):
        self.index("d.jsonl", "--encoder", "./tiny")
        self.assertIn("--rebuild", self.index("--encoder", "bm25", code=2).err)
        self.index("--rebuild", "--encoder", "bm25")
        self.assertNotIn("vectors", self.tamis("info", code=0).out)
        self.assertEqual(self.tamis("search", "--method", "tiny", "moon", code=2).code, 2)

    def test_an_explanation_names_terms_and_the_words_behind_them(self):
        self.index("d.jsonl", "--encoder", "./tiny")
        hit = self.tamis("search", "--json", "--explain", "-k", "1", "the moon", code=0).json_lines()[0]
        fields = {field["field"]: field for field in hit["explain"]}
        self.assertEqual(set(fields), {"tiny", "bm25"})
        self.assertAlmostEqual(sum(field["share"] for field in fields.values()), hit["score"], places=5)
        for field in fields.values():
            self.assertAlmostEqual(sum(t["question"] * t["passage"] for t in field["terms"]), field["score"], delta=1e-3 * field["score"])
        for term in fields["tiny"]["terms"]:
            self.assertIn(term["term"], PIECES)
            self.assertIn(term.get("from_question", "moon"), ("the", "moon"))
        text = self.tamis("search", "--explain", "-k", "1", "the moon", code=0).out
        self.assertRegex(text, r"\n   tiny \d\.\d{3} \(\d+\.\d\d\): ")
        self.assertIn("one question", self.tamis("search", "--explain", "--queries", "d.jsonl", code=2).err)

    def test_filters_phrases_and_runs_go_with_meaning(self):
        self.index("d.jsonl", "--encoder", "./tiny")
        for name, _ in self.found("moon", "+red"):
            document = next(d for d in map(json.loads, DOCUMENTS.splitlines()) if d["_id"] == name)
            self.assertIn("red", (document["title"] + " " + document["text"]).split())
        self.write("q.tsv", "q1\tred light\nq2\tthe moon\n")
        run = self.tamis("search", "--queries", "q.tsv", "--format", "trec", "--threads", "2", code=0)
        self.assertEqual([line.split()[2] for line in run.lines() if line.startswith("q1 ")],
                         [name for name, _ in self.found("red light")][:10])

    def test_methods_fuse_feed_back_and_rerank(self):
        self.index("d.jsonl", "--encoder", "./tiny")
        shutil.copytree(ROOT / "tests/models/fixtures/dense-mean", self.home / "dense")
        self.write("dense/vocab.txt", "\n".join(PIECES) + "\n")
        self.tamis("model", "get", "./dense", code=0)
        question = "red moon"
        lists = {field: [name for name, _ in self.found("--method", field, question)] for field in ("tiny", "bm25")}
        ranks = {}
        for names in lists.values():
            for rank, name in enumerate(names, 1):
                ranks[name] = ranks.get(name, 0) + 1 / (60 + rank)
        fused = dict(self.found("--method", " tiny + bm25 : rrf", question))
        self.assertEqual(set(fused), set(ranks))
        for name, score in fused.items():
            self.assertAlmostEqual(score, ranks[name], places=6)
        self.assertEqual(self.found("--method", "bm25>rm3(beta=0)>bo1(docs=0)", question), self.found("--method", "bm25", question))
        more = self.found("--method", "bm25>rm3(common=1)", question)
        self.assertGreaterEqual({name for name, _ in more}, set(lists["bm25"]))
        for kind in ("dense", "maxsim"):
            method = f"tiny+bm25:rrf>rerank:{kind}(n=4,weight=1,model=dense)"
            run = self.tamis("search", "--stats", "--explain", "--method", method, question, code=0)
            self.assertIn("; 4 reranked", run.err)
            self.assertEqual(run.out.count(f"   rerank:{kind} "), 4)
            reranked = self.found("--method", method, question)
            self.assertEqual({name for name, _ in reranked[:4]}, set(list(fused)[:4]))
            self.assertEqual([name for name, _ in reranked[4:]], list(fused)[4:])
        method = "tiny+bm25:rrf>rerank:dense(n=8,weight=1,model=dense)"
        made = self.found("--method", method, question)
        self.assertIn("--dense", self.tamis("index", "d.jsonl", "--dense", "nowhere", code=2).err)
        self.index("d.jsonl", "--dense", "dense")
        kept = self.found("--method", method, question)
        self.assertEqual(sorted(name for name, _ in kept[:8]), sorted(name for name, _ in made[:8]))
        for (_, score), (_, exact) in zip(kept[:8], made[:8], strict=True):
            self.assertAlmostEqual(score, exact, delta=0.02)
        file = self.home / ".tamis/dense/dense.dense"
        self.assertIn("of dense", self.tamis("info", code=0).out)
        self.tamis("verify", code=0)
        before = file.stat().st_size
        self.write("d.jsonl", "\n".join(DOCUMENTS.splitlines()[:10]) + "\n")
        self.index("d.jsonl")
        self.assertLess(file.stat().st_size, before)
        file.write_bytes(file.read_bytes()[:200])
        self.assertIn("dense.dense", self.tamis("verify", code=2).out)
        self.assertIn("dense.dense", self.tamis("info", code=0).out)
        self.assertIn("dense.dense", self.tamis("search", "--method", method, question, code=0).err)
        self.index("d.jsonl")
        self.assertEqual(self.tamis("search", "--method", method, question, code=0).err, "")
        self.write("d.jsonl", DOCUMENTS)
        self.index("d.jsonl")
        hits = [json.loads(line) for line in self.tamis("search", "--json", question, code=0).out.splitlines()]
        name, passage = hits[-1]["document"], f"p{hits[-1]['passage']}"
        self.assertEqual(self.found("--like", passage)[0][0], name)
        before = [found for found, _ in self.found(question)]
        self.assertLess([found for found, _ in self.found(question, "--like", passage)].index(name), before.index(name))
        first = hits[0]["document"]
        away = [found for found, _ in self.found(question, "--unlike", f"p{hits[0]['passage']}")]
        self.assertGreater(away.index(first) if first in away else len(before), 0)
        self.assertIn("--like", self.tamis("search", "--like", "nobody", code=2).err)

    def test_methods_that_make_no_sense_are_refused(self):
        self.index("d.jsonl", "--encoder", "./tiny")
        for method in ("", "tiny+", "tiny+tiny", "tiny:nothing", "tiny+bm25:", "tiny>", "tiny>nothing", "tiny>rm3", "bm25>rerank:nobody",
                       "bm25>rerank:dense(model=nowhere)", "no-such-field"):
            if method:
                self.assertIn("method", self.tamis("search", "--method", method, "moon", code=2).err)
        self.assertIn("query-vectors", self.tamis("search", "--query-vectors", "d.jsonl", "--method", "tiny", code=2).err)

    def test_methods_are_evaluated_side_by_side(self):
        self.index("d.jsonl", "--encoder", "./tiny")
        rows = [json.loads(line) for line in DOCUMENTS.splitlines()]
        self.write("q.jsonl", "".join(json.dumps({"_id": f"q{i}", "text": rows[i]["title"]}) + "\n" for i in range(30)))
        self.write("qrels", "".join(f"q{i} 0 d{i} 1\n" for i in range(30)))
        words = ["eval", ".tamis", "--queries", "q.jsonl", "--qrels", "qrels", "--measures", "RR R@3"]
        run = self.tamis(*words, "--against", "bm25", "--queries-worst", "1", code=0)
        table = [line.split() for line in run.lines()]
        self.assertEqual([row[0] for row in table[2:5]], ["bm25", "tiny", "tiny+bm25"])
        self.assertIn("worse than bm25", run.out)
        made = {}
        for row in self.tamis(*words, "--against", "best", "--json", code=0).json_lines():
            made[row["run"], row["measure"]] = row
        for name, shown in zip(("bm25", "tiny", "tiny+bm25"), table[2:5], strict=True):
            self.assertAlmostEqual(float(shown[1].rstrip("+-")), made[name, "RR"]["mean"], places=4)
        best = max(("bm25", "tiny", "tiny+bm25"), key=lambda name: made[name, "RR"]["mean"])
        self.assertNotIn("difference", made[best, "RR"])
        self.assertTrue(all("p_holm" in row for (name, _), row in made.items() if name != best))
        marks = {}
        for row in self.tamis(*words, "--against", "bm25", "--json", code=0).json_lines():
            marks[row["run"], row["measure"]] = ("+" if row["difference"] > 0 else "-") if row.get("significant") else ""
        self.assertTrue(any(marks.values()))
        for row in table[2:5]:
            self.assertEqual([cell.lstrip("0123456789.") for cell in row[1:3]], [marks[row[0], "RR"], marks[row[0], "R@3"]])

    def test_what_is_chosen_for_a_collection_is_best_on_the_others(self):
        self.index("d.jsonl", "--encoder", "./tiny")
        rows = [json.loads(line) for line in DOCUMENTS.splitlines()]
        entries, best = "", {}
        methods = ["bm25", "tiny", "tiny+bm25"]
        for name, first in (("a", 0), ("b", 10), ("c", 20)):
            self.write(f"{name}.jsonl", "".join(json.dumps({"_id": f"q{i}", "text": rows[i]["title"]}) + "\n" for i in range(first, first + 10)))
            entries += json.dumps({"name": name, "index": ".tamis", "queries": f"{name}.jsonl", "qrels": "qrels"}) + "\n"
        self.write("qrels", "".join(f"q{i} 0 d{i} 1\n" for i in range(30)))
        self.write("list", entries)
        run = self.tamis("eval", "collections", "list", "--methods", ", ".join(methods), "--choose", "pick = " + ", ".join(methods), "--json", "--measures", "RR", code=0)
        means = {row["run"]: row["means"] for row in run.json_lines() if "means" in row}
        for name in "abc":
            others = [sum(value for other, value in means[method].items() if other != name) for method in methods]
            best = methods[max(range(3), key=lambda m: others[m])]
            self.assertIn(f"pick for {name}: {best}", run.err)
            self.assertEqual(means["pick"][name], means[best][name])
