"""Encoders that somebody else trained: from a folder in the layout of the Hugging Face Hub, or by name from the Hub.

Read are `config.json`, weights as `*.safetensors` and `tokenizer.json`: data, never pickle and never code of a model's
own.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from omloop.core import ConfigError, TrainError, explain_missing

FILES = ("config.json", "*.safetensors", "*.safetensors.index.json", "tokenizer.json")
"""The files to fetch from the Hub."""


class PooledEncoder(torch.nn.Module):
    """An encoder of tokens with one vector a text at its end: the mean of its last layer over the text's own tokens.

    With `all_layers` the means of all layers stand side by side, the token embeddings first. An earlier layer may keep
    what the last one dropped for its own task (M. Peters et al., "Deep contextualized word representations", NAACL
    2018).
    """

    def __init__(self, encoder: torch.nn.Module, *, all_layers: bool = False) -> None:
        super().__init__()
        self.encoder = encoder
        self.all_layers = all_layers

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Vectors, float32 of shape (n, width), for int64 tokens and mask of shape (n, longest)."""
        told = self.encoder(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=self.all_layers)
        states = told.hidden_states if self.all_layers else (told.last_hidden_state,)
        return torch.cat([_mean(layer, attention_mask) for layer in states], dim=1)


def _mean(states: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
    """The mean over a text's own tokens."""
    states = states.float()  # in mixed precision a sum of hundreds loses too much
    own = attention_mask.unsqueeze(2).to(states.dtype)
    return (states * own).sum(dim=1) / own.sum(dim=1).clamp(min=1)


@dataclass(frozen=True)
class Encoder:
    """A loaded encoder. `tokenizer` is the content of its `tokenizer.json`, `width` a vector's length.

    `most_tokens` is the longest text that it can read, `digest` the SHA-256 of all its files.
    """

    name: str
    network: PooledEncoder
    tokenizer: bytes
    width: int
    most_tokens: int
    digest: str

    def require(self, tokens: int) -> None:
        """Raise ConfigError for a number of tokens that the encoder cannot read."""
        if not 2 <= tokens <= self.most_tokens:
            raise ConfigError(f"model.tokens={tokens} is not from 2 to {self.most_tokens}, as {self.name} reads them.")


def load_encoder(name: str, *, all_layers: bool = False) -> Encoder:
    """Load the encoder in the folder `name`, or the one that the Hub knows by that name, in evaluation mode.

    Its vectors are the means of the last layer, or of `all_layers` side by side. Raises TrainError if it is out of
    reach, lacks a file, or lacks weights of its configuration.
    """
    folder = Path(name).expanduser()
    folder = folder if folder.is_dir() else _fetched(name)
    contents = _contents(folder)
    network, width, most = _network(folder, json.loads(contents["config.json"]))
    width *= network.config.num_hidden_layers + 1 if all_layers else 1
    pooled = PooledEncoder(network, all_layers=all_layers).eval()
    return Encoder(name, pooled, contents["tokenizer.json"], width, most, _digest(contents))


def _fetched(name: str) -> Path:
    with explain_missing(f"The encoder '{name}'"):
        from huggingface_hub import snapshot_download
    try:
        return Path(snapshot_download(name, allow_patterns=list(FILES)))
    except Exception as error:  # the library raises errors of its own, of its HTTP client and of the system
        words = str(error).strip().splitlines() or [type(error).__name__]
        raise TrainError(
            f"The encoder '{name}' is no folder here, and cannot be fetched from the Hugging Face Hub: "
            f"{words[0].rstrip('.')}. Give a folder that holds config.json, model.safetensors and tokenizer.json: "
            "model.encoder=path/to/folder"
        ) from error


def _contents(folder: Path) -> Mapping[str, bytes]:
    """The files by name; raises TrainError that says which one is missing."""
    contents = {path.name: path.read_bytes() for pattern in FILES for path in sorted(folder.glob(pattern))}
    missing = [name for name in ("config.json", "tokenizer.json") if name not in contents]
    missing += [] if any(name.endswith(".safetensors") for name in contents) else ["model.safetensors"]
    if missing:
        raise TrainError(
            f"{folder} holds no {' and no '.join(missing)}, as an encoder must. Weights in another form (.bin, .pt) "
            "are not read: convert them to safetensors, and the tokenizer to its JSON, with save_pretrained."
        )
    return contents


def _digest(contents: Mapping[str, bytes]) -> str:
    digests = [f"{name}:{hashlib.sha256(content).hexdigest()}" for name, content in sorted(contents.items())]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _network(folder: Path, config: Mapping[str, Any]) -> tuple[Any, int, int]:
    """The network with the width of its layers and the length of the longest text."""
    from transformers import AutoModel

    try:
        with _quiet():
            network, found = AutoModel.from_pretrained(
                str(folder),
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                dtype=torch.float32,
                output_loading_info=True,
            )
    except Exception as error:  # transformers raises whatever it meets
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise TrainError(f"{folder} holds no encoder that transformers can load: {first.rstrip('.')}.") from error
    # Weights that are not there would be drawn at random, in silence. The pooler is not used.
    absent = sorted(key for key in found["missing_keys"] if not key.startswith("pooler."))
    if absent:
        raise TrainError(f"{folder} lacks {len(absent)} weights, such as {absent[0]}. Fetch or save the encoder again.")
    if getattr(network, "pooler", None) is not None:
        network.pooler = None
    width = int(network.config.hidden_size)
    return network, width, int(config.get("max_position_embeddings", 512))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence transformers' bars and its advice, and put back what was there."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
