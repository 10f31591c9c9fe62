"""Which labels count where they do not come for all answers alike."""

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Stratum
from omloop.drift import choose_labels, errors_of, highest_mean, strata_of, stratum_of

CHANCE = np.random.default_rng(5)


def came(delays: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many predictions there were when each label came; those that would come later than the last have none."""
    when = np.arange(len(delays)) + 1 + delays
    return np.where(when <= len(delays), when, np.nan)


def test_labels_that_come_as_answers_fall_count_as_they_come() -> None:
    strata, delays = CHANCE.integers(0, 3, 3000), CHANCE.exponential(300, 3000)
    delays[CHANCE.random(3000) < 0.7] = np.inf
    chosen = choose_labels(strata, came(delays))
    assert chosen.age == 0 and not chosen.by_stratum


def test_a_class_whose_labels_come_later_is_waited_for() -> None:
    churn = CHANCE.random(4000) < 0.15
    delays = np.where(churn, 0.0, 1500.0)
    answers = np.where(CHANCE.random(4000) < 0.1, ~churn, churn).astype(np.int64)
    assert len(choose_labels(answers[:1400], came(delays[:1400])).rows) < 20
    chosen = choose_labels(answers, came(delays))
    assert chosen.age == 2000 and len(chosen.rows) == 2000


def test_labels_of_one_kind_of_answers_alone_are_held_against_that_kind() -> None:
    hard = CHANCE.integers(0, 2, 6000)
    delays = np.where((hard == 1) & (CHANCE.random(6000) < 0.5), 0.0, np.inf)
    assert choose_labels(hard[:3000], came(delays[:3000])).age is None
    chosen = choose_labels(hard, came(delays))
    assert chosen.by_stratum and set(hard[chosen.rows]) == {1} and chosen.age == 1


def test_a_stratum_with_hardly_any_labels_is_not_believed() -> None:
    fraud = CHANCE.random(8000) < 0.2
    delays = np.where(CHANCE.random(8000) < np.where(fraud, 0.9, 0.02), 0.0, np.inf)
    chosen = choose_labels(fraud.astype(np.int64), came(delays))
    assert chosen.by_stratum and fraud[chosen.rows].all()


def test_strata_tell_classes_and_hints_apart_and_pool_what_is_rare() -> None:
    answers, hints = np.repeat([0, 1, 2], [400, 120, 7]), CHANCE.random(527)
    strata = strata_of(answers, hints, hints > 0.8, ("ok", "fraud", "odd"))
    assert [stratum.answer for stratum in strata] == ["ok"] * 4 + ["fraud"] * 2 + [""]
    assert all(stratum.tested <= stratum.highest for stratum in strata)
    found = stratum_of(strata, answers, hints, ("ok", "fraud", "odd"))
    assert np.bincount(found).tolist() == [stratum.rows for stratum in strata]
    beyond = stratum_of(strata, np.array([0, 1, 2]), np.array([-1.0, 9.0, 0.5]), ("ok", "fraud", "odd"))
    assert beyond.tolist() == [0, 5, 6]


def test_the_limits_of_strata_together_are_as_sure_as_each_alone() -> None:
    chance, rates = np.random.default_rng(8), np.array([0.02, 0.1, 0.3])
    exceeded = apart = 0
    for _ in range(200):
        errors = [chance.random(150) < rate for rate in rates]
        strata = [Stratum("", 0, 1, 150, float(error.mean()), highest_mean(error)) for error in errors]
        highest, tested = errors_of(strata, np.repeat([0, 1, 2], 40))
        exceeded += rates.mean() > highest.mean()
        apart += highest.mean() - tested.mean() < 0.7 * float(np.mean([one.highest - one.tested for one in strata]))
    assert exceeded <= 20 and apart == 200
