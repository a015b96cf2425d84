#!/usr/bin/env python3
"""How many candidates need a reranker's score? Candidate pruning (cp) and early exit (ee) against reranking all.

    bench/quality.py TAMIS WORK --index '--encoder splade-tiny --dense minilm' -- -q --methods bm25
    bench/rerank_pruning.py TAMIS WORK [--base 'splade-tiny+bm25>rerank:dense(n=50'] [--settings 'cp=.3 ee=16 cp=.3,ee=16']

WORK as quality.py leaves it: indexes, files of questions and list.jsonl. Of each setting: the mean of nDCG@10 over the collections (groups of one
collection weigh as one), its change against scoring all with interval and p (Holm over the settings), and scored candidates a question.
"""
import argparse
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tamis", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--base", default="splade-tiny+bm25>rerank:dense(n=50")
    parser.add_argument("--settings", default="cp=.2 cp=.3 cp=.4 ee=8 ee=12 ee=16 ee=24 cp=.3,ee=16")
    parser.add_argument("--skip", default="xquad", help="collections whose names begin so")
    parser.add_argument("--sample", type=int, default=400)
    args = parser.parse_args()
    args.tamis = args.tamis.resolve()
    entries = [json.loads(line) for line in (args.work / "list.jsonl").read_text().splitlines()]
    entries = [entry for entry in entries if not args.skip or not entry["name"].startswith(args.skip)]
    methods = {setting: f"{args.base},{setting})" if setting else f"{args.base})" for setting in ["", *args.settings.split()]}

    scored, asked = dict.fromkeys(methods, 0), 0
    with tempfile.TemporaryDirectory() as scratch:
        kept = Path(scratch) / "list.jsonl"
        for entry in entries:
            questions = Path(entry["queries"]).read_text(encoding="utf-8").splitlines()
            questions = questions[::max(1, len(questions) // args.sample)][:args.sample]
            entry["counted"] = Path(scratch) / f"{entry['name']}.jsonl"
            entry["counted"].write_text("\n".join(questions) + "\n", encoding="utf-8")
        kept.write_text("".join(json.dumps({key: value for key, value in entry.items() if key != "counted"}) + "\n" for entry in entries))
        said = subprocess.run([args.tamis, "eval", "collections", kept, "-q", "--json", "--depth", "100", "--timed-hits", "0", "--measures", "nDCG@10",
                               "--sample", str(args.sample), "--methods", ",".join(methods.values())], check=True, capture_output=True, text=True).stdout
        rows = {row["run"]: row for row in map(json.loads, said.splitlines()) if "collections" in row}
        for entry in entries:
            questions = entry["counted"].read_text(encoding="utf-8")
            if '"filter"' in questions:
                continue  # "tamis search" would ask them without
            asked += len(questions.splitlines())
            for setting, method in methods.items():
                done = subprocess.run([args.tamis, "search", "--index", entry["index"], "--queries", entry["counted"], "--plain", "--method", method, "-k", re.search(r"n=(\d+)", method)[1],
                                       "--format", "trec", "--stats"], check=True, capture_output=True, text=True)
                scored[setting] += int(re.search(r"([\d,]+) reranked", done.stderr)[1].replace(",", ""))

    print("| | nDCG@10 | change | interval | p, questions | p, collections | candidates a question | fewer by |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for setting, method in methods.items():
        row, count = next(r for run, r in rows.items() if run.replace(" ", "") == method), scored[setting] / asked
        change = (f"{row['difference']:+.4f} | {row['low']:+.4f} … {row['high']:+.4f} | {row['p_questions_holm']:.4f} | {row['p_collections_holm']:.4f}"
                  if "difference" in row else "| | |")
        print(f"| `{setting or 'all'}` | {row['mean']:.4f} | {change} | {count:.1f} | {scored[''] / scored[setting]:.1f} |")


if __name__ == "__main__":
    main()
