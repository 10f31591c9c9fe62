"""A tokenizer and an encoder, made in a moment, for tests of code that reads texts as tokens."""

from collections.abc import Iterable
from pathlib import Path


def tiny_tokenizer(texts: Iterable[str], vocabulary: int = 200) -> bytes:
    """The JSON of a WordPiece tokenizer trained on `texts`, as BERT's is; needs the library `tokenizers`.

    >>> from omloop.kinds import Text
    >>> kind = Text("review").tokenized(tiny_tokenizer(["good", "bad"]), 4)
    >>> kind.feeds(kind.parse([{"review": "good"}]))["input_ids"].shape
    (1, 3)
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))  # noqa: S106
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=vocabulary, special_tokens=marks, show_progress=False)
    made.train_from_iterator(texts, trainer)
    ends = [(mark, marks.index(mark)) for mark in marks[2:]]
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    content: str = made.to_str()
    return content.encode()


def tiny_encoder(folder: Path, tokenizer: bytes, *, width: int = 32, seed: int = 0) -> Path:
    """Write a DistilBERT of two small layers, drawn at random, in the layout of a hub; needs the extra `torch`."""
    import torch
    from transformers import DistilBertConfig, DistilBertModel
    from transformers.utils import logging

    vocabulary = 1 + max(_vocabulary(tokenizer).values())
    sizes = {"dim": width, "n_layers": 2, "n_heads": 4, "hidden_dim": 2 * width, "max_position_embeddings": 64}
    config = DistilBertConfig(vocab_size=vocabulary, **sizes)
    logging.disable_progress_bar()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        DistilBertModel(config).save_pretrained(folder)
    (folder / "tokenizer.json").write_bytes(tokenizer)
    return folder


def _vocabulary(tokenizer: bytes) -> dict[str, int]:
    from tokenizers import Tokenizer

    found: dict[str, int] = Tokenizer.from_buffer(tokenizer).get_vocab()
    return found
