"""What a turn came to, in Markdown, for a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omloop.report.markdown import escape_markdown, table

if TYPE_CHECKING:
    from omloop.loop.turn.training import TrainedModel
    from omloop.loop.turn.turn import TurnResult


def turn_markdown(turned: TurnResult) -> str:
    """The metrics of the candidate beside its opponent's, what the gate says, the models and the notes."""
    opponent = f"champion {turned.before}" if turned.before else "baseline"
    theirs = turned.opponent.metrics if turned.opponent else {}
    ours = (turned.beside or turned.report).metrics if turned.opponent else turned.report.metrics
    rows = (turned.beside or turned.report).rows
    scores = [[name, str(score), str(theirs.get(name, ""))] for name, score in ours.items()]
    state = "It would be champion." if turned.promoted else f"The champion stays: {turned.champion or 'none'}."
    first = next(iter(ours))
    parts = [
        f"### {escape_markdown(turned.project)}: {turned.decision.verdict}",
        f"{escape_markdown(turned.decision.reason)}. {state}",
        table([f"on {rows:,} test rows", f"this turn, {turned.version}", opponent], scores),
        f"Models, by {escape_markdown(first)} ({escape_markdown(turned.chosen_by)}):",
        table(["model", escape_markdown(first)], [_model(model, first, turned.chosen) for model in turned.models]),
        "\n".join(f"- {escape_markdown(note)}" for note in turned.notes),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _model(model: TrainedModel, metric: str, chosen: str) -> list[str]:
    name = escape_markdown(model.name)
    score = str(model.scores[metric]) if model.scores else escape_markdown(model.left_out)
    return [f"**{name}**" if model.name == chosen else name, score]
