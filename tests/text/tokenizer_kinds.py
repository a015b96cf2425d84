"""Tokenizers of many kinds, trained on the spot, and texts that make a hard life: for tokenizer_parity.py."""

import random
import sys
import tempfile

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers


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


def train(texts, model, trainer, **parts):
    tokenizer = Tokenizer(model)
    for name, part in parts.items():
        setattr(tokenizer, name, part)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def pair_encodings(texts):
    letters = pre_tokenizers.ByteLevel.alphabet()
    specials = ["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True, special=True)]
    roberta = train(texts, models.BPE(), trainers.BpeTrainer(vocab_size=20_000, special_tokens=specials, initial_alphabet=letters, show_progress=False),
                    pre_tokenizer=pre_tokenizers.ByteLevel(add_prefix_space=False))
    roberta.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    yield "roberta", roberta
    roberta.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    roberta.post_processor = processors.ByteLevel(trim_offsets=True, add_prefix_space=True)
    yield "byte-level, prefix space", roberta
    neox = train(texts, models.BPE(), trainers.BpeTrainer(vocab_size=20_000, special_tokens=["[CLS]", "[SEP]", "[MASK]"], initial_alphabet=letters, show_progress=False),
                 normalizer=normalizers.NFC(), pre_tokenizer=pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True))
    neox.add_tokens([AddedToken(" " * n, normalized=True) for n in range(2, 25)] + [AddedToken("|||EMAIL|||"), AddedToken("Day", single_word=True)])
    neox.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 0), ("[SEP]", 1)])
    yield "modernbert", neox
    few = train(texts, models.BPE(unk_token="<unk>", fuse_unk=True), trainers.BpeTrainer(vocab_size=3_000, special_tokens=["<unk>"], limit_alphabet=60, show_progress=False),
                normalizer=normalizers.NFKC(), pre_tokenizer=pre_tokenizers.Metaspace())
    few.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    few.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    yield "pair encoding of characters", few


def word_pieces(texts):
    words = train(texts, models.WordPiece(unk_token="[UNK]"), trainers.WordPieceTrainer(vocab_size=8_000, special_tokens=["[UNK]"], show_progress=False),
                  normalizer=normalizers.BertNormalizer(lowercase=False, strip_accents=False), pre_tokenizer=pre_tokenizers.BertPreTokenizer())
    yield "bert, cased", words
    words.normalizer = normalizers.NFKD()
    words.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Split(Regex(r"[aeiou]+|\d"), "merged_with_next")])
    yield "word pieces, other rules", words


def unigrams(texts):
    lines = [text[:400] for text in texts]
    specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    unigram = Tokenizer(models.Unigram())
    unigram.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    unigram.pre_tokenizer = pre_tokenizers.Metaspace()
    unigram.train_from_iterator(lines, trainers.UnigramTrainer(vocab_size=8_000, special_tokens=specials, unk_token="<unk>", show_progress=False))
    unigram.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    yield "unigram", unigram
    unigram.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Strip()])
    unigram.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="first"), pre_tokenizers.Punctuation("merged_with_previous")])
    yield "unigram, other rules", unigram


def sentencepiece_model(texts, **settings):
    """The protocol buffer of a Unigram model that sentencepiece trained."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    with tempfile.TemporaryDirectory() as folder:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(text[:1000].replace("\n", " ") for text in texts), model_prefix=f"{folder}/m", vocab_size=32_000,
            normalization_rule_name="nmt_nfkc", character_coverage=0.9995, num_threads=1, minloglevel=2, hard_vocab_limit=False, **settings)
        proto = sentencepiece_model_pb2.ModelProto()
        with open(f"{folder}/m.model", "rb") as file:
            proto.ParseFromString(file.read())
    return proto


def sentencepieces(texts):
    """XLM-RoBERTa's kind, with sentencepiece's own table of characters (nmt_nfkc), as its tokenizer.json has it."""
    try:
        proto = sentencepiece_model(texts)
        bytes_too = sentencepiece_model(texts[:4000], byte_fallback=True)
    except ImportError as missing:
        print(f"tokenizer_parity: SKIPPED: XLM-RoBERTa's kind: {missing} (pip install sentencepiece protobuf)", file=sys.stderr)
        return
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)] + [(p.piece, p.score) for p in proto.pieces[3:]] + [("<mask>", 0.0)]
    roberta = Tokenizer(models.Unigram(pieces, unk_id=3))
    roberta.normalizer = normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)
    roberta.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    roberta.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    roberta.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True, special=True)])
    yield "xlm-roberta", roberta
    roberta.normalizer = normalizers.Sequence([normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap), normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), "▁")])
    roberta.pre_tokenizer = pre_tokenizers.Metaspace()
    yield "xlm-roberta, newer rules", roberta
    pieces = [(p.piece, p.score) for p in bytes_too.pieces]
    fallback = Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=True))
    fallback.normalizer = normalizers.Precompiled(bytes_too.normalizer_spec.precompiled_charsmap)
    fallback.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    yield "sentencepiece, bytes for the unknown", fallback


def trained(texts, wanted):
    """(name, tokenizer) of kinds that no small model at hand has, those whose name is `wanted`. A tokenizer is changed
    after it was handed out."""
    kinds = {"roberta, byte-level, modernbert, pair encoding of characters": pair_encodings, "xlm-roberta, sentencepiece": sentencepieces,
             "unigram": unigrams, "bert, word pieces": word_pieces}
    for names, kind in kinds.items():
        if texts and any(wanted(name) for name in names.split(", ")):
            yield from ((name, tokenizer) for name, tokenizer in kind(texts) if wanted(name))


def bert(vocabulary):
    """The package's tokenizer for a vocab.txt, as transformers builds it."""
    tokenizer = Tokenizer(models.WordPiece.from_file(str(vocabulary), unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    return tokenizer
