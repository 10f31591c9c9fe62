"""`omloop audit`."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omloop.cli.fail_on import FAILED
from omloop.cli.show import show, table
from omloop.cli.tables import Cell, TextTable
from omloop.core import OmloopError, write_whole

if TYPE_CHECKING:
    from omloop.audit import AuditResult, Claim

EXAMPLE = "omloop audit . --report reports/README.md"
STYLE = {"found": "green", "weak": "yellow", "missing": "red", "not in files": "dim"}
STOPS = {"missing": ("missing",), "weak": ("missing", "weak")}
"""What --fail-on takes, and the states that it stops at; `weak` stops at defects too."""
MOST_UNREAD = 5


def arguments(parser: argparse.ArgumentParser) -> None:
    """The folder, the report, and where results go."""
    parser.add_argument("path", metavar="PATH", type=Path, nargs="?", default=Path(), help="a folder (default: this)")
    parser.add_argument("--report", metavar="FILE", type=Path, help="compare the ticked boxes of a Markdown file")
    parser.add_argument("--markdown", metavar="FILE", type=Path, help="write the result as Markdown too")
    parser.add_argument(
        "--fail-on", choices=STOPS, help="exit with 3 when an item is missing, or also when one is weak"
    )


def run(args: argparse.Namespace) -> int:
    """Audit, compare, show, and exit with 3 where --fail-on says so."""
    from omloop.audit import audit, compare_report

    text = _text(args.report) if args.report else None
    result = audit(args.path)
    claims = None if text is None else compare_report(text, result)
    if claims == []:
        raise OmloopError(f"{args.report} has no boxes such as `* [x] Use Hydra (M11)`. Give the report that has them.")
    if args.markdown:
        write_whole(args.markdown, markdown(result, claims).encode("utf-8", "backslashreplace"))
    show(args, _value(result, claims), *_shown(result, claims))
    stops = STOPS.get(args.fail_on or "", ())
    stopped = any(one.evidence.state in stops for one in result.items) or (args.fail_on == "weak" and result.defects)
    return FAILED if stopped else 0


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise OmloopError(f"The report {path} cannot be read: {error.strerror}. Name a Markdown file.") from error


def _shown(result: "AuditResult", claims: "Sequence[Claim] | None") -> list[str | TextTable]:
    lines: list[str | TextTable] = [table(["item", "", "evidence", "what to do"], _rows(result))]
    if result.defects:
        rows: list[list[Cell]] = [[str(one.spot), one.what, one.next_step] for one in result.defects]
        lines.append(table(["where", "defect", "what to do"], rows, "Beyond the check-list"))
    if claims is not None:
        lines += _claims_shown(claims)
    lines += [f"not read: {path} ({why})" for path, why in result.unread[:MOST_UNREAD]]
    if len(result.unread) > MOST_UNREAD:
        lines.append(f"not read: {len(result.unread) - MOST_UNREAD} more, see --json")
    if any("NAME" in one.next_step for one in result.items):
        lines.append("NAME is a project of omloop: `omloop new NAME --from FILE` makes one of your data.")
    return [*lines, summary(result)]


def _rows(result: "AuditResult") -> list[list[Cell]]:
    return [
        [one.item.name, (one.evidence.state, STYLE[one.evidence.state]), _evidence(one.evidence), one.next_step]
        for one in result.items
    ]


def _evidence(evidence: Any) -> str:
    """In words, and where, unless the words say so."""
    where = ", ".join(str(spot) for spot in evidence.spots if f"({spot})" not in evidence.why)
    return f"{evidence.why} ({where})" if evidence.why and where else evidence.why or where


def _claims_shown(claims: "Sequence[Claim]") -> list[str | TextTable]:
    ticked = sum(one.box.ticked for one in claims)
    apart = [one for one in claims if one.verdict not in ("agrees", "cannot tell")]
    told = sum(one.verdict == "agrees" for one in claims)
    unknown = [str(one.box.line) for one in claims if one.verdict == "cannot tell"]
    lines = f" ({'line' if len(unknown) == 1 else 'lines'} {', '.join(unknown)})" if unknown else ""
    line = (
        f"The report ticks {ticked} of {len(claims)} boxes. Of all boxes, ticked or not, the files agree with {told}, "
    )
    line += f"and cannot tell of {len(unknown)}{lines}."
    rows: list[list[Cell]] = [[str(one.box.line), one.verdict, one.box.text, _why(one)] for one in apart]
    return [table(["line", "", "box", "evidence"], rows, "The report against the files"), line] if rows else [line]


def _why(claim: "Claim") -> str:
    if claim.result is None:
        return ""
    return _evidence(claim.result.evidence) or f"no file shows it; {claim.result.next_step}"


def summary(result: "AuditResult") -> str:
    """One line: how many items are in each state."""
    counts = ", ".join(f"{result.count(state)} {state}" for state in ("found", "weak", "missing", "not in files"))
    number = len(result.defects)
    defects = f"; {number} {'defect' if number == 1 else 'defects'} beyond them" if number else ""
    where = "this folder." if result.path == "." else result.path + "." * (not result.path.endswith("."))
    return f"{counts}{defects}. {result.files:,} {'file' if result.files == 1 else 'files'} in {where}"


def markdown(result: "AuditResult", claims: "Sequence[Claim] | None" = None) -> str:
    """The same as a page."""
    parts = ["# Audit", "", summary(result), "", "| item | | evidence | what to do |", "|---|---|---|---|"]
    for one in result.items:
        cells = (one.item.name, one.evidence.state, _evidence(one.evidence), one.next_step)
        parts.append(f"| {' | '.join(map(_cell, cells))} |")
    if result.defects:
        parts += ["", "## Beyond the check-list", ""]
        told = [(_cell(str(one.spot)), _cell(one.what), _cell(one.next_step)) for one in result.defects]
        parts += [f"- `{where}`: {what}. To do: {step}." for where, what, step in told]
    if claims is not None:
        parts += ["", "## The report against the files", "", "| line | | box | evidence |", "|---|---|---|---|"]
        parts += [
            f"| {one.box.line} | {one.verdict} | {_cell(one.box.text)} | {_cell(_why(one))} |"
            for one in claims
            if one.verdict != "agrees"
        ]
    if result.unread:
        parts += ["", "## Not read", ""] + [f"- `{_cell(path)}`: {_cell(why)}" for path, why in result.unread]
    return "\n".join(parts) + "\n"


def _cell(text: str) -> str:
    """A text that ends no cell and begins no markup."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _value(result: "AuditResult", claims: "Sequence[Claim] | None") -> dict[str, Any]:
    value: dict[str, Any] = {
        "path": result.path,
        "files": result.files,
        "counts": {state: result.count(state) for state in ("found", "weak", "missing", "not in files")},
        "items": [
            {
                "item": one.item.name,
                "week": one.item.week,
                "modules": [f"M{number}" for number in one.item.modules],
                "state": one.evidence.state,
                "why": one.evidence.why,
                "evidence": [{"path": spot.path, "line": spot.line} for spot in one.evidence.spots],
                "next_step": one.next_step,
            }
            for one in result.items
        ],
        "defects": [
            {"what": one.what, "path": one.spot.path, "line": one.spot.line, "next_step": one.next_step}
            for one in result.defects
        ],
        "unread": [{"path": path, "why": why} for path, why in result.unread],
    }
    if claims is not None:
        value["report"] = [
            {
                "line": one.box.line,
                "box": one.box.text,
                "ticked": one.box.ticked,
                "item": one.result.item.name if one.result else None,
                "verdict": one.verdict,
            }
            for one in claims
        ]
    return value
