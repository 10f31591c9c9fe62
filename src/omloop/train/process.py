"""What a training changes in its process while it runs, and puts back."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator

import torch

from omloop.core import cpu_quota, quiet_loggers


@contextlib.contextmanager
def seeded_process(seed: int) -> Iterator[None]:
    """Seeds and threads for one training; afterwards it restores the former ones."""
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        torch.set_num_threads(most_threads())
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            torch.use_deterministic_algorithms(deterministic, warn_only=warn_only)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silence Lightning's advice and its lists of devices: those who run omloop did not choose its trainer."""
    with quiet_loggers(["lightning.pytorch", "lightning.fabric"]):
        yield


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Make an interrupted training look interrupted.

    Lightning turns Ctrl-C into an exit of status 1 and ignores the next one, and SIGTERM into an exit of status 0.
    """
    handler = signal.getsignal(signal.SIGINT)
    try:
        yield
    except SystemExit as stopped:
        if isinstance(stopped.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        raise SystemExit(stopped.code or 128 + signal.SIGTERM) from None
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, handler)


def threads_given() -> int:
    """Threads that the environment or the project asked for; 0 where nobody did.

    `OMP_NUM_THREADS` is what torch begins with, and a later `torch.set_num_threads` changes that.
    """
    first = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return torch.get_num_threads() if first.isdigit() and int(first) else 0


def most_threads() -> int:
    """The requested threads, or else as many as there are cores, and no more than torch's own limit."""
    return threads_given() or min(cpu_quota(), torch.get_num_threads())


def has_bfloat16() -> bool:
    """Whether the device that training will use multiplies bfloat16 in hardware: a recent GPU, or AVX-512 BF16."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # torch has no public question for this yet; without its private one, training stays in float32.
    probe = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(probe and probe())
