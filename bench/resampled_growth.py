#!/usr/bin/env python3
"""How Tamis' time and memory grow beyond the documents that there are: resampled vectors, after a check that they stand for real ones.

  resampled_growth.py DOCUMENTS.csr QUERIES.csr --scratch FOLDER [--sizes 1100000,2200000,4400000,8000000] [--bench build/release/bench_block_index]
                      [--efforts "1,1,0 …"] [--limit 400] [--rounds 2] [--no-check]

First the check: the real collection, and as many documents resampled from its first quarter. Then each size, resampled from all documents
(resample_vectors.py says how). Recall is against Tamis' own exact answers, p50 and p99 are of the round with the best median, one core.
Wants about 1.2 KB of disk a document, and 2 KB of memory.
"""
import argparse
import contextlib
import os
import subprocess
import sys
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def resample(args, source, documents, out, first=None):
    command = [sys.executable, os.path.join(HERE, "resample_vectors.py"), source, out, "--documents", str(documents)]
    subprocess.run(command + (["--from-first", str(first)] if first else []), check=True)


class Index:
    """bench_block_index, kept on one core once its index is made."""

    def __init__(self, args, documents):
        begin = time.time()
        self.process = subprocess.Popen([args.bench, documents, args.queries, "-", "--map", "--serve", "--queries", str(args.limit)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.said = self.process.stderr.readline().strip()  # printed when the index is there
        self.seconds = time.time() - begin
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            with contextlib.suppress(ProcessLookupError):  # a builder that has just ended
                os.sched_setaffinity(int(task), {0})

    def run(self, effort):
        self.process.stdin.write(effort + "\n")
        self.process.stdin.flush()
        return np.array(self.process.stdout.readline().split(), float), np.array(self.process.stdout.readline().split(), np.int64)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def measure(args, label, documents):
    index = Index(args, documents)
    print(f"# {label}: {index.said}", file=sys.stderr, flush=True)
    exact, rows = index.run("1,1,0")[1].reshape(args.limit, -1), []
    best = {}
    for _ in range(args.rounds):
        for effort in args.efforts.split():
            times, found = index.run(effort)
            if effort not in best or np.median(times) < np.median(best[effort][0]):
                best[effort] = (times, found.reshape(args.limit, -1))
    for effort, (times, found) in best.items():
        recall = sum(len(set(a) & set(b)) for a, b in zip(found.tolist(), exact.tolist())) / exact.size
        rows.append((effort, recall, np.median(times), np.percentile(times, 99)))
        print(f"| {label} | {effort} | {recall:.4f} | {np.median(times):.0f} | {np.percentile(times, 99):.0f} |", flush=True)
    index.close()
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents")
    parser.add_argument("queries")
    parser.add_argument("--scratch", required=True)
    parser.add_argument("--sizes", default="1100000,2200000,4400000,8000000")
    parser.add_argument("--bench", default="build/release/bench_block_index")
    parser.add_argument("--efforts", default="1,1,0 .91,1,0 .9,.95,30,.12 .85,.9,30,.08 .8,.9,20,.06")
    parser.add_argument("--no-check", action="store_true", help="only the sizes")
    parser.add_argument("--limit", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    made = os.path.join(args.scratch, "resampled.csr")
    with open(args.documents, "rb") as file:
        count = int(np.fromfile(file, np.int64, 1)[0])
    print("| documents | effort | recall@10 | p50 µs | p99 µs |\n|---|---|---|---|---|")
    if not args.no_check:
        measure(args, f"{count:,} real", args.documents)
        resample(args, args.documents, count, made, first=count // 4)
        measure(args, f"{count:,} of a quarter", made)
    sizes, of_sizes = list(map(int, args.sizes.split(","))), []
    for size in sizes:
        resample(args, args.documents, size, made)
        of_sizes.append(measure(args, f"{size:,} resampled", made))
    os.remove(made)
    print("\n| effort | grows with n to the power |\n|---|---|")
    for rows in zip(*of_sizes):
        power = np.polyfit(np.log(sizes), np.log([row[2] for row in rows]), 1)[0] if len(sizes) > 1 else float("nan")
        print(f"| {rows[0][0]} | {power:.2f} |")


main()
