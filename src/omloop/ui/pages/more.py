"""What else there is of a project: alerts, a trial, the policy, and every report that the workspace keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omloop.ui.pages.alerts import show_alerts
from omloop.ui.pages.policy import show_policy
from omloop.ui.pages.reports import show_report, show_reports
from omloop.ui.pages.trial import show_trial
from omloop.ui.parts.frame import frame, heading

if TYPE_CHECKING:
    from omloop.ui.visit import Visit


async def more(visit: Visit) -> None:
    """The page; where the address names a report, the page shows that report."""
    about = await visit.about()
    with frame(visit, "More", "more"):
        if visit.query("report"):
            await show_report(visit, visit.query("report"))
            return
        heading("More", "Alerts, trials, policies, and what was reported.")
        await show_alerts(visit, about)
        await show_trial(visit, about)
        await show_policy(visit)
        await show_reports(visit)
