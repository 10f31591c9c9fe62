"""Items about doing more at once: loading, training, and smaller or compiled models."""

from __future__ import annotations

import re

from omloop.audit.commands import any_of
from omloop.audit.evidence import Evidence, found, missing, weak
from omloop.audit.items.ask import first, not_started, only_declared, run_spots, spots_of
from omloop.audit.repository import Repository

_LOADER = re.compile(r"(?:^|\.)DataLoader$")
_TRAINER = re.compile(r"(?:^|\.)Trainer$")
_SHARES = any_of(
    r"\btorchrun\b",
    r"\baccelerate launch\b",
    r"-m torch\.distributed",
    r"\bdeepspeed\b \S+\.py",
    r"\bomloop (?:train|turn)\b.*model\.devices=",
)
_SMALLER = (
    "torch.quantization.", "torch.ao.quantization.", "torch.nn.utils.prune.", "torch.compile", "torch.jit.script",
    "torch.jit.trace", "onnxruntime.quantization.", "torch_pruning.", "torchao.", "bitsandbytes.",
    "torch_tensorrt.compile",
    "optimum.intel.", "neural_compressor.", "tensorflow_model_optimization.", "openvino.convert_model", "nncf.",
)  # fmt: skip


def loading(repository: Repository) -> Evidence:
    """A loader with several workers."""
    loaders = [(facts, call) for facts in repository.code for call in facts.calls if _LOADER.search(call.name)]
    several = [(facts, call) for facts, call in loaders if call.keywords.get("num_workers", "0") != "0"]
    if several:
        return found(f"a loader with num_workers={several[0][1].keywords['num_workers'] or '…'}", *spots_of(several))
    if loaders:
        return weak("loaders with no workers of their own", *spots_of(loaders))
    return missing()


def training(repository: Repository) -> Evidence:
    """A training that several processes share."""
    names = (
        "torch.nn.parallel.DistributedDataParallel",
        "accelerate.Accelerator",
        "deepspeed.initialize",
        "horovod.torch.",
        "ray.train.",
        "torch.distributed.init_process_group",
        "torch.distributed.fsdp.",
    )
    shared = spots_of(repository.calls(*names))
    trainers = [(facts, call) for facts in repository.code for call in facts.calls if _TRAINER.search(call.name)]
    shared += spots_of((f, c) for f, c in trainers if re.search(r"ddp|fsdp|deepspeed", c.keywords.get("strategy", "")))
    shared += spots_of((f, c) for f, c in trainers if re.fullmatch(r"[2-9]|\d\d+", c.keywords.get("devices", "")))
    shared += run_spots(repository, _SHARES)
    if shared:
        return found("processes share a training", *first(shared))
    alone = spots_of(repository.calls("torch.nn.DataParallel"))
    if alone:
        return weak("DataParallel, which torch advises against", *alone)
    auto = spots_of((f, c) for f, c in trainers if c.keywords.get("devices") in ("auto", "-1"))
    if auto:
        return weak("as many devices as there are, which may be one", *auto)
    return not_started(
        repository,
        only_declared(repository, "accelerate", "deepspeed", "horovod"),
    )


def smaller(repository: Repository) -> Evidence:
    """Quantisation, pruning or compilation."""
    spots = spots_of(repository.calls(*_SMALLER))
    spots += run_spots(repository, r"\bomloop optimise\b|-m onnxruntime\.quantization|\btrtexec\b")
    if spots:
        return found("models are quantised, pruned or compiled", *first(spots))
    packages = ("torch-pruning", "torchao", "bitsandbytes", "neural-compressor", "nncf", "openvino")
    return not_started(repository, only_declared(repository, *packages))
