#!/usr/bin/env python3
"""Compares tamis eval with ir-measures, value by value, on random runs full of ties and on the runs of a data folder.

  ir_measures_test.py TAMIS [WORLDS]

Needs the Python packages ir-measures and pytrec_eval-terrier: without them nothing is compared (exit 77, "skipped").
"""
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77
try:
    import ir_measures
except ImportError:
    print("SKIPPED: there is no Python package ir-measures: nothing was compared")
    sys.exit(SKIPPED)

TREC = ["nDCG", "nDCG@3", "nDCG@10", "nDCG(judged_only=True)@5", "AP", "AP@5", "AP(rel=2)", "RR", "RR(rel=2)", "R@1", "R@5",
        "R@100", "R(rel=2)@10", "P@1", "P@5", "P@100", "P(rel=2)@5", "P(judged_only=True)@5", "Success@1", "Success@5",
        "Rprec", "Rprec(rel=2)", "Bpref", "Bpref(rel=2)", "infAP", "infAP(rel=2)"]
# ir-measures leaves these to providers that break ties by ascending id.
BY_ID = ["RR@3", "RR@10", "RR(rel=2)@10", "Judged@3", "Judged@10", "Judged"]
PRECISION = 1e-9


def tamis(program, qrels, run, measures, ties):
    command = [program, "eval", "runs", run, "--qrels", qrels, "--measures", " ".join(measures), "--ties", ties, "--json",
               "--per-query", "--resamples", "1"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    means, values = {}, {}
    for line in map(json.loads, lines):
        if "query" in line:
            values[line["measure"], line["query"]] = line["value"]
        else:
            means[line["measure"]] = line["mean"]
    return means, values


def compare(program, qrels, run, where):
    """The number of values compared; ends the test at the first that differs."""
    judged = {}
    for qrel in ir_measures.read_trec_qrels(str(qrels)):
        judged.setdefault(qrel.query_id, {})[qrel.doc_id] = qrel.relevance
    hits = {}
    for hit in ir_measures.read_trec_run(str(run)):
        hits.setdefault(hit.query_id, {})[hit.doc_id] = hit.score
    compared = 0
    for names, ties in ((TREC, "trec"), (BY_ID, "id")):
        measures = [ir_measures.parse_measure(name) for name in names]
        wanted = ir_measures.calc(measures, judged, hits)
        means, values = tamis(program, qrels, run, names, ties)
        # Ours are asked and answered in the order of `names`.
        ours = dict(zip(names, means))
        theirs = dict(zip(names, measures))
        name_of = {theirs[name]: ours[name] for name in names}
        for measure, mean in wanted[0].items():
            check(mean, means[name_of[measure]], f"{where}: mean of {measure}")
        for metric in wanted[1]:
            check(metric.value, values[name_of[metric.measure], metric.query_id], f"{where}: {metric.measure} of {metric.query_id}")
            compared += 1
    return compared


def check(wanted, got, what):
    if not abs(wanted - got) <= PRECISION:
        print(f"FAILED: {what}: {got} (ir-measures has {wanted})")
        sys.exit(1)


def write_world(rng, folder):
    """Few documents, few scores: most hits are tied; queries that only one side has."""
    documents = [f"{rng.choice('abAB19_-')}{n}" for n in range(rng.randint(1, 60))]
    queries = [f"q{n}" for n in range(rng.randint(1, 6))]
    grades = rng.choice([[0, 1], [0, 1, 2, 3], [-1, 0, 1, 2], [-2, -1, 0, 1, 7]])
    with open(folder / "qrels", "w") as f:
        lines = []
        for query in queries:
            judged = rng.sample(documents, rng.randint(1, len(documents)))
            lines.append(f"{query} 0 {judged.pop()} {max(grades)}\n")  # pytrec_eval hangs where all are below 0
            for document in judged:
                lines.append(f"{query} 0 {document} {rng.choice(grades)}\n")
        rng.shuffle(lines)
        f.writelines(lines)
    scores = rng.choice([[1.0], [0.5, 1.5], [rng.uniform(-5, 5) for _ in range(30)], [1e9, 1e9 + 1, -3]])
    with open(folder / "run", "w") as f:
        lines = []
        for query in rng.sample(queries, rng.randint(1, len(queries))) + (["other"] if rng.random() < .3 else []):
            for document in rng.sample(documents, rng.randint(1, len(documents))):
                lines.append(f"{query} Q0 {document} 1 {rng.choice(scores)!r} x\n")
        rng.shuffle(lines)
        f.writelines(lines)


def main():
    program = os.path.abspath(sys.argv[1])
    worlds = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    compared = 0
    with tempfile.TemporaryDirectory(prefix="tamis-eval-") as name:
        folder = Path(name)
        for seed in range(worlds):
            write_world(random.Random(seed), folder)
            compared += compare(program, folder / "qrels", folder / "run", f"seed={seed}")
        data = Path(os.environ.get("TAMIS_DATA", Path(__file__).resolve().parents[3] / "shared/data")) / "trec-dl19-pool"
        runs = sorted(data.glob("runs/*.trec"))
        if not runs:
            print(f"SKIPPED: no runs in {data} (TAMIS_DATA): only random ones were compared")
        for run in runs:
            with open(data / "qrels/test.tsv") as judgements, open(folder / "qrels", "w") as f:
                next(judgements)
                f.writelines("{} 0 {} {}".format(*line.split("\t")) for line in judgements)
            compared += compare(program, folder / "qrels", run, run.name)
    print(f"{compared} values of {worlds} random runs and {len(runs)} others are equal")


if __name__ == "__main__":
    main()
