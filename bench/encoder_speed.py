#!/usr/bin/env python3
"""How many passages a second become SPLADE vectors, text in to weights out, beside PyTorch and ONNX Runtime in one run?

  encoder_speed.py MODEL CORPUS.jsonl [--tamis PROGRAM] [--passages 20000] [--slow-passages 2000] [--peer-passages 640] [--rounds 3]
                   [--threads 1 2] [--tokens 60 200]

Rounds are interleaved: each engine once a round, the best round counts. Tamis is a whole `tamis encode` of all passages, from start
to the last vector (of the slow ones where it has no AMX); the others get a sample of the same lengths, and their start, imports and
warm-up are not counted. They get batches of 32 sorted by length. Rows "avx2" limit both sides. --tokens takes passages of so many
tokens only. Prints a Markdown table. Needs torch, transformers, safetensors, onnxruntime (left out where one is missing).
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

MAX_TOKENS = 512
BATCH = 32


def peer(engine, model, path, threads):
    """In a process of its own: encodes the texts of a file once to warm up and once for the clock; prints passages a second."""
    import torch
    from safetensors.torch import load_file
    from transformers import AutoConfig, AutoModelForMaskedLM, AutoTokenizer

    class Splade(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.mlm = AutoModelForMaskedLM.from_config(AutoConfig.from_pretrained(model), attn_implementation="eager").eval()
            weights = load_file(os.path.join(model, "model.safetensors"))
            renamed = {name.replace(".gamma", ".weight").replace(".beta", ".bias"): value for name, value in weights.items()}
            self.mlm.load_state_dict(renamed, strict=False)
            self.mlm.tie_weights()

        def forward(self, input_ids, attention_mask):
            logits = self.mlm(input_ids=input_ids, attention_mask=attention_mask).logits
            return (torch.log1p(torch.relu(logits)) * attention_mask.unsqueeze(-1)).amax(1)

    torch.set_num_threads(threads)
    with open(path, encoding="utf-8") as lines:
        texts = sorted((json.loads(line)["text"] for line in lines), key=len)
    tokenizer, splade = AutoTokenizer.from_pretrained(model), Splade()

    def batches(kind):
        for start in range(0, len(texts), BATCH):
            batch = tokenizer(texts[start:start + BATCH], padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors=kind)
            yield batch["input_ids"], batch["attention_mask"]

    def run_torch():
        with torch.inference_mode():
            for ids, mask in batches("pt"):
                splade(ids, mask).nonzero()

    run = run_torch
    if engine == "bf16":
        splade.to(torch.bfloat16)
    elif engine == "onnx":
        import numpy as np
        import onnxruntime
        folder = tempfile.mkdtemp()
        sample = tokenizer(texts[:2], padding=True, return_tensors="pt")
        axes = {"input_ids": {0: "batch", 1: "token"}, "attention_mask": {0: "batch", 1: "token"}, "weights": {0: "batch"}}
        torch.onnx.export(splade, (sample["input_ids"], sample["attention_mask"]), os.path.join(folder, "m.onnx"),
                          input_names=["input_ids", "attention_mask"], output_names=["weights"], dynamic_axes=axes, opset_version=17, dynamo=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(os.path.join(folder, "m.onnx"), options, providers=["CPUExecutionProvider"])

        def run():
            for ids, mask in batches("np"):
                np.nonzero(session.run(None, {"input_ids": ids.astype(np.int64), "attention_mask": mask.astype(np.int64)})[0])

    texts, some = texts[::8], texts
    run()
    texts = some
    begin = time.time()
    run()
    print(len(texts) / (time.time() - begin))


def cores(threads):
    available = sorted(os.sched_getaffinity(0))
    return {"preexec_fn": lambda: os.sched_setaffinity(0, available[:threads])}


def time_tamis(args, path, count, threads, precision, level):
    command = [args.tamis, "encode", "--encoder", args.model, "--threads", str(threads)]
    if precision != "best":
        command += ["--precision", precision]
    environment = dict(os.environ, **({"TAMIS_MAX_ISA": level} if level else {}))
    with open(path, "rb") as texts:
        begin = time.time()
        subprocess.run(command, stdin=texts, stdout=subprocess.DEVNULL, check=True, env=environment, **cores(threads))
        return count / (time.time() - begin)


def time_peer(args, path, threads, engine, level):
    limits = {"ATEN_CPU_CAPABILITY": level, "ONEDNN_MAX_CPU_ISA": level.upper()} if level else {}
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), TOKENIZERS_PARALLELISM="false", **limits)
    command = [sys.executable, __file__, args.model, path, "--peer", engine, "--threads", str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, **cores(threads))
    if done.returncode != 0:
        print(f"{engine} left out: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return float(done.stdout.splitlines()[-1])


def passages(args):
    """Passages with their numbers of tokens, spread over the corpus."""
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(os.path.join(args.model, "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    with open(args.corpus, encoding="utf-8") as lines:
        found = lines.readlines()
    texts = []
    for line in found[::max(1, len(found) // (4 * args.passages))]:
        passage = json.loads(line)
        text = " ".join(((passage.get("title") or "") + " " + (passage.get("text") or "")).split())
        if text:
            texts.append(text)
    lengths = [len(encoding.ids) for encoding in tokenizer.encode_batch(texts)]
    least, most = args.tokens
    return [(text, length) for text, length in zip(texts, lengths) if least <= length <= most][:args.passages]


def write(path, texts):
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(json.dumps({"_id": str(i), "text": text}) + "\n" for i, text in enumerate(texts))


def measure(args, folder):
    some = passages(args)
    texts = [text for text, _ in some]
    by_length = sorted(texts, key=len)

    def sample(count):
        step = max(1, len(by_length) // count)
        return by_length[step // 2::step][:count]

    paths = {name: os.path.join(folder, name + ".jsonl") for name in ("whole", "slow", "peers")}
    slow = texts[:args.slow_passages]
    write(paths["whole"], texts)
    write(paths["slow"], slow)
    write(paths["peers"], sample(args.peer_passages or 1))
    mean = sum(length for _, length in some) / len(some)
    print(f"{len(texts)} passages, mean {mean:.0f} tokens; best of {args.rounds} interleaved rounds; passages/s\n", flush=True)
    rows = {}
    for _ in range(args.rounds):
        for threads in args.threads:
            for level in ("", "avx2"):
                for precision in args.precisions:
                    fast = precision in ("best", "bf16") and not level
                    speed = time_tamis(args, paths["whole" if fast else "slow"], len(texts if fast else slow), threads, precision, level)
                    rows.setdefault(("Tamis" if precision == "best" else "Tamis " + precision, level), {}).setdefault(threads, []).append(speed)
                for engine, name in (("f32", "PyTorch f32"), ("bf16", "PyTorch bf16"), ("onnx", "ONNX Runtime f32")):
                    if args.peer_passages and not (level and engine != "f32"):
                        speed = time_peer(args, paths["peers"], threads, engine, level)
                        if speed is not None:
                            rows.setdefault((name, level), {}).setdefault(threads, []).append(speed)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="folder with config.json, tokenizer.json, model.safetensors")
    parser.add_argument("corpus", help="JSON lines with \"text\"")
    parser.add_argument("--tamis", default="build/release/tamis", help="the program")
    parser.add_argument("--passages", type=int, default=20000)
    parser.add_argument("--slow-passages", type=int, default=2000, help="for Tamis without AMX")
    parser.add_argument("--tokens", type=int, nargs=2, default=[0, 1 << 30], help="least and most tokens of a passage")
    parser.add_argument("--peer-passages", type=int, default=640, help="0 = no peers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--precisions", nargs="+", default=["best", "f32"], help="of Tamis; best = the program's choice")
    parser.add_argument("--peer", choices=["f32", "bf16", "onnx"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peer:
        return peer(args.peer, args.model, args.corpus, args.threads[0])
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(args, folder)
    print("| engine | instruction set | " + " | ".join(f"{n} thread{'s' if n > 1 else ''}" for n in args.threads) + " | scaling | best peer of the row's level × |")
    print("|---|---|" + "---|" * (len(args.threads) + 2))
    for (name, level), speeds in rows.items():
        best = {n: max(v) for n, v in speeds.items()}
        first, last = best[args.threads[0]], best[args.threads[-1]]
        peers = [max(v[args.threads[0]]) for (other, at), v in rows.items() if at == level and not other.startswith("Tamis")]
        times = f"{first / max(peers):.1f}" if peers and name.startswith("Tamis") else "–"
        print(f"| {name} | {level or 'all'} | " + " | ".join(f"{best[n]:.0f}" for n in args.threads) + f" | {last / first:.2f} | {times} |")
    return None


if __name__ == "__main__":
    main()
