"""What is surely wrong, and no item of the check-list asks for."""

from __future__ import annotations

from collections.abc import Iterator

from omloop.audit.evidence import Defect, Spot
from omloop.audit.items.serving import deploying_workflows, served_paths
from omloop.audit.repository import Repository, is_test

# What is said of an oddity in code, and what to do; `{}` is what it is called there.
_TOLD = {
    "secret": (
        "what looks like a secret stands in the source ({})",
        "take it out, revoke it, and read it from the environment or a secret manager",
    ),
    "blocking handler": (
        "the handler `{}` is `async def` and predicts on the event loop: nobody else is answered meanwhile",
        "write it as `def`, or await run_in_threadpool; `omloop serve` answers off the loop",
    ),
    "compared with itself": (
        "`{}` is compared with itself: that is always the same answer",
        "compare it with what was meant",
    ),
    "variable with a blank": (
        "the environment variable {} has a blank in its name, and is never set",
        "take the blank out",
    ),
    "fault told to callers": (
        "callers are told the exception's own words",
        "log them, and answer 4xx for a caller's fault; `omloop serve` does",
    ),
    "fitted before the split": (
        "`{}` is scaled or encoded by all rows, those of the test part too, before the split",
        "split first, and fit on the training part; `omloop turn` does",
    ),
}
_PICKLE = "`{}` runs code that is in the file, in what answers requests"
_SAFE = "keep models as ONNX, safetensors or skops; `omloop turn` packages as ONNX"
_EVAL = "a network is loaded by what answers requests, and nothing calls eval(): dropout stays live"


def find_defects(repository: Repository) -> list[Defect]:
    """All of them, by path and line."""
    defects = [*repository.secrets, *_in_code(repository), *_in_serving(repository), *_in_workflows(repository)]
    return sorted(set(defects), key=lambda one: (one.what, one.spot.path, one.spot.line))


def _in_code(repository: Repository) -> Iterator[Defect]:
    for path, facts in repository.python.items():
        for one in facts.oddities:
            if one.kind in _TOLD and not is_test(path):
                what, step = _TOLD[one.kind]
                yield Defect(what.format(one.about or "key"), Spot(path, one.line), step)


def _in_serving(repository: Repository) -> Iterator[Defect]:
    served = sorted(served_paths(repository) - {path for path in repository.python if is_test(path)})
    for path in served:
        for one in repository.python[path].oddities:
            if one.kind == "pickle":
                yield Defect(_PICKLE.format(one.about), Spot(path, one.line), _SAFE)
    calls = [(path, call) for path in served for call in repository.python[path].calls]
    loaded = [(path, call) for path, call in calls if call.last in ("load_state_dict", "load_from_checkpoint")]
    if loaded and not any(call.last == "eval" or call.keywords.get("mode") == "False" for _, call in calls):
        path, call = loaded[0]
        yield Defect(_EVAL, Spot(path, call.line), "call eval() after loading")


def _in_workflows(repository: Repository) -> Iterator[Defect]:
    for path, line in deploying_workflows(repository):
        step = "start it by pushes to main alone"
        yield Defect("a pull request deploys before anybody agreed to it", Spot(path, line), step)
