#!/usr/bin/env python3
"""How long a thread tokenizes a passage: Tamis beside the package `tokenizers`, in turns, in one run.

  bench/tokenizer_speed.py PROGRAM TOKENIZER TEXTS [--max N] [--rounds N]

PROGRAM is build/release/bench_tokenizer, TOKENIZER a tokenizer.json, TEXTS a passage a line or JSON lines with "title" and
"text". CPU time of one thread; minimum and median of the rounds. The peer runs its batch call on one thread. Ids are
compared before anything is timed. Exits 77 without the package.
"""

import argparse
import os
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
try:
    import tokenizers  # noqa: F401
except ImportError:
    print("tokenizer_speed: SKIPPED: no package `tokenizers` (pip install tokenizers)", file=sys.stderr)
    sys.exit(77)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests/text"))
from tokenizer_parity import Pair, byte_places, read_texts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("tokenizer")
    parser.add_argument("texts")
    parser.add_argument("--max", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    texts = list(read_texts(options.texts, options.max))
    with tempfile.TemporaryDirectory() as folder:
        pair = Pair("ids", options.tokenizer, options.program, folder)
        pair.compare(texts, [byte_places(text) for text in texts])
        tokens = pair.tokens
        if pair.wrong:
            sys.exit(f"tokenizer_speed: {pair.wrong} texts differ: nothing is timed")
        with open(Path(folder) / "all", "wb") as out:
            for text in texts:
                out.write(struct.pack("<I", len(text.encode())) + text.encode())
        program = subprocess.Popen([options.program, options.tokenizer, Path(folder) / "all"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        opened = float(program.stdout.readline().split()[1])
        ours, theirs = [], []
        for _ in range(options.rounds):
            program.stdin.write("time\n")
            program.stdin.flush()
            ours.append(float(program.stdout.readline().split()[0]))
            begin = time.process_time()
            pair.peer.encode_batch(texts, add_special_tokens=False)
            theirs.append(time.process_time() - begin)
        program.stdin.close()
        program.wait()
    print(f"{len(texts)} passages, {tokens / len(texts):.0f} tokens each; opened in {opened * 1e3:.1f} ms")
    print(f"{'':<12}{'best us/passage':>18}{'median':>10}{'M tokens/s':>14}")
    for name, seconds in (("tamis", sorted(ours)), ("tokenizers", sorted(theirs))):
        best, median = seconds[0], seconds[len(seconds) // 2]
        print(f"{name:<12}{best / len(texts) * 1e6:>18.2f}{median / len(texts) * 1e6:>10.2f}{tokens / best / 1e6:>14.2f}")
    print(f"ratio {sorted(theirs)[0] / sorted(ours)[0]:.1f} (best), {sorted(theirs)[len(theirs) // 2] / sorted(ours)[len(ours) // 2]:.1f} (median)")


if __name__ == "__main__":
    main()
