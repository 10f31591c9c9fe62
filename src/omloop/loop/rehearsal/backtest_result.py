"""What came of policies over the same predictions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stretch:
    """A stretch of the log: when it ended, the version that answered, and the main metric of its labelled answers.

    `labelled` counts the scored ones, which are the same in all replays.
    """

    time: float
    version: str
    rows: int
    labelled: int
    score: float


@dataclass(frozen=True)
class Replay:
    """What came of one policy: every stretch, how often it rang, retrained and promoted, and what training took."""

    name: str
    steps: tuple[Stretch, ...]
    alarms: int
    retrained: int
    promoted: int
    rolled_back: int
    training_s: float
    score: float


@dataclass(frozen=True)
class Backtest:
    """The replays of several policies over the same predictions, and which metric the scores are.

    `left_out` counts labelled predictions that no replay scores: in one of them the answering version had learned from
    that row.
    """

    project: str
    metric: str
    rows: int
    labelled: int
    left_out: int
    days: float
    replays: tuple[Replay, ...]
