"""A model card as the Hugging Face Hub reads it: metadata in YAML, then the card of the bundle."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from omloop.core import Estimate

TASKS: Mapping[tuple[str, str], str] = {
    ("table", "number"): "tabular-regression",
    ("table", "classes"): "tabular-classification",
    ("image", "classes"): "image-classification",
    ("text", "classes"): "text-classification",
}
"""The Hub's name of a task, by input and answer; the others have none there."""


@dataclass(frozen=True)
class HubCard:
    """What the metadata says of a version. `kinds` are the names of its input's and its answer's kind.

    `data` is what it learned from, in words. `card` is the bundle's own card, in Markdown.
    """

    project: str
    version: str
    kinds: tuple[str, str]
    data: str
    scores: Mapping[str, Estimate]
    card: str


def hub_card(of: HubCard) -> str:
    """The card, with results as the Hub's `model-index` has them; it leaves out unknown values.

    The format is that of the Hub's model cards (https://huggingface.co/docs/hub/model-cards), whose values in JSON are
    YAML as well.
    """
    task = TASKS.get(of.kinds, "")
    defined = {name: score for name, score in of.scores.items() if score.defined}
    lines = [
        "library_name: onnx",
        *([f"pipeline_tag: {task}"] if task else []),
        "tags:",
        *(f"- {tag}" for tag in ("omloop", "onnx")),
        *([f"metrics:\n{_lines(f'- {json.dumps(name)}' for name in defined)}"] if defined else []),
        *(_results(of, task, defined) if task and defined else []),
    ]
    return f"---\n{_lines(lines)}\n---\n\n{of.card}"


def _results(of: HubCard, task: str, scores: Mapping[str, Estimate]) -> list[str]:
    lines = [
        "model-index:",
        f"- name: {json.dumps(f'{of.project} {of.version}')}",
        "  results:",
        "  - task:",
        f"      type: {task}",
        "    dataset:",
        f"      name: {json.dumps(of.data)}",
        f"      type: {json.dumps(of.project)}",
        "      split: test",
        "    metrics:",
    ]
    for name, score in scores.items():
        lines += [f"    - type: {json.dumps(name)}", f"      value: {score.value:.6g}"]
    return lines


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)
