#!/usr/bin/env python3
"""Which length of passages, which overlap, and what of titles is best?

    bench/passage_sweep.py TAMIS WORK [--only COLLECTION,…] [--rows NAME,…]

Indexes the judged collections with long documents in several ways, asks each in three methods, documents by their best
passage (MaxP), and prints a Markdown table a method: nDCG@10, + and - where a row differs from the first one (randomisation test,
Holm over the rows, p < 0.05). Windows of words with an overlap, and titles in front of texts, are made here, as documents
of their own: nothing of that is in the program. Indexes and runs in WORK are used again.
"""
import argparse
import gzip
import json
import subprocess
import sys
from pathlib import Path

from quality import DATA, lines, questions_of

COLLECTIONS = ["time", "scifact", "cranfield", "nq-gold"]
METHODS = ["bm25", "splade-tiny", "splade-tiny+bm25"]
NORMAL = "180 words (default)"


def length(target, most, least):
    return ["--target-words", str(target), "--max-words", str(most), "--min-words", str(least)]


def windows(words, step):
    """Every document in windows of so many words, each `step` behind the last; "a#0", "a#1" …"""
    def cut(document):
        text = document["text"].split()
        begins = range(0, max(1, len(text) - (words - step)), step)
        for n, begin in enumerate(begins):
            yield {**document, "_id": f"{document['_id']}#{n}", "text": " ".join(text[begin:begin + words])}
    return cut


def without_title(document):
    yield {**document, "title": ""}


def title_in_text(document):
    yield {**document, "title": "", "text": f"{document['title']}. {document['text']}" if document["title"] else document["text"]}


# name: options of the index, what is made of a document, options of the search
ROWS = {
    NORMAL: ([], None, []),
    "60 words": (length(60, 100, 20), None, []),
    "100 words": (length(100, 160, 30), None, []),
    "250 words": (length(250, 400, 50), None, []),
    "400 words": (length(400, 600, 50), None, []),
    "whole documents": (["--whole-document"], None, []),
    "windows of 180, no overlap": (["--whole-document"], windows(180, 180), []),
    "windows of 180, overlap 60": (["--whole-document"], windows(180, 120), []),
    "windows of 180, overlap 90": (["--whole-document"], windows(180, 90), []),
    "no titles": ([], without_title, []),
    "titles in the text": ([], title_in_text, []),
    "title weight 0.5": ([], None, ["--title-weight", "0.5"]),
    "title weight 1": ([], None, ["--title-weight", "1"]),
    "title weight 2": ([], None, ["--title-weight", "2"]),
}


def file_name(row):
    return "".join(c if c.isalnum() else "-" for c in row)


def make_index(tamis, collection, row, work):
    options, change, _ = ROWS[row]
    if not options and change is None:
        row = NORMAL
    folder = work / "index" / file_name(row) / collection
    if folder.exists():
        return folder
    corpus = DATA / collection / "corpus.jsonl.gz"
    if change is not None:
        made = work / "corpus" / file_name(row) / f"{collection}.jsonl.gz"
        made.parent.mkdir(parents=True, exist_ok=True)
        with gzip.open(made, "wt", encoding="utf-8") as file:
            for document in lines(corpus):
                for part in change(document):
                    file.write(json.dumps(part, ensure_ascii=False) + "\n")
        corpus = made
    print(f"indexing {collection}: {row}", file=sys.stderr)
    folder.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([tamis, "index", corpus, "--index", folder, "--quiet", "--encoder", "splade-tiny", *options], check=True)
    return folder


def run_of(tamis, collection, row, method, queries, work):
    index = make_index(tamis, collection, row, work)
    path = work / "runs" / collection / method / f"{file_name(row)}.trec"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = subprocess.run([tamis, "search", "--index", index, "--queries", queries, "--method", method, "--format", "trec", "-k", "300", *ROWS[row][2]],
                              check=True, capture_output=True)
        path.write_bytes(made.stdout)
    return path


def measure(tamis, collection, method, rows, queries, work):
    """{row: (nDCG@10, mark)} of a collection."""
    runs = [run_of(tamis, collection, row, method, queries, work) for row in rows]
    made = subprocess.run([tamis, "eval", "runs", *runs, "--qrels", DATA / collection / "qrels/test.tsv", "--passages", "max", "--measures", "nDCG@10", "--json"],
                          check=True, capture_output=True, text=True)
    values = [json.loads(line) for line in made.stdout.splitlines()]
    return {row: (value["mean"], "" if not value.get("significant") else " +" if value["difference"] > 0 else " −") for row, value in zip(rows, values, strict=True)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tamis", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--only", default=",".join(COLLECTIONS))
    parser.add_argument("--rows", default=",".join(ROWS))
    args = parser.parse_args()
    if not DATA.exists():
        sys.exit(f"no judged collections in {DATA}: set TAMIS_DATA")
    tamis, work, names, rows = args.tamis.resolve(), args.work.resolve(), args.only.split(","), [row for row in ROWS if row in args.rows or row == NORMAL]
    queries = {name: questions_of(name, work)[0]["queries"] for name in names}
    for row in rows:  # a row at a time, so that what is there can be looked at early
        for name in names:
            make_index(tamis, name, row, work)
    for method in METHODS:
        print(f"| `{method}` | " + " | ".join(names) + " | mean |\n|---|" + "---:|" * (len(names) + 1))
        made = {name: measure(tamis, name, method, rows, queries[name], work) for name in names}
        for row in rows:
            mean = sum(made[name][row][0] for name in names) / len(names)
            print(f"| {row} | " + " | ".join(f"{made[name][row][0]:.4f}{made[name][row][1]}" for name in names) + f" | {mean:.4f} |")
        print(flush=True)


if __name__ == "__main__":
    main()
