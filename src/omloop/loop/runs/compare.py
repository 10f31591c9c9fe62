"""Several runs beside each other: what they scored, and in what their configuration, data, code and packages differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from omloop.core import utc_text
from omloop.loop.runs.kept import PATCH, KeptRun, kept_runs
from omloop.report import Comparison
from omloop.track import flat_settings

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace
    from omloop.track import RunRecord

CONFIG, PACKAGES = "config.yaml", "packages.txt"
UNKNOWN = "not known"


def compare_runs(name: str, given: Sequence[str], workspace: Workspace) -> Comparison:
    """Compare runs of the project called `name`; raises as `kept_runs` does."""
    return compare_kept(name, kept_runs(name, given, workspace))


def compare_kept(name: str, kept: Sequence[KeptRun]) -> Comparison:
    """Compare runs that may lie in several workspaces."""
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
        settings=_different(_rows(lambda run: flat_settings(run.text(CONFIG)), kept)),
        data=_rows(_data, kept),
        code=_rows(_code, kept),
        packages=_different(_packages(kept)),
        notes=tuple(_notes(records)),
    )


def _rows(of: Callable[[KeptRun], Mapping[str, str]], kept: Sequence[KeptRun]) -> dict[str, tuple[str, ...]]:
    found = [of(run) for run in kept]
    names = dict.fromkeys(name for one in found for name in one)
    return {name: tuple(one.get(name, "") for one in found) for name in names}


def _different(rows: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: cells for name, cells in sorted(rows.items()) if len(set(cells)) > 1}


def _about(run: KeptRun) -> dict[str, str]:
    one = run.record
    began = utc_text(one.started) if one.started is not None else UNKNOWN
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


def _data(run: KeptRun) -> dict[str, str]:
    data = run.record.data
    rows = data.get("rows")
    parts = {f"{part} rows": f"{count:,}" for part, count in rows.items()} if isinstance(rows, Mapping) else {}
    return {
        "source": str(data.get("source", UNKNOWN)),
        "fingerprint": str(data.get("fingerprint", UNKNOWN))[:12],
        **parts,
    }


def _code(run: KeptRun) -> dict[str, str]:
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


def _packages(kept: Sequence[KeptRun]) -> dict[str, tuple[str, ...]]:
    """Versions of all packages; where a run did not keep these, of those that decide a result."""
    whole = all(PACKAGES in run.files for run in kept)
    return _rows(_all_packages if whole else _deciding, kept)


def _all_packages(run: KeptRun) -> dict[str, str]:
    return {name: version for name, _, version in (line.partition("==") for line in run.text(PACKAGES).splitlines())}


def _deciding(run: KeptRun) -> dict[str, str]:
    found = run.facts.get("packages")
    return {str(name): str(version) for name, version in found.items()} if isinstance(found, dict) else {}


def _notes(records: Sequence[RunRecord]) -> Iterator[str]:
    if len({record.data.get("fingerprint") for record in records}) > 1:
        yield "The runs had other data: their scores are of other rows."
    parts = {record.part for record in records if record.metrics}
    if len(parts) > 1:
        told = ", ".join(f"{record.name}: {record.part or UNKNOWN}" for record in records if record.metrics)
        yield f"The scores are of different parts of the data ({told})."
