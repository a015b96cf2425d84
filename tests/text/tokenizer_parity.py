#!/usr/bin/env python3
"""Compares Tamis' tokenizers with the package `tokenizers`: ids and byte offsets of every token of every text.

  tests/text/tokenizer_parity.py PROGRAM [--tokenizer FILE]... [--texts PATH]... [--max N] [--trained] [--only WORD]...
                                 [--unicode] [--every N] [--save FOLDER]

PROGRAM is build/<preset>/bench_tokenizer. FILE of --tokenizer is a tokenizer.json, or the vocab.txt of a folder without
one. PATH of --texts is a file with a text a line, JSON lines with "title" and "text" (.gz too), or a folder: all text
below it, cut at line ends into passages of at most 1,000 characters. A passage counts once. --max: of one PATH at most.
--trained compares tokenizers of other kinds too: byte-level pair encoding, Unigram (XLM-RoBERTa's with sentencepiece's
table of characters, where the package is there), WordPiece, trained on the first 20,000 texts; --only takes those whose
name has the word; --save keeps their files. --unicode adds every character, alone and between letters, marks in a row,
broken UTF-8 and very long words (--every 10: a tenth of them). Both sides read the same file. Exits 1 when a text
differs, 77 (skipped) without the package.

For example, with a model's folder and a collection:

  tests/text/tokenizer_parity.py build/release/bench_tokenizer --tokenizer model/tokenizer.json --texts corpus.jsonl \
      --trained --unicode
"""

import argparse
import array
import gzip
import itertools
import json
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import tokenizers
    from tokenizers import Tokenizer
except ImportError:
    print("tokenizer_parity: SKIPPED: no package `tokenizers` (pip install tokenizers)", file=sys.stderr)
    sys.exit(77)
sys.path.insert(0, str(Path(__file__).resolve().parent))
import tokenizer_kinds

BATCH = 20_000
PASSAGE = 1_000  # characters


def open_text(path):
    opened = gzip.open if str(path).endswith(".gz") else open
    return opened(path, "rt", encoding="utf-8", errors="replace", newline="\n")


def passages(path):
    """A file cut at line ends; nothing of one that is not text."""
    try:
        with open_text(path) as file:
            content = file.read()
    except (OSError, EOFError):
        return
    if "\0" in content[:4096] or content[:4096].count("\ufffd") > 100:
        return
    part = ""
    for line in content.splitlines(keepends=True):
        if part and len(part) + len(line) > PASSAGE:
            yield part
            part = ""
        part += line
        while len(part) > 4 * PASSAGE:
            yield part[:PASSAGE]
            part = part[PASSAGE:]
    if part.strip():
        yield part


def read_texts(path, limit=10**9):
    """The texts of a file or a folder, at most `limit`."""
    path = Path(path)
    if path.is_dir():
        files = sorted(f for f in path.rglob("*") if f.is_file() and not f.is_symlink())
        yield from itertools.islice((passage for file in files for passage in passages(file)), limit)
        return
    with open_text(path) as lines:
        for line in itertools.islice(lines, limit):
            if ".jsonl" in path.name:
                record = json.loads(line)
                line = " ".join(record.get(name) or "" for name in ("title", "text") if record.get(name))
            yield line.rstrip("\n")


def batches(paths, limit):
    """Lists of texts, each text once."""
    seen, batch = set(), []
    for path in paths:
        for text in read_texts(path, limit):
            size = len(seen)
            seen.add(hash(text))
            if len(seen) == size:
                continue
            batch.append(text)
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def byte_places(text):
    """The byte at which each character begins, and the end; nothing for ASCII."""
    return None if text.isascii() else list(itertools.accumulate(map(len, map(str.encode, text)), initial=0))


class Ours:
    """The program under test on a batch of texts."""

    def __init__(self, program, tokenizer_file, folder):
        self.program, self.file, self.folder = program, tokenizer_file, Path(folder)

    def encode(self, texts):
        with open(self.folder / "texts", "wb") as out:
            for text in texts:
                data = text if isinstance(text, bytes) else text.encode()
                out.write(struct.pack("<I", len(data)) + data)
        dump = self.folder / "dump"
        done = subprocess.run([self.program, self.file, self.folder / "texts"], input=f"dump {dump}\n", text=True, capture_output=True)
        if done.returncode != 0 or "done" not in done.stdout:
            sys.exit(f"tokenizer_parity: {self.program} failed: {done.stderr}{done.stdout}")
        numbers = array.array("I", dump.read_bytes())
        at = 0
        for _ in texts:
            n = numbers[at]
            at += 1
            yield numbers[at : at + n], numbers[at + n : at + 2 * n], numbers[at + 2 * n : at + 3 * n]
            at += 3 * n


class Pair:
    """The package's tokenizer beside the program's, from the same file, and how often they differed."""

    def __init__(self, name, file, program, folder):
        self.name = name
        self.peer = tokenizer_kinds.bert(file) if Path(file).name == "vocab.txt" else Tokenizer.from_file(str(file))
        self.peer.no_truncation()
        self.peer.no_padding()
        self.ours = Ours(program, Path(file).parent if Path(file).name == "vocab.txt" else file, folder)
        self.texts = self.tokens = self.wrong = 0

    def compare(self, texts, places, shown=8):
        """`places`: byte_places() of each text."""
        encodings = self.peer.encode_batch(texts, add_special_tokens=False)
        for text, place, wanted, (ids, begins, ends) in zip(texts, places, encodings, self.ours.encode(texts)):
            self.texts += 1
            self.tokens += len(ids)
            offsets = wanted.offsets if place is None else [(place[b], place[e]) for b, e in wanted.offsets]
            if wanted.ids == ids.tolist() and offsets == list(zip(begins, ends)):
                continue
            self.wrong += 1
            if self.wrong <= shown:
                mine = list(zip(ids, begins, ends))
                theirs = [(i, *o) for i, o in zip(wanted.ids, offsets)]
                at = next((n for n, (a, b) in enumerate(zip(mine, theirs)) if a != b), min(len(mine), len(theirs)))
                print(f"  {self.name}: {text[:80]!r} from token {at} on\n    wanted {theirs[at : at + 8]}\n    got    {mine[at : at + 8]}", flush=True)

    def report(self, kind):
        print(f"{self.name}: {kind}: {self.texts} texts, {self.tokens} tokens, {self.wrong} differ", flush=True)
        wrong = self.wrong
        self.texts = self.tokens = self.wrong = 0
        return wrong


def check_broken(name, ours):
    """Broken UTF-8 counts as U+FFFD: compares with the mended text, by ids."""
    rng = random.Random(3)
    raw = [bytes(rng.choice(b"ab \x80\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xff\xed") for _ in range(rng.randrange(1, 30))) for _ in range(20_000)]
    mended = list(ours.encode([text.decode("utf-8", errors="replace") for text in raw]))
    broken = list(ours.encode(raw))
    wrong = sum(a[0] != b[0] for a, b in zip(mended, broken))
    if wrong:
        print(f"  {name}: {wrong} texts of broken UTF-8 are not as the mended ones")
    return wrong


def make_pairs(options, folder, texts):
    """Of the files that were named and of what is trained on `texts`."""
    files = [(path, Path(path)) for path in options.tokenizer]
    for name, tokenizer in tokenizer_kinds.trained(texts, lambda kind: not options.only or any(w in kind for w in options.only)):
        file = Path(options.save or folder) / f"{name.replace(', ', '-').replace(' ', '-')}.json"
        file.write_text(tokenizer.to_str(), encoding="utf-8")
        files.append((name, file))
    return [Pair(name, file, options.program, folder) for name, file in files]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--tokenizer", action="append", default=[])
    parser.add_argument("--texts", action="append", default=[])
    parser.add_argument("--max", type=int, default=10**9)
    parser.add_argument("--trained", action="store_true")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--save")
    parser.add_argument("--unicode", action="store_true")
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        texts = batches(options.texts, options.max)
        first = next(texts, [])
        pairs = make_pairs(options, folder, first if options.trained else [])
        print(f"tokenizers {tokenizers.__version__}", flush=True)
        done = 0
        for batch in itertools.chain([first], texts):
            places = [byte_places(text) for text in batch]
            for pair in pairs:
                pair.compare(batch, places)
            done += len(batch)
            print(f"{done} texts, {[pair.wrong for pair in pairs]} differ", file=sys.stderr, flush=True)
        failed += sum(pair.report("texts") for pair in pairs)
        if options.unicode:
            hard = list(tokenizer_kinds.unicode_texts())[:: -options.every]
            places = [byte_places(text) for text in hard]
            for pair in pairs:
                for begin in range(0, len(hard), BATCH):
                    pair.compare(hard[begin : begin + BATCH], places[begin : begin + BATCH])
                failed += pair.report("hard") + check_broken(pair.name, pair.ours)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
