"""The scores_table of trained models."""

from collections.abc import Sequence

from omloop.cli.show import plain, scores_table
from omloop.loop.turn.training import TrainedModel


def models_table(models: Sequence[TrainedModel], chosen: str, by: str) -> object:
    """One line a model with the scores `by` which omloop compared them, and a mark at the chosen one."""
    names = list(models[0].scores)
    rows = []
    for model in models:
        mark = "*" if model.name == chosen else " "
        scores = [str(model.scores[name]) for name in names] if model.scores else [model.left_out]
        rows.append([f"{mark} {model.name}", *scores, *[""] * (len(names) - len(scores)), f"{model.seconds:.1f}"])
    return scores_table("model", [*names, "s"], rows, title=f"Models, by {by}")


def models_json(models: Sequence[TrainedModel]) -> list[dict[str, object]]:
    """The same as JSON."""
    return [
        {"name": m.name, "validation": plain(m.scores), "seconds": round(m.seconds, 3), "left_out": m.left_out or None}
        for m in models
    ]
