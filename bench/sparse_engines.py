#!/usr/bin/env python3
"""Who answers sparse queries fastest at which recall? Tamis' blocks beside other engines, interleaved, on one thread.

  sparse_engines.py DOCUMENTS.csr QUERIES.csr --peers peers.py [--bench build/release/bench_block_index] [--engines sindi,seismic]
                    [--k 10] [--limit N] [--rounds 3] [--truth truth.bin] [--index FILE] [--efforts "1,1,0 .9,.9,40 …"]
                    [--server NAME=PROGRAM --server-settings "4,.9 6,.9"] [--json OUT]

CSR files as `tamis encode --format csr` writes them. --peers is the script that builds and asks the other engines (its ENGINES and
exact()). Every setting of every engine is timed once a round; a setting's round with the best median counts. Recall@k is against
exact float32 scores, kept in --truth. Prints all settings and, for each level of recall, the fastest of Tamis and of the peers.
--server is an engine that is a program of its own, such as bench/peers/neural_sparse.cpp.
After the builds all engines are kept on one core. Run it on an otherwise idle machine.
"""
import argparse
import json
import os
import subprocess
import sys
import time
import types

import numpy as np

LEVELS = (0.90, 0.95, 0.98, 0.99, 0.999, 0.9999)


def load(path):
    """The peers' script as a module: it calls main() at its end, which is left out."""
    module = types.ModuleType("peers")
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read().rstrip().removesuffix("main()"), path, "exec"), module.__dict__)
    return module


def tamis_command(args):
    command = [args.bench, args.documents, args.queries, args.truth, "--k", str(args.k), "--serve"]
    if args.limit:
        command += ["--queries", str(args.limit)]
    if args.index:
        command += ["--index", args.index]
    return command


class Server:
    """A program that times itself, query by query: a setting a line in, a line of times and one of rows out."""

    def __init__(self, command, k):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.k = k

    def run(self, setting):
        self.process.stdin.write(setting + "\n")
        self.process.stdin.flush()
        times = np.array(self.process.stdout.readline().split(), float)
        found = np.array(self.process.stdout.readline().split(), np.int64).reshape(-1, self.k)
        if len(times) == 0:
            sys.exit("sparse_engines: " + self.process.args[0] + " ended")
        return times, found

    def memory(self):
        lines = dict(line.split(":", 1) for line in open(f"/proc/{self.process.pid}/status"))
        return ", ".join(f"{name} {int(lines[name].split()[0]) // 1000} MB" for name in ("VmHWM", "RssAnon", "RssFile"))


def recall_of(found, truth):
    return sum(len(set(a.tolist()) & set(b.tolist())) for a, b in zip(found, truth)) / truth.size


def time_peer(search, rows, k):
    for row in rows[:50]:
        search(*row)
    times, found = [], np.full((len(rows), k), -1, np.int64)
    for i, row in enumerate(rows):
        begin = time.perf_counter()
        answer = search(*row)
        times.append((time.perf_counter() - begin) * 1e6)
        best = [int(d) for d in answer[:k]]
        found[i, :len(best)] = best
    return np.array(times), found


def table_of_levels(settings):
    print("\n| recall@k | fastest of Tamis | p50 µs | p99 µs | fastest peer | p50 µs | p99 µs | Tamis / peer |\n|---|---|---|---|---|---|---|---|")
    for level in LEVELS:
        row = []
        for mine in (True, False):
            able = [s for s in settings if s["tamis"] == mine and s["recall"] >= level]
            row.append(min(able, key=lambda s: np.median(s["best"])) if able else None)
        ours, theirs = row
        cells = [f"{s['name']} ({s['recall']:.4f}) | {np.median(s['best']):.0f} | {np.percentile(s['best'], 99):.0f}" if s else "– | – | –" for s in row]
        ratio = f"{np.median(ours['best']) / np.median(theirs['best']):.2f}" if ours and theirs else "–"
        print(f"| {level} | {cells[0]} | {cells[1]} | {ratio} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents")
    parser.add_argument("queries")
    parser.add_argument("--peers", required=True)
    parser.add_argument("--bench", default="build/release/bench_block_index")
    parser.add_argument("--engines", default="sindi,seismic")
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--truth", default="truth.bin")
    parser.add_argument("--core", type=int, default=0, help="for all searches; -1 = any")
    parser.add_argument("--index", help="where Tamis keeps its index")
    parser.add_argument("--server", help="NAME=PROGRAM, called with DOCUMENTS QUERIES K NUM_QUERIES")
    parser.add_argument("--server-settings", default="3,.8 3,.9 4,.9 5,1 6,1 8,1 10,1.2 15,1.2 20,1.4")
    parser.add_argument("--json", help="all settings, with their times, also go there")
    parser.add_argument("--efforts", default="1,1,0 .9,1,0 .95,.95,40 .9,.95,40 .9,.9,40 .8,.9,40 .9,.8,40 .8,.8,40 .75,.8,40 .8,.7,40 .7,.7,40")
    args = parser.parse_args()
    peers = load(args.peers)
    docs, queries = peers.read_csr(args.documents), peers.read_csr(args.queries)
    queries = queries[:args.limit].tocsr() if args.limit else queries
    queries.sort_indices()
    truth = peers.exact(docs, queries, args.truth)[:, :args.k]
    rows = [(queries.indices[a:b].copy(), queries.data[a:b].copy()) for a, b in zip(queries.indptr, queries.indptr[1:])]
    settings = []
    for engine in filter(None, args.engines.split(",")):
        begin = time.time()
        for name, search in peers.ENGINES[engine](docs, args.k, None).items():
            settings.append({"name": f"{engine} {name}", "tamis": False, "run": lambda search=search: time_peer(search, rows, args.k)})
        print(f"{engine}: build {time.time() - begin:.0f} s, {peers.memory()} (process so far)", flush=True)
    servers = []
    if args.server:
        name, program = args.server.split("=", 1)
        server = Server([program, args.documents, args.queries, str(args.k), str(len(rows))], args.k)
        print(f"{name}: {server.process.stdout.readline().strip()}", flush=True)
        servers.append(server)
        for setting in args.server_settings.split():
            settings.append({"name": f"{name} {setting}", "tamis": False, "run": lambda setting=setting: server.run(setting)})
    tamis = Server(tamis_command(args), args.k)
    servers.append(tamis)
    if args.core >= 0:
        for pid in [os.getpid()] + [server.process.pid for server in servers]:
            for thread in os.listdir(f"/proc/{pid}/task"):
                os.sched_setaffinity(int(thread), {args.core})
    for effort in args.efforts.split():
        settings.append({"name": f"tamis {effort}", "tamis": True, "run": lambda effort=effort: tamis.run(effort)})
    for _ in range(args.rounds):
        for setting in settings:
            times, found = setting["run"]()
            setting["recall"] = recall_of(found, truth)
            if "best" not in setting or np.median(times) < np.median(setting["best"]):
                setting["best"] = times
    print(f"tamis: {tamis.memory()}\n\n{len(rows)} queries, {docs.shape[0]} documents, k = {args.k}\n")
    print("| setting | recall@k | p50 µs | p90 µs | p99 µs | mean µs |\n|---|---|---|---|---|---|")
    for setting in settings:
        p50, p90, p99 = np.percentile(setting["best"], [50, 90, 99])
        print(f"| {setting['name']} | {setting['recall']:.4f} | {p50:.0f} | {p90:.0f} | {p99:.0f} | {setting['best'].mean():.0f} |")
    table_of_levels(settings)
    if args.json:
        rows = [{"name": s["name"], "tamis": s["tamis"], "recall": s["recall"], "us": s["best"].round(1).tolist()} for s in settings]
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"documents": docs.shape[0], "k": args.k, "settings": rows}, file)


main()
