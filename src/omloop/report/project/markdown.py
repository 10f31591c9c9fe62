"""A project's report in Markdown. Every number is from a run, a version or a log; there are no placeholders."""

from collections.abc import Callable, Mapping, Sequence

from omloop.report.markdown import escape_markdown, table
from omloop.report.project.values import ChampionFacts, Decision, ProjectReport

CIRCLE = "figures/circle.svg"
"""Where the picture of the circuit lies, beside the report."""
MOST_RUNS = 10


def project_markdown(report: ProjectReport) -> str:
    """The report: a part for each thing already done, and at its end the things still to do, with their commands."""
    done = [(part(report), step) for part, step in PARTS]
    parts = [_head(report), *(text for text, _ in done if text)]
    missing = [f"- {step.format(project=report.project)}" for text, step in done if not text]
    if missing:
        parts.append("## Not done yet\n\n" + "\n".join(missing))
    return "\n\n".join(parts) + "\n"


def _head(report: ProjectReport) -> str:
    lines = [
        f"# {escape_markdown(report.project)}",
        escape_markdown(report.summary),
        *([f"> **Caution**: {escape_markdown(report.caution)}"] if report.caution else []),
        f"omloop {report.omloop} wrote this report on {report.made} UTC, from the project's runs, versions and "
        f"predictions. To write it anew: `omloop report build {report.project}`",
        f"![The circuit of {escape_markdown(report.project)}]({CIRCLE})",
        table(
            ["memory", "holds", "where"],
            [[escape_markdown(cell) for cell in (one.memory, one.holds, one.where)] for one in report.places],
        ),
    ]
    return "\n\n".join(lines)


def _data(report: ProjectReport) -> str:
    if not report.data:
        return ""
    columns = table(["column", "kind", "takes"], [list(map(escape_markdown, row)) for row in report.columns])
    told = f"\n\nIt learns `{report.target}` from {len(report.columns)} inputs:\n\n{columns}" if report.columns else ""
    return "## Data\n\n" + _facts(report.data) + told


def _runs(report: ProjectReport) -> str:
    if not report.runs:
        return ""
    rows = [
        [one.began, one.name, one.kind, one.status, one.model, one.score, _seconds(one.seconds), one.version]
        for one in report.runs[:MOST_RUNS]
    ]
    shown = f" The newest {MOST_RUNS}:" if report.run_count > MOST_RUNS else ""
    head = ["began (UTC)", "run", "kind", "status", "model", "score", "seconds", "version"]
    made = f"There are {report.run_count:,} runs.{shown}" if report.run_count > 1 else "There is one run."
    return f"## Runs\n\n{made}\n\n" + table(head, [list(map(escape_markdown, row)) for row in rows])


def _champion(report: ProjectReport) -> str:
    one = report.champion
    if one is None:
        return ""
    parts = [
        f"## Champion\n\nVersion `{one.version}` ({escape_markdown(one.model)}) is in service since {one.since} UTC. "
        f"{escape_markdown(one.by)} promoted it: {escape_markdown(one.reason)}.",
        "On test rows that it never saw, measured on the packaged model, with 95 % intervals:",
        table(["metric", "value"], [[escape_markdown(name), str(score)] for name, score in one.scores.items()]),
        *_variants(one),
        "Where it comes from:\n\n" + _facts(one.lineage),
        *(f"![{escape_markdown(title)}]({path})" for title, path in report.pictures.items()),
    ]
    return "\n\n".join(parts)


def _variants(one: ChampionFacts) -> list[str]:
    if not one.variants:
        return []
    head = ["variant", "served", "p50, ms", "faster", "metrics"]
    return ["Its variants:", table(head, [list(map(escape_markdown, row)) for row in one.variants])]


def _decisions(report: ProjectReport) -> str:
    if not report.decisions:
        return ""
    return "## Decisions\n\nWhat the gate and people decided, the newest first:\n\n" + _events(report.decisions)


def _incidents(report: ProjectReport) -> str:
    ringing = [f"- {escape_markdown(one)}" for one in report.ringing]
    if not report.incidents and not ringing:
        return ""
    parts = ["## Incidents"]
    if report.incidents:
        parts += ["What the watch saw and did, the newest first:", _events(report.incidents)]
    if ringing:
        parts += ["Alerts that ring now:", "\n".join(ringing)]
    return "\n\n".join(parts)


def _traffic(report: ProjectReport) -> str:
    if not report.traffic.get("total"):
        return ""
    total, day = report.traffic["total"], report.traffic.get("day", 0)
    return f"## Traffic\n\n{total:,} predictions are in the log, {day:,} of the last day."


def _load(report: ProjectReport) -> str:
    if not report.loads:
        return ""
    rows = [[escape_markdown(cell) for cell in (one.made, one.version, one.asked, one.result)] for one in report.loads]
    return "## Load tests\n\n" + table(["made (UTC)", "version", "asked", "result"], rows)


def _drift(report: ProjectReport) -> str:
    if not report.looked:
        return ""
    return f"## Drift\n\nThe watch looked last on {report.looked} UTC: {escape_markdown(report.drift)}."


def _costs(report: ProjectReport) -> str:
    return "## What it costs\n\n" + _facts(report.costs) if report.costs else ""


def _facts(facts: Mapping[str, str]) -> str:
    return "\n".join(f"- **{escape_markdown(name)}**: {escape_markdown(value)}" for name, value in facts.items())


def _events(events: Sequence[Decision]) -> str:
    rows = [[escape_markdown(c) for c in (one.time, one.kind, one.version, one.by, one.reason)] for one in events]
    return table(["time (UTC)", "event", "version", "by", "why"], rows)


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:,.0f}"


PARTS: tuple[tuple[Callable[[ProjectReport], str], str], ...] = (
    (_data, "Data: no version tells what it learned from. `omloop turn {project}`"),
    (_runs, "Runs: nothing was trained. `omloop turn {project}`"),
    (_champion, "A champion: no version is in service. `omloop turn {project}`"),
    (_decisions, "Decisions: the gate has judged nothing. `omloop turn {project}`"),
    (_traffic, "Traffic: nobody asked for a prediction. `omloop serve {project}`"),
    (_load, "A load test: none was kept. `omloop load {project}`"),
    (_drift, "Drift: no watch has looked. `omloop watch {project} --once`"),
    (_incidents, "Incidents: no alarm has rung. `omloop drill {project}` rehearses them."),
    (_costs, "Costs: no run tells how long it took. `omloop turn {project}`"),
)
"""The parts, and the sentence for an empty part."""
