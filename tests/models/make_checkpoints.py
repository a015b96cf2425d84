#!/usr/bin/env python3
"""Makes small encoders with seeded random weights, of every architecture and folder layout that Tamis reads, and what PyTorch
says about some texts, for the parity tests of C++.

  make_checkpoints.py OUT                     the fixtures of tests/models/fixtures (tiny; a few kB each)
  make_checkpoints.py OUT --size small        wider and longer ones, too large to keep
  make_checkpoints.py OUT --real MODEL TEXTS  the reference of a real model: TEXTS is JSON lines with "title" and "text"

Needs torch, transformers, sentence-transformers, safetensors. Everything runs in f32, eager.
"""

import argparse
import json
import random
import shutil
import sys
from pathlib import Path

try:
    import torch
    import transformers
    from safetensors.torch import load_file, save_file
    from sentence_transformers import SentenceTransformer, SparseEncoder
    from sentence_transformers.models import Normalize, Pooling, Router, Transformer
    from sentence_transformers.sparse_encoder.models import MLMTransformer, SparseStaticEmbedding, SpladePooling
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
except ImportError as error:
    print(f"make_checkpoints: skipped: {error}", file=sys.stderr)
    sys.exit(77)

# hidden, heads, layers, intermediate, vocabulary, longest text, texts
SIZES = {"tiny": (8, 2, 2, 12, 40, 24, 6), "small": (48, 4, 3, 80, 700, 120, 40)}
FIRST_WORD = 5  # below are the special tokens [PAD] [UNK] [CLS] [SEP] [MASK]


def config_of(family, size):
    hidden, heads, layers, inner, vocabulary, longest, _ = SIZES[size]
    common = {"vocab_size": vocabulary, "pad_token_id": 0, "attn_implementation": "eager"}
    bert = {**common, "hidden_size": hidden, "num_attention_heads": heads, "num_hidden_layers": layers,
            "intermediate_size": inner, "max_position_embeddings": longest}
    if family == "bert":
        return transformers.BertConfig(**bert)
    if family == "distilbert":
        return transformers.DistilBertConfig(**common, dim=hidden, n_heads=heads, n_layers=layers, hidden_dim=inner,
                                             max_position_embeddings=longest)
    if family in ("roberta", "xlm-roberta"):
        kind = transformers.RobertaConfig if family == "roberta" else transformers.XLMRobertaConfig
        return kind(**{**bert, "pad_token_id": 1, "max_position_embeddings": longest + 2, "type_vocab_size": 1})
    if family == "mpnet":
        return transformers.MPNetConfig(**{**bert, "pad_token_id": 1, "max_position_embeddings": longest + 2})
    assert family == "modernbert"
    return transformers.ModernBertConfig(**{**bert, "num_hidden_layers": layers + 2}, local_attention=longest // 3 // 2 * 2,
                                         cls_token_id=2, sep_token_id=3, bos_token_id=2, eos_token_id=3)


def randomise(model, seed):
    """Weights large enough that every part of the network shows in the result, and small enough that the rounding of f32 stays
    well below the bound of the tests: PyTorch itself is within 1e-6 of f64 on all of them."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if parameter.dim() == 1 and name.endswith("weight"):
            parameter.data = 1.0 + 0.2 * noise
        elif parameter.dim() == 1:
            parameter.data = 0.2 * noise
        else:
            parameter.data = noise * (0.6 if "embed" in name else 0.7 / parameter.shape[-1] ** 0.5)
    return model.eval()


def make(family, size, seed, masked_lm=True, dtype=None):
    config = config_of(family, size)
    kind = transformers.AutoModelForMaskedLM if masked_lm else transformers.AutoModel
    model = randomise(kind.from_config(config), seed)
    if masked_lm:
        model.tie_weights()
    return model.to(dtype).float() if dtype else model


def texts_of(size, seed):
    """Token ids of texts of all lengths up to the longest, each in [CLS] … [SEP]; one has a padding token inside."""
    _, _, _, _, vocabulary, longest, count = SIZES[size]
    rng = random.Random(seed)
    lengths = [3, 4, longest] + [rng.randint(3, longest) for _ in range(count - 3)]
    texts = [[2] + [rng.randrange(FIRST_WORD, vocabulary) for _ in range(length - 2)] + [3] for length in lengths]
    texts[2][5] = 1
    return texts


def rounded(values):
    return [float(f"{value:.9g}") for value in values]  # all bits of an f32


def splade(logits, pooling, activation):
    weights = torch.log1p(torch.relu(logits))
    if activation == "log1p_relu":
        weights = torch.log1p(weights)
    return weights.max(dim=0).values if pooling == "max" else weights.sum(dim=0)


def sparse_reference(model, texts, pooling="max", activation="relu"):
    terms, weights, positions = [], [], []
    for ids in texts:
        with torch.inference_mode():
            logits = model(input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long)).logits[0]
        vector = splade(logits, pooling, activation)
        found = torch.nonzero(vector > 0).flatten()
        terms.append(found.tolist())
        weights.append(rounded(vector[found].tolist()))
        positions.append(logits.max(dim=0).indices[found].tolist())
    return {"kind": "sparse", "texts": texts, "terms": terms, "weights": weights, "positions": positions}


def dense_reference(model, texts, pooling="mean", normalize=True):
    vectors = []
    for ids in texts:
        with torch.inference_mode():
            mask = torch.ones(1, len(ids), dtype=torch.long)
            states = model(input_ids=torch.tensor([ids]), attention_mask=mask).last_hidden_state[0]
        vector = states.mean(dim=0) if pooling == "mean" else states[0]
        if normalize:
            vector = torch.nn.functional.normalize(vector, dim=0)
        vectors.append(rounded(vector.tolist()))
    return {"kind": "dense", "texts": texts, "vectors": vectors}


def write(folder, reference):
    (folder / "reference.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")


def tokenizer_of(size, folder):
    """A tokenizer of whole words that sentence-transformers can save: what the network is given does not pass through it."""
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary += [f"w{i}" for i in range(FIRST_WORD, SIZES[size][4])]
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=made, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]",
                                                sep_token="[SEP]", mask_token="[MASK]", model_max_length=SIZES[size][5])
    fast.save_pretrained(folder)


def plain(folder, model):
    model.save_pretrained(folder)


def rewrite(folder, change):
    """Changes the names, types or values of the saved tensors."""
    path = folder / "model.safetensors"
    save_file(change(load_file(path)), path, metadata={"format": "pt"})


def old_names(tensors):
    """As the first converters from TensorFlow wrote them."""
    def name(key):
        return key.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
    return {name(key): value for key, value in tensors.items()}


def shard(folder, parts):
    """Splits model.safetensors as large checkpoints are."""
    path = folder / "model.safetensors"
    tensors = load_file(path)
    path.unlink()
    weight_map = {}
    for part in range(parts):
        name = f"model-{part + 1:05}-of-{parts:05}.safetensors"
        mine = {key: tensors[key] for key in sorted(tensors)[part::parts]}
        save_file(mine, folder / name, metadata={"format": "pt"})
        weight_map.update({key: name for key in mine})
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))


def pipeline(folder, model, size, modules, masked_lm):
    """Saves through sentence-transformers; its model card and tokenizers are left out."""
    source = folder.parent / (folder.name + ".source")
    model.save_pretrained(source)
    tokenizer_of(size, source)
    transformer = (MLMTransformer if masked_lm else Transformer)(str(source))
    made = (SparseEncoder if masked_lm else SentenceTransformer)(modules=modules(transformer), device="cpu")
    made.save(str(folder))
    shutil.rmtree(source)
    for path in list(folder.rglob("*")):
        if path.name == "README.md" or "token" in path.name and path.name != "query_token_weights.txt":
            path.unlink()


def routed(transformer, pooling, vocabulary):
    generator = torch.Generator().manual_seed(99)
    weight = torch.rand(vocabulary, generator=generator) * 12
    weight[:FIRST_WORD] = 0
    table = SparseStaticEmbedding(tokenizer=transformer.tokenizer, weight=weight, frozen=True)
    return [Router.for_query_document(query_modules=[table], document_modules=[transformer, pooling])]


def make_all(out, size):
    hidden, vocabulary = SIZES[size][0], SIZES[size][4]
    texts = texts_of(size, 7)

    def folder(name):
        path = out / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    # transformers' own layout
    for seed, (name, family, dtype) in enumerate([
            ("bert", "bert", None), ("distilbert-f16", "distilbert", torch.float16), ("roberta", "roberta", None),
            ("xlm-roberta-bf16-sharded", "xlm-roberta", torch.bfloat16), ("mpnet", "mpnet", None),
            ("modernbert", "modernbert", None)]):
        model, path = make(family, size, seed, dtype=dtype), folder(name)
        plain(path, model)
        if dtype:
            rewrite(path, lambda tensors, dtype=dtype: {key: value.to(dtype) for key, value in tensors.items()})
        if "sharded" in name:
            shard(path, 3)
        write(path, sparse_reference(model, texts))

    model, path = make("bert", size, 20), folder("bert-old-names")
    plain(path, model)
    rewrite(path, old_names)
    write(path, sparse_reference(model, texts))

    config = config_of("bert", size)
    config.tie_word_embeddings = False
    model, path = randomise(transformers.BertForMaskedLM(config), 21), folder("bert-untied")
    plain(path, model)
    write(path, sparse_reference(model, texts))

    # sentence-transformers' layouts
    model, path = make("distilbert", size, 30), folder("splade-max-twice")
    pooling = SpladePooling(pooling_strategy="max", activation_function="log1p_relu")
    pipeline(path, model, size, lambda transformer: [transformer, pooling], True)
    write(path, sparse_reference(model, texts, activation="log1p_relu"))

    model, path = make("bert", size, 31), folder("splade-sum")
    pipeline(path, model, size, lambda transformer: [transformer, SpladePooling(pooling_strategy="sum")], True)
    write(path, sparse_reference(model, texts, pooling="sum"))

    model, path = make("modernbert", size, 32), folder("router")
    pipeline(path, model, size, lambda transformer: routed(transformer, SpladePooling(), vocabulary), True)
    write(path, sparse_reference(model, texts))

    model, path = make("bert", size, 33, masked_lm=False), folder("dense-mean")
    pipeline(path, model, size, lambda transformer: [transformer, Pooling(hidden, "mean"), Normalize()], False)
    write(path, dense_reference(model, texts))

    model, path = make("mpnet", size, 34, masked_lm=False), folder("dense-cls")
    pipeline(path, model, size, lambda transformer: [transformer, Pooling(hidden, "cls")], False)
    write(path, dense_reference(model, texts, pooling="cls", normalize=False))


def real_reference(out, source, texts_path, count, max_tokens):
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(source)
    texts = []
    with open(texts_path, encoding="utf-8") as lines:
        for line, _ in zip(lines, range(count)):
            row = json.loads(line)
            text = f"{row.get('title') or ''} {row['text']}".strip()
            texts.append(tokenizer(text, truncation=True, max_length=max_tokens)["input_ids"])
    if (Path(source) / "modules.json").exists():
        model = SentenceTransformer(source, device="cpu")
        vectors = []
        with torch.inference_mode():
            for ids in texts:
                features = {"input_ids": torch.tensor([ids]), "attention_mask": torch.ones(1, len(ids), dtype=torch.long)}
                vectors.append(rounded(model(features)["sentence_embedding"][0].tolist()))
        reference = {"kind": "dense", "texts": texts, "vectors": vectors}
    else:
        model = transformers.AutoModelForMaskedLM.from_pretrained(source, attn_implementation="eager").eval()
        reference = sparse_reference(model, texts)
    link = out / "model"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(source).resolve())
    write(out, reference)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", choices=sorted(SIZES), default="tiny")
    parser.add_argument("--real", nargs=2, metavar=("MODEL", "TEXTS"))
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--max-tokens", type=int, default=256)
    args = parser.parse_args()
    torch.manual_seed(0)
    if args.real:
        real_reference(args.out, args.real[0], args.real[1], args.count, args.max_tokens)
    else:
        make_all(args.out, args.size)


if __name__ == "__main__":
    main()
