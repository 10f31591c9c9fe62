"""What the processes of test_concurrent.py do: `python writer.py <verb> <root> [<count>]`."""

import sys
from pathlib import Path

from omloop.core import ConflictError, Decision, PromotionError
from omloop.register import FileBlobs, Registry


def promote(registry: Registry, count: int) -> None:
    """Try `count` times to take the crown from whoever has it, then print how often that went well."""
    won = 0
    for turn in range(count):
        champion, versions = registry.champion(), registry.versions()
        others = [version for version in versions if version != champion]
        try:
            evidence = {"expected": champion}
            registry.promote(others[turn % 3], expected=champion, by="x", reason="", evidence=evidence)
            won += 1
        except (ConflictError, PromotionError):
            continue
    sys.stdout.write(f"{won}\n")


def write(registry: Registry) -> None:
    """Add, decide, promote and roll back until killed."""
    from omloop.testing.bundles import tiny_bundle

    weight = float(len(registry.versions()))
    while True:
        weight += 1
        champion, version = registry.champion(), registry.add(tiny_bundle(weight), by="x")
        registry.decide(version, Decision("better", "yes", {"gain": 0.1}), against=champion, by="x")
        registry.promote(version, expected=champion, by="x", reason="yes")
        sys.stdout.write(f"{version}\n")
        sys.stdout.flush()
        if champion and weight % 3 == 0:
            registry.rollback(by="x", reason="no")


if __name__ == "__main__":
    verb, root = sys.argv[1:3]
    registry = Registry(FileBlobs(Path(root)), "tiny")
    if verb == "promote":
        promote(registry, int(sys.argv[3]))
    else:
        write(registry)
