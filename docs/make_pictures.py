"""Take the pictures of reports and plots that the how-to pages show: make_pictures.py

Makes a workspace in a temporary folder, sends its server simulated traffic that drifts, and keeps what omloop draws:
plots of a run as they are, and pages as a browser shows their beginning.
"""

import sys
import tempfile
from contextlib import ExitStack, chdir
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from make_pages import QUALITY, ROOT, _send_traffic
from PIL import Image

import omloop
from omloop.cli.main import main as command

if TYPE_CHECKING:
    from playwright.sync_api import Browser

sys.path.insert(0, str(ROOT))  # the browser of the tests
IMAGES = ROOT / "docs" / "images" / "how-to"
PROJECT, WORKSPACE = "student_performance", ".omloop"
WIDE, TALL = 1100, 800
PLOTS = {"importance": "importance", "mlp_loss": "loss", "predicted_against_true": "predicted"}
"""Plots of a run, and what they are called here."""
PAGES = {
    "verdict": f"{WORKSPACE}/watch/{PROJECT}/verdict.html",
    "load": f"{WORKSPACE}/pages/{PROJECT}/load-*.html",
    "profile": f"{WORKSPACE}/profiles/{PROJECT}-predict.html",
    "data": "data/report.html",
    "compare": "compare.html",
    "report": f"reports/{PROJECT}/report.html",
}
"""Pages, and where they lie."""


def main() -> None:
    """Make the workspace, and keep the pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    from tests.chromium import chromium

    with tempfile.TemporaryDirectory() as folder, chdir(folder), ExitStack() as stack:
        workspace = omloop.Workspace(WORKSPACE, projects=ROOT / "projects")
        runs = [workspace.turn(PROJECT, f"model={model}").run for model in ("mlp", "boosting")]
        _run("data", PROJECT, "--report", "data")
        _run("compare", PROJECT, *runs, "--html", "compare.html")
        _run("load", PROJECT, "--rate", "100", "--for", "5s")
        _run("profile", PROJECT, "predict")
        _send_traffic(workspace, stack.enter_context(workspace.serve(PROJECT)).url)
        _run("watch", PROJECT, "--once")
        _run("report", "build", PROJECT)
        _run("report", "html", f"reports/{PROJECT}/README.md")
        _keep_plots(Path(WORKSPACE) / "runs" / PROJECT, runs[0])
        _keep_pages(stack.enter_context(chromium()))


def _run(*words: str) -> None:
    command([*words, "--projects", str(ROOT / "projects")])


def _keep_plots(runs: Path, run: str) -> None:
    for name, called in PLOTS.items():
        Image.open(runs / run / "plots" / f"{name}.png").save(IMAGES / f"{called}.webp", quality=QUALITY, method=6)


def _keep_pages(browser: "Browser") -> None:
    page = browser.new_page(viewport={"width": WIDE, "height": TALL})
    for name, pattern in PAGES.items():
        (path, *_) = Path().glob(pattern)
        page.goto(path.resolve().as_uri())
        page.wait_for_timeout(300)
        Image.open(BytesIO(page.screenshot())).save(IMAGES / f"{name}.webp", quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
