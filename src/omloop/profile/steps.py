"""What a network's training steps cost: torch's profiler, over a few steps alone, so that it slows nothing down."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import torch
from torch.optim.optimizer import register_optimizer_step_post_hook
from torch.profiler import ProfilerActivity, profile

from omloop.profile.costs import Costs

LEFT_OUT, LOOKED_AT = 3, 6
"""Steps before the first that is looked at, which are slower, and how many are."""

_LOADING = "enumerate(DataLoader)"


@dataclass
class StepTimes:
    """What was seen: how many steps, how long they took, and their operators, the costliest first.

    `loading_s` of the `seconds` went to data loading. `peak_bytes` is the most memory of a GPU, 0 without one.
    """

    count: int = 0
    operators: list[Costs] = field(default_factory=list)
    seconds: float = 0.0
    loading_s: float = 0.0
    peak_bytes: int = 0


@contextmanager
def steps() -> Iterator[StepTimes]:
    """Look at a few steps of whatever optimiser steps while the context lasts; a training of fewer is not looked at."""
    seen, profiler, taken, begun = StepTimes(), _profiler(), 0, 0.0

    def stepped(*_: Any) -> None:
        nonlocal taken, begun
        taken += 1
        if taken == LEFT_OUT:
            profiler.start()
            begun = perf_counter()
        elif taken == LEFT_OUT + LOOKED_AT:
            seen.seconds = perf_counter() - begun
            profiler.stop()

    handle = register_optimizer_step_post_hook(stepped)
    try:
        yield seen
    finally:
        handle.remove()
        if LEFT_OUT <= taken < LEFT_OUT + LOOKED_AT:
            profiler.stop()
    if taken >= LEFT_OUT + LOOKED_AT:
        _read(profiler, seen)


def _profiler() -> profile:
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if torch.cuda.is_available() else [])]
    return profile(activities=activities)


def _read(profiler: profile, seen: StepTimes) -> None:
    """Sum up what the profiler saw; reading takes longer than looking, so it waits for the end of the training."""
    events, gpu = profiler.key_averages(), torch.cuda.is_available()
    own = "self_device_time_total" if gpu else "self_cpu_time_total"
    found = [Costs(event.key, event.count, getattr(event, own) / 1e6) for event in events if "::" in event.key]
    seen.count = LOOKED_AT
    seen.operators = sorted(found, key=lambda one: -one.seconds)
    seen.loading_s = sum(event.cpu_time_total for event in events if event.key.startswith(_LOADING)) / 1e6
    seen.peak_bytes = torch.cuda.max_memory_allocated() if gpu else 0
