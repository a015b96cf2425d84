"""tamis encode: texts in, vectors out."""
import json
import re
import shutil
import struct

from scratch import ROOT, Scratch

# Beside the 40 rows of tests/models/fixtures/bert.
PIECES = ("[PAD] [UNK] [CLS] [SEP] [MASK] a b c d e ##a ##b ##c ##d ##e ab cd ##ea bead deed abc . , ! - ' sun ##s the of "
          "1 2 ##1 ##2 moon star is red light dad").split()


def csr(path):
    """Rows of a CSR file as {column: weight}, and its ids."""
    data = path.read_bytes()
    rows, columns, size = struct.unpack_from("<3q", data)
    pointers = struct.unpack_from(f"<{rows + 1}q", data, 24)
    at = 24 + 8 * (rows + 1)
    terms, weights = struct.unpack_from(f"<{size}i", data, at), struct.unpack_from(f"<{size}f", data, at + 4 * size)
    assert len(data) == at + 8 * size and columns == len(PIECES)
    ids = path.with_name(path.name + ".ids").read_text().splitlines()
    return ids, [dict(zip(terms[a:b], weights[a:b])) for a, b in zip(pointers, pointers[1:])]


class Encode(Scratch):
    def setUp(self):
        super().setUp()
        self.model = self.home / "tiny"
        shutil.copytree(ROOT / "tests/models/fixtures/bert", self.model)
        self.write("tiny/vocab.txt", "\n".join(PIECES) + "\n")

    def encode(self, text, *options, code=0):
        return self.tamis("encode", "--encoder", self.model, *options, stdin=text if isinstance(text, bytes) else text.encode(), code=code)

    def test_a_line_a_vector_in_their_order(self):
        lines = self.encode("the sun\n\nthe moon of the star\r\nthe sun").json_lines()
        self.assertEqual([line["_id"] for line in lines], ["1", "2", "3", "4"])
        self.assertEqual(lines[1]["vector"], {}, "an empty text has no terms")
        self.assertEqual(lines[0]["vector"], lines[3]["vector"])
        self.assertNotEqual(lines[0]["vector"], lines[2]["vector"])
        self.assertTrue(all(token in PIECES and weight > 0 for token, weight in lines[2]["vector"].items()))
        self.assertEqual(self.encode("", code=1).out, "")

    def test_threads_and_neighbours_change_nothing(self):
        texts = [f"{PIECES[5 + i % 35]} {PIECES[5 + i * 7 % 35]} the {PIECES[5 + i * 3 % 35]}" for i in range(5000)]
        whole = self.encode("\n".join(texts), "--threads", "1").out
        self.assertEqual(self.encode("\n".join(texts), "--threads", "3").out, whole)
        alone = self.encode(texts[777]).json_lines()[0]
        self.assertEqual(json.loads(whole.splitlines()[777])["vector"], alone["vector"])

    def test_json_lines_have_ids_and_titles(self):
        documents = [{"_id": "d 1", "title": "Sun", "text": "the red star"}, {"id": 7, "text": "moon"}, {"title": "dad"}]
        out = self.encode("".join(json.dumps(d) + "\n\n" for d in documents)).json_lines()
        self.assertEqual([line["_id"] for line in out], ["d 1", "7", "5"])
        plain = self.encode("Sun the red star\nmoon\ndad\n").json_lines()
        self.assertEqual([line["vector"] for line in out], [line["vector"] for line in plain])

    def test_bad_lines_are_named_and_the_others_encoded(self):
        text = b'{"_id": "a", "text": "sun"}\n{"_id": "b"}\nnonsense\n{"_id": "c", "text": 1.5}\n{"_id": "\\n", "text": "x"}\n{"_id": "d", "text": "\xff"}\n{"_id": "e", "text": "moon"}\n'
        run = self.encode(text, code=2)
        self.assertEqual([line["_id"] for line in run.json_lines()], ["a", "e"])
        for part in ["line 2: no \"text\"", "line 3: not JSON", "line 4:", "line 5: the id", "line 6: not JSON", "5 bad lines"]:
            self.assertIn(part, run.err)

    def test_what_is_not_text_is_no_crash(self):
        run = self.encode(b"sun \x00 moon \xff\xfe\n" + b"a" * 300000 + b"\n" + b"\x1b[31m\n")
        self.assertEqual(len(run.json_lines()), 3)

    def test_a_matrix_is_the_same_vectors_by_number(self):
        documents = "".join(json.dumps({"_id": f"d{i}", "text": f"the {PIECES[5 + i]} sun"}) + "\n" for i in range(20))
        self.encode(documents, "--format", "csr", "--output", "v.csr")
        ids, rows = csr(self.home / "v.csr")
        lines = self.encode(documents).json_lines()
        self.assertEqual(ids, [line["_id"] for line in lines])
        for row, line in zip(rows, lines):
            named = {PIECES[term]: weight for term, weight in row.items()}
            self.assertEqual(named, {token: struct.unpack("f", struct.pack("f", w))[0] for token, w in line["vector"].items()})

    def test_its_vectors_can_be_indexed_and_found_again(self):
        documents = "".join(json.dumps({"_id": f"d{i}", "text": f"{PIECES[5 + i]} {PIECES[39 - i]}"}) + "\n" for i in range(30))
        questions = "q1\tred light\nq2\tthe moon of the sun\n"
        for form, names in (("jsonl", "d.jsonl"), ("csr", "d.csr")):
            if form == "csr":
                self.encode(documents, "--format", "csr", "--output", "d.csr")
                self.encode(questions, "--query", "--format", "csr", "--output", "q.csr")
            else:
                self.write("d.jsonl", self.encode(documents).out)
                self.write("q.jsonl", self.encode(questions, "--query").out)
            index = f"{form}.index"
            self.tamis("index", "--index", index, "--vectors", names, code=0)
            run = self.tamis("search", "--index", index, "--query-vectors", f"q.{form}", "--format", "trec", "-k", "30", code=0)
            found = [(line.split()[0], line.split()[2]) for line in run.lines()]
            passages = {line["_id"]: line["vector"] for line in self.encode(documents).json_lines()}
            for question in self.encode(questions, "--query").json_lines():
                scores = {name: sum(w * vector.get(token, 0) for token, w in question["vector"].items()) for name, vector in passages.items()}
                best = max(scores, key=scores.get)
                first = next(name for asked, name in found if asked == question["_id"])
                self.assertGreaterEqual(scores[first], 0.98 * scores[best], f"{form} {question['_id']}")

    def test_limits(self):
        text = "the sun is red. the moon is light of the star, abc deed bead dad sun moon star is red light a b c d e"
        whole = self.encode(text).json_lines()[0]["vector"]
        top = self.encode(text, "--top", "5").json_lines()[0]["vector"]
        self.assertEqual(top, dict(sorted(sorted(whole.items(), key=lambda t: (-t[1], PIECES.index(t[0])))[:5], key=lambda t: PIECES.index(t[0]))))
        heavy = self.encode(text, "--threshold", "0.5").json_lines()[0]["vector"]
        self.assertEqual(heavy, {token: weight for token, weight in whole.items() if weight > 0.5})
        self.assertEqual(self.encode(text, "--max-tokens", "6").json_lines()[0]["vector"],
                         self.encode("the sun is red").json_lines()[0]["vector"])
        self.assertIn("max_tokens is 2", self.encode(text, "--max-tokens", "2", code=2).err)

    def test_precisions_agree(self):
        text = "the sun is red\nthe moon\n"
        exact = self.encode(text, "--precision", "f32").json_lines()
        for line, expected in zip(self.encode(text, "--precision", "bf16").json_lines(), exact):
            for token in set(line["vector"]) | set(expected["vector"]):
                self.assertAlmostEqual(line["vector"].get(token, 0), expected["vector"].get(token, 0), delta=0.05)
        refused = self.encode(text, "--precision", "int8", code=2).err
        self.assertIn("int8", refused)
        self.assertIn("f32", refused)
        self.assertIn("bf16", refused)

    def test_cpu_lists_the_kernels_of_the_network(self):
        def choices(**env):
            return dict(re.findall(r"^kernel +(\S+): (\S+) of", self.tamis("cpu", env=env, code=0).out, re.M))

        kernels = choices()
        for name in ("ops", "linear_f32", "linear_bf16", "head_f32", "head_bf16", "attention_f32", "attention_bf16", "attention_rounded"):
            self.assertIn(f"tensor/{name}", kernels)
        self.assertEqual(set(choices(TAMIS_MAX_ISA="ref").values()), {"ref"})
        forced = choices(TAMIS_KERNEL="tensor/head_f32=ref")
        self.assertEqual(forced, {**kernels, "tensor/head_f32": "ref"})

    def test_explained_terms_name_pieces_of_the_text(self):
        line = self.encode("The sun, the moon", "--explain").json_lines()[0]
        self.assertEqual(line["vector"], self.encode("The sun, the moon").json_lines()[0]["vector"])
        self.assertEqual(set(line["from"]), set(line["vector"]))
        self.assertTrue(set(line["from"].values()) <= {"The", "sun", ",", "the", "moon", ""})

    def test_questions_without_the_network(self):
        self.assertIn("--idf-from", self.encode("sun", "--query", "--query-encoder", "idf", code=2).err)
        vectors = "".join(json.dumps({"_id": i, "vector": {"sun": 1.0, **({"moon": 2.0} if i < 3 else {})}}) + "\n" for i in range(10))
        self.write("v.jsonl", vectors)
        counted = self.encode("sun moon sun star [SEP] zebra\n", "--query", "--query-encoder", "idf", "--idf-from", "v.jsonl").json_lines()[0]
        import math
        self.assertEqual(set(counted["vector"]), {"sun", "moon"})
        self.assertAlmostEqual(counted["vector"]["moon"], math.log(1 + 7.5 / 3.5), places=6)
        self.assertAlmostEqual(counted["vector"]["sun"], math.log(1 + 0.5 / 10.5), places=6)
        self.write("other.jsonl", '{"_id": 1, "vector": {"zebra": 1}}\n')
        self.assertIn("none of its terms", self.encode("sun", "--query", "--query-encoder", "idf", "--idf-from", "other.jsonl", code=2).err)
        self.write("tiny/idf.json", json.dumps({token: 0.25 * i for i, token in enumerate(PIECES)}))
        own = self.encode("the sun of the sun\n", "--query", "--query-encoder", "idf").json_lines()[0]["vector"]
        self.assertEqual(own, {token: 0.25 * PIECES.index(token) for token in ("sun", "the", "of")})

    def test_what_does_not_go_together_is_refused(self):
        for options, part in [(["--format", "csr"], "--output"), (["--output", "x"], "--output"),
                              (["--query-encoder", "idf"], "--query"), (["--precision", "f16"], "f16"),
                              (["--idf-from", "x", "--query"], "--idf-from")]:
            self.assertIn(part, self.encode("sun", *options, code=2).err)
        self.assertIn("tamis model get splade-tiny", self.tamis("encode", stdin=b"sun", code=2).err)
        self.assertIn("absent", self.tamis("encode", "--encoder", "absent", stdin=b"sun", code=2).err)
