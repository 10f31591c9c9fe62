"""Run the demonstration, and draw what came of it as a moving picture for the front page: make_circle.py [RESULT.json]

With the file that `omloop demo --json` wrote, nothing is run.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from omloop.report.project import circle_svg

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "images" / "demo.svg"
SECONDS = 24
CAPTION = 321
"""How far down a caption stands, in the units of the picture."""
PLACES = {"data": "126,56", "gate": "834,56", "serve": "834,290", "predictions": "598,290", "watch": "362,290"}
PLACES |= {"turn again": "126,290"}
"""Where the dot is at a stage: on the outer edge of its box."""
WAY = (("data", 0.0), ("gate", 0.18), ("serve", 0.22), ("predictions", 0.4), ("watch", 0.5), ("turn again", 0.6))
WAY += (("data", 0.64), ("gate", 0.8), ("serve", 0.84), ("serve", 1.0))


def main(result: str = "") -> None:
    """Write the picture."""
    told = json.loads(Path(result).read_text(encoding="utf-8")) if result else _demonstrated()
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(picture(told), encoding="utf-8")


def _demonstrated() -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "omloop", "demo", "--json", "--workspace", folder]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


def picture(told: Mapping[str, Any]) -> str:
    """The circuit, a dot that goes round it, and below what happens meanwhile."""
    metric = told["metric"]
    before, drifted, after = (f"{metric} {told[key]:.2f}" for key in ("error_before", "error_drifted", "error_after"))
    stages = (
        ("data", told["project"], "simulated"),
        ("train", "the best of its models", "on rows it never saw"),
        ("package", "one ONNX graph,", "proved to answer alike"),
        ("gate", "better beyond doubt?", "only then in service"),
        ("serve", "HTTP, in batches;", f"swapped in {told['swap_seconds']:.1f} s"),
        ("predictions", f"{told['requests']:,} requests,", f"{told['failed']:,} failed"),
        ("watch", "did the inputs move?", "does it hurt?"),
        ("turn again", "on old data and new", "with what came true"),
    )
    captions = (
        (0.0, f"Turn: version {told['first']} is better than the baseline, and becomes champion."),
        (0.22, f"Serve: live requests are as in training. Live {before}."),
        (0.42, f"Drift: another cohort arrives, and the watch sees it. Live {drifted}."),
        (0.6, f"Turn again: version {told['second']}, of old and new data, is better, and is promoted."),
        (0.84, f"Hot swap: the server takes it over under traffic. Live {after}."),
    )
    still = circle_svg("omloop demo", stages)
    head, _, _ = still.rpartition("</svg>")
    return f"{head}{_dot()}{''.join(_captions(captions))}</svg>\n"


def _dot() -> str:
    """A dot that goes from stage to stage, and begins again."""
    values = ";".join(PLACES[stage] for stage, _ in WAY)
    times = ";".join(f"{moment:g}" for _, moment in WAY)
    return (
        '<circle r="9" fill="#d1603d" stroke="#fff" stroke-width="2"><animateMotion '
        f'dur="{SECONDS}s" repeatCount="indefinite" calcMode="linear" values="{values}" keyTimes="{times}"/></circle>'
    )


def _captions(captions: Sequence[tuple[float, str]]) -> Sequence[str]:
    """One text at a time."""
    ends = [*(start for start, _ in captions[1:]), 1.0]
    return [_caption(text, start, end) for (start, text), end in zip(captions, ends, strict=True)]


def _caption(text: str, start: float, end: float) -> str:
    times, shown = ["0"], ["1" if start == 0 else "0"]
    for moment, value in ((start, "1"), (end, "0")):
        if 0 < moment < 1:
            times.append(f"{moment:g}")
            shown.append(value)
    return (
        f'<text x="31" y="{CAPTION}" font-size="17" opacity="{shown[0]}">{escape(text)}'
        f'<animate attributeName="opacity" calcMode="discrete" dur="{SECONDS}s" repeatCount="indefinite" '
        f'values="{";".join(shown)}" keyTimes="{";".join(times)}"/></text>'
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
