"""Networks for pictures that transformers builds from a configuration, or loads from a folder or a hub."""

from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights
from transformers import (
    EfficientNetConfig,
    EfficientNetForImageClassification,
    ResNetConfig,
    ResNetForImageClassification,
)
from transformers.utils import logging as transformers_logging

from omloop.core import TrainError, UnknownNameError, first_line

# Tan and Le, EfficientNet (2019): how much wider and deeper than b0 each is, and its dropout.
EFFICIENTNETS = {
    "b0": (1.0, 1.0, 0.2),
    "b1": (1.0, 1.1, 0.2),
    "b2": (1.1, 1.2, 0.3),
    "b3": (1.2, 1.4, 0.3),
    "b4": (1.4, 1.8, 0.4),
    "b5": (1.6, 2.2, 0.4),
    "b6": (1.8, 2.6, 0.5),
    "b7": (2.0, 3.1, 0.5),
}
FEATURES = 1280


class _Pretrained(Protocol):
    def from_pretrained(self, name: str, **options: Any) -> Any: ...


def resnet(
    *,
    depths: tuple[int, ...],
    widths: tuple[int, ...],
    bottleneck: bool = False,
    weights: str = "",
    norm: str = "batch",
) -> tuple[nn.Module, int]:
    """A residual network (He et al., 2016) up to its pooled features of shape (n, features), and their number.

    A stage has one depth and one width. With `weights`, a folder or a hub's name, the network is the one found there; a
    file ending in .safetensors holds the weights of this one. `norm` is `batch`, or `none` for a network without batch
    normalisation, which begins with the same answers. Raises TrainError if it cannot get the weights.
    """
    if weights and not _is_file(weights):
        model = _loaded(ResNetForImageClassification, weights)
    else:
        kind = "bottleneck" if bottleneck else "basic"
        stem = min(64, widths[0])
        config = ResNetConfig(
            depths=list(depths), hidden_sizes=list(widths), embedding_size=stem, layer_type=kind, num_labels=1
        )
        model = ResNetForImageClassification(config)
    if _is_file(weights):
        _fill(model.resnet, Path(weights).expanduser(), "resnet.")
    if norm == "none":
        _without_norm(model)
    return _Pooled(model.resnet), int(model.config.hidden_sizes[-1])


def efficientnet(*, variant: str = "b0", weights: str = "", norm: str = "batch") -> tuple[nn.Module, int]:
    """An EfficientNet (Tan and Le, 2019), `b0` to `b7`, up to its pooled features, and how many those are.

    `weights` and `norm` are as for a `resnet`. Raises UnknownNameError for a variant, and TrainError as `resnet`.
    """
    if variant not in EFFICIENTNETS:
        raise UnknownNameError("variant of EfficientNet", variant, EFFICIENTNETS)
    if weights and not _is_file(weights):
        model = _loaded(EfficientNetForImageClassification, weights)
    else:
        width, depth, dropout = EFFICIENTNETS[variant]
        features = int(FEATURES * width / 8 + 0.5) * 8
        config = EfficientNetConfig(
            width_coefficient=width, depth_coefficient=depth, dropout_rate=dropout, hidden_dim=features, num_labels=1
        )
        model = EfficientNetForImageClassification(config)
        _begin(model, "fan_out" if norm == "batch" else "fan_in")
    if _is_file(weights):
        _fill(model.efficientnet, Path(weights).expanduser(), "efficientnet.")
    if norm == "none":
        _without_norm(model)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            # The configuration's 0.99 is meant as TensorFlow does: torch would know the last batch's statistics alone.
            module.momentum = 0.1
    # A window of a fixed thousand pixels is no pooling that ONNX can express for pictures of another size.
    model.efficientnet.pooler = nn.AdaptiveAvgPool2d(1)
    return _Pooled(model.efficientnet), int(model.config.hidden_dim)


class _Pooled(nn.Module):
    """The pooled features of a network of transformers, as a plain tensor of shape (n, features)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Features of pictures of shape (n, channels, height, width)."""
        pooled: torch.Tensor = self.network(pictures).pooler_output
        return pooled.flatten(1)


def _begin(model: nn.Module, mode: Literal["fan_in", "fan_out"]) -> None:
    """Give an EfficientNet initial weights that it can learn from; with `fan_in` activations keep their size.

    transformers draws every weight from a normal distribution around 0, even those of batch normalisation. Each layer
    then multiplies its input by about 0.02, and the loss does not move.
    """
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
        elif isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode=mode)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def _without_norm(model: nn.Module) -> None:
    """Put each batch normalisation into the convolution before it, as it computes in evaluation."""
    before: nn.Conv2d | None = None
    for parent in list(model.modules()):
        for name, module in list(parent.named_children()):
            if isinstance(module, nn.BatchNorm2d) and before is not None:
                mean, variance = module.running_mean, module.running_var
                norm: Any = (mean, variance, module.eps, module.weight, module.bias)
                before.weight, before.bias = fuse_conv_bn_weights(before.weight, before.bias, *norm)
                setattr(parent, name, nn.Identity())
            before = module if isinstance(module, nn.Conv2d) else before


def _is_file(weights: str) -> bool:
    return weights.endswith(".safetensors")


def _fill(network: nn.Module, path: Path, prefix: str) -> None:
    """Give a network the weights in a file, without those of a classifier on top."""
    try:
        kept = load_file(path)
    except (OSError, SafetensorError) as error:
        raise TrainError(
            f"No weights at model.weights={path}: {first_line(error)}. Give a file of safetensors."
        ) from error
    found = {name.removeprefix(prefix): value for name, value in kept.items() if not name.startswith("classifier")}
    wanted = {name: value for name, value in network.state_dict().items() if not name.endswith("num_batches_tracked")}
    absent = [name for name in wanted if name not in found or found[name].shape != wanted[name].shape]
    if absent:
        shape = f", which is of shape {tuple(found[absent[0]].shape)} there" if absent[0] in found else ""
        raise TrainError(
            f"{path} holds no weights of this network: {len(absent)} of {len(wanted)} do not fit or are not there, "
            f"such as {absent[0]} of shape {tuple(wanted[absent[0]].shape)}{shape}. Give the options of the "
            "network that it was saved from, or a folder that holds its config.json too."
        )
    network.load_state_dict({name: found[name] for name in wanted}, strict=False)


def _loaded(network: _Pretrained, weights: str) -> Any:
    """The network kept at `weights`: `config.json` with `model.safetensors`, in a folder or on the hub."""
    folder = Path(weights).expanduser()
    shown = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        where = str(folder) if folder.is_dir() else weights
        return network.from_pretrained(where, use_safetensors=True, local_files_only=folder.is_dir())
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise TrainError(
            f"No weights at model.weights={weights}: {reason} Give a folder with config.json and model.safetensors, a "
            "file ending in .safetensors, or the name of a model on the Hugging Face Hub while connected; leave it "
            "empty to learn from scratch."
        ) from error
    finally:
        transformers_logging.set_verbosity(shown)
