#!/usr/bin/env python3
"""Compares Tamis' tokenizers with the package `tokenizers`: ids and byte offsets of every token of every text.

  tests/text/tokenizer_parity.py PROGRAM [--tokenizer FILE]... [--texts FILE]... [--max N] [--trained] [--unicode] [--every N]

PROGRAM is build/<preset>/bench_tokenizer. FILE of --tokenizer is a tokenizer.json; FILE of --texts holds a text a line,
or JSON lines with "title" and "text". --trained compares tokenizers of other kinds too: byte-level pair encoding,
Unigram and WordPiece, trained on the first 20,000 texts. --unicode adds every character, alone and between letters,
marks in a row, broken UTF-8 and very long words (--every 10: a tenth of them). Exits 1 when a text differs, 77 (skipped) without the package.

For example, with a model's folder and a collection:

  tests/text/tokenizer_parity.py build/release/bench_tokenizer --tokenizer model/tokenizer.json --texts corpus.jsonl \
      --trained --unicode
"""

import argparse
import array
import json
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import tokenizers
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
except ImportError:
    print("tokenizer_parity: SKIPPED: no package `tokenizers` (pip install tokenizers)", file=sys.stderr)
    sys.exit(77)

BATCH = 20_000


def read_texts(path, limit):
    """The texts of a file, at most `limit`."""
    with open(path, encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines):
            if number >= limit:
                return
            if str(path).endswith(".jsonl"):
                record = json.loads(line)
                line = " ".join(record.get(name) or "" for name in ("title", "text") if record.get(name))
            yield line.rstrip("\n")


def unicode_texts():
    """Every character in several places, and what makes a hard life."""
    points = [chr(p) for p in range(0x110000) if not 0xD800 <= p < 0xE000]
    for c in points:
        yield c
        yield "a" + c + "b"
    for first in range(0, len(points), 40):  # with neighbours
        yield "x ".join(points[first : first + 40])
        yield "".join(points[first : first + 40])
    rng = random.Random(7)
    marks = [chr(p) for p in [*range(0x300, 0x370), *range(0x591, 0x5C8), 0x5BF, 0xF71, 0xF72, 0xF74, 0x3099, 0x302E]]
    letters = list("aeouAEN zé漢字가각힣") + ["\u1100", "\u1161", "\u11a8", "\u0958", "\u2126", "\u00a8", "\u0130", "\ufb01"]
    special = list("\0\t\r\n\u200b\u200d\u200c\ufeff\u202e\u00ad\u3000\u0085\u2028\ufffd\u1680_'\"") + ["\r\n", "  ", "\U0001f469\u200d\U0001f467",
               "\U0001f1e9\U0001f1ea", "[SEP]", "[MASK]", "<s>", "<mask>", "▁", "##", "'s", "'re", "\U000e0041"]
    for pool in (letters + marks * 2, letters + special * 2, letters + marks + special + points[::997]):
        for _ in range(60_000):
            yield "".join(rng.choice(pool) for _ in range(rng.randrange(1, 24)))
    for _ in range(20_000):
        yield "".join(rng.choice(points) for _ in range(rng.randrange(1, 30)))
    for piece in ("a", "ab", "é", "漢", "가", " ", "\u0301", "!", "0", "a\u0301", "\0", "ﷺ", "'s", "\U0001f469\u200d"):
        yield piece * (1_000_000 // len(piece.encode()))


def trained(texts):
    """(name, tokenizer) of kinds that no small model at hand has."""
    def train(model, trainer, **parts):
        tokenizer = Tokenizer(model)
        for name, part in parts.items():
            setattr(tokenizer, name, part)
        tokenizer.train_from_iterator(texts, trainer)
        return tokenizer

    letters = pre_tokenizers.ByteLevel.alphabet()
    specials = ["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True, special=True)]
    roberta = train(models.BPE(), trainers.BpeTrainer(vocab_size=20_000, special_tokens=specials, initial_alphabet=letters, show_progress=False),
                    pre_tokenizer=pre_tokenizers.ByteLevel(add_prefix_space=False))
    roberta.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    yield "roberta", roberta
    roberta.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    roberta.post_processor = processors.ByteLevel(trim_offsets=True, add_prefix_space=True)
    yield "byte-level, prefix space", roberta
    neox = train(models.BPE(), trainers.BpeTrainer(vocab_size=20_000, special_tokens=["[CLS]", "[SEP]", "[MASK]"], initial_alphabet=letters, show_progress=False),
                 normalizer=normalizers.NFC(), pre_tokenizer=pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True))
    neox.add_tokens([AddedToken(" " * n, normalized=True) for n in range(2, 25)] + [AddedToken("|||EMAIL|||"), AddedToken("Day", single_word=True)])
    neox.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 0), ("[SEP]", 1)])
    yield "modernbert", neox
    few = train(models.BPE(unk_token="<unk>", fuse_unk=True), trainers.BpeTrainer(vocab_size=3_000, special_tokens=["<unk>"], limit_alphabet=60, show_progress=False),
                normalizer=normalizers.NFKC(), pre_tokenizer=pre_tokenizers.Metaspace())
    few.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    few.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    yield "pair encoding of characters", few
    lines = [text[:400] for text in texts]
    unigram = Tokenizer(models.Unigram())
    unigram.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    unigram.pre_tokenizer = pre_tokenizers.Metaspace()
    unigram.train_from_iterator(lines, trainers.UnigramTrainer(vocab_size=8_000, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"], unk_token="<unk>", show_progress=False))
    unigram.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    yield "xlm-roberta", unigram
    unigram.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Strip()])
    unigram.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="first"), pre_tokenizers.Punctuation("merged_with_previous")])
    yield "unigram, other rules", unigram
    words = train(models.WordPiece(unk_token="[UNK]"), trainers.WordPieceTrainer(vocab_size=8_000, special_tokens=["[UNK]"], show_progress=False),
                  normalizer=normalizers.BertNormalizer(lowercase=False, strip_accents=False), pre_tokenizer=pre_tokenizers.BertPreTokenizer())
    yield "bert, cased", words
    words.normalizer = normalizers.NFKD()
    words.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Split(Regex(r"[aeiou]+|\d"), "merged_with_next")])
    yield "word pieces, other rules", words


def bytes_of(text, offsets):
    """Offsets in characters as offsets in bytes."""
    if text.isascii():
        return offsets
    places = [0]
    for c in text:
        places.append(places[-1] + len(c.encode()))
    return [(places[b], places[e]) for b, e in offsets]


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


def compare(name, peer, ours, texts, shown=8):
    """(texts, tokens, texts that differ)"""
    seen = tokens = wrong = 0
    for first in range(0, len(texts), BATCH):
        batch = texts[first : first + BATCH]
        encodings = peer.encode_batch(batch, add_special_tokens=False)
        for text, wanted, (ids, begins, ends) in zip(batch, encodings, ours.encode(batch)):
            seen += 1
            tokens += len(ids)
            offsets = bytes_of(text, wanted.offsets)
            if wanted.ids == ids.tolist() and offsets == list(zip(begins, ends)):
                continue
            wrong += 1
            if wrong <= shown:
                print(f"  {name}: {text[:80]!r}\n    wanted {list(zip(wanted.ids, offsets))[:12]}\n    got    {list(zip(ids, begins, ends))[:12]}")
    return seen, tokens, wrong


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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--tokenizer", action="append", default=[])
    parser.add_argument("--texts", action="append", default=[])
    parser.add_argument("--max", type=int, default=10**9)
    parser.add_argument("--trained", action="store_true")
    parser.add_argument("--unicode", action="store_true")
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    texts = [text for path in options.texts for text in read_texts(path, options.max)]
    peers = [(path, Tokenizer.from_file(path)) for path in options.tokenizer]
    if options.trained:
        peers += [(name, Tokenizer.from_str(tokenizer.to_str())) for name, tokenizer in trained(texts[:20_000])]
    hard = list(unicode_texts())[:: -options.every] if options.unicode else []
    failed = 0
    print(f"tokenizers {tokenizers.__version__}; {len(texts)} texts, {len(hard)} hard ones")
    for name, peer in peers:
        peer.no_truncation()
        peer.no_padding()
        with tempfile.TemporaryDirectory() as folder:
            peer.save(f"{folder}/tokenizer.json")
            ours = Ours(options.program, f"{folder}/tokenizer.json", folder)
            for kind, some in (("texts", texts), ("hard", hard)):
                seen, tokens, wrong = compare(name, peer, ours, some)
                if seen:
                    print(f"{name}: {kind}: {seen} texts, {tokens} tokens, {wrong} differ", flush=True)
                failed += wrong
            if hard:
                failed += check_broken(name, ours)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
