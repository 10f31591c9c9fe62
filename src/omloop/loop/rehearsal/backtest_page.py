"""The page that a back-test leaves in the workspace."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

from omloop.loop.records.pages import keep_page
from omloop.report import ResultPage, ResultTable, result_page

if TYPE_CHECKING:
    from omloop.loop.rehearsal.backtest_result import Backtest
    from omloop.loop.workspace import Workspace

DAY = 86_400.0


def keep_backtest(found: Backtest, workspace: Workspace) -> None:
    """Keep what would have come of each policy, with the live score by days."""
    began = min((step.time for one in found.replays for step in one.steps), default=0.0)
    title = f"{found.project}: {len(found.replays)} policies over {found.days:.1f} days"
    head = ["policy", f"live {found.metric}", "alarms", "retrained", "promoted", "rolled back", "training"]
    rows = [
        [
            one.name,
            "unknown" if math.isnan(one.score) else f"{one.score:.3f}",
            *(f"{count:,}" for count in (one.alarms, one.retrained, one.promoted, one.rolled_back)),
            f"{one.training_s:.0f} s",
        ]
        for one in found.replays
    ]
    lines = {
        (place, one.name): [((step.time - began) / DAY, step.score) for step in one.steps if not math.isnan(step.score)]
        for place, one in enumerate(found.replays)
    }
    known = {label: points for label, points in lines.items() if points}
    page = ResultPage(
        title=title,
        about=f"{found.rows:,} predictions, {found.labelled:,} labelled, of which {found.left_out:,} are not scored",
        charts={f"Live {found.metric}, by days": known} if known else {},
        tables=[ResultTable("What would have come of each policy", head, rows)],
    )
    keep_page(found.project, workspace, "backtest", result_page(page), title=title, record=asdict(found))
