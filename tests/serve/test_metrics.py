import re
import threading
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.serve import Champion, Counter, Gauge, Histogram, Metrics
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryVersions

SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')
ESCAPED = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


def parse(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Read the text exposition format 0.0.4 strictly: a TYPE once before each family's samples, no sample twice."""
    samples: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    types: dict[str, str] = {}
    assert text.endswith("\n")
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in types and kind in ("counter", "gauge", "histogram")
            types[name] = kind
        elif not line.startswith("# HELP "):
            found = SAMPLE.match(line)
            assert found, line
            name, inside, value = found.groups()
            assert name in types or re.sub("_(bucket|sum|count)$", "", name) in types
            unescape = lambda text: re.sub(r'\\[\\"n]', lambda match: ESCAPED[match[0]], text)  # noqa: E731
            labels = tuple(sorted((key, unescape(given)) for key, given in LABEL.findall(inside or "")))
            assert (name, labels) not in samples
            samples[name, labels] = float(value)
    return samples


def exposed(family: Counter | Histogram) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return parse("\n".join([*family.lines(), ""]))


@settings(max_examples=50)
@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 1000), max_size=5))
def test_any_text_survives_as_a_label(counts):
    counter = Counter("things_total", "Things.", ("name",))
    for name, count in counts.items():
        counter.add(name, by=count)
    assert exposed(counter) == {("things_total", (("name", name),)): count for name, count in counts.items()}


@settings(max_examples=50)
@given(st.lists(st.floats(0, 20), min_size=1, max_size=20))
def test_a_histogram_counts_everything_once_and_its_buckets_add_up(seconds):
    histogram = Histogram("s", "Seconds.", bounds=(0.1, 1.0))
    for value in seconds:
        histogram.observe(value)
    found = exposed(histogram)
    for bound in (0.1, 1.0):
        label = (("le", "0.1" if bound == 0.1 else "1"),)
        assert found["s_bucket", label] == sum(value <= bound for value in seconds)
    assert found["s_bucket", (("le", "+Inf"),)] == found["s_count", ()] == len(seconds)
    assert abs(found["s_sum", ()] - sum(seconds)) < 1e-6


def test_a_gauge_comes_down_again():
    gauge = Gauge("g", "Things now.")
    gauge.add()
    gauge.add(by=-1)
    assert exposed(gauge) == {("g", ()): 0}


def test_nothing_is_lost_between_threads():
    counter = Counter("c_total", "Things.", ("who",))
    threads = [threading.Thread(target=lambda: [counter.add("a") for _ in range(5000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert exposed(counter) == {("c_total", (("who", "a"),)): 20_000}


def test_the_champion_and_the_process_are_told_at_once():
    champion = Champion(MemoryVersions(tiny_bundle()), threads=1)
    champion.refresh()
    found = parse(Metrics().text(champion))
    version = (("project", "tiny"), ("version", tiny_bundle().version))
    assert found["omloop_model_info", version] == found["omloop_swaps_total", ()] == 1
    assert found["omloop_refused_bundle", (("version", ""),)] == 0
    assert found["omloop_swap_seconds_total", ()] > 0
    assert abs(found["process_start_time_seconds", ()] - time.time()) < 86_400


def test_a_server_counts_by_route_and_status_whatever_the_addresses(server):
    """An id in a path, or an address made up by a stranger, never becomes a label of its own."""
    server.predict()
    server.predict({"hours": "x"})
    for path in ("/v1/predictions/a", "/v1/predictions/b", "/nowhere", "/elsewhere"):
        server.client.get(path)
    answer = server.client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = parse(answer.text)
    counted = {labels: count for (name, labels), count in found.items() if name == "omloop_requests_total"}
    assert counted == {
        (("route", "/v1/predict"), ("status", "200")): 1,
        (("route", "/v1/predict"), ("status", "422")): 1,
        (("route", "/v1/predictions/{id}"), ("status", "404")): 2,
        (("route", "other"), ("status", "404")): 2,
    }
    assert found["omloop_request_seconds_count", (("route", "/v1/predict"),)] == 2


def test_a_server_counts_predictions_labels_and_what_it_could_not_record(server):
    server.predict(*[{"hours": 1, "age": 20, "sex": "m"}] * 3)
    server.client.post("/v1/feedback", json={"labels": [{"id": "p000000000", "label": 1}, {"id": "x", "label": 1}]})
    server.predictions.failing = OSError(28, "No space left on device")
    server.predict()
    found = parse(server.client.get("/metrics").text)
    assert found["omloop_predictions_total", (("version", server.versions.current),)] == 3
    assert found["omloop_unrecorded_total", ()] == 1
    assert found["omloop_feedback_total", (("result", "accepted"),)] == 1
    assert found["omloop_feedback_total", (("result", "unknown"),)] == 1


def test_a_refused_bundle_shows_in_the_metrics(server):
    server.versions.current = "0123456789ab"
    server.champion.refresh()
    found = parse(server.client.get("/metrics").text)
    assert found["omloop_refused_bundle", (("version", "0123456789ab"),)] == 1
