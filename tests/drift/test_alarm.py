"""The alarm rings soon where data drifts, seldom where it does not, and the same for whoever listens."""

import numpy as np
import pytest
from scipy.signal import lfilter

from omloop.bundle import Reference
from omloop.drift import AlarmBudget, find_alarms

ROWS, COLUMNS = 10_000, 20
Rows = dict[str, np.ndarray]


def named(values: np.ndarray) -> Rows:
    return {f"c{index}": values[:, index] for index in range(values.shape[1])}


def independent(chance: np.random.Generator, rows: int) -> np.ndarray:
    return chance.normal(size=(rows, COLUMNS))


def autocorrelated(chance: np.random.Generator, rows: int) -> np.ndarray:
    values = independent(chance, rows)
    for row in range(1, rows):
        values[row] = 0.6 * values[row - 1] + 0.8 * values[row]
    return values


def repeated(chance: np.random.Generator, rows: int) -> np.ndarray:
    return np.repeat(independent(chance, rows // 5), 5, axis=0)


def reference_of(values: np.ndarray, *, ordered: bool = True) -> Reference:
    columns = named(values)
    return Reference.of(columns, dict.fromkeys(columns, ()), series=columns if ordered else None)


CHANCE = np.random.default_rng(0)
REFERENCE = reference_of(independent(CHANCE, ROWS))
UNORDERED = reference_of(independent(CHANCE, ROWS), ordered=False)


@pytest.mark.parametrize("ordered", [True, False], ids=["ordered", "unordered"])
@pytest.mark.parametrize("draw", [independent, autocorrelated, repeated])
def test_streams_without_drift_do_not_ring(draw, ordered: bool) -> None:  # type: ignore[no-untyped-def]
    """An alarm is expected in one of a hundred streams of 25,000 at most; see benchmarks/drift for hundreds of them."""
    chance = np.random.default_rng(0)
    reference = reference_of(draw(chance, ROWS), ordered=ordered)
    assert find_alarms(reference, reference.buckets(named(draw(chance, 10_000)))) == ()


def zipf(words: int) -> np.ndarray:
    shares = 1 / np.arange(1.0, words + 1)
    return shares / shares.sum()


@pytest.mark.parametrize(("words", "rows"), [(300, 3000), (2500, 6000)])
def test_a_category_of_many_words_does_not_ring_for_its_rare_ones(words: int, rows: int) -> None:
    """The words that are rare in the reference by chance alone are more common later: that is no drift."""
    names = {"street": tuple(f"street {index}" for index in range(words))}
    for seed in range(3):
        chance = np.random.default_rng(seed)
        before, live = ({"street": chance.choice(words, n, p=zipf(words)).astype(float)} for n in (rows, 20_000))
        reference = Reference.of(before, names, series=before)
        assert find_alarms(reference, reference.buckets(live)) == ()


def test_a_rare_word_of_many_that_becomes_common_is_found_and_named() -> None:
    names = {"street": tuple(f"street {index}" for index in range(2500))}
    chance = np.random.default_rng(9)
    before, live = (chance.choice(2500, n, p=zipf(2500)).astype(float) for n in (6000, 2000))
    live[1000:][chance.random(1000) < 0.05] = 1700
    reference = Reference.of({"street": before}, names, series={"street": before})
    alarm = find_alarms(reference, reference.buckets({"street": live}))[0]
    cell = reference.columns["street"].names[int(reference.columns["street"].place(np.array([1700.0]))[0])]
    assert alarm.since == 4
    assert f"more in {cell}" in alarm.columns[0].effects


def test_answers_of_many_classes_with_few_judged_do_not_ring() -> None:
    names = {"answer": tuple(f"class {index}" for index in range(30))}
    for seed in range(20):
        chance = np.random.default_rng(seed)
        shares = chance.dirichlet(np.ones(30))
        before, live = ({"answer": chance.choice(30, n, p=shares).astype(float)} for n in (50, 5000))
        reference = Reference.of(before, names)
        assert find_alarms(reference, reference.buckets(live)) == ()


def test_without_its_dispersion_traffic_that_resembles_itself_would_ring() -> None:
    chance = np.random.default_rng(0)
    live = autocorrelated(chance, 12_500)
    blind = reference_of(independent(chance, ROWS))
    assert find_alarms(blind, blind.buckets(named(live)))


@pytest.mark.parametrize(("by", "within"), [(0.5, 250), (0.3, 750), (0.2, 1500)])
def test_a_shift_in_one_of_twenty_columns_is_found_soon(by: float, within: int) -> None:
    delays = []
    for seed in range(3):
        live = independent(np.random.default_rng(seed), 5000)
        live[2500:, 3] += by
        alarms = find_alarms(REFERENCE, REFERENCE.buckets(named(live)), first=10)
        delays.append((alarms[0].bucket + 1) * 250 - 2500)
        assert alarms[0].columns[0].column == "c3"
    assert np.median(delays) <= within


def test_an_alarm_says_since_when_and_how_far() -> None:
    live = independent(np.random.default_rng(1), 5000)
    live[2500:, 3] += 1.0
    alarm = find_alarms(REFERENCE, REFERENCE.buckets(named(live)))[5]
    (moved,) = alarm.columns
    assert (alarm.bucket, alarm.since, moved.column) == (15, 10, "c3")
    assert moved.effects["shift"] == pytest.approx(1.0, abs=0.2)
    assert moved.p_value < alarm.level


@pytest.mark.parametrize(
    "reference", [REFERENCE, pytest.param(UNORDERED, marks=pytest.mark.slow)], ids=["ordered", "unordered"]
)
def test_whoever_listens_later_or_again_hears_the_same(reference: Reference) -> None:
    live = independent(np.random.default_rng(2), 14_000)
    live[1000:1500, 2] = np.nan
    live[12_000:, 3] += 0.6
    buckets = reference.buckets(named(live))
    alarms = find_alarms(reference, buckets)
    assert len(alarms) > 1
    one_by_one = [find_alarms(reference, buckets[: end + 1], first=end) for end in range(len(buckets))]
    assert tuple(alarm for heard in one_by_one for alarm in heard) == alarms


def test_what_several_workers_counted_is_heard_as_if_one_had() -> None:
    live = independent(np.random.default_rng(3), 2500)
    live[:, 3] += 0.5
    rows = named(live)
    halves = [
        np.array([REFERENCE.count({name: values[start + half : start + 250 : 2] for name, values in rows.items()})
                  for start in range(0, 2500, 250)])
        for half in range(2)
    ]  # fmt: skip
    assert find_alarms(REFERENCE, halves[0] + halves[1]) == find_alarms(REFERENCE, REFERENCE.buckets(rows)) != ()


@pytest.mark.parametrize("harm", ["absent", "times 100"])
def test_gross_changes_ring_with_the_first_bucket_though_nothing_is_known_of_the_order(harm: str) -> None:
    live = named(independent(np.random.default_rng(4), 250))
    live["c5"] = {"absent": np.full(250, np.nan), "times 100": live["c5"] * 100}[harm]
    (alarm,) = find_alarms(UNORDERED, UNORDERED.buckets(live))
    assert [moved.column for moved in alarm.columns] == ["c5"]


def test_a_drift_is_found_once_the_live_buckets_have_taught_the_dispersion() -> None:
    live = independent(np.random.default_rng(5), 14_000)
    live[12_500:, 3] += 0.5
    alarms = find_alarms(UNORDERED, UNORDERED.buckets(named(live)))
    assert 50 <= alarms[0].bucket <= 52


def test_certainty_alone_does_not_ring() -> None:
    large = named(np.random.default_rng(6).normal(size=(400_000, 1)))
    reference = Reference.of(large, {"c0": ()}, series=large)
    live = named(np.random.default_rng(7).normal(0.045, size=(64 * 250, 1)))
    assert find_alarms(reference, reference.buckets(live)) == ()
    assert find_alarms(reference, reference.buckets(live), promise=AlarmBudget(least_effect=0.0))


def test_no_bucket_and_no_column_are_silence() -> None:
    assert find_alarms(REFERENCE, np.zeros((0, REFERENCE.size), np.int64)) == ()
    assert find_alarms(Reference(0, {}), np.zeros((5, 0), np.int64)) == ()


def test_columns_together_show_what_none_of_them_shows_alone() -> None:
    """Two numbers that went together, and no longer do."""
    chance = np.random.default_rng(8)
    both = chance.normal(size=(10_000, 1)) + 0.3 * chance.normal(size=(10_000, 2))
    columns = named(both)
    reference = Reference.of(
        columns, dict.fromkeys(columns, ()), bucket=50, series=columns, together={"both": ["c0", "c1"]}
    )
    live = {"c0": columns["c0"][:1000], "c1": columns["c1"][1000:2000]}
    alarms = find_alarms(reference, reference.buckets(live))
    assert alarms[0].bucket < 4
    assert [moved.column for moved in alarms[0].columns] == ["both"]


@pytest.mark.parametrize("ordered", [True, False], ids=["ordered", "unordered"])
def test_a_reference_that_holds_each_row_several_times_does_not_ring(ordered: bool) -> None:
    """Seven times, in any order, as oversampling and augmentation make them; live rows come once."""
    for seed in range(3):
        chance = np.random.default_rng(seed)
        before = chance.permutation(np.repeat(independent(chance, 1000), 7, axis=0))
        reference = reference_of(before, ordered=ordered)
        assert reference.columns["c0"].repeats == pytest.approx(7)
        assert find_alarms(reference, reference.buckets(named(independent(chance, 20_000)))) == ()


def test_a_row_that_one_caller_sends_again_and_again_counts_once_a_bucket() -> None:
    live = independent(np.random.default_rng(10), 3000)
    live[1010:1160] = live[1010]
    rows = named(live)
    buckets = REFERENCE.buckets(rows)
    assert REFERENCE.rows_in(buckets)[3:6].tolist() == [250, 101, 250]
    assert find_alarms(REFERENCE, buckets) == ()
    several = REFERENCE.buckets(rows, [f"shop {row}" for row in range(3000)])
    assert set(REFERENCE.rows_in(several)) == {250}
    assert find_alarms(REFERENCE, several)


def test_a_model_of_few_distinct_inputs_loses_nothing() -> None:
    """Equal rows are ordinary there: all count, and a change is found."""
    chance = np.random.default_rng(11)
    before = {"flag": (chance.random(5000) < 0.3).astype(float)}
    reference = Reference.of(before, {"flag": ("no", "yes")}, series=before)
    live = {"flag": np.append(chance.random(2000) < 0.3, chance.random(1000) < 0.5).astype(float)}
    buckets = reference.buckets(live)
    assert set(reference.rows_in(buckets)) == {250}
    assert find_alarms(reference, buckets)[0].bucket == 8


def test_slices_that_are_listened_to_beside_each_other_share_the_budget() -> None:
    assert AlarmBudget(streams=4).level(REFERENCE) == pytest.approx(AlarmBudget().level(REFERENCE) / 4)


@pytest.mark.parametrize("ordered", [True, False])
def test_one_slow_column_does_not_make_numbers_together_ring(ordered: bool) -> None:
    chance, rang = np.random.default_rng(21), 0
    for _ in range(8):
        values = chance.normal(size=(25_000, 8))
        values[:, 3] = lfilter([np.sqrt(1 - 0.96**2)], [1, -0.96], values[:, 3])
        before, live = ({f"c{index}": part[:, index] for index in range(8)} for part in np.split(values, [10_000]))
        series = before if ordered else None
        reference = Reference.of(before, dict.fromkeys(before, ()), series=series, together={"all": list(before)})
        rang += bool(find_alarms(reference, reference.buckets(live)))
    assert rang == 0
