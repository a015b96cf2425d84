#!/usr/bin/env python3
"""How often does "did you mean" say the word that was meant, and how often does it say something for nothing?

    bench/spelling.py TAMIS INDEX QUESTIONS [INDEX QUESTIONS …] [--seed 1] [--edits 1]

Of each question, one word of at least four letters that stands in the index gets a typing error: a letter left out, put in,
changed, or two neighbours swapped, so that the index does not know the word (where it still does, another error is drawn).
Such questions and the untouched ones go through "tamis search --json"; a line an index:

    errors      questions with an error
    original    the first suggestion is the question as it was
    other       it is something else
    none        there is no suggestion
    alarms      untouched questions that get a suggestion; unknown = those of them in which a word is unknown to the index

Questions are JSON lines with "_id", "text" and perhaps "filter", as bench/quality.py makes them.
"""
import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def with_error(word, rng):
    kind, at = rng.randrange(4), rng.randrange(len(word))
    if kind == 0:
        return word[:at] + word[at + 1:]
    if kind == 1:
        return word[:at] + rng.choice(LETTERS) + word[at:]
    if kind == 2:
        return word[:at] + rng.choice(LETTERS) + word[at + 1:]
    at = min(at, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2:]


def asked(tamis, index, questions):
    """The first suggestion of each question, None where there is none."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(json.dumps(question) + "\n" for question in questions)
        file.flush()
        run = subprocess.run([tamis, "search", "--index", index, "--queries", file.name, "--json", "-k", "1", "--method", "bm25"],
                             capture_output=True, text=True, check=False)
    if run.returncode == 2:
        sys.exit(run.stderr)
    said = {}
    for line in run.stdout.splitlines():
        answer = json.loads(line)
        said.setdefault(answer["query"], answer.get("did_you_mean"))
    return said


def known_words(tamis, index, words):
    """Those words that find something."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(json.dumps({"_id": word, "text": word}) + "\n" for word in words)
        file.flush()
        run = subprocess.run([tamis, "search", "--index", index, "--queries", file.name, "--format", "trec", "-k", "1", "--method", "bm25"],
                             capture_output=True, text=True, check=False)
    return {line.split()[0] for line in run.stdout.splitlines()}


def measure(tamis, index, path, seed, edits):
    rng = random.Random(seed)
    questions = [json.loads(line) for line in path.open(encoding="utf-8")]
    words = {question["_id"]: [m for m in re.finditer(r"(?<![\w'-])[A-Za-z]{4,24}(?![\w'-])", question["text"])] for question in questions}
    everything = sorted({m.group() for found in words.values() for m in found})
    known = known_words(tamis, index, everything)
    broken, drafts = [], {}
    for question in questions:
        candidates = [m for m in words[question["_id"]] if m.group() in known]
        if not candidates:
            continue
        m = rng.choice(candidates)
        tries = []
        for _ in range(8):
            word = m.group()
            for _ in range(edits):
                word = with_error(word, rng)
            if len(word) >= 4 and word.lower() != m.group().lower():
                tries.append(word)
        drafts[question["_id"]] = (question, m, tries)
    still = known_words(tamis, index, sorted({word for _, _, tries in drafts.values() for word in tries}))
    for question, m, tries in drafts.values():
        word = next((word for word in tries if word not in still), None)
        if word:
            broken.append({**question, "text": question["text"][:m.start()] + word + question["text"][m.end():]})
    said = asked(tamis, index, broken)
    texts = {question["_id"]: question["text"] for question in questions}
    right = sum((said.get(q["_id"]) or "").lower() == texts[q["_id"]].lower() for q in broken)
    none = sum(not said.get(q["_id"]) for q in broken)
    untouched = asked(tamis, index, questions)
    alarms = [q for q in questions if untouched.get(q["_id"])]
    unknown = sum(any(m.group() not in known for m in words[q["_id"]]) for q in alarms)
    return len(questions), len(broken), right, len(broken) - right - none, none, len(alarms), unknown, alarms, untouched


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tamis", type=Path)
    parser.add_argument("pairs", nargs="+", type=Path, metavar="INDEX QUESTIONS")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--edits", type=int, default=1, help="errors in the word")
    parser.add_argument("--show", action="store_true", help="prints the alarms")
    args = parser.parse_args()
    if len(args.pairs) % 2:
        parser.error("an index and its questions, in pairs")
    print("| index | questions | errors | original | other | none | alarms | unknown |\n|---|---:|---:|---:|---:|---:|---:|---:|")
    for index, path in zip(args.pairs[::2], args.pairs[1::2], strict=True):
        total, broken, right, other, none, alarms, unknown, rows, said = measure(args.tamis.resolve(), index, path, args.seed, args.edits)
        share = lambda count, of: f"{100 * count / max(of, 1):.1f} %"
        print(f"| {index.name} | {total:,} | {broken:,} | {share(right, broken)} | {share(other, broken)} | {share(none, broken)} | "
              f"{share(alarms, total)} | {share(unknown, total)} |", flush=True)
        if args.show:
            for question in rows:
                print(f"    {question['text']}\n    → {said[question['_id']]}", file=sys.stderr)


if __name__ == "__main__":
    main()
