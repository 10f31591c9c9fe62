"""A project's own report, written into a folder: what its memories hold, its model card, and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.core import write_whole
from omloop.loop.project.discover import project_name
from omloop.loop.report.gather import Memories
from omloop.report.project import circle_svg, hub_card, project_markdown
from omloop.report.project.markdown import CIRCLE

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace
    from omloop.report.project import ProjectReport

REPORT, MODEL_CARD = "README.md", "model-card.md"


def build_report(given: str, workspace: Workspace, output: str | Path | None = None) -> list[Path]:
    """Write a project's report and its champion's model card into a folder, and say which files.

    The folder is `output`, or `reports/NAME`. Raises OmloopError for a project that nobody knows, and StoreError for a
    folder that cannot be written.
    """
    name = project_name(given, workspace)
    folder = Path(output) if output else Path("reports") / name
    memories = Memories.of(name, workspace)
    plots = {f"figures/{path}": content for path, content in memories.plots().items()}
    report = memories.report({_title(path): path for path in plots})
    files = {REPORT: project_markdown(report).encode(), CIRCLE: circle_svg(name, _stages(report)).encode(), **plots}
    if (card := memories.hub_card()) is not None:
        files[MODEL_CARD] = hub_card(card).encode()
    for path, content in files.items():
        write_whole(folder / path, content)
    return [folder / path for path in files]


def _title(path: str) -> str:
    return Path(path).stem.replace("_", " ")


def _stages(report: ProjectReport) -> Sequence[tuple[str, str, str]]:
    """The stages of the circuit, each with what it is in this project."""
    one = report.champion
    score = next(iter(f"{name} {score}" for name, score in one.scores.items()), "") if one else ""
    total = report.traffic.get("total", 0)
    where = {place.memory: place.where for place in report.places}
    return (
        (
            "data",
            report.data.get("source", "not read yet"),
            f"records: {report.data['records']}" if report.data else "",
        ),
        ("train", one.model if one else "no model yet", f"{report.run_count:,} runs in {where['runs']}"),
        ("package", f"version {one.version}" if one else "no version yet", f"in {where['versions']}"),
        ("gate", score or "no decision yet", f"{len(report.decisions):,} decisions" if report.decisions else ""),
        ("serve", f"champion {one.version}" if one else "no champion yet", f"since {one.since}" if one else ""),
        ("predictions", f"{total:,} in the log", f"in {where['predictions']}"),
        ("watch", report.drift if report.looked else "has not looked yet", report.looked),
        ("turn again", f"retrainings: {_retrained(report)}", ""),
    )


def _retrained(report: ProjectReport) -> int:
    return sum(one.kind == "retrained" for one in report.incidents)
