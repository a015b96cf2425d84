#!/usr/bin/env python3
"""Are the vectors of Tamis as good as PyTorch's? nDCG@10, recall@100 and the overlap of the ten best, in one run.

  encoder_quality.py MODEL [--data FOLDER] [--tamis PROGRAM] [--rows NAME] [--cache FOLDER]

Documents are title and text, both sides read 256 tokens. PyTorch is f32, its vocabulary projection in slices, so that no logits of
12 MB a document are written; the largest logit of a term is the same number either way. Scores are products of vectors, all
documents compared; sums are of scores brought to 0 … 1 by their least and largest over all documents of a question.
The last rows are `tamis search` on an index made with the model: whole documents, in windows where they are longer than the model
sees, weights in 8 bits, ranked by the model's field, by its token weights, and by the default method, the sum with BM25.
Prints a Markdown table a collection, and means over collections. Needs torch, transformers, safetensors, scipy.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import scipy.sparse

from bm25_quality import load, ndcg, recall, run_methods, run_tamis

MAX_TOKENS = 256
# folder, prefix of the ids: the model reads English
COLLECTIONS = [("scifact", ""), ("trec-dl19-pool", ""), ("cosqa", ""), ("cranfield", ""), ("npl", ""), ("time", ""), ("cacm", ""),
               ("cisi", ""), ("nq-gold", ""), ("adi", ""), ("xquad", "en-")]
RELEVANT_FROM = {"trec-dl19-pool": 2}
ENGINE = [("BM25", ["--method", "bm25"]), ("model", ["--method", "{}"]), ("idf", ["--method", "{}", "--query-encoder", "idf"]),
          ("model + BM25 (default)", []), ("idf + BM25", ["--query-encoder", "idf"])]
SLICE = 4096


class Torch:
    """A BERT masked-language model with SPLADE's head."""

    def __init__(self, folder):
        import torch
        from safetensors.torch import load_file
        from transformers import AutoTokenizer, BertConfig, BertForMaskedLM
        self.torch = torch
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.mlm = BertForMaskedLM(BertConfig.from_pretrained(folder, attn_implementation="eager")).eval()
        weights = load_file(os.path.join(folder, "model.safetensors"))
        renamed = {name.replace(".gamma", ".weight").replace(".beta", ".bias"): value for name, value in weights.items()}
        self.mlm.load_state_dict(renamed, strict=False)
        self.table = self.mlm.bert.embeddings.word_embeddings.weight
        self.bias = self.mlm.cls.predictions.bias

    def encode(self, texts):
        """A sparse matrix with a row a text."""
        torch = self.torch
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        rows = [None] * len(texts)
        with torch.inference_mode():
            for start in range(0, len(order), 32):
                some = order[start:start + 32]
                batch = self.tokenizer([texts[i] for i in some], padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
                states = self.mlm.cls.predictions.transform(self.mlm.bert(**batch).last_hidden_state)
                for i, state, mask in zip(some, states, batch["attention_mask"]):
                    state = state[mask.bool()]
                    best = torch.cat([(state @ part.T).amax(0) for part in self.table.split(SLICE)]) + self.bias
                    rows[i] = scipy.sparse.csr_matrix(torch.log1p(torch.relu(best)).numpy())
        return scipy.sparse.vstack(rows, format="csr")


def read_csr(path):
    with open(path, "rb") as file:
        rows, columns, size = np.fromfile(file, np.int64, 3)
        pointers = np.fromfile(file, np.int64, rows + 1)
        terms, weights = np.fromfile(file, np.int32, size), np.fromfile(file, np.float32, size)
    return scipy.sparse.csr_matrix((weights, terms, pointers), shape=(rows, columns))


def tamis_encode(args, texts, *options):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "v.csr")
        lines = "".join(json.dumps({"_id": str(i), "text": text}) + "\n" for i, text in enumerate(texts))
        command = [args.tamis, "encode", "--encoder", args.model, "--max-tokens", str(MAX_TOKENS), "--format", "csr", "--output", path]
        subprocess.run([*command, *options], input=lines.encode(), check=True)
        matrix = read_csr(path)
    assert matrix.shape[0] == len(texts)
    return matrix


def idf_queries(args, texts, documents):
    """Queries by the document frequencies of these vectors, made by the program."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "documents.csr")
        with open(path, "wb") as file:
            np.array([*documents.shape, documents.nnz], np.int64).tofile(file)
            documents.indptr.astype(np.int64).tofile(file)
            documents.indices.astype(np.int32).tofile(file)
            documents.data.astype(np.float32).tofile(file)
        return tamis_encode(args, texts, "--query", "--query-encoder", "idf", "--idf-from", path)


def cached(args, name, make):
    """PyTorch takes minutes: its vectors may be kept."""
    path = args.cache and os.path.join(args.cache, name + ".npz")
    if path and os.path.exists(path):
        return scipy.sparse.load_npz(path)
    matrix = make()
    if path:
        os.makedirs(args.cache, exist_ok=True)
        scipy.sparse.save_npz(path, matrix)
    return matrix


def scaled(scores):
    least, most = scores.min(axis=1, keepdims=True), scores.max(axis=1, keepdims=True)
    return (scores - least) / np.maximum(most - least, 1e-9)


def best(scores, names, count):
    """For each question {document: score} of the best."""
    runs = []
    for row in scores:
        order = sorted(np.argsort(-row, kind="stable")[:count + 50], key=lambda i: (-row[i], names[i]))[:count]
        runs.append({names[i]: float(row[i]) for i in order if row[i] > 0})
    return runs


class Table:
    means = {}

    def __init__(self, names, asked, grades, relevant_from):
        self.names, self.asked, self.grades, self.relevant_from = names, asked, grades, relevant_from
        print("| encoder | queries | nDCG@10 | recall@100 | nDCG@10 less PyTorch's | top-10 overlap with PyTorch's |\n|---|---|---|---|---|---|")

    def row(self, encoder, queries, scores, reference=None):
        """Returns what the row says about quality, for rows that are compared with it."""
        return self.add(encoder, queries, best(scores, self.names, 100), reference)

    def add(self, encoder, queries, runs, reference=None):
        quality = np.mean([ndcg(run, self.grades[q]) for run, q in zip(runs, self.asked)])
        deep = np.mean([recall(run, self.grades[q], self.relevant_from) for run, q in zip(runs, self.asked)])
        tops = [set(list(run)[:10]) for run in runs]
        difference = overlap = "–"
        if reference:
            difference = f"{quality - reference[0]:+.4f}"
            overlap = f"{np.mean([len(a & b) / max(1, len(b)) for a, b in zip(tops, reference[1])]):.4f}"
        self.means.setdefault((encoder, queries), []).append(quality)
        print(f"| {encoder} | {queries} | {quality:.4f} | {deep:.3f} | {difference} | {overlap} |", flush=True)
        return quality, tops


def compare(args, name, prefix):
    documents, queries, grades = load(os.path.join(args.data, name), prefix)
    texts = [f"{title} {text}" if title and text else title or text for _, title, text in documents]
    asked, names = list(queries), [d[0] for d in documents]
    questions = [queries[q] for q in asked]
    print(f"\n{name}: {len(documents)} documents, {len(asked)} queries\n", flush=True)
    model = Torch(args.model)
    torch_documents = cached(args, f"{name}-documents", lambda: model.encode(texts))
    torch_queries = cached(args, f"{name}-queries", lambda: model.encode(questions))
    table = Table(names, asked, grades, RELEVANT_FROM.get(name, 1))
    runs = run_tamis(documents, queries, args.tamis, ["--k1", "0.9", "--b", "0.4"], len(documents))
    place = {document: i for i, document in enumerate(names)}
    words = np.zeros((len(asked), len(names)))
    for i, query in enumerate(asked):
        for document, score in runs.get(query, {}).items():
            words[i, place[document]] = score
    table.row("BM25 (tamis search)", "words", words)
    product = lambda a, b: (a @ b.T).toarray()  # noqa: E731
    scores = product(torch_queries, torch_documents)
    by_model = table.row("PyTorch f32", "model", scores)
    by_sum = table.row("PyTorch f32 + BM25", "model", scaled(scores) + scaled(words))
    frequencies = np.asarray((torch_documents > 0).sum(axis=0)).ravel()
    idf = np.log1p((len(names) - frequencies + 0.5) / (frequencies + 0.5)) * (frequencies > 0)
    special = set(model.tokenizer.all_special_ids)
    ids = [sorted(set(tokens) - special) for tokens in model.tokenizer(questions, add_special_tokens=False)["input_ids"]]
    torch_idf = scipy.sparse.lil_matrix((len(asked), torch_documents.shape[1]))
    for row, terms in enumerate(ids):
        torch_idf[row, terms] = idf[terms]
    by_idf = table.row("PyTorch f32", "idf", product(torch_idf.tocsr(), torch_documents))
    for precision in args.precisions.split(","):
        vectors = tamis_encode(args, texts, "--precision", precision)
        scores = product(tamis_encode(args, questions, "--query", "--precision", precision), vectors)
        table.row(f"Tamis {precision}", "model", scores, by_model)
        table.row(f"Tamis {precision} + BM25", "model", scaled(scores) + scaled(words), by_sum)
        scores = product(idf_queries(args, questions, vectors), vectors)
        table.row(f"Tamis {precision}", "idf", scores, by_idf)
        table.row(f"Tamis {precision} + BM25", "idf", scaled(scores) + scaled(words))
    field = os.path.basename(os.path.abspath(args.model))
    searches = [[option.format(field) for option in options] for _, options in ENGINE]
    for (queries_by, _), run in zip(ENGINE, run_methods(documents, queries, args.tamis, ["--encoder", args.model], searches)):
        table.add("tamis index, tamis search", queries_by, [run.get(q, {}) for q in asked])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="folder (with a slash) with config.json, tokenizer.json, model.safetensors")
    parser.add_argument("--data", default=os.environ.get("TAMIS_DATA", "../shared/data"), help="folder of collections")
    parser.add_argument("--tamis", default="build/release/tamis", help="the program")
    parser.add_argument("--rows", default="", help="only collections whose name has this in it")
    parser.add_argument("--precisions", default="bf16", help="of Tamis' network: f32, bf16; f32 takes ten times as long")
    parser.add_argument("--cache", default="", help="folder that keeps PyTorch's vectors")
    args = parser.parse_args()
    if not os.path.isdir(args.data):
        sys.exit(f"{args.data}: no collections there; name their folder with --data or TAMIS_DATA")
    for name, prefix in COLLECTIONS:
        if args.rows in name:
            compare(args, name, prefix)
    print("\nmeans over collections\n\n| encoder | queries | nDCG@10 |\n|---|---|---|")
    for (encoder, queries), values in Table.means.items():
        print(f"| {encoder} | {queries} | {np.mean(values):.4f} |")


if __name__ == "__main__":
    main()
