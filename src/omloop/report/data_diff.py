"""What differs between two states of a project's data, in Markdown: for a pull request that changes data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from omloop.core import Drift, Movement, number_text
from omloop.report.markdown import escape_markdown, table

MOST_ROWS = 20


def data_diff_markdown(
    project: str,
    states: tuple[str, str],
    counts: Mapping[str, int],
    columns: Mapping[str, int],
    drift: Drift,
    there: Mapping[str, str],
) -> str:
    """Both states, how many records came, went and changed, in which columns, and which columns moved how far.

    `there` says of columns that only one state has whether they are `new` or `gone`.
    """
    before, after = map(escape_markdown, states)
    parts = [
        f"### Data of {escape_markdown(project)}: what changed",
        f"From {before} to {after}.",
        table(["records", "count"], [[name, f"{count:,}"] for name, count in counts.items()]),
    ]
    if columns:
        most = sorted(columns.items(), key=lambda item: -item[1])[:MOST_ROWS]
        parts.append("Records that changed, by column:\n\n" + table(["column", "records"], _rows(most)))
    if there:
        parts.append(table(["column", "is"], [[escape_markdown(name), what] for name, what in there.items()]))
    parts.append(moved_text(drift))
    if moved := [movement for movement in drift.columns if movement.moved]:
        parts.append(table(["column", "p-value", "distance (PSI)", "shift"], [movement_row(one) for one in moved]))
    return "\n\n".join(parts) + "\n"


def moved_text(drift: Drift) -> str:
    """How many columns moved, in one sentence."""
    if not drift.columns:
        return f"{drift.rows:,} records are too few to tell whether a column moved."
    moved = sum(movement.moved for movement in drift.columns)
    told = "No column" if not moved else f"{moved} of {len(drift.columns)} columns"
    return f"{told} moved, at a chance of {drift.level:.0%} of any false alarm."


def movement_row(movement: Movement) -> list[str]:
    """A column that moved: how sure that is, how far, and by how many standard deviations."""
    shift = movement.effects.get("shift")
    size = "" if shift is None else f"{shift:+.2f} sd"
    p_value = "below 0.0001" if movement.p_value < 1e-4 else number_text(movement.p_value)
    return [escape_markdown(movement.column), p_value, number_text(movement.distance), size]


def _rows(found: Sequence[tuple[str, int]]) -> list[list[str]]:
    return [[escape_markdown(name), f"{count:,}"] for name, count in found]
