import re

from omloop.probe import Check, Round, RoundCounts

GOOD = (Check("health", "ok", 0.01, 200), Check("ready", "ok", 0.02, 200), Check("prediction", "ok", 0.03, 200))
DOWN = (Check("health", "down", 0.0, detail="gone"),)


def samples(counts: RoundCounts) -> dict[str, float]:
    lines = [line for line in counts.text().splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def sample(counts: RoundCounts, name: str, **labels: str) -> float:
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    (value,) = [
        number
        for line, number in samples(counts).items()
        if line.partition("{")[0] == name and all(word in line for word in wanted)
    ]
    return value


def test_rounds_are_counted_by_question_and_state() -> None:
    counts = RoundCounts("tiny", "http://127.0.0.1:8000")
    for number, checks in enumerate([GOOD, GOOD, DOWN]):
        counts.add(Round(100.0 + number, checks))
    assert sample(counts, "omloop_probe_rounds_total") == 3
    assert sample(counts, "omloop_probe_checks_total", check="health", state="ok") == 2
    assert sample(counts, "omloop_probe_checks_total", check="health", state="down") == 1
    assert sample(counts, "omloop_probe_seconds_total", check="prediction") == 0.06
    assert sample(counts, "omloop_probe_state", state="down") == 1
    assert sample(counts, "omloop_probe_state", state="ok") == 0
    assert sample(counts, "omloop_probe_last_round_time_seconds") == 102
    assert sample(counts, "omloop_probe_last_ok_time_seconds") == 101


def test_before_the_first_round_all_counts_are_0() -> None:
    assert set(samples(RoundCounts("tiny", "x")).values()) == {0.0}


def test_the_text_is_an_exposition() -> None:
    counts = RoundCounts('a "b"\\\n', "http://127.0.0.1:8000")
    counts.add(Round(1.0, GOOD))
    text = counts.text()
    assert text.endswith("\n") and 'project="a \\"b\\"\\\\\\n"' in text
    line = re.compile(r'(# (HELP|TYPE) \w+ .+)|(\w+\{(\w+="([^"\\]|\\.)*",?)+\} [0-9.e+-]+)')
    assert all(line.fullmatch(each) for each in text.splitlines())
    names = re.findall(r"# TYPE (\w+)", text)
    assert len(names) == len(set(names))
