"""Whether the web page stays quick: python benchmarks/ui_pages.py [--runs 10000] [--versions 200] [--few 10]

Makes two workspaces, of many runs and versions and of few, and shows each by `omloop ui` in a process of its own. One
Chromium loads their pages of runs and of versions in turn. It prints the medians in milliseconds, and how many times as
long many take as few, the median over the rounds: until the first byte came (`server`), until something was painted
(`painted`), and until the heading and a row of the table stood (`list`). Scripts and styles lie in the browser's cache,
as they do for whoever was there before; `first` is the load with nothing in it, by a page that nobody asked yet.
`sorted` is the first list by a metric that a new page is asked for, right after its first list or seconds later.

Then it prints what memory the page of many runs took: at its start, with a page open, and after so many loads.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from playwright.sync_api import sync_playwright
from ui_runs import PROJECT, make_store

from omloop.bundle import Bundle
from omloop.loop import Workspace
from omloop.testing.bundles import tiny_bundle

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
QUIET += " --disable-component-update --disable-sync --disable-dev-shm-usage"
PAGES = ("runs", "versions")
TIMES = ("server", "painted", "list")
# Notes when the page first paints something, and when its heading and a row of the list are there.
WATCH = """
window.seen = {};
const look = () => {
  if (!window.seen.list && document.querySelector("h1") && document.querySelector("main tbody tr"))
    window.seen.list = performance.now();
};
new MutationObserver(look).observe(document, { childList: true, subtree: true });
new PerformanceObserver((found) => {
  for (const one of found.getEntriesByName("first-contentful-paint")) window.seen.painted = one.startTime;
}).observe({ type: "paint", buffered: true });
"""
SEEN = "window.seen.list && window.seen.painted"
READ = "() => ({ ...window.seen, server: performance.getEntriesByType('navigation')[0].responseStart })"


@dataclass(frozen=True)
class Shown:
    """A workspace's page: where it is, and the process that shows it."""

    address: str
    process: psutil.Process

    @property
    def mib(self) -> float:
        """The memory that lies in the machine's, of the process and of those it started."""
        every = [self.process, *self.process.children(recursive=True)]
        return float(sum(one.memory_info().rss for one in every)) / 2**20


def make_workspace(root: Path, runs: int, versions: int) -> Workspace:
    """A workspace with so many runs and versions, the first of which is in charge."""
    workspace = make_store(root, runs)
    registry = workspace.registry(PROJECT)
    for number in range(versions):
        made = tiny_bundle(1.0 + number)
        version = registry.add(Bundle.seal(replace(made.manifest, project=PROJECT), made.files), by="bench")
        if number == 0:
            registry.promote(version, expected=None, by="bench", reason="the first")
    return workspace


@contextmanager
def page_of(root: Path) -> Iterator[Shown]:
    """`omloop ui` over a workspace, in a process of its own."""
    line = [sys.executable, "-m", "omloop", "ui", "--port", "0", "--json", "--workspace", str(root)]
    started = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    try:
        told = started.stdout.readline() if started.stdout else ""
        yield Shown(str(json.loads(told)["address"]), psutil.Process(started.pid))
    finally:
        started.terminate()
        started.wait(timeout=20)


def load(context: "BrowserContext", address: str) -> dict[str, float]:
    """Open a page in a new tab and close it; gives what was seen when, in milliseconds."""
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(address)
    page.wait_for_function(SEEN)
    found: dict[str, float] = page.evaluate(READ)
    page.close()
    return found


def context_of(browser: "Browser") -> "BrowserContext":
    """A window of a person who was never there."""
    return browser.new_context(viewport={"width": 1280, "height": 800})


def measure(browser: "Browser", shown: Mapping[str, Shown], loads: int, after: float) -> None:
    """Print how long each page takes in each workspace, side by side; the first loads are seconds earlier."""
    print(f"{'':<20}{''.join(f'{name:>14}' for name in shown)}{'times':>10}")
    contexts = {name: context_of(browser) for name in shown}
    for page in PAGES:
        addresses = {name: f"{one.address}/p/{PROJECT}/{page}" for name, one in shown.items()}
        first = {name: load(contexts[name], address) for name, address in addresses.items()}
        time.sleep(after)  # runs are read ahead
        rounds = [{name: load(contexts[name], address) for name, address in addresses.items()} for _ in range(loads)]
        _tell(f"{page}, first list", [{name: one["list"] for name, one in first.items()}])
        for what in TIMES:
            _tell(f"{page}, {what}", [{name: one[what] for name, one in each.items()} for each in rounds])
    for context in contexts.values():
        context.close()


def _tell(what: str, rounds: list[dict[str, float]]) -> None:
    medians = [statistics.median(each[name] for each in rounds) for name in rounds[0]]
    ratio = statistics.median(many / few for many, few in (tuple(each.values()) for each in rounds))
    print(f"{what:<20}{''.join(f'{value:14.0f}' for value in medians)}{ratio:10.2f}")


def measure_sorted(browser: "Browser", roots: Mapping[str, Path], after: float, rounds: int = 3) -> None:
    """Print how long the first list by a metric takes, of new pages that were asked for a plain list before."""
    found: list[dict[str, float]] = []
    for _ in range(rounds):
        found.append({})
        for name, root in roots.items():
            with page_of(root) as shown:
                context = context_of(browser)
                load(context, f"{shown.address}/p/{PROJECT}/runs")
                time.sleep(after)
                found[-1][name] = load(context, f"{shown.address}/p/{PROJECT}/runs?sort=r2")["list"]
                context.close()
    _tell(f"sorted, {after:.0f} s later", found)


def measure_memory(browser: "Browser", root: Path, loads: int) -> None:
    """Print the memory of a page's process."""
    with page_of(root) as shown:
        context, address = context_of(browser), f"{shown.address}/p/{PROJECT}"
        told = {"at its start": shown.mib}
        page = context.new_page()
        page.goto(f"{address}/runs")
        page.wait_for_selector("main tbody tr")
        told["with a page open"] = shown.mib
        for number in range(loads):
            load(context, f"{address}/{PAGES[number % len(PAGES)]}")
        told[f"after {loads} loads"] = shown.mib
        for _ in range(loads):
            load(context, f"{address}/runs")
        told[f"after {2 * loads} loads"] = shown.mib
        context.close()
    print("memory in MiB: " + ", ".join(f"{value:.0f} {when}" for when, value in told.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--versions", type=int, default=200)
    parser.add_argument("--few", type=int, default=10)
    parser.add_argument("--loads", type=int, default=9)
    parser.add_argument("--memory-loads", type=int, default=100)
    parser.add_argument("--after", type=float, default=10.0)
    args = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sizes = {"many": (args.runs, args.versions), "few": (args.few, args.few)}
        roots = {name: make_workspace(folder / name, *size).root for name, size in sizes.items()}
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET.split())
        stack.callback(browser.close)
        with ExitStack() as pages:
            shown = {name: pages.enter_context(page_of(root)) for name, root in roots.items()}
            measure(browser, shown, args.loads, args.after)
        measure_sorted(browser, roots, 0.0)
        measure_sorted(browser, roots, args.after)
        measure_memory(browser, roots["many"], args.memory_loads)


if __name__ == "__main__":
    main()
