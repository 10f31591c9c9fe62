"""The model card: what a version is, where it came from and how good it is. Every number is from the run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from omloop.bundle.confidence import Confidence
from omloop.core import Estimate, Parity, Report
from omloop.report.card_confidence import confidence_markdown
from omloop.report.markdown import escape_markdown, table

MOST_LEANS = 15


@dataclass(frozen=True)
class ModelCard:
    """What there is to say of a version, after Mitchell et al., Model Cards for Model Reporting (2019).

    `facts` are lines such as data source and commit. `models` are the candidates with their scores, `compared_by` the
    basis of that comparison. `refused` says why each column in it is never a feature. `leans` is the loss of the main
    metric after shuffling a column, the largest first. `caution` is a warning to everybody who reads an answer.
    `meanings` says what classes are in plain words. `confidence` is what its own came to, of numbers in a `unit`.
    """

    title: str
    summary: str
    facts: Mapping[str, str]
    report: Report
    models: Sequence[tuple[str, Mapping[str, Estimate]]]
    parity: Parity
    refused: Mapping[str, str]
    leans: Mapping[str, Estimate] = field(default_factory=dict)
    caution: str = ""
    meanings: Mapping[str, str] = field(default_factory=dict)
    compared_by: str = ""
    confidence: Confidence | None = None
    unit: str = ""


def card_markdown(card: ModelCard) -> str:
    """The card as Markdown."""
    report, parity, leans = card.report, card.parity, card.leans
    names = list(report.metrics)
    parts = [
        f"# {escape_markdown(card.title)}\n\n{escape_markdown(card.summary)}",
        *([f"> **Caution**: {escape_markdown(card.caution)}"] if card.caution else []),
        *([_meanings(card.meanings)] if card.meanings else []),
        "## Where it comes from\n\n"
        + "\n".join(f"- **{escape_markdown(name)}**: {escape_markdown(value)}" for name, value in card.facts.items()),
        f"## How good it is\n\nOn {report.rows} rows that it never saw, with 95 % confidence intervals, measured on "
        "the packaged model.\n\n"
        + table(["metric", "value"], [[escape_markdown(n), str(e)] for n, e in report.metrics.items()]),
        *([confidence_markdown(card.confidence, card.unit)] if card.confidence else []),
        f"## Compared with\n\nBy {card.compared_by or 'the validation rows'}, before packaging.\n\n"
        + table(
            ["model", *map(escape_markdown, names)],
            [[escape_markdown(n), *(str(s[m]) for m in names)] for n, s in card.models],
        ),
    ]
    for name, groups in report.slices.items():
        rows = [[escape_markdown(group), *(str(scores[m]) for m in names)] for group, scores in groups.items()]
        columns = [escape_markdown(column) for column in (name, *names)]
        parts.append(f"## By {columns[0]}\n\n" + table(columns, rows))
    parts.append(
        f"## Is it the trained model?\n\nOver {parity.rows} rows in batches of {', '.join(map(str, parity.batches))} "
        f"the packaged model's answers differ from the original's by at most {parity.largest:.2g} "
        f"({parity.relative:.1e} relative; allowed is {parity.tolerance:.0e})."
    )
    if leans:
        shown = [[escape_markdown(column), str(loss)] for column, loss in [*leans.items()][:MOST_LEANS]]
        more = f" The first {MOST_LEANS} of {len(leans)}." if len(leans) > MOST_LEANS else ""
        parts.append(
            f"## What it leans on\n\nWhat {escape_markdown(names[0])} loses when a column is shuffled, on validation "
            f"rows, with 95 % intervals.{more}\n\n" + table(["column", "loss"], shown)
        )
    if card.refused:
        parts.append(
            "## Never features\n\n"
            + "\n".join(f"- **{escape_markdown(name)}**: {escape_markdown(why)}" for name, why in card.refused.items())
        )
    return "\n\n".join(parts) + "\n"


def _meanings(meanings: Mapping[str, str]) -> str:
    lines = [f"- **{escape_markdown(name)}**: {escape_markdown(words)}" for name, words in meanings.items()]
    return "## What its answers mean\n\n" + "\n".join(lines)
