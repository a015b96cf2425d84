#!/usr/bin/env python3
"""How does the time of a query grow with the number of documents?

  size_scaling.py DOCUMENTS.csr QUERIES.csr --peers peers.py [--sizes 100000,200000,400000] [--engines sindi] [--limit 500] [--scratch FOLDER]

Takes the first documents of the file, at each size, through sparse_engines.py (same arguments, same rounds: engines take turns), and fits
time = a * documents ** b through the p50 of the fastest setting of each recall, for Tamis and for the peers.
"""
import argparse
import json
import os
import subprocess
import sys

import numpy as np

LEVELS = (0.95, 0.98, 0.99, 0.999)


def write_head(path, rows, out):
    """The first rows of a CSR file as a file of their own."""
    with open(path, "rb") as file:
        total, columns, _ = np.fromfile(file, np.int64, 3)
        begins = np.fromfile(file, np.int64, total + 1)
        kept = min(rows, int(total))
        postings = int(begins[kept])
        start = file.tell()
        with open(out, "wb") as head:
            np.array([kept, columns, postings], np.int64).tofile(head)
            begins[:kept + 1].tofile(head)
            for array in (0, 1):
                file.seek(start + array * 4 * int(begins[-1]))
                np.fromfile(file, np.int32, postings).tofile(head)
    return kept


def fastest(settings, mine, level):
    able = [s for s in settings if s["tamis"] == mine and s["recall"] >= level]
    return min((float(np.median(s["us"])) for s in able), default=None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents")
    parser.add_argument("queries")
    parser.add_argument("--peers", required=True)
    parser.add_argument("--bench", default="build/release/bench_block_index")
    parser.add_argument("--engines", default="sindi")
    parser.add_argument("--sizes", default="100000,200000,400000,800000")
    parser.add_argument("--limit", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--efforts", default="1,1,0 .95,1,0 .91,1,0 .95,1,40,.25 .9,.95,30,.12 .85,.9,30,.12 .85,.9,30,.06 .8,.9,20,.06 .8,.85,20,.06")
    parser.add_argument("--scratch", default=".")
    args = parser.parse_args()
    tool = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sparse_engines.py")
    points = []
    for size in map(int, args.sizes.split(",")):
        part = {name: os.path.join(args.scratch, f"head-{size}.{name}") for name in ("csr", "truth", "json")}
        kept = write_head(args.documents, size, part["csr"])
        subprocess.run([sys.executable, tool, part["csr"], args.queries, "--peers", args.peers, "--bench", args.bench, "--engines", args.engines,
                        "--limit", str(args.limit), "--rounds", str(args.rounds), "--truth", part["truth"], "--json", part["json"],
                        "--efforts", args.efforts], check=True)
        os.remove(part["csr"])
        with open(part["json"], encoding="utf-8") as file:
            points.append((kept, json.load(file)["settings"]))
    print("\n| recall@10 | engine | " + " | ".join(f"{kept:,}" for kept, _ in points) + " | grows with n to the power |")
    print("|---|---|" + "---|" * (len(points) + 1))
    for level in LEVELS:
        rows = {mine: [fastest(settings, mine, level) for _, settings in points] for mine in (True, False)}
        for mine, row in rows.items():
            cells = [f"{us:.0f}" if us else "–" for us in row]
            known = [(np.log(kept), np.log(us)) for (kept, _), us in zip(points, row) if us]
            power = f"{np.polyfit(*zip(*known), 1)[0]:.2f}" if len(known) > 1 else "–"
            print(f"| {level} | {'Tamis' if mine else 'fastest peer'} | " + " | ".join(cells) + f" | {power} |")
        ratios = [f"{a / b:.2f}" if a and b else "–" for a, b in zip(rows[True], rows[False])]
        print(f"| {level} | Tamis / peer | " + " | ".join(ratios) + " | |")


main()
