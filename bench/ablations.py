#!/usr/bin/env python3
"""What is each idea of the sparse engine worth? Takes them out one at a time, and measures what is left beside the whole.

  ablations.py DOCUMENTS.csr QUERIES.csr TRUTH.bin --scratch FOLDER [--limit 1000] [--rounds 3] [--only WORD]

Edits the source in place, so the tree must be clean, builds bench_block_index and puts the text back (also on Ctrl-C). Each variant takes turns
with the whole engine, on one core: exact answers, and an effort of recall .99. TRUTH as sparse_engines.py leaves it.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
EFFORTS = ("1,1,0", ".9,.95,30,.12")

# what is taken out; file below src/sieve, what stands there, what is put in its place; whether the index is another one
VARIANTS = [
    ("passages in the order they came in", "document_order.cpp", "  Bisection bisection(rows, block);",
     "  Bisection bisection(rows, block);\n  if (rows.size() > 0) return bisection.take();", True),
    ("only the 16 heaviest terms of a passage for the order", "short_rows.h", "kHeaviest = 48", "kHeaviest = 16", True),
    ("rows of bounds only for lists in an eighth of the blocks", "layout.h", "preset == Preset::kSmall ? 3 : 16", "8", True),
    ("rows of bounds only for lists in a third of the blocks", "layout.h", "preset == Preset::kSmall ? 3 : 16", "3", True),
    ("no seeds: the threshold rises as blocks come", "search.cpp", "  score_seeds();\n  score_rest();", "  score_rest();", False),
    ("no tenth of the blocks before the others", "search.cpp", "if (first >= kLeastFirst &&", "if (first >= ~std::size_t{0} &&", False),
    ("blocks are read to the end", "search.cpp", "    if (i % kRowsAtOnce == 0) drop_hopeless(blocks, left);\n", "", False),
    ("runs are not asked for ahead", "search.cpp", "    prefetch(run.data);\n", "", False),
    ("the share of blocks is the same for long questions", "search.cpp", " * spread_ * kUsualLists / lists;", " * spread_;", False),
]


def build(out):
    done = subprocess.run(["cmake", "--build", "--preset", "release", "--target", "bench_block_index"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("ablations: does not build\n" + done.stdout[-2000:])
    shutil.copy(ROOT / "build/release/bench_block_index", out)


def measure(args, program, index, isa=None):
    command = ["taskset", "-c", "0", program, args.documents, args.queries, args.truth, "--index", index, "--queries", str(args.limit), "--rounds", "1",
               "--efforts", " ".join(EFFORTS)]
    environment = dict(os.environ, **({"TAMIS_MAX_ISA": isa} if isa else {}))
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    return [tuple(map(float, line)) for line in re.findall(r"recall ([\d.]+) p50 (\d+) p90 \d+ p99 (\d+)", said)]


def best(runs):
    """Of each effort, the round with the best median."""
    return [min(rounds, key=lambda one: one[1]) for rounds in zip(*runs)]


def compare(args, name, program, index, isa=None):
    whole, variant = [], []
    for _ in range(args.rounds):
        whole.append(measure(args, args.whole, args.index))
        variant.append(measure(args, program, index, isa))
    cells = []
    for (_, p50, p99), (recall, other50, other99) in zip(best(whole), best(variant)):
        cells.append(f"{recall:.4f} | {other50:.0f} | {other99:.0f} | {other50 / p50:.2f} | {other99 / p99:.2f}")
    print(f"| {name} | " + " | ".join(cells) + f" | {os.path.getsize(index) / 1e6:.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents")
    parser.add_argument("queries")
    parser.add_argument("truth")
    parser.add_argument("--scratch", required=True)
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    if subprocess.run(["git", "diff", "--quiet", "--", "src"], cwd=ROOT).returncode != 0:
        sys.exit("ablations: src/ has changes that are not committed (wanted: a clean tree, it is edited in place)")
    args.whole, args.index = (os.path.join(args.scratch, name) for name in ("whole", "whole.blocks"))
    build(args.whole)
    measure(args, args.whole, args.index)
    print("| taken out | exact: recall | p50 µs | p99 µs | × p50 | × p99 | .9,.95,30,.12: recall | p50 µs | p99 µs | × p50 | × p99 | file, MB |")
    print("|---|" + "---|" * 11)
    compare(args, "nothing", args.whole, args.index)
    compare(args, "AVX-512 (AVX2 instead)", args.whole, args.index, "avx2")
    compare(args, "all vector instructions", args.whole, args.index, "portable")
    for name, file, old, new, rebuilds in VARIANTS:
        if args.only not in name:
            continue
        path = ROOT / "src/sieve" / file
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            sys.exit(f"ablations: src/sieve/{file}: {old!r} stands there {text.count(old)} times (wanted once)")
        program, index = os.path.join(args.scratch, "variant"), os.path.join(args.scratch, "variant.blocks") if rebuilds else args.index
        try:
            path.write_text(text.replace(old, new), encoding="utf-8")
            build(program)
        finally:
            path.write_text(text, encoding="utf-8")
        if rebuilds:
            measure(args, program, index)
        compare(args, name, program, index)
        if rebuilds:
            os.remove(index)
    build(os.path.join(args.scratch, "variant"))  # build/ is of the text that stands there


main()
