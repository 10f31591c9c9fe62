"""Shapley values are what they are defined to be, for tables, texts and pictures."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations
from math import factorial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from omloop.bundle import Bundle, Sample, Session
from omloop.core import InputError, Kind, OmloopError, UnknownNameError
from omloop.explain import background_of, explain_answer, mean_contributions
from omloop.explain.plan import plan_of
from omloop.kinds import Column, Number, Table, Text
from omloop.testing.bundles import IMAGE, TABLE, tiny_bundle, tiny_image_bundle, tiny_text_bundle

CHANCE = np.random.default_rng(7)
ROWS = TABLE.encode(
    {"hours": CHANCE.uniform(0, 12, 60), "age": CHANCE.integers(14, 24, 60), "sex": CHANCE.choice(["f", "m"], 60)}
)


@dataclass
class Model:
    """Any function of the rows of a table of numbers, as a session answers."""

    answers: Callable[[NDArray[Any]], NDArray[Any]]
    inputs: Kind
    outputs: Number = field(default_factory=lambda: Number("score"))

    def predict(self, examples: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(self.answers(np.asarray(examples, np.float64)))


def numbers(count: int) -> Table:
    return Table(tuple(Column(f"c{index}", "number", missing=True) for index in range(count)))


def explained(answers: Callable[[NDArray[Any]], NDArray[Any]], table: NDArray[Any], **how: Any) -> dict[str, float]:
    model: Any = Model(answers, numbers(table.shape[1]))
    found = explain_answer(model, table[:1], table[1:], **how)
    assert found.residual == pytest.approx(0, abs=1e-9)
    return {one.name: one.value for one in found.contributions}


def by_definition(answers: Callable[[NDArray[Any]], NDArray[Any]], rows: NDArray[Any]) -> list[float]:
    """Shapley's own formula, over all coalitions; what is not of one comes from each row of the background."""
    count, row, background = rows.shape[1], rows[0], rows[1:]

    def worth(members: tuple[int, ...]) -> float:
        mixed = background.copy()
        mixed[:, list(members)] = row[list(members)]
        return float(answers(mixed).mean())

    def value(player: int) -> float:
        others = [other for other in range(count) if other != player]
        return sum(
            factorial(size) * factorial(count - size - 1) / factorial(count) * (worth((*some, player)) - worth(some))
            for size in range(count)
            for some in combinations(others, size)
        )

    return [value(player) for player in range(count)]


def test_of_a_linear_model_a_value_is_the_weight_times_the_distance_from_the_mean() -> None:
    found = explain_answer(Session.of(tiny_bundle(2.0)), ROWS[:1], ROWS)
    weights = dict(zip(TABLE.fields, (2.0, 4.0, 6.0), strict=True))
    wanted = {name: weights[name] * (ROWS[0, at] - ROWS[:, at].mean()) for at, name in enumerate(TABLE.fields)}
    assert {one.name: one.value for one in found.contributions} == pytest.approx(wanted, rel=1e-4, abs=1e-4)
    assert found.exact and found.of == "score" and found.background == 60
    assert found.base + sum(one.value for one in found.contributions) == pytest.approx(found.answer)
    sizes = [abs(one.value) for one in found.contributions]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("rows", [100_000, 600])
def test_values_are_those_of_all_coalitions(rows: int) -> None:
    """With 600 rows of the model four columns are still exact, with fewer stand-ins."""
    table = CHANCE.normal(size=(41, 4))
    model = lambda x: x[:, 0] * x[:, 1] + np.maximum(x[:, 2], x[:, 1]) * x[:, 3] + x[:, 0] ** 2  # noqa: E731
    kept = np.linspace(1, 40, min(40, rows // 16)).astype(int)
    wanted = by_definition(model, table[[0, *kept]])
    found = explained(model, table, rows=rows)
    assert [found[f"c{index}"] for index in range(4)] == pytest.approx(wanted, rel=1e-4, abs=1e-5)


def test_a_column_without_influence_gets_nothing_and_a_symmetric_pair_alike() -> None:
    table = CHANCE.normal(size=(31, 5))
    table[:, 1] = table[:, 0]
    found = explained(lambda x: np.tanh(x[:, 0] + x[:, 1]) * x[:, 2] + x[:, 4], table)
    assert found["c3"] == pytest.approx(0, abs=1e-12) and found["c0"] == pytest.approx(found["c1"])


def test_many_columns_are_sampled_and_say_how_sure_they_are() -> None:
    """Columns that act alone or in pairs have no error at all; three together do, and it covers the truth."""
    table = CHANCE.normal(size=(21, 14))
    pairs: Any = Model(lambda x: x[:, 0] * x[:, 1] + x[:, 2:].sum(axis=1), numbers(14))
    found = explain_answer(pairs, table[:1], table[1:], rows=20_000)
    assert not found.exact and max(one.error for one in found.contributions) < 1e-9
    assert found.model_rows <= 20_000 and found.residual == pytest.approx(0, abs=1e-9)
    three: Any = Model(lambda x: x[:, 0] * x[:, 1] * x[:, 2], numbers(14))
    told = explain_answer(three, table[:1], table[1:], rows=20_000)
    wanted = by_definition(lambda x: x[:, 0] * x[:, 1] * x[:, 2], table[:, :3])
    for one in told.contributions:
        truth = dict(zip(("c0", "c1", "c2"), wanted, strict=True)).get(one.name, 0.0)
        assert abs(one.value - truth) <= 5 * one.error + 1e-6
    assert told == explain_answer(three, table[:1], table[1:], rows=20_000)
    assert told != explain_answer(three, table[:1], table[1:], rows=20_000, seed=1)


def test_a_single_column_takes_the_whole_difference() -> None:
    assert explained(lambda x: 3 * x[:, 0], np.array([[2.0], [0.0], [1.0]])) == pytest.approx({"c0": 4.5})


def test_absent_values_and_unknown_words_are_their_columns_own() -> None:
    """What is absent, and a word that counts as another, is swapped as one thing, with the date's every part."""
    kind = Table(
        (
            Column("hours", "number", missing=True),
            Column("city", "category", categories=("Delft", "Gouda"), other="other"),
            Column("day", "date", missing=True),
        )
    )
    columns = {
        "hours": [None, 2.0, 4.0],
        "city": ["Paris", "Delft", "Gouda"],
        "day": ["2024-03-01", "2024-02-01", None],
    }
    rows = kind.encode(columns)
    at = dict(zip(kind.places, range(rows.shape[1]), strict=True))

    def answers(x: NDArray[Any]) -> NDArray[Any]:
        assert (np.isnan(x[:, at["day"]]) == np.isnan(x[:, at["day: month"]])).all()
        return np.isnan(x[:, 0]) * 10.0 + (x[:, 1] == 2) + np.nan_to_num(x[:, at["day: month"]])

    model: Any = Model(answers, kind)
    found = {one.name: one for one in explain_answer(model, rows[:1], rows[1:]).contributions}
    assert {name: one.value for name, one in found.items()} == pytest.approx({"hours": 10, "city": 1, "day": 2})
    assert [found[name].given for name in kind.fields] == [None, "other", "2024-03-01"]
    assert kind.recalled(kind.observe(rows)) is not None
    np.testing.assert_array_equal(kind.recalled(kind.observe(rows)), rows)


def test_of_classes_it_is_the_probability_of_the_answer_or_of_the_one_that_is_asked_for() -> None:
    session = Session.of(tiny_bundle(0.05, classes=("sad", "happy")))
    told = explain_answer(session, ROWS[:1], ROWS)
    assert told.of == "happy" and told.answer == pytest.approx(session.predict(ROWS[:1])[0, 1])
    other = explain_answer(session, ROWS[:1], ROWS, of="sad")
    values = {one.name: one.value for one in other.contributions}
    assert {one.name: -one.value for one in told.contributions} == pytest.approx(values, abs=1e-6)


def test_what_cannot_be_explained_is_told_in_a_line() -> None:
    session = Session.of(tiny_bundle(classes=("sad", "happy")))
    with pytest.raises(UnknownNameError, match="happy"):
        explain_answer(session, ROWS[:1], ROWS, of="hapy")
    with pytest.raises(InputError, match="no classes"):
        explain_answer(Session.of(tiny_bundle()), ROWS[:1], ROWS, of="happy")
    with pytest.raises(OmloopError, match=r"hangs on 5,000 pieces cannot be explained within 1,000 rows"):
        plan_of(5_000, 100, 1_000)
    empty: Any = SimpleNamespace(inputs=Table(()), outputs=Number("score"), predict=lambda rows: np.zeros(len(rows)))
    with pytest.raises(InputError, match="no columns or other pieces"):
        explain_answer(empty, np.zeros((1, 0)), np.zeros((3, 0)))


@pytest.mark.parametrize("pieces", [1, 2, 3, 4, 10, 11, 40, 300])
@pytest.mark.parametrize("rows", [2_000, 20_000])
def test_no_more_rows_of_the_model_are_asked_than_allowed(pieces: int, rows: int) -> None:
    asked: list[int] = []

    def answers(x: NDArray[Any]) -> NDArray[Any]:
        asked.append(len(x))
        return np.tanh(x).prod(axis=1)

    model: Any = Model(answers, numbers(pieces))
    table = CHANCE.normal(size=(50, pieces)).astype(np.float32)
    try:
        found = explain_answer(model, table[:1], table, rows=rows)
    except OmloopError:
        assert pieces >= 40 and rows == 2_000
        return
    assert sum(asked) == found.model_rows <= rows + 2


def test_words_of_a_text_say_what_each_does() -> None:
    bundle = tiny_text_bundle(1.0)
    session = Session.of(bundle)
    found = explain_answer(
        session, bundle.kind.parse([{"review": "good plain bad good"}]), background_of(bundle, bundle.kind)
    )
    assert found.of == "positive" and found.base == pytest.approx(0.5)
    values = [(one.name, round(one.value, 6)) for one in found.contributions]
    assert dict(values)["plain"] == 0 and dict(values)["bad"] < 0
    assert len({value for name, value in values if name == "good"}) == 1
    long = Text("review").pieces(
        np.array([" ".join(f"w{index}" for index in range(100))], object), np.array([], object)
    )
    assert long is not None and len(long.names) == 32 and long.names[0] == "w0 w1 w2 w3"


def test_the_part_of_a_picture_that_is_bright_makes_it_so() -> None:
    pixels = np.zeros((6, 8), np.uint8)
    pixels[:2, :2] = 255
    example = IMAGE.encode({"image": [pixels]})
    found = explain_answer(Session.of(tiny_image_bundle()), example, IMAGE.edges())
    assert found.contributions[0].name == "row 1, column 1" and found.contributions[0].value > 0
    assert len(found.contributions) == 16 and found.residual == pytest.approx(0, abs=1e-4)


def test_stand_ins_are_the_sample_of_the_bundle_or_its_examples() -> None:
    bundle = tiny_bundle()
    assert len(background_of(bundle, bundle.kind)) == len(bundle.examples.rows)
    sample = Sample.of(TABLE.observe(ROWS), [])
    known = with_sample(bundle, sample)
    np.testing.assert_allclose(background_of(known, known.kind), ROWS, rtol=1e-6)


def with_sample(bundle: Bundle, sample: Sample) -> Bundle:
    import msgspec

    return Bundle.seal(bundle.manifest, {**bundle.files, "sample.json": msgspec.json.encode(sample)})


def test_means_are_of_sizes_whatever_the_sign() -> None:
    session = Session.of(tiny_bundle(1.0))
    told = [explain_answer(session, ROWS[at : at + 1], ROWS) for at in range(20)]
    found = mean_contributions(told, seed=0)
    weights = (1.0, 2.0, 3.0)
    wanted = [weights[at] * np.abs(ROWS[:20, at] - ROWS[:, at].mean()).mean() for at in range(3)]
    assert {name: one.value for name, one in found.items()} == pytest.approx(
        dict(zip(TABLE.fields, wanted, strict=True)), rel=1e-3
    )
    assert all(one.low <= one.value <= one.high for one in found.values())
    assert list(found) == sorted(found, key=lambda name: -found[name].value)
    assert mean_contributions([], seed=0) == {}
