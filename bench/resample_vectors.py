#!/usr/bin/env python3
"""More documents than there are: resamples sparse vectors, for trying sizes beyond the real collection.

  resample_vectors.py DOCUMENTS.csr OUT.csr --documents N [--share .75] [--noise .15] [--seed 1]

A new document is a real one, drawn at random, and its neighbour (in the order of the two heaviest terms, so mostly of the same subject): of the
one every term stays with probability --share, of the other with 1 - share; weights vary by a factor exp(N(0, noise)). Lengths, list lengths and
what terms stand together stay about as they are. Such documents prove nothing about quality; whether times on them are those of real ones has to be
checked where real ones are left: resample a quarter to the whole, and compare.
"""
import argparse
import os

import numpy as np
import scipy.sparse as sp


def read_csr(path):
    with open(path, "rb") as file:
        rows, columns, postings = np.fromfile(file, np.int64, 3)
        begins = np.fromfile(file, np.int64, rows + 1)
        terms = np.fromfile(file, np.int32, postings)
        return sp.csr_matrix((np.fromfile(file, np.float32, postings), terms, begins), shape=(rows, columns))


def neighbours(docs):
    """[documents] the next document in the order of heaviest, then second heaviest terms."""
    heaviest = np.full((docs.shape[0], 2), -1, np.int64)
    for row, (a, b) in enumerate(zip(docs.indptr, docs.indptr[1:])):
        if b - a >= 2:
            top = np.argpartition(docs.data[a:b], -2)[-2:]
            heaviest[row] = docs.indices[a:b][top[np.argsort(-docs.data[a:b][top])]]
    order = np.lexsort((heaviest[:, 1], heaviest[:, 0]))
    next_of = np.empty(docs.shape[0], np.int64)
    next_of[order] = np.roll(order, -1)
    return next_of


def thinned(rows, share, chance):
    rows.data *= chance.random(len(rows.data)) < share
    rows.eliminate_zeros()
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("out")
    parser.add_argument("--documents", type=int, required=True)
    parser.add_argument("--from-first", type=int, help="of the source only the first N")
    parser.add_argument("--share", type=float, default=0.75)
    parser.add_argument("--noise", type=float, default=0.15)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    docs = read_csr(args.source)
    docs = docs[:args.from_first].tocsr() if args.from_first else docs
    chance = np.random.default_rng(args.seed)
    next_of = neighbours(docs)
    lengths, piece = [np.zeros(1, np.int64)], 50000
    with open(args.out + ".terms", "wb") as terms, open(args.out + ".weights", "wb") as weights:
        for first in range(0, args.documents, piece):
            drawn = chance.integers(0, docs.shape[0], min(piece, args.documents - first))
            made = thinned(docs[drawn], args.share, chance).maximum(thinned(docs[next_of[drawn]], 1 - args.share, chance)).tocsr()
            made.sort_indices()
            made.data *= np.exp(chance.normal(0, args.noise, len(made.data))).astype(np.float32)
            lengths.append(np.diff(made.indptr).astype(np.int64))
            made.indices.astype(np.int32).tofile(terms)
            made.data.astype(np.float32).tofile(weights)
    begins = np.cumsum(np.concatenate(lengths))
    with open(args.out, "wb") as out:
        np.array([args.documents, docs.shape[1], begins[-1]], np.int64).tofile(out)
        begins.tofile(out)
        for name in (".terms", ".weights"):
            with open(args.out + name, "rb") as part:
                while data := part.read(1 << 24):
                    out.write(data)
            os.remove(args.out + name)
    print(f"{args.documents} documents, {begins[-1] / args.documents:.1f} terms each (source: {docs.nnz / docs.shape[0]:.1f})")


main()
