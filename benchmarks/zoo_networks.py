"""The zoo's networks: small ones of every kind that a project trains, with weights drawn at random."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from torch import nn

from omloop.core import Fitted, Job, Kind
from omloop.kinds import Classes, Image, Text
from omloop.testing.encoders import tiny_tokenizer
from omloop.testing.jobs import MOOD, TABLE, reviews_of, rows_of
from omloop.train.backbones import efficientnet, resnet
from omloop.train.batching import in_batches, tensors
from omloop.train.encoders import PooledEncoder
from omloop.train.lightning import HeadedNetwork
from omloop.train.pictures import PicturePreprocessing
from omloop.train.preprocessing import TablePreprocessing

Make = Callable[[], nn.Module]
SMALLEST, LARGEST, LEAST = 1e-4, 1e3, 1e-2
"""Between what the largest logit of a network as it was drawn lies, and how much its answers must vary at least."""
PICTURE = Image(width=32, height=32, channels=3)
WORDS, LONGEST, WIDTH = 60, 16, 32
TINY = {"hidden_size": WIDTH, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}


def rows(rng: np.random.Generator) -> tuple[Kind, NDArray[Any], dict[str, Make]]:
    """Networks of a table."""
    examples = rows_of(80, int(rng.integers(100)))

    def body(*layers: nn.Module) -> nn.Module:
        columns = TablePreprocessing(TABLE, examples)
        return nn.Sequential(columns, nn.Linear(columns.width, 16), *layers, nn.Linear(16, 3))

    makes: dict[str, Make] = {
        "multilayer perceptron": lambda: body(nn.ReLU()),
        "perceptron with batch norm, dropout": lambda: body(nn.BatchNorm1d(16), nn.GELU(), nn.Dropout(0.3)),
        "perceptron with layer norm, SiLU": lambda: body(nn.LayerNorm(16), nn.SiLU()),
        "gated perceptron (GLU)": lambda: body(nn.Linear(16, 32), nn.GLU()),
        "Lightning module": lambda: _Lit(body(nn.Tanh())),
    }
    return TABLE, examples, makes


def pictures(rng: np.random.Generator) -> tuple[Kind, NDArray[Any], dict[str, Make]]:
    """Networks of pictures: our own small ones, and what transformers builds from a configuration."""
    slope = np.linspace(0, 1, 32)[None, :, None, None] * rng.uniform(-90, 90, (40, 1, 1, 3))
    pixels = (rng.uniform(90, 130, (40, 1, 1, 3)) + slope + rng.uniform(0, 35, (40, 32, 32, 3))).astype(np.uint8)
    examples = PICTURE.encode({"image": list(pixels)})

    def seen(features: nn.Module, width: int) -> nn.Module:
        return nn.Sequential(PicturePreprocessing(examples), features, nn.Linear(width, 3))

    def of(name: str, config: str, **options: Any) -> Make:
        def make() -> nn.Module:
            found = getattr(transformers, config)(num_labels=3, **options)
            return nn.Sequential(PicturePreprocessing(examples), _Logits(getattr(transformers, name)(found)))

        return make

    sized = {"image_size": 32, "patch_size": 8}
    stages = {"hidden_sizes": [16, 24, 32, 40], "depths": [1, 1, 1, 1]}
    makes: dict[str, Make] = {
        "small CNN": lambda: seen(nn.Sequential(*_convolutions(), nn.Flatten()), 16 * 64),
        "CNN with batch norm": lambda: seen(nn.Sequential(*_convolutions(nn.BatchNorm2d), *_pool()), 16),
        "CNN with group norm": lambda: seen(nn.Sequential(*_convolutions(lambda n: nn.GroupNorm(4, n)), *_pool()), 16),
        "CNN, depthwise": lambda: seen(nn.Sequential(nn.Conv2d(3, 12, 3, groups=3), nn.ELU(), *_pool()), 12),
        "CNN, transposed": lambda: seen(nn.Sequential(nn.ConvTranspose2d(3, 8, 2, 2), nn.ReLU(), *_pool()), 8),
        "CNN with upsampling": lambda: seen(nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), *_pool()), 3),
        "ResNet, basic": lambda: seen(*resnet(depths=(1, 1, 1), widths=(8, 16, 32))),
        "ResNet, bottleneck": lambda: seen(*resnet(depths=(1, 1), widths=(32, 64), bottleneck=True)),
        "EfficientNet b0": lambda: seen(*efficientnet()),
        "MobileNetV1": of("MobileNetV1ForImageClassification", "MobileNetV1Config", depth_multiplier=1.0),
        "MobileNetV2": of("MobileNetV2ForImageClassification", "MobileNetV2Config", depth_multiplier=1.0),
        "ViT": of("ViTForImageClassification", "ViTConfig", **sized, **TINY),
        "DeiT": of("DeiTForImageClassification", "DeiTConfig", **sized, **TINY),
        "BEiT": of("BeitForImageClassification", "BeitConfig", **sized, **TINY),
        "DINOv2": of("Dinov2ForImageClassification", "Dinov2Config", **sized, **TINY),
        "ConvNeXT": of("ConvNextForImageClassification", "ConvNextConfig", **stages),
        "RegNet": of(
            "RegNetForImageClassification", "RegNetConfig", groups_width=8,
            **stages | {"hidden_sizes": [16, 32, 48, 64]},
        ),
        "Swin": of(
            "SwinForImageClassification", "SwinConfig", image_size=32, patch_size=2, embed_dim=16, depths=[1, 1],
            num_heads=[2, 4], window_size=4,
        ),
    }  # fmt: skip
    return PICTURE, examples, makes


def texts(rng: np.random.Generator) -> tuple[Kind, NDArray[Any], dict[str, Make]]:
    """Networks of tokens: recurrent ones, and transformers given bare, as `...ForSequenceClassification`."""
    reviews = [" ".join(text) for text in rng.choice(["the", "film", "is", "a", "joy", "gloomy"], (60, 9))]
    kind = Text("review").tokenized(tiny_tokenizer([*reviews, *reviews_of(60, 1)[0]], WORDS), LONGEST)
    examples = kind.encode({"review": [text[: int(rng.integers(5, 40))] for text in reviews]})
    words = 1 + max(int(kind.feeds(examples)["input_ids"].max()), WORDS)

    def of(name: str, config: str, **options: Any) -> Make:
        def make() -> nn.Module:
            known = {"vocab_size": words, "num_labels": 3, "max_position_embeddings": 40, "pad_token_id": 0}
            found = getattr(transformers, config)(**known | options)
            return getattr(transformers, name + "ForSequenceClassification")(found)  # type: ignore[no-any-return]

        return make

    def encoder() -> nn.Module:
        config = transformers.BertConfig(vocab_size=words, max_position_embeddings=40, **TINY)
        return HeadedNetwork(
            PooledEncoder(transformers.BertModel(config, add_pooling_layer=False)), nn.Linear(WIDTH, 3)
        )

    makes: dict[str, Make] = {
        "LSTM": lambda: _Recurrent(nn.LSTM, words),
        "LSTM, both ways, two layers": lambda: _Recurrent(nn.LSTM, words, num_layers=2, bidirectional=True),
        "GRU": lambda: _Recurrent(nn.GRU, words),
        "CNN of words": lambda: _Convolved(words),
        "nn.TransformerEncoder": lambda: _Attentive(words),
        "pooled BERT encoder": encoder,
        "BERT": of("Bert", "BertConfig", **TINY),
        "DistilBERT": of("DistilBert", "DistilBertConfig", dim=WIDTH, n_layers=2, n_heads=4, hidden_dim=64),
        "RoBERTa": of("Roberta", "RobertaConfig", **TINY),
        "ELECTRA": of("Electra", "ElectraConfig", embedding_size=WIDTH, **TINY),
        "ALBERT": of("Albert", "AlbertConfig", embedding_size=16, **TINY),
        "MPNet": of("MPNet", "MPNetConfig", **TINY),
        "DeBERTa-v2": of("DebertaV2", "DebertaV2Config", **TINY),
        "MobileBERT": of("MobileBert", "MobileBertConfig", embedding_size=WIDTH, true_hidden_size=WIDTH,
                         intra_bottleneck_size=WIDTH, **TINY),
    }  # fmt: skip
    return kind, examples, makes


def drawn(kind: Kind, examples: NDArray[Any], make: Make, job: Job) -> Fitted:
    """A network with weights drawn at random, whose logits are spread so that no answer is like another."""
    torch.manual_seed(job.seed)
    network = _settled(make(), tensors(kind, examples))
    if isinstance(network, transformers.PreTrainedModel):
        _spread_head(network, tensors(kind, examples))
        fitted = Fitted("torch", network, lambda rows: _softmax(in_batches(_Logits(network), kind, rows)))
    else:
        answering = _Answers(network, tensors(kind, examples)).eval()
        fitted = Fitted("torch", answering, lambda rows: in_batches(answering, kind, rows).double().numpy())
    if not fitted.predict(examples).std(axis=0).max() > LEAST:
        raise ValueError("All answers are alike.")
    return fitted


def classes() -> Classes:
    """What all of them answer."""
    return MOOD


def _settled(network: nn.Module, feeds: Sequence[torch.Tensor]) -> nn.Module:
    """A network of sensible numbers: where they grow or vanish from layer to layer, its batch norms see examples."""
    with torch.no_grad():
        answer = network.eval()(*feeds)
    norms = [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    if not norms or (
        SMALLEST < getattr(answer, "logits", answer).abs().max() < LARGEST and answer.std(dim=0).min() > 0
    ):
        return network
    for norm in norms:
        norm.momentum = 1.0
    with torch.no_grad():
        network.train()(*feeds)
    return network.eval()


def _softmax(logits: torch.Tensor) -> NDArray[np.float64]:
    return torch.softmax(logits, dim=1).double().numpy()


def _spread_head(network: nn.Module, feeds: Sequence[torch.Tensor]) -> None:
    """Change the last linear layer of a bare transformer, so that its logits are spread around 0."""
    head = [module for module in network.modules() if isinstance(module, nn.Linear) and module.out_features == 3][-1]
    with torch.no_grad():
        logits = network(*feeds).logits
        scale = 2 / logits.std(dim=0).clamp(min=0.05 * float(logits.abs().max()))
        head.weight *= scale[:, None]
        head.bias.copy_((head.bias - logits.mean(dim=0)) * scale)


class _Answers(nn.Module):
    """Probabilities of logits standardised by those of real rows: were all alike, parity would prove nothing."""

    def __init__(self, network: nn.Module, feeds: Sequence[torch.Tensor]) -> None:
        super().__init__()
        self.network = network
        with torch.no_grad():
            logits = network(*feeds)
        self.register_buffer("centre", logits.mean(dim=0))
        # Where logits hardly differ, to spread them more would magnify their rounding, which no trained head does.
        self.register_buffer("spread", logits.std(dim=0).clamp(min=0.05 * float(logits.abs().max())) / 2)

    def forward(self, *feeds: torch.Tensor) -> torch.Tensor:
        return torch.softmax((self.network(*feeds) - self.centre) / self.spread, dim=1)


class _Logits(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, *feeds: torch.Tensor) -> torch.Tensor:
        return self.network(*feeds).logits  # type: ignore[no-any-return]


class _Lit(pl.LightningModule):  # type: ignore[misc]
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.network(rows)  # type: ignore[no-any-return]


class _Recurrent(nn.Module):
    def __init__(self, layer: Callable[..., nn.Module], words: int, **options: Any) -> None:
        super().__init__()
        self.words = nn.Embedding(words, WIDTH)
        self.layer = layer(WIDTH, WIDTH, batch_first=True, **options)
        self.head = nn.Linear(WIDTH * (1 + bool(options.get("bidirectional"))), 3)

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        states, _ = self.layer(self.words(tokens))
        own = mask.unsqueeze(2).to(states.dtype)
        return self.head((states * own).sum(dim=1) / own.sum(dim=1).clamp(min=1))  # type: ignore[no-any-return]


class _Convolved(nn.Module):
    def __init__(self, words: int) -> None:
        super().__init__()
        self.words = nn.Embedding(words, WIDTH)
        self.layer = nn.Conv1d(WIDTH, WIDTH, 3, padding=1)
        self.head = nn.Linear(WIDTH, 3)

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        states = self.layer(self.words(tokens).transpose(1, 2)).masked_fill(mask.unsqueeze(1) == 0, -1e4)
        return self.head(torch.relu(states).amax(dim=2))  # type: ignore[no-any-return]


class _Attentive(nn.Module):
    def __init__(self, words: int) -> None:
        super().__init__()
        self.words = nn.Embedding(words, WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, 4, 64, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(WIDTH, 3)

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        states = self.layers(self.words(tokens), src_key_padding_mask=mask == 0)
        own = mask.unsqueeze(2).to(states.dtype)
        return self.head((states * own).sum(dim=1) / own.sum(dim=1).clamp(min=1))  # type: ignore[no-any-return]


def _convolutions(norm: Callable[[int], nn.Module] = lambda _: nn.Identity()) -> Iterator[nn.Module]:
    for before, after in ((3, 8), (8, 16)):
        yield from (nn.Conv2d(before, after, 3, padding=1), norm(after), nn.ReLU(), nn.MaxPool2d(2))


def _pool() -> tuple[nn.Module, ...]:
    return nn.AdaptiveAvgPool2d(1), nn.Flatten()
