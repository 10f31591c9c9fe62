"""What a watch does about its findings: a few lines of YAML, with harmless defaults."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import msgspec.inspect
from msgspec import Meta

from omloop.core import ConfigError, Place, Project, explain_missing, shown

if TYPE_CHECKING:
    from omloop.alert.plain_yaml import PlainYaml

NAME = "policy.yaml"

Act = Literal["retrain", "tell"]
Count = Annotated[int, Meta(ge=0)]
Some = Annotated[int, Meta(ge=20)]
Span = Annotated[float, Meta(ge=0)]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What follows from a loss, and from drift with or without one; with which data, how often and how carefully.

    `loss`: labels show that the model got worse. `harmful_drift`: the input moved, and the accuracy estimated without
    labels fell by `estimated_loss` or more. `drift`: the input moved, and nothing shows a loss. The watch reports
    broken data (absent values, unknown categories, other units), and never learns from it.

    A retraining waits for `least_labels` new labels of distinct rows, and for `pause_minutes` since the last one; it
    may take `most_minutes`. It learns from the source's records as `past` says (`all`, `balanced`, `none`), and from
    the labelled predictions of the last `learn_days` days (0: all).

    If the gate finds a candidate better, it answers `shadow` live requests beside the champion, for at most
    `shadow_minutes`. Then the watch promotes it (`auto`) or asks a person (`ask`). The watch rolls it back if its first
    `probation` labelled answers, within `probation_hours`, are worse than those of the previous champion.

    A candidate may take up to `most_times_slower` the champion's time, always a millisecond a row, and no more than
    `most_megabytes` (0: any). `false_alarms` is the chance of any false alarm of drift in 25,000 predictions.
    """

    loss: Act = "retrain"
    harmful_drift: Act = "retrain"
    drift: Act = "tell"
    broken: Literal["tell"] = "tell"
    estimated_loss: Annotated[float, Meta(gt=0)] = 0.02
    least_labels: Some = 200
    pause_minutes: Span = 60.0
    most_minutes: Annotated[float, Meta(gt=0)] = 120.0
    past: Literal["all", "balanced", "none"] = "balanced"
    learn_days: Span = 0.0
    shadow: Count = 100
    shadow_minutes: Span = 10.0
    promote: Literal["auto", "ask"] = "auto"
    most_times_slower: Annotated[float, Meta(gt=0)] = 5.0
    most_megabytes: Span = 0.0
    probation: Count = 500
    probation_hours: Span = 48.0
    false_alarms: Annotated[float, Meta(gt=0, lt=0.5)] = 0.01


TELL = Policy(loss="tell", harmful_drift="tell", drift="tell")
"""A watch that only looks."""


def policy_of(project: Project) -> Policy:
    """The project's own `policy.yaml`, else the default; raises ConfigError."""
    own = project.folder / NAME if project.folder else None
    return read_policy(own) if own and own.is_file() else Policy()


def read_policy(path: Path) -> Policy:
    """Read and check a policy; raises ConfigError that names the line that is wrong and what would work."""
    with explain_missing("A policy in YAML"):
        from omloop.alert.plain_yaml import read_plain
    read = read_plain(path)
    decoded = msgspec.yaml.decode(read.text)
    if decoded is None:
        return Policy()
    if not isinstance(decoded, dict):
        raise ConfigError("a policy must be lines such as 'loss: retrain'.", Place(str(path), 1))
    known = Policy.__struct_fields__
    for name in decoded:
        if name not in known:
            raise ConfigError.unknown_key(read.place(str(name)), str(name), known, of="a policy")
    for name, value in decoded.items():
        try:
            msgspec.convert({name: value}, Policy)
        except msgspec.ValidationError as error:
            more = ", since what is broken is never learned from" if name == "broken" else ""
            works = f"{_wanted(name)}{more}"
            raise ConfigError.wrong_value(read.place(name), name, shown(value), works, known=_words(name)) from error
    policy = msgspec.convert(decoded, Policy)
    _require_sense(policy, read)
    return policy


def _wanted(name: str) -> str:
    """What a line of a policy may hold, in words."""
    if choices := _words(name):
        return " or ".join(choices)
    kind = _kind(name)
    words = {"ge": "at least", "gt": "above", "lt": "below", "le": "at most"}
    limits = [f"{word} {getattr(kind, name):g}" for name, word in words.items() if getattr(kind, name) is not None]
    whole = "a whole number" if isinstance(kind, msgspec.inspect.IntType) else "a number"
    return f"{whole}, {' and '.join(limits)}"


def _words(name: str) -> tuple[str, ...]:
    """The words that a line may hold; none where it holds a number."""
    kind = _kind(name)
    return tuple(map(str, kind.values)) if isinstance(kind, msgspec.inspect.LiteralType) else ()


def _kind(name: str) -> object:
    return next(one.type for one in msgspec.inspect.type_info(Policy).fields if one.name == name)  # type: ignore[attr-defined]


def _require_sense(policy: Policy, read: PlainYaml) -> None:
    """Raise ConfigError for lines that contradict each other; each contradiction begins with the key to look at."""
    contradictions = {
        "'drift: retrain' with 'loss: tell' retrains for drift that does not hurt but not for a loss": (
            policy.drift == "retrain" and policy.loss == "tell"
        ),
        "'shadow_minutes: 0' leaves no time for 'shadow'; set 'shadow: 0' to promote without": (
            policy.shadow > 0 and policy.shadow_minutes == 0
        ),
        "'probation_hours: 0' leaves no time for 'probation'; set 'probation: 0' to go without": (
            policy.probation > 0 and policy.probation_hours == 0
        ),
    }
    for told, wrong in contradictions.items():
        if wrong:
            key = told[1:].partition(":")[0]
            raise ConfigError(f"{told}.", read.place(key), key)
