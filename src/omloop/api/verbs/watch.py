"""Watching: drift, alerts, and how they would have gone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.api.verbs.base import Verbs

if TYPE_CHECKING:
    from omloop.alert import Alert
    from omloop.loop.rehearsal.backtest_result import Backtest
    from omloop.loop.rehearsal.drill import DrillResult
    from omloop.loop.watch.policy import Policy
    from omloop.loop.watch.watch import WatchResult


class WatchVerbs(Verbs):
    """What looks at predictions, or rehearses it."""

    def watch(self, project: str, *, retrain: bool = False, policy: str | Path | Policy | None = None) -> WatchResult:
        """Look once for drift and loss; with `retrain`, or a `policy`, do what it says."""
        from omloop.loop.watch.policy import TELL, policy_of, read_policy
        from omloop.loop.watch.watch import watch_once

        if isinstance(policy, (str, Path)):
            policy = read_policy(Path(policy))
        elif policy is None:
            policy = policy_of(self._project(project)) if retrain else TELL
        return watch_once(self._name(project), self.places, policy, tell=self._tell)

    def alerts(self, project: str) -> tuple[Alert, ...]:
        """Look once, judge the project's alerts, and notify their receivers; gives the new alerts."""
        from omloop.loop.watch.alerting import raise_alerts
        from omloop.loop.watch.signals import signals_of

        now = self.places.clock()
        found = self.watch(project)
        signals = signals_of(found.seen, self.places, now, events=found.history)
        return raise_alerts(self._name(project), signals, self.places, now)

    def drill(self, project: str, *overrides: str) -> list[DrillResult]:
        """Make everything go wrong in a throw-away workspace, and tell what came of it."""
        from omloop.loop.rehearsal.drill import drill

        return list(drill(self._project(project), self.places, overrides, tell=self._tell))

    def backtest(self, project: str, policies: Mapping[str, Policy], *, days: float = 30.0) -> Backtest:
        """What each policy would have made of the predictions of the last `days`."""
        from omloop.loop.rehearsal.backtest import backtest

        return backtest(self._name(project), self.places, policies, days=days, tell=self._tell)
