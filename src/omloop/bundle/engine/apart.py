"""Tries a graph in its own process, with limits of time and memory, before a server loads it.

If a value sizes a graph's work, the graph can run for ever or take all memory, and nothing outside can stop an engine.
A bundle's files do not prove its origin: whoever can write a bundle can write a history too. So the graph decides. One
without such operators costs what its file holds, and loads at once.
"""

import contextlib
import subprocess
import sys
from collections.abc import Mapping

import msgspec

from omloop.bundle.bundle import MANIFEST, Bundle
from omloop.bundle.engine.graph_bounds import GROWS, operators_of
from omloop.core import BundleError

MOST_S = 60.0
"""Seconds for starting, loading and answering the bundle's examples once; large models here take less than ten."""
MEMORY = 4 << 30
"""Bytes of a process beside eight times the graph: its libraries map about two gigabytes of addresses."""

_tried: set[tuple[str, str]] = set()


def try_apart(bundle: Bundle, variant: str = "") -> None:
    """Let a separate process load the variant and answer its examples, unless the graph's size bounds its cost.

    Raises BundleError for a graph that takes more than `MOST_S` seconds or `MEMORY`, or that ends the process. It tries
    a variant only once in this process.
    """
    name = bundle.variant(variant)
    if (bundle.digest, name) in _tried or not is_unbounded(bundle.graph(name), bundle.graph_digest(name)):
        return
    content = msgspec.msgpack.encode({**bundle.files, MANIFEST: bundle.manifest_bytes})
    words = [sys.executable, "-m", "omloop.bundle.engine.apart", name]
    try:
        done = subprocess.run(words, input=content, capture_output=True, timeout=MOST_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise BundleError(
            f"The model does not answer its own examples within {MOST_S:g} s. Package a smaller model."
        ) from error
    if done.returncode != 0:
        last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"status {done.returncode}"])[-1]
        raise BundleError(f"The model cannot be loaded in a process of its own: {last[:200]}")
    _tried.add((bundle.digest, name))


def is_unbounded(model: bytes, digest: str = "") -> bool:
    """Whether a graph holds an operator sized by a value, or one of an unknown domain.

    `digest` is as of `operators_of`.
    """
    return any(operator in GROWS or "." in operator for operator in operators_of(model, digest))


def _limit(graph: int) -> None:
    """Bound this process's addresses, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        most = MEMORY + 8 * graph
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def main(variant: str) -> None:
    """Read a bundle's files from standard input, load the variant, answer the examples; the last line says why not."""
    from omloop.bundle.engine.session import Session

    files: Mapping[str, bytes] = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=dict[str, bytes])
    try:
        bundle = Bundle.load(files.__getitem__)
        _limit(len(bundle.graph(variant)))
        session = Session.of(bundle, threads=1, variant=variant)
        session.predict(session.inputs.parse(bundle.examples.rows))
    except (BundleError, MemoryError) as error:
        sys.exit(str(error) or "it takes more memory than it may")


if __name__ == "__main__":
    main(*sys.argv[1:])
