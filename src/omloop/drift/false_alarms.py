"""The promise on false alarms."""

from dataclasses import dataclass

from omloop.bundle import Reference


@dataclass(frozen=True)
class AlarmBudget:
    """How rarely the alarm may ring without drift, and what it looks at.

    `false_alarms` is the chance of any alarm in `per` predictions without drift. It is split equally over looks,
    windows of `scales` buckets, columns, and `streams`. `streams` is how many slices the watch tests side by side. A
    column must also be `least_effect` from the reference, by its population stability index. The default is that of a
    normal column whose mean moves by 0.14 standard deviations.
    """

    false_alarms: float = 0.01
    per: int = 25_000
    scales: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    least_effect: float = 0.02
    streams: int = 1

    def level(self, reference: Reference) -> float:
        """What the p-value of one column in one window must be below (Bonferroni 1936)."""
        looks = self.per / reference.bucket
        return self.false_alarms / (looks * len(self.scales) * max(1, len(reference.parts)) * self.streams)
