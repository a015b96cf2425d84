#!/usr/bin/env python3
"""How well Tamis ranks with BM25 beside bm25s, tantivy and SQLite FTS5, on judged collections: a Markdown table.

Every engine gets the same documents (title, a space, text), the same queries and Snowball stemming for the language;
one passage a document. k1 0.9 and b 0.4 for bm25s (method "lucene") and Tamis. tantivy and FTS5 have k1 1.2 and b 0.75
built in, so Tamis and bm25s are run a second time with these beside them. bm25s and tantivy have Lucene's idf, FTS5 has
Robertson's, which is nothing for words that more than half of the documents have; Tamis has Robertson's with a floor.
Chinese is searched by character bigrams in bm25s; the other peers have no tokenizer for it.

    python3 bench/bm25_quality.py --data DIR --tamis build/release/tamis

wants the PyPI packages tantivy, bm25s, PyStemmer, numpy; a peer that is not installed is left out, and said so.
DIR holds one folder a collection in BEIR layout: corpus.jsonl.gz, queries.jsonl[.gz], qrels/test.tsv.
"""
import argparse
import csv
import functools
import glob
import gzip
import json
import math
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

# name, folder, Snowball language ("" = character bigrams), prefix of the ids, grade from which a document counts as found
ROWS = [
    ("scifact", "scifact", "english", "", 1),
    ("trec-dl19-pool", "trec-dl19-pool", "english", "", 2),
    ("cranfield", "cranfield", "english", "", 1),
    ("npl", "npl", "english", "", 1),
    ("time", "time", "english", "", 1),
    ("cosqa", "cosqa", "english", "", 1),
    ("xquad en", "xquad", "english", "en-", 1),
    ("xquad de", "xquad", "german", "de-", 1),
    ("xquad ru", "xquad", "russian", "ru-", 1),
    ("xquad zh", "xquad", "", "zh-", 1),
]
DEPTH = 100


def ranked(run):
    """Documents of {id: score} as trec_eval orders them: by score, equal ones by id, the later id first."""
    return sorted(run, key=lambda doc: (run[doc], doc), reverse=True)


def ndcg(run, grades, depth=10):
    """nDCG with the grade as gain and 1 / log2(rank + 1) as discount; the ideal order is over all judged documents."""
    gain = lambda values: sum(g / math.log2(rank + 2) for rank, g in enumerate(values[:depth]))
    ideal = gain(sorted(grades.values(), reverse=True))
    return gain([grades.get(doc, 0) for doc in ranked(run)]) / ideal if ideal > 0 else 0.0


def recall(run, grades, relevant_from, depth=DEPTH):
    relevant = {doc for doc, grade in grades.items() if grade >= relevant_from}
    return len(relevant & set(ranked(run)[:depth])) / len(relevant) if relevant else 0.0


def check_measures():
    """By hand: found b (grade 1), x (not judged), a (grade 3). DCG 1 + 0 + 3/2 = 2.5, ideal 3 + 1/log2(3) = 3.63093."""
    grades = {"a": 3, "b": 1, "c": 0}
    run = {"b": 3.0, "x": 2.0, "a": 1.0}
    assert abs(ndcg(run, grades) - 2.5 / (3 + 1 / math.log2(3))) < 1e-12
    assert ranked({"1": 1.0, "2": 1.0, "3": 2.0}) == ["3", "2", "1"]
    assert ndcg({}, grades) == 0 and recall(run, grades, 1) == 1 and recall({"b": 1.0}, grades, 1) == 0.5


def read_lines(pattern):
    path = sorted(glob.glob(pattern))[0]
    with gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def load(folder, prefix):
    """Documents [(id, title, text)], queries {id: text} that have a judged document above grade 0, grades {query: {doc: grade}}."""
    documents = [(d["_id"], d.get("title") or "", d.get("text") or "")
                 for d in read_lines(os.path.join(folder, "corpus.jsonl*")) if d["_id"].startswith(prefix)]
    grades = {}
    with open(os.path.join(folder, "qrels", "test.tsv"), encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            if row["query-id"].startswith(prefix):
                grades.setdefault(row["query-id"], {})[row["corpus-id"]] = int(row["score"])
    grades = {q: judged for q, judged in grades.items() if max(judged.values()) > 0}
    queries = {q["_id"]: q["text"] for q in read_lines(os.path.join(folder, "queries.jsonl*")) if q["_id"] in grades}
    return documents, queries, grades


def words(text):
    return re.findall(r"\w+", text.lower())


def bigrams(text):
    out = []
    for word in words(text):
        for run in re.findall(r"[a-z0-9]+|[^a-z0-9]+", word):
            out += [run] if run.isascii() or len(run) == 1 else [run[i:i + 2] for i in range(len(run) - 1)]
    return out


def tokenizer(language):
    if not language:
        return bigrams
    import Stemmer
    stemmer = Stemmer.Stemmer(language)
    return lambda text: stemmer.stemWords(words(text))


def run_bm25s(documents, queries, language, k1, b):
    import bm25s
    tokens = tokenizer(language)
    numbers = {}
    corpus = [[numbers.setdefault(t, len(numbers)) for t in tokens(f"{title} {text}")] for _, title, text in documents]
    engine = bm25s.BM25(method="lucene", k1=k1, b=b)
    engine.index((corpus, numbers), show_progress=False)
    runs = {}
    for query, text in queries.items():
        asked = [numbers[t] for t in tokens(text) if t in numbers]
        scores = engine.get_scores_from_ids(asked) if asked else []
        best = sorted(range(len(scores)), key=lambda i: -scores[i])[:DEPTH]
        runs[query] = {documents[i][0]: float(scores[i]) for i in best if scores[i] > 0}
    return runs


def run_tantivy(documents, queries, language):
    if not language:
        return None
    import tantivy
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("id", stored=True, tokenizer_name="raw")
    schema.add_text_field("body", tokenizer_name="words")
    index = tantivy.Index(schema.build())
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    analyzer = builder.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.stemmer(language)).build()
    index.register_tokenizer("words", analyzer)
    writer = index.writer(256_000_000, 1)
    for name, title, text in documents:
        writer.add_document(tantivy.Document(id=name, body=f"{title} {text}"))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    runs = {}
    for query, text in queries.items():
        hits = searcher.search(index.parse_query(" ".join(words(text)), ["body"]), DEPTH).hits
        runs[query] = {searcher.doc(address)["id"][0]: score for score, address in hits}
    return runs


def run_fts5(documents, queries, language):
    if not language:
        return None
    tokens = tokenizer(language)
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table t using fts5(body, tokenize = \"unicode61 remove_diacritics 0\")")
    database.executemany("insert into t (rowid, body) values (?, ?)",
                         [(i, " ".join(tokens(f"{title} {text}"))) for i, (_, title, text) in enumerate(documents)])
    runs = {}
    for query, text in queries.items():
        asked = " OR ".join(f'"{token}"' for token in tokens(text))
        hits = database.execute("select rowid, bm25(t) from t where t match ? order by bm25(t) limit ?", (asked, DEPTH))
        runs[query] = {documents[row][0]: -score for row, score in hits} if asked else {}
    return runs


def run_tamis(documents, queries, tamis, options, depth=DEPTH):
    """`options` go to `tamis index`."""
    return run_methods(documents, queries, tamis, ["--encoder", "bm25", *options], [[]], depth)[0]


def run_methods(documents, queries, tamis, options, searches, depth=DEPTH):
    """One index, a run for each list of options of `tamis search`."""
    with tempfile.TemporaryDirectory() as folder:
        corpus, asked, index = (os.path.join(folder, name) for name in ("corpus.jsonl", "queries.jsonl", "index"))
        with open(corpus, "w", encoding="utf-8") as out:
            out.writelines(json.dumps({"_id": i, "title": title, "text": text}) + "\n" for i, title, text in documents)
        with open(asked, "w", encoding="utf-8") as out:
            out.writelines(json.dumps({"_id": q, "text": text}) + "\n" for q, text in queries.items())
        subprocess.run([tamis, "index", "--index", index, "--whole-document", *options, corpus], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        search = [tamis, "search", "--index", index, "--queries", asked, "--format", "trec", "--plain", "-k", str(depth)]
        return [read_run(subprocess.run([*search, *more], check=True, capture_output=True, text=True).stdout) for more in searches]


def read_run(text):
    runs = {}
    for line in text.splitlines():
        query, _, document, _, score, _ = line.split()
        runs.setdefault(query, {})[document] = float(score)
    return runs


def peer(run, module):
    """`run`, or a function that gives nothing if the module is not installed."""
    try:
        __import__(module)
        __import__("Stemmer")
        return run
    except ImportError as error:
        print(f"left out: {error}; pip install tantivy bm25s PyStemmer numpy", file=sys.stderr)
        return lambda documents, queries, language: None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("TAMIS_DATA", "../shared/data"), help="folder of collections")
    parser.add_argument("--tamis", default="build/release/tamis", help="the program")
    parser.add_argument("--rows", default="", help="only rows whose name has this in it")
    parser.add_argument("--index-options", default="", help="more options for `tamis index`, e.g. \"--language en\"")
    args = parser.parse_args()
    check_measures()
    options = args.index_options.split()
    engines = [("tamis .9/.4", lambda d, q, _: run_tamis(d, q, args.tamis, ["--k1", "0.9", "--b", "0.4", *options])),
               ("bm25s .9/.4", peer(functools.partial(run_bm25s, k1=0.9, b=0.4), "bm25s")),
               ("tamis 1.2/.75", lambda d, q, _: run_tamis(d, q, args.tamis, ["--k1", "1.2", "--b", "0.75", *options])),
               ("bm25s 1.2/.75", peer(functools.partial(run_bm25s, k1=1.2, b=0.75), "bm25s")),
               ("tantivy 1.2/.75", peer(run_tantivy, "tantivy")),
               ("FTS5 1.2/.75", peer(run_fts5, "Stemmer"))]
    print("nDCG@10 (recall@100); the numbers after a name are k1 and b; the last two columns are tamis less the best peer.\n")
    print("| collection | documents | queries | " + " | ".join(name for name, _ in engines) + " | at .9/.4 | at 1.2/.75 |")
    print("|---|---|---|" + "---|" * (len(engines) + 2), flush=True)
    short = 0
    for name, folder, language, prefix, relevant_from in ROWS:
        if args.rows not in name:
            continue
        documents, queries, grades = load(os.path.join(args.data, folder), prefix)
        cells, quality = [], []
        for _, run in engines:
            runs = run(documents, queries, language)
            quality.append(float("-inf"))
            cells.append("–")
            if runs is not None:
                quality[-1] = sum(ndcg(runs.get(q, {}), grades[q]) for q in queries) / len(queries)
                deep = sum(recall(runs.get(q, {}), grades[q], relevant_from) for q in queries) / len(queries)
                cells[-1] = f"{quality[-1]:.4f} ({deep:.3f})"
        for ours, peers in ((quality[0], quality[1:2]), (quality[2], quality[3:])):
            difference = ours - max(peers)
            short += difference < -0.01
            cells.append(f"{difference:+.4f}" if math.isfinite(difference) else "–")
        print(f"| {name} | {len(documents)} | {len(queries)} | " + " | ".join(cells) + " |", flush=True)
    sys.exit(1 if short else 0)


if __name__ == "__main__":
    main()
