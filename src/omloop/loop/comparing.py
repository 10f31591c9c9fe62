"""Several runs beside each other: what they scored, and in what their configuration, data, code and packages differ."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from omloop.core import OmloopError, Tracker, without_secrets
from omloop.loop.runs import find_run, runs_of, short_names
from omloop.report import Comparison, Curves

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace
    from omloop.track import RunRecord

MOST_RUNS = 12
MOST_BYTES, MOST_SETTINGS, MOST_DEPTH, MOST_PIECES = 1 << 20, 10_000, 32, 10_000
MOST_POINTS, MOST_CHARTS = 500, 16
LONGEST = 200
CONFIG, FACTS, PACKAGES, PATCH, STEPS, SYSTEM = (
    "config.yaml",
    "environment.json",
    "packages.txt",
    "diff.patch",
    "metrics.jsonl",
    "system.jsonl",
)
UNKNOWN = "not known"
_Lines = dict[tuple[int, str], list[tuple[float, float]]]


@dataclass(frozen=True)
class Kept:
    """One run with the files that it keeps."""

    record: RunRecord
    label: str
    project: str
    tracker: Tracker

    @cached_property
    def files(self) -> Sequence[str]:
        """Their names."""
        return self.tracker.files(self.project, self.record.name)

    def read(self, name: str) -> bytes | None:
        """One of them; None where an older omloop did not keep it."""
        return self.tracker.read(self.project, self.record.name, name) if name in self.files else None

    def text(self, name: str) -> str:
        """One of them as a text; empty where it is not there."""
        return (self.read(name) or b"").decode("utf-8", "replace")

    def lines(self, name: str) -> Iterator[dict[str, Any]]:
        """The objects of a file of JSON lines; a line that was cut is passed over."""
        for line in self.text(name).splitlines():
            found = _json(line)
            if found:
                yield found

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What environment.json says."""
        return _json(self.text(FACTS))


def compare_runs(name: str, given: Sequence[str], workspace: Workspace) -> Comparison:
    """Compare runs of the project called `name`, each given by its name or a part that no other run shares.

    Raises UnknownNameError for a run that is not there, and OmloopError for one that is given twice, or too many.
    """
    kept = _kept(name, given, workspace)
    records = [run.record for run in kept]
    names = list(dict.fromkeys(metric for record in records for metric in record.metrics))
    main = next((record.metric for record in records if record.metric), "")
    return Comparison(
        project=name,
        runs=tuple(record.name for record in records),
        labels=tuple(run.label for run in kept),
        about=_rows(_about, kept),
        metrics={metric: tuple(record.metrics.get(metric) for record in records) for metric in names},
        metric=main,
        models={
            model: tuple(record.models.get(model, {}).get(main) for record in records)
            for model in dict.fromkeys(model for record in records for model in record.models)
        },
        settings=_different(_rows(_settings, kept)),
        data=_rows(_data, kept),
        code=_rows(_code, kept),
        packages=_different(_packages(kept)),
        notes=tuple(_notes(records)),
    )


def picture_runs(name: str, given: Sequence[str], workspace: Workspace) -> Comparison:
    """The same with all that a page shows besides: curves, plots and uncommitted changes."""
    kept = _kept(name, given, workspace)
    return replace(
        compare_runs(name, given, workspace),
        curves=_curves(kept),
        machine=_machine(kept),
        plots=_plots(kept),
        patches=tuple(run.text(PATCH) for run in kept),
    )


def _kept(name: str, given: Sequence[str], workspace: Workspace) -> list[Kept]:
    runs = runs_of(name, workspace)
    records = [find_run(runs, one, name) for one in given]
    if not 2 <= len({record.name for record in records}) == len(records) <= MOST_RUNS:
        raise OmloopError(f"Name 2 to {MOST_RUNS} different runs to compare. See: omloop runs {name}")
    labels, tracker = short_names(runs), workspace.tracker()
    return [Kept(record, labels[record.name], name, tracker) for record in records]


def _rows(of: Callable[[Kept], Mapping[str, str]], kept: Sequence[Kept]) -> dict[str, tuple[str, ...]]:
    found = [of(run) for run in kept]
    names = dict.fromkeys(name for one in found for name in one)
    return {name: tuple(one.get(name, "") for one in found) for name in names}


def _different(rows: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: cells for name, cells in sorted(rows.items()) if len(set(cells)) > 1}


def _about(run: Kept) -> dict[str, str]:
    one = run.record
    began = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(one.started)) if one.started is not None else UNKNOWN
    told = {
        "run": one.name,
        "began (UTC)": began,
        "seconds": "" if one.seconds is None else f"{one.seconds:.1f}",
        "status": ", ".join(filter(None, (one.status, one.kind))),
        "model": one.model,
        "version": one.version,
        "verdict": one.verdict,
        "reason": one.reason,
        "tags": " ".join(f"{key}={value}" for key, value in sorted(one.tags.items())),
        "note": one.note,
        "kept": ", ".join(name.removeprefix("kept/") for name in run.files if name.startswith("kept/")),
    }
    return {name: value for name, value in told.items() if value}


def _settings(run: Kept) -> dict[str, str]:
    """The composed configuration by dotted keys; the words that made it are left out, as the keys say the same."""
    import yaml

    try:
        composed = yaml.safe_load(run.text(CONFIG)[:MOST_BYTES]) or {}
    except (yaml.YAMLError, ValueError, RecursionError):
        return {"(configuration)": "cannot be read"}
    found = islice(_leaves(composed, ""), MOST_SETTINGS)
    return {key: without_secrets(f"{key}={value}")[len(key) + 1 :] for key, value in found if key != "overrides"}


def _leaves(value: Any, key: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value and depth < MOST_DEPTH:
        for name, inner in value.items():
            yield from _leaves(inner, f"{key}.{name}" if key else str(name), depth + 1)
    else:
        yield key, _cut(value if isinstance(value, str) else _written(value))


def _written(value: Any) -> str:
    """A value as JSON, piece by piece: aliases of YAML may stand for a list that has no end."""
    try:
        return "".join(islice(json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value), MOST_PIECES))
    except (ValueError, RecursionError):  # it holds itself
        return "(cannot be shown)"


def _cut(text: str) -> str:
    """A long text as its begin and a digest, so that two that differ look different."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}... ({len(text):,} characters, {hashlib.sha256(text.encode()).hexdigest()[:8]})"


def _data(run: Kept) -> dict[str, str]:
    data = run.record.data
    rows = data.get("rows")
    parts = {f"{part} rows": f"{count:,}" for part, count in rows.items()} if isinstance(rows, Mapping) else {}
    return {
        "source": str(data.get("source", UNKNOWN)),
        "fingerprint": str(data.get("fingerprint", UNKNOWN))[:12],
        **parts,
    }


def _code(run: Kept) -> dict[str, str]:
    facts = run.facts
    dirty = facts.get("git_dirty")
    changed = UNKNOWN if dirty is None else "yes" if dirty else "no"
    return {
        "commit": str(facts.get("git_commit") or UNKNOWN)[:12],
        "uncommitted changes": _changes(run.text(PATCH)) or changed,
        "python": str(facts.get("python", UNKNOWN)),
        "platform": str(facts.get("platform", UNKNOWN)),
    }


def _changes(patch: str) -> str:
    """How much a patch changes.

    >>> _changes("# untracked, not in here: x\\ndiff --git a/b b/b\\n--- a/b\\n+++ b/b\\n@@ -1 +1 @@\\n-old\\n+new\\n")
    '1 file, +1 -1, 1 untracked'
    """
    if not patch:
        return ""
    lines = patch.splitlines()
    files = sum(line.startswith("diff --git ") for line in lines)
    more = sum(line.startswith("+") and not line.startswith("+++ ") for line in lines)
    fewer = sum(line.startswith("-") and not line.startswith("--- ") for line in lines)
    untracked = sum(line.startswith("# untracked") for line in lines)
    told = [f"{files} file{'s' * (files != 1)}, +{more} -{fewer}"] if files else []
    return ", ".join([*told, *([f"{untracked} untracked"] if untracked else [])]) or "yes"


def _packages(kept: Sequence[Kept]) -> dict[str, tuple[str, ...]]:
    """Versions of all packages; where a run did not keep these, of those that decide a result."""
    whole = all(PACKAGES in run.files for run in kept)
    return _rows(_all_packages if whole else _deciding, kept)


def _all_packages(run: Kept) -> dict[str, str]:
    return {name: version for name, _, version in (line.partition("==") for line in run.text(PACKAGES).splitlines())}


def _deciding(run: Kept) -> dict[str, str]:
    found = run.facts.get("packages")
    return {str(name): str(version) for name, version in found.items()} if isinstance(found, dict) else {}


def _curves(kept: Sequence[Kept]) -> Curves:
    """What each model logged by step, under the name that models share; losses come first."""
    charts: dict[str, _Lines] = {}
    for place, run in enumerate(kept):
        for line in run.lines(STEPS):
            for key, value in line.items():
                model, _, title = key.rpartition("/")
                if model and _is_number(value) and _is_number(line.get("step")):
                    label = f"{run.label} {model}"
                    charts.setdefault(title, {}).setdefault((place, label), []).append(
                        (float(line["step"]), float(value))
                    )
    order = sorted(charts, key=lambda title: (not title.endswith("loss"), title))
    drawn = {title: _thinned(charts[title]) for title in order}
    return dict(islice(((title, lines) for title, lines in drawn.items() if lines), MOST_CHARTS))


def _machine(kept: Sequence[Kept]) -> Curves:
    """What each run took of the machine, by seconds."""
    charts: dict[str, _Lines] = {}
    for place, run in enumerate(kept):
        for point in run.lines(SYSTEM):
            for title, value in point.items():
                if title != "time" and _is_number(value) and _is_number(point.get("time")):
                    seen = charts.setdefault(title, {}).setdefault((place, run.label), [])
                    seen.append((float(point["time"]), float(value)))
    return {title: lines for title in sorted(charts)[:MOST_CHARTS] if (lines := _thinned(charts[title]))}


def _thinned(lines: _Lines) -> _Lines:
    """Lines of two points at least, and of a bounded number, the last among them."""
    return {
        line: [*points[:: -(-len(points) // MOST_POINTS)][:-1], points[-1]]
        for line, points in lines.items()
        if len(points) > 1
    }


def _plots(kept: Sequence[Kept]) -> dict[str, tuple[bytes | None, ...]]:
    """Every picture that a run keeps, but for the curves of the machine, which are drawn together."""
    names = sorted({name for run in kept for name in run.files if name.endswith(".png")} - {"plots/system.png"})
    return {name: tuple(run.read(name) for run in kept) for name in names}


def _notes(records: Sequence[RunRecord]) -> Iterator[str]:
    if len({record.data.get("fingerprint") for record in records}) > 1:
        yield "The runs had other data: their scores are of other rows."
    parts = {record.part for record in records if record.metrics}
    if len(parts) > 1:
        told = ", ".join(f"{record.name}: {record.part or UNKNOWN}" for record in records if record.metrics)
        yield f"The scores are of different parts of the data ({told})."


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
