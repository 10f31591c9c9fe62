import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.core import ConfigError, DataError
from omloop.evaluate import metric
from omloop.kinds import Classes
from omloop.promote import Case, MetricFunction, Rules, judge

SEEDS = st.integers(0, 2**32 - 1)
QUICK = Rules(resamples=200)
OTHER_WAY = {"better": "worse", "worse": "better", "not enough evidence": "not enough evidence"}


def case(metric: MetricFunction, *noises: float, rows: int = 400, seed: int = 1, **more: Any) -> Case:
    """A candidate and a champion that are the truth with noise."""
    random = np.random.default_rng(seed)
    truth = random.normal(size=rows)
    candidate, champion = (truth + random.normal(scale=noise, size=rows) for noise in noises)
    return Case(metric, truth, candidate, champion, seed=seed, **more)


def split(metric: MetricFunction, groups: int, *, bad: int, rows: int = 200) -> Case:
    """A candidate that is far better everywhere but in the group `g0`, where it is off by 2 in `bad` rows."""
    random = np.random.default_rng(5)
    truth = random.normal(size=rows * groups)
    champion = truth + random.normal(size=len(truth))
    candidate = truth + 0.1 * random.normal(size=len(truth))
    candidate[:bad] += 2.0
    names = np.repeat([f"g{number}" for number in range(groups)], rows)
    return Case(metric, truth, candidate, champion, seed=1, slices={"cohort": names})


@pytest.fixture(autouse=True)
def no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


@settings(max_examples=25)
@given(seed=SEEDS, rows=st.integers(0, 60))
def test_nothing_beats_itself(mean_error: MetricFunction, seed: int, rows: int) -> None:
    truth = np.random.default_rng(seed).normal(size=rows)
    assert judge(Case(mean_error, truth, truth * 0.9, truth * 0.9, seed=seed), QUICK).verdict == "not enough evidence"


@settings(max_examples=25)
@given(seed=SEEDS, noise=st.floats(0.1, 1.0), margin=st.floats(0, 0.2))
def test_exchanging_candidate_and_champion_turns_the_verdict(
    r2: MetricFunction, seed: int, noise: float, margin: float
) -> None:
    asked = case(r2, 0.5, noise, rows=50, seed=seed)
    back = Case(r2, asked.truth, asked.champion, asked.candidate, seed=seed)
    rules = Rules(margin=margin, resamples=200)
    assert judge(asked, rules).verdict == OTHER_WAY[judge(back, rules).verdict]


@pytest.mark.parametrize(("rows", "cases"), [pytest.param(20, 600, marks=pytest.mark.slow), (60, 400)])
def test_an_equal_candidate_is_hardly_ever_promoted(mean_error: MetricFunction, rows: int, cases: int) -> None:
    """At most 5 % of pairs of equal models with noise of their own."""
    verdicts = [judge(case(mean_error, 0.5, 0.5, rows=rows, seed=seed), QUICK).verdict for seed in range(cases)]
    assert verdicts.count("better") <= cases // 20


def test_a_clearly_better_candidate_is_promoted(r2: MetricFunction) -> None:
    for seed in range(20):
        assert judge(case(r2, 0.3, 0.6, seed=seed), QUICK).promote


def test_a_clearly_worse_candidate_is_called_so(r2: MetricFunction) -> None:
    assert judge(case(r2, 0.6, 0.3), QUICK).verdict == "worse"


def test_the_reason_is_a_sentence_with_its_numbers(r2: MetricFunction) -> None:
    decision = judge(case(r2, 0.3, 0.5), QUICK)
    assert decision.reason == "r2 0.689 -> 0.880, gain 0.191 [0.133, 0.266] on 400 rows: better"
    assert set(decision.evidence) == {"candidate", "champion", "gain", "low", "high", "rows"}


def test_the_first_candidate_is_compared_with_the_baseline(r2: MetricFunction) -> None:
    decision = judge(case(r2, 0.3, 0.6, opponent="baseline"), QUICK)
    assert "of the baseline" in decision.reason
    assert "baseline" in decision.evidence and "champion" not in decision.evidence


def test_where_nothing_answers_yet_a_candidate_that_is_ahead_is_better(mean_error: MetricFunction) -> None:
    few = case(mean_error, 4.0, 9.0, rows=6, opponent="baseline")
    assert judge(few, QUICK).reason.endswith(
        "on 6 rows, which is ahead and does for a first version (gate.first): better"
    )
    assert judge(few, replace(QUICK, first="proven")).verdict == "not enough evidence"
    assert judge(case(mean_error, 9.0, 4.0, rows=6, opponent="baseline"), QUICK).verdict != "better"
    assert judge(case(mean_error, 4.0, 9.0, rows=6), QUICK).verdict == "not enough evidence"


def test_a_first_version_that_is_ahead_must_reach_the_floors(mean_error: MetricFunction) -> None:
    few = case(mean_error, 4.0, 9.0, rows=6, opponent="baseline")
    assert judge(few, replace(QUICK, floors={"mae": 0.1})).verdict == "worse"


def test_a_gain_within_the_margin_is_not_enough(r2: MetricFunction) -> None:
    decision = judge(case(r2, 0.3, 0.5), Rules(margin=0.15, resamples=200))
    assert decision.verdict == "not enough evidence"
    assert "asked for more than 0.150" in decision.reason


@pytest.mark.parametrize("rows", [0, 1, 2, 19])
def test_too_few_rows_are_not_enough_evidence(mean_error: MetricFunction, rows: int) -> None:
    decision = judge(case(mean_error, 0.01, 9.0, rows=rows), QUICK)
    assert decision.verdict == "not enough evidence"
    assert decision.reason.startswith(f"{rows} rows to compare on")


@pytest.mark.parametrize("truth", [np.ones(50), np.full(50, np.nan), np.r_[np.inf, np.ones(49)]])
def test_a_metric_that_is_not_defined_is_not_enough_evidence(r2: MetricFunction, truth: np.ndarray) -> None:
    decision = judge(Case(r2, truth, np.zeros(50), np.ones(50), seed=1), QUICK)
    assert decision.verdict == "not enough evidence"
    assert "gain not defined" in decision.reason


def test_a_slice_that_fell_stops_a_better_candidate(mean_error: MetricFunction) -> None:
    decision = judge(split(mean_error, 4, bad=200), QUICK)
    assert decision.verdict == "worse"
    assert "but where cohort is g0 it fell" in decision.reason
    assert decision.evidence["low"] > 0


def test_a_slice_may_fall_by_what_the_rules_allow(mean_error: MetricFunction) -> None:
    assert judge(split(mean_error, 4, bad=200), Rules(resamples=200, slice_drop=2.0)).promote


def test_a_slice_with_few_rows_is_no_evidence(mean_error: MetricFunction) -> None:
    assert judge(split(mean_error, 40, bad=20, rows=20), QUICK).promote
    assert not judge(split(mean_error, 40, bad=20, rows=20), Rules(resamples=200, slice_rows=20)).promote


def test_many_slices_of_equal_models_raise_no_alarm(mean_error: MetricFunction) -> None:
    """The chance of a false alarm is shared out: 8 unchanged slices stop a better candidate in few of 20 cases."""
    names = np.repeat([f"g{number}" for number in range(10)], 40)
    stopped = 0
    for seed in range(20):
        asked = case(mean_error, 0.5, 0.5, seed=seed, slices={"cohort": names})
        asked.candidate[320:] = asked.truth[320:]
        stopped += judge(asked, Rules(resamples=100, slice_drop=0.0)).verdict == "worse"
    assert stopped <= 2


def test_a_floor_that_is_not_reached_stops_a_better_candidate(r2: MetricFunction, mean_error: MetricFunction) -> None:
    asked = case(r2, 0.3, 0.6, others=(mean_error,))
    assert judge(asked, Rules(resamples=200, floors={"r2": 0.85, "mae": 0.5})).promote
    decision = judge(asked, Rules(resamples=200, floors={"r2": 0.95, "mae": 0.1}))
    assert decision.verdict == "worse"
    assert "r2 0.880 is not at least 0.950; mae 0.255 is not at most 0.100" in decision.reason


def test_a_floor_of_an_unknown_metric_is_refused(r2: MetricFunction, mean_error: MetricFunction) -> None:
    with pytest.raises(ConfigError, match=r"floor 'mea' is no metric\. Did you mean 'mae'\? There are: mae, r2"):
        judge(case(r2, 0.3, 0.6, others=(mean_error,)), Rules(floors={"mea": 0.9}))


def test_the_same_case_gets_the_same_answer(r2: MetricFunction) -> None:
    assert judge(case(r2, 0.5, 0.52), QUICK) == judge(case(r2, 0.5, 0.52), QUICK)


def test_rows_that_do_not_match_are_refused(r2: MetricFunction) -> None:
    with pytest.raises(DataError, match="3 truths but 2 rows of 'candidate'"):
        Case(r2, np.ones(3), np.ones(2), np.ones(3), seed=1)
    with pytest.raises(DataError, match="rows of 'cohort'"):
        Case(r2, np.ones(3), np.ones(3), np.ones(3), seed=1, slices={"cohort": np.array(["a"])})


@pytest.mark.parametrize(
    ("name", "value"),
    [("margin", -0.1), ("confidence", 1.0), ("confidence", 95.0), ("resamples", 10), ("rows", 0), ("slice_rows", 1)],
)
def test_a_rule_that_makes_no_sense_is_refused(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"The gate's '{name}'"):
        Rules(**{name: value})


def test_one_that_costs_less_may_lose_what_is_allowed_and_no_more(mean_error: MetricFunction) -> None:
    random = np.random.default_rng(3)
    truth = random.normal(size=400)
    champion = truth + 0.5
    candidate = champion + 0.01  # off by a hundredth more, everywhere
    equal = Case(mean_error, truth, candidate, champion, seed=1)
    assert judge(equal, QUICK).verdict == "worse"
    passed = judge(replace(equal, allowed=0.02), QUICK)
    assert passed.verdict == "better" and "may lose 0.020 for costing less: better" in passed.reason
    assert judge(replace(equal, allowed=0.005), QUICK).verdict == "worse"


def test_each_side_is_judged_as_it_decides() -> None:
    """Two versions that give the same probabilities and have another threshold differ in what they answer."""
    random = np.random.default_rng(3)
    given = random.random(400)
    truth, outputs = (random.random(400) < given).astype(np.int64), np.column_stack([1 - given, given])
    ours, theirs = (metric("accuracy", Classes("state", ("well", "ill"), threshold=at)) for at in (0.5, 0.05))
    decision = judge(
        Case(ours, truth, outputs, outputs, seed=1, theirs=theirs, slices={"all": np.full(400, "a")}), Rules()
    )
    assert decision.verdict == "better" and decision.evidence["champion"] == theirs(truth, outputs)
    assert judge(Case(ours, truth, outputs, outputs, seed=1), Rules()).evidence["gain"] == 0
