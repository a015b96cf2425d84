#!/usr/bin/env python3
"""Makes a SPLADE encoder of a usual size with seeded random weights, to measure speed and memory where no trained one is at hand.

  random_encoder.py distilbert|bert-base MODEL CORPUS.jsonl OUT

The tokenizer is that of MODEL. The bias of the head is set so that about 150 terms of a passage are above 0, as with trained encoders:
without it half of the vocabulary would be. CORPUS (JSON lines with "text") says what a passage is. Says nothing about quality. Needs torch, transformers, safetensors.
"""
import argparse
import itertools
import json
import pathlib
import shutil

import torch
from safetensors.torch import save_file
from transformers import AutoModelForMaskedLM, AutoTokenizer, BertConfig, DistilBertConfig

TERMS = 150
SAMPLE = 16


def configuration(size, vocabulary):
    if size == "distilbert":
        return DistilBertConfig(vocab_size=vocabulary)
    return BertConfig(vocab_size=vocabulary)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", choices=["distilbert", "bert-base"])
    parser.add_argument("model", type=pathlib.Path, help="folder whose tokenizer is taken")
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    args = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    with args.corpus.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in itertools.islice(lines, SAMPLE)]
    torch.manual_seed(1)
    network = AutoModelForMaskedLM.from_config(configuration(args.size, len(tokenizer))).eval()
    with torch.inference_mode():
        most = torch.stack([network(**tokenizer(text, return_tensors="pt")).logits[0].amax(0) for text in texts])
        shift = most.flatten().kthvalue(most.numel() - TERMS * len(texts)).values
        head = network.get_output_embeddings()
        head.bias -= shift
    args.out.mkdir(parents=True, exist_ok=True)
    tied = ("vocab_projector.weight", "cls.predictions.decoder.weight", "cls.predictions.decoder.bias")
    weights = {name: value.clone() for name, value in network.state_dict().items() if name not in tied}
    save_file(weights, args.out / "model.safetensors", metadata={"format": "pt"})
    network.config.architectures = [type(network).__name__]
    network.config.save_pretrained(args.out)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(args.model / name, args.out / name)


main()
