"""What a load test came to is kept as a page and as JSON."""

from collections import Counter

import orjson

from omloop.loop import Workspace
from omloop.loop.bench.load import Subject
from omloop.loop.bench.load_pages import keep_climb, keep_load
from omloop.loop.records.pages import kept_pages
from omloop.probe import Latencies, Load, LoadPlan, LoadSlice, RateStep, Target

OURS = Subject(Target.of("http://127.0.0.1:1"), "0123456789ab", [], ours=True)


def came(rate: float, latency: float, failed: int = 0) -> Load:
    """A test of two seconds, in which all that was answered took as long."""
    plan = LoadPlan(rate, 2.0)
    each = [latency] * ((plan.count - failed) // 2)
    slices = [LoadSlice(second, Latencies(each)) for second in (0.0, 1.0)]
    failures = Counter({"<no> answer": failed} if failed else {})
    return Load(plan, plan.count, {200: 2 * len(each)}, failures, Latencies(each * 2), Latencies([0.0]), slices, 2.0)


def test_one_rate_has_its_numbers_its_curve_and_its_verdict(workspace: Workspace) -> None:
    workspace.root.mkdir(parents=True)
    path = keep_load("tiny", workspace, OURS, came(50.0, 0.2, failed=4), p99_s=0.05)
    assert path is not None
    page = path.read_text()
    for part in ("tiny: 50 requests a second for 2 s", "96 of 100", "<svg", "&lt;no&gt; answer", "4 failed"):
        assert part in page
    record = orjson.loads(path.with_suffix(".json").read_bytes())["record"]
    assert (record["version"], record["answered"], record["latency_ms"]["p99"]) == ("0123456789ab", 96, 200.0)


def test_rates_that_rose_are_one_page_with_what_held(workspace: Workspace) -> None:
    loads = [came(50.0, 0.01), came(100.0, 0.02), came(150.0, 0.4)]
    steps = [RateStep(load, load.broken(0.05)) for load in loads]
    workspace.root.mkdir(parents=True)
    path = keep_climb("tiny", workspace, OURS, steps, p99_s=0.05)
    assert path is not None and "100 requests a second held" in path.read_text()
    (page,) = kept_pages("tiny", workspace)
    assert (page.kind, page.title) == ("load", "tiny: 100 requests a second held")
    record = orjson.loads(path.with_suffix(".json").read_bytes())["record"]
    assert record["capacity"] == 100.0 and [one["broken"] != [] for one in record["steps"]] == [False, False, True]


def test_no_workspace_is_made_for_the_page(workspace: Workspace) -> None:
    assert keep_load("tiny", workspace, OURS, came(50.0, 0.01), p99_s=0.05) is None
    assert not workspace.root.exists()
