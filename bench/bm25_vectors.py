#!/usr/bin/env python3
"""BM25 as sparse vectors, for the benchmarks of the sparse engine.

  bm25_vectors.py CORPUS.jsonl QUERIES.jsonl DOCUMENTS.csr QUERIES.csr [--k1 0.9] [--b 0.4]

{"_id", "title", "text"} a line, also .gz. A word is a run of letters and digits in lower case; a document's weight of a word is idf · tf (k1 + 1) /
(tf + k1 (1 - b + b length / mean)), a question's how often it has the word: their product is BM25 (Robertson & Zaragoza 2009). No stemming and no
stop words: lists of "the" and "of" are what makes such vectors differ from those of a model.
"""
import argparse
import gzip
import json
import re
from collections import Counter

import numpy as np

WORD = re.compile(r"[^\W_]+")


def texts(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield f"{record.get('title') or ''} {record.get('text') or ''}".lower()


def counted(path, number_of, grow):
    """Rows of (terms, counts), terms ascending; words that are not known yet are numbered if `grow`, else left out."""
    begins, terms, counts, lengths = [0], [], [], []
    for text in texts(path):
        words = WORD.findall(text)
        row = Counter()
        for word, count in Counter(words).items():
            number = number_of.setdefault(word, len(number_of)) if grow else number_of.get(word)
            if number is not None:
                row[number] = count
        ordered = sorted(row)
        terms.append(np.array(ordered, np.int32))
        counts.append(np.array([row[t] for t in ordered], np.float32))
        begins.append(begins[-1] + len(ordered))
        lengths.append(len(words))
    return np.array(begins, np.int64), np.concatenate(terms), np.concatenate(counts), np.array(lengths)


def write_csr(path, begins, terms, weights, columns):
    with open(path, "wb") as out:
        np.array([len(begins) - 1, columns, len(terms)], np.int64).tofile(out)
        begins.tofile(out)
        terms.tofile(out)
        weights.astype(np.float32).tofile(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("corpus", "queries", "documents_csr", "queries_csr"):
        parser.add_argument(name)
    parser.add_argument("--k1", type=float, default=0.9)
    parser.add_argument("--b", type=float, default=0.4)
    args = parser.parse_args()

    number_of = {}
    begins, terms, counts, lengths = counted(args.corpus, number_of, True)
    frequency = np.bincount(terms, minlength=len(number_of))
    idf = np.log1p((len(lengths) - frequency + .5) / (frequency + .5))
    norm = args.k1 * (1 - args.b + args.b * np.repeat(lengths / lengths.mean(), np.diff(begins)))
    write_csr(args.documents_csr, begins, terms, idf[terms] * counts * (args.k1 + 1) / (counts + norm), len(number_of))
    begins, terms, counts, _ = counted(args.queries, number_of, False)
    write_csr(args.queries_csr, begins, terms, counts, len(number_of))
    print(f"{len(lengths)} documents of {len(norm) / len(lengths):.0f} words, {len(begins) - 1} questions of {len(terms) / (len(begins) - 1):.1f}")


if __name__ == "__main__":
    main()
