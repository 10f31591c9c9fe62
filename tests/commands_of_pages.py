"""Commands on pages: where they stand, what they need, and why some are not run."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "how-to").glob("*.md"))]
BLOCK = re.compile(r"^ *```console\n(?P<text>.*?)^ *```$", re.DOTALL | re.MULTILINE)
REMARK = re.compile(r"\s+# .*$")


class Command(NamedTuple):
    """A command as a page shows it, without its remark, and where."""

    text: str
    page: str
    line: int

    @property
    def reason(self) -> str:
        """Why it is not run; nothing if it is."""
        return next((why for begin, why in NOT_RUN.items() if self.text.startswith(begin)), "")

    @property
    def stays(self) -> bool:
        """Whether it goes on until somebody ends it."""
        _, verb, *rest = self.text.rpartition("&&")[2].split()
        return (
            verb in ("serve", "ui")
            or (verb == "watch" and not {"--once", "--last"} & set(rest))
            or (verb == "probe" and "--once" not in rest)
        )


def commands(page: Path) -> Iterator[Command]:
    """The commands of omloop and git in a page's console blocks, from top to bottom."""
    text = page.read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        first = text.count("\n", 0, block.start()) + 2
        for number, line in enumerate(textwrap.dedent(block["text"]).splitlines()):
            if line.startswith(("$ omloop ", "$ git ")):
                yield Command(REMARK.sub("", line[2:]), page.stem, first + number)


HUB = "fetches from a hub"
ENCODER = "needs an encoder of some hundred megabytes; projects/imdb/test_encoders.py trains with a small one"
CLOUD = "changes Google Cloud; tests/loop/deploy/test_google.py runs it against a fake of it"
BUCKET = "reads a bucket; tests/data run it against an emulated one"
GITHUB = "asks GitHub; tests/deploy/test_dispatch.py runs it against a fake of it"
CLUSTER = "needs a cluster; tests/compute run it against one on this machine"
STORE = "needs a store in a bucket; tests/loop/deploy run it with one"
LONG = "takes minutes to hours"
NOT_RUN = {
    "git clone": "fetches omloop, which is here",
    "omloop turn imdb data=huggingface": HUB,
    "omloop turn imdb model=embeddings": HUB,
    "omloop turn imdb model=fine_tune": ENCODER,
    "omloop turn student_performance data=sql": "asks a database; tests/data run it against a real server",
    "omloop turn student_performance data=s3": BUCKET,
    "omloop turn faces data=gcs": BUCKET,
    "omloop doctor --cloud": CLOUD,
    "omloop deploy plan student_performance --check": CLOUD,
    "omloop deploy plan": CLOUD,
    "omloop deploy apply": CLOUD,
    "omloop deploy down": CLOUD,
    "omloop turn student_performance --on vertex": CLOUD,
    "omloop promote student_performance 3f9a2c --notify": GITHUB,
    "omloop turn student_performance --notify": GITHUB,
    "omloop turn student_performance model=mlp --on slurm": CLUSTER,
    "omloop sweep student_performance model=linear model.alpha=log:1e-4,1e4 --trials 12 --jobs 2 --on ray": CLUSTER,
    "omloop predict student_performance --batch big.parquet --out answers.parquet --on ray": CLUSTER,
    "omloop jobs": CLUSTER,
    "omloop turn student_performance --on slurm": CLUSTER,
    "omloop deploy kubernetes": STORE,
    "omloop deploy google": STORE,
    "omloop turn faces data=file": "needs photographs; projects/faces/test_project.py reads some",
    "omloop turn skin_lesion model=efficientnet": "begins with weights of a hub",
    "omloop turn skin_lesion model=resnet model.devices=2": LONG,
    "omloop turn emotion model=cnn": LONG,
    "omloop turn student_performance experiment=full": LONG,
    "omloop tune-serve student_performance --within 5m": LONG,
    "omloop ui --remote": "sends another machine's address; tests/ui run it on loopback",
    "omloop serve pupils": "tests/test_blocks.py runs the page's Python, which makes the version",
}
"""Beginnings of commands that are not run, and why."""

REFUSED = {
    "omloop promote student_performance 3f9a2c": "the turn before it made another champion",
}
"""Commands that a page's order has refused with exit code 1, and why."""
