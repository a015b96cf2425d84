#!/usr/bin/env python3
"""How good are methods over all judged collections?

    bench/quality.py TAMIS WORK [--only NAME,NAME] [--index OPTIONS] -- OPTIONS OF TAMIS EVAL COLLECTIONS

Makes an index of each collection of $TAMIS_DATA (default ../shared/data; BEIR's layout) in WORK, if it is not there yet,
a file of questions, and WORK/list.jsonl, and hands that to "tamis eval collections". Questions get filters where a
collection keeps many small ones in one: locomo's conversations, noveleval's candidates, xquad's languages, which count
as one collection together.

    bench/quality.py build/release/tamis /tmp/q -- --methods 'bm25, splade-tiny, splade-tiny+bm25' --markdown

--index 'OPTIONS' are for "tamis index"; another WORK for other options. With --index-anew the indexes are made again. With --changes a table of what each method
gains or loses on each collection, with 95 % intervals, instead of that of the means; bold where Holm's p is below .05.
"""
import argparse
import gzip
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

DATA = Path(os.environ.get("TAMIS_DATA", Path(__file__).resolve().parent.parent.parent / "shared/data"))
NAMES = ["scifact", "trec-dl19-pool", "nq-gold", "cosqa", "cranfield", "cisi", "npl", "time", "cacm", "adi", "noveleval", "locomo", "xquad"]


def lines(path):
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def filter_of(collection, question):
    """What may answer a question, in the syntax of a search."""
    if collection == "locomo":
        return f"id:{question.split('/')[0]}/*"
    if collection == "noveleval":
        return f"id:{question}-*"
    if collection == "xquad":
        return f"id:{question.split('-')[0]}-*"
    return None


def questions_of(collection, work):
    """Writes the files of questions; returns the entries of the list."""
    source = next(path for path in (DATA / collection / "queries.jsonl", DATA / collection / "queries.jsonl.gz") if path.exists())
    files = {}
    for question in lines(source):
        part = f"xquad-{question['_id'].split('-')[0]}" if collection == "xquad" else collection
        row = {"_id": question["_id"], "text": question["text"]}
        if (wanted := filter_of(collection, question["_id"])) is not None:
            row["filter"] = wanted
        files.setdefault(part, []).append(row)
    entries = []
    for part, rows in files.items():
        path = work / "questions" / f"{part}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        entry = {"name": part, "index": str(work / "index" / collection), "queries": str(path), "qrels": str(DATA / collection / "qrels/test.tsv")}
        entries.append(entry if part == collection else {**entry, "group": collection})
    return entries


def build_index(tamis, collection, work, options, anew):
    folder = work / "index" / collection
    if folder.exists():
        if not anew:
            return
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    print(f"indexing {collection}", file=sys.stderr)
    subprocess.run([tamis, "index", DATA / collection / "corpus.jsonl.gz", "--index", folder, "--quiet", *options], check=True)


def print_changes(said):
    """Rows of collections, columns of methods, from the JSON lines of "tamis eval collections"."""
    rows = [row for row in map(json.loads, said.splitlines()) if "collection" in row]
    methods = list(dict.fromkeys(row["run"] for row in rows))
    print("| collection |" + "".join(f" `{method}` |" for method in methods))
    print("|---|" + "---:|" * len(methods))
    for collection in dict.fromkeys(row["collection"] for row in rows):
        cells = []
        for row in (row for row in rows if row["collection"] == collection):
            mark = "**" if row.get("significant") else ""
            cells.append(f"{mark}{row['difference']:+.4f}{mark} ({row['low']:+.4f} … {row['high']:+.4f})" if "difference" in row else f"{row['mean']:.4f}")
        print(f"| {collection} | " + " | ".join(cells) + " |")


def main():
    words, rest = (sys.argv[1:sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1:]) if "--" in sys.argv else (sys.argv[1:], [])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tamis", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--only", help="names of collections, separated by commas")
    parser.add_argument("--index", default="--encoder splade-tiny", help="options of tamis index")
    parser.add_argument("--index-anew", action="store_true")
    parser.add_argument("--changes", action="store_true")
    args = parser.parse_args(words)
    if not DATA.exists():
        sys.exit(f"no judged collections in {DATA}: set TAMIS_DATA")
    work, tamis = args.work.resolve(), args.tamis.resolve()
    entries = []
    for collection in args.only.split(",") if args.only else NAMES:
        build_index(tamis, collection, work, shlex.split(args.index), args.index_anew)
        entries += questions_of(collection, work)
    (work / "list.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    command = [tamis, "eval", "collections", work / "list.jsonl", *rest]
    if not args.changes:
        sys.exit(subprocess.run(command, check=False).returncode)
    print_changes(subprocess.run([*command, "--json"], check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
