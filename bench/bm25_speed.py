#!/usr/bin/env python3
"""Tamis beside tantivy, same machine, same run: indexing rate, size, peak memory, query latency. Markdown tables.

    python3 bench/bm25_speed.py CORPUS.jsonl QUERIES.jsonl --tamis build/release/tamis --latency build/release/bench_latency

CORPUS has one passage a line, {"_id", "text"}; QUERIES the same. Wants the PyPI package tantivy (stemmer en_stem) and an
idle machine. Both index one passage a document.

Indexing, each run in a process of its own, on one thread and on two. tantivy: adding documents that are made already,
committing, waiting for merges; it stores no text. Tamis: what `tamis index --json` says of its work: "analyse" (words,
stems, counts) and "build" (inverting and writing) are what tantivy's time is; reading, storing the texts and publishing
stand beside it.

Latency, one thread on one core: questions go in blocks to one engine, then the same block to the other, round after
round; both parse and analyse the question within the time, and give ids and scores. OR of all words. Of each question
the fastest round counts. tantivy counts all matches unless told not to (count=False lets it skip): both are shown.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

K = (10, 1000)
WRITER_BYTES = 512_000_000


def corpus_lines(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def folder_bytes(folder):
    return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(folder) for name in names)


def index_with_tantivy(corpus, folder, threads):
    """Runs as a process of its own. Only the engine's work is timed: documents are made in blocks before it gets them."""
    import tantivy
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("body", stored=False, tokenizer_name="en_stem")
    schema.add_integer_field("id", stored=True)
    index = tantivy.Index(schema.build(), path=folder)
    seconds = -time.perf_counter()
    writer = index.writer(WRITER_BYTES, threads)
    seconds += time.perf_counter()
    block = []

    def add():
        begin = time.perf_counter()
        for document in block:
            writer.add_document(document)
        block.clear()
        return time.perf_counter() - begin

    for number, line in enumerate(corpus_lines(corpus)):
        block.append(tantivy.Document(body=line["text"], id=number))
        if len(block) == 20_000:
            seconds += add()
    seconds += add()
    begin = time.perf_counter()
    writer.commit()
    writer.wait_merging_threads()
    print(json.dumps({"seconds": seconds + time.perf_counter() - begin}))


def run_measured(command):
    """Standard output, wall seconds, CPU seconds and peak memory (MB) of a command."""
    begin = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - begin
        if process.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit {process.returncode}")
        out.seek(0)
        return out.read().decode(), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure_indexing(args, megabytes, work):
    print("| engine | threads | words to index: MB/s | words to index, s | reading, texts, publishing, s | whole command, s"
          " | CPU, s | peak memory, MB | on disk, MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    tamis_seconds = []
    for threads in (1, 2):
        folder = os.path.join(work, f"tantivy{threads}")
        os.makedirs(folder)
        out, wall, cpu, peak = run_measured([sys.executable, os.path.abspath(__file__), args.corpus, folder,
                                             "--tantivy-index", str(threads)])
        seconds = json.loads(out)["seconds"]
        print(f"| tantivy | {threads} | {megabytes / seconds:.1f} | {seconds:.2f} | – | {wall:.2f} | {cpu:.2f} |"
              f" {peak:.0f} | {folder_bytes(folder) / 1e6:.1f} |", flush=True)
        folder = os.path.join(work, f"tamis{threads}")
        out, wall, cpu, peak = run_measured([args.tamis, "index", "--index", folder, "--encoder", "bm25", "--whole-document", "--json",
                                             "--threads", str(threads), args.corpus])
        report = json.loads(out)
        tamis_seconds.append((wall, wall - report["publish_seconds"]))
        seconds = report["analyse_seconds"] + report["build_seconds"]
        rest = ", ".join(f"{report[part + '_seconds']:.2f}" for part in ("read", "text", "publish"))
        print(f"| tamis | {threads} | {megabytes / seconds:.1f} | {seconds:.2f} | {rest} | {wall:.2f} | {cpu:.2f} |"
              f" {peak:.0f} | {folder_bytes(folder) / 1e6:.1f} |", flush=True)
    (whole1, index1), (whole2, index2) = tamis_seconds
    print(f"\nTamis on two threads, wall clock: whole command {whole1 / whole2:.2f} times as fast; without publishing (rows"
          f" written to the catalogue by one thread) {index1 / index2:.2f} times", flush=True)


def print_sizes(args, folder):
    info = json.loads(subprocess.run([args.tamis, "info", "--index", folder, "--json"], check=True,
                                     capture_output=True, text=True).stdout)
    print("\n| part of the Tamis index | MB | what it is |\n|---|---|---|")
    for part, what in (("catalogue_bytes", "documents, passages, places, metadata (SQLite)"),
                       ("text_bytes", "the extracted texts, compressed"),
                       ("field_bytes", "postings and forward records"),
                       ("vocabulary_bytes", "terms and their hash tables")):
        print(f"| {part[:-6]} | {info[part] / 1e6:.1f} | {what} |")


class Tantivy:
    def __init__(self, folder, corpus, count):
        import tantivy
        self.index = tantivy.Index.open(folder)
        self.searcher = self.index.searcher()
        self.corpus, self.count = corpus, count

    def ask(self, question, k):
        """Microseconds, hits, id of the best."""
        begin = time.perf_counter()
        hits = self.searcher.search(self.index.parse_query(question, ["body"]), k, count=self.count).hits
        microseconds = (time.perf_counter() - begin) * 1e6
        best = self.corpus[self.searcher.doc(hits[0][1])["id"][0]] if hits else ""
        return microseconds, len(hits), best


class Tamis:
    def __init__(self, program, folder):
        self.process = subprocess.Popen([program, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        encoding="utf-8", bufsize=1)

    def ask(self, question, k):
        self.process.stdin.write(f"{k}\t{question}\n")
        self.process.stdin.flush()
        microseconds, hits, best = self.process.stdout.readline().rstrip("\n").split("\t")
        return float(microseconds), int(hits), best


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


def measure_latency(args, work):
    os.sched_setaffinity(0, {args.core})
    names = [line["_id"] for line in corpus_lines(args.corpus)]
    questions = [" ".join(re.findall(r"\w+", line["text"].lower())) for line in corpus_lines(args.queries)][:args.limit]
    engines = {"tantivy": Tantivy(os.path.join(work, "tantivy1"), names, True),
               "tantivy, count=False": Tantivy(os.path.join(work, "tantivy1"), names, False),
               "tamis": Tamis(args.latency, os.path.join(work, "tamis1"))}
    fastest = {(engine, k): [float("inf")] * len(questions) for engine in engines for k in K}
    best = {engine: [""] * len(questions) for engine in engines}
    for engine in engines.values():  # once untimed: pages into memory
        for question in questions:
            engine.ask(question, 10)
    for _ in range(args.rounds):
        for k in K:
            for start in range(0, len(questions), args.block):
                for name, engine in engines.items():
                    for i in range(start, min(start + args.block, len(questions))):
                        microseconds, _, best[name][i] = engine.ask(questions[i], k)
                        fastest[name, k][i] = min(fastest[name, k][i], microseconds)
    same = sum(a == b for a, b in zip(best["tantivy"], best["tamis"])) / len(questions)
    print(f"\n{len(questions)} questions, {args.rounds} rounds in blocks of {args.block}, core {args.core}; "
          f"the best hit is the same passage for {same:.0%} of them (analysers and k1, b differ)\n")
    print("| engine | k | p50 µs | p90 µs | p99 µs | mean µs | time of tantivy's: p50, p90, p99 |\n|---|---|---|---|---|---|---|")
    for k in K:
        base = [percentile(fastest["tantivy", k], share) for share in (0.5, 0.9, 0.99)]
        for name in engines:
            times = fastest[name, k]
            points = [percentile(times, share) for share in (0.5, 0.9, 0.99)]
            ratios = ", ".join(f"{a / b:.2f}" for a, b in zip(points, base))
            print(f"| {name} | {k} | " + " | ".join(f"{p:.0f}" for p in points) +
                  f" | {sum(times) / len(times):.0f} | {ratios} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("queries")
    parser.add_argument("--tamis", default="build/release/tamis")
    parser.add_argument("--latency", default="build/release/bench_latency")
    parser.add_argument("--limit", type=int, default=1000, help="questions used")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--block", type=int, default=50)
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--work", default="", help="folder of the indexes; what is there already is used and kept")
    parser.add_argument("--tantivy-index", type=int, default=0, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.tantivy_index:
        return index_with_tantivy(args.corpus, args.queries, args.tantivy_index)
    try:
        import tantivy  # noqa: F401
    except ImportError:
        sys.exit("bm25_speed.py: the peer is missing: pip install tantivy")
    work = args.work or tempfile.mkdtemp(prefix="tamis-bench-")
    try:
        if not os.path.exists(os.path.join(work, "tamis1")):
            size = passages = 0
            for line in corpus_lines(args.corpus):
                size, passages = size + len(line["text"].encode()), passages + 1
            print(f"{passages} passages, {size / 1e6:.1f} MB of text\n", flush=True)
            measure_indexing(args, size / 1e6, work)
        print_sizes(args, os.path.join(work, "tamis1"))
        measure_latency(args, work)
    finally:
        if not args.work:
            shutil.rmtree(work)


main()
