#!/usr/bin/env python3
"""What does an index cost that understands meaning? End to end against the encoder alone, and a killed run against a whole one.

  encoder_index.py MODEL CORPUS.jsonl QUERIES.jsonl [--tamis PROGRAM] [--threads N] [--kills N] [--limit N]

CORPUS: JSON lines of _id, title, text; QUERIES: _id, text. In this order, each once, one after the other:
  1. tamis encode of all texts into a matrix: the encoder alone
  2. tamis index --encoder bm25: words alone
  3. tamis index --encoder MODEL: words, then vectors; when words could be searched is read from a second process
  4. the same, killed (SIGKILL) at random moments and started again: the same bytes in the field's files
  5. tamis search of all questions by each method: p50, p90, p99 of one thread, and what a cold start costs
Prints Markdown. Run it on an idle machine.
"""
import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time


def run(command, stdin=None):
    """Seconds, CPU seconds, peak MB, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = process.communicate()
    seconds = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode != 0:
        sys.exit(f"{command}: exit {process.returncode}\n{err[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, cpu, out, err


def digest(folder):
    """Of the files of the encoder's field."""
    sums = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".field") and ".bm25." not in name:
            with open(os.path.join(folder, name), "rb") as file:
                sums[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return sums


def first_answer(tamis, index, begin, out):
    """The seconds after which a search finds something."""
    while "found" not in out and "stop" not in out:
        found = subprocess.run([tamis, "search", "--index", index, "-k", "1", "what is the time"], capture_output=True)
        if found.returncode == 0:
            out["found"] = time.monotonic() - begin
        time.sleep(0.2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("corpus")
    parser.add_argument("queries")
    parser.add_argument("--tamis", default="build/release/tamis")
    parser.add_argument("--threads", default="2")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--limit", type=int, default=0, help="only so many passages of the corpus")
    args = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="tamis-encoder-index-")
    corpus = os.path.join(folder, "corpus.jsonl")
    with open(args.corpus, "rb") as source, open(corpus, "wb") as out:
        count = 0
        for line in source:
            if args.limit and count == args.limit:
                break
            out.write(line)
            count += 1
    base = [args.tamis, "index", "--threads", args.threads, "--whole-document", "--json"]

    print(f"{count:,} passages, {args.threads} threads\n\n| step | seconds | CPU seconds | passages/s | |\n|---|---|---|---|---|", flush=True)
    with open(corpus, "rb") as texts:
        alone, cpu, _, _ = run([args.tamis, "encode", "--encoder", args.model, "--threads", args.threads, "--format", "csr",
                                "--output", os.path.join(folder, "v.csr"), "-q"], texts)
    print(f"| tamis encode into a matrix | {alone:.1f} | {cpu:.1f} | {count / alone:,.0f} | |", flush=True)
    words, cpu, _, _ = run([*base, "--encoder", "bm25", "--index", os.path.join(folder, "words"), corpus])
    print(f"| tamis index, words | {words:.1f} | {cpu:.1f} | {count / words:,.0f} | {100 * words / alone:.1f} % of the encoder's time |", flush=True)
    index, seen = os.path.join(folder, "both"), {}
    watcher = threading.Thread(target=first_answer, args=(args.tamis, index, time.monotonic(), seen))
    watcher.start()
    both, cpu, out, _ = run([*base, "--encoder", args.model, "--index", index, corpus])
    seen["stop"] = True
    watcher.join()
    report = json.loads(out)
    print(f"| tamis index, words and vectors | {both:.1f} | {cpu:.1f} | {count / both:,.0f} | {100 * alone / both:.0f} % of the encoder alone; "
          f"searchable after {seen.get('found', float('nan')):.1f} s |", flush=True)
    assert report["encoded"] == report["passages"], report

    killed, kills = os.path.join(folder, "killed"), 0
    moments = random.Random(1)
    begin = time.monotonic()
    while True:
        process = subprocess.Popen([*base, "--encoder", args.model, "--index", killed, corpus], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(both * moments.uniform(0.15, 0.6) if kills < args.kills else None)
            break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
    same = digest(os.path.join(killed, "segments")) == digest(os.path.join(index, "segments"))
    print(f"| the same, killed {kills} times | {time.monotonic() - begin:.1f} | | | {'the same bytes' if same else 'OTHER BYTES'} |", flush=True)
    field = os.path.basename(os.path.abspath(args.model)) if os.path.isdir(args.model) else args.model
    print("\n| method | questions, one thread | cold start, one question |\n|---|---|---|")
    for name, options in [("bm25", ["--method", "bm25"]), (field, ["--method", field]), (f"{field}, idf", ["--method", field, "--query-encoder", "idf"]),
                          (f"{field} + bm25 (default)", [])]:
        search = [args.tamis, "search", "--index", index, *options]
        _, _, _, err = run([*search, "--queries", args.queries, "--format", "trec", "--threads", "1", "--stats"])
        cold = sorted(run([*search, "-k", "10", "how do magnets work"])[0] for _ in range(15))
        print(f"| {name} | {err.strip().splitlines()[-1].split(';')[0]} | {1000 * cold[7]:.0f} ms |", flush=True)
    print()
    sizes = {name: os.path.getsize(os.path.join(index, "segments", name)) for name in sorted(os.listdir(os.path.join(index, "segments")))}
    print("bytes: " + ", ".join(f"{name} {size:,}" for name, size in sizes.items()))
    shutil.rmtree(folder)
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
