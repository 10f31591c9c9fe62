"""Every input kind and every output, ours as a stranger's, keeps its contract."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from omloop.core import Columns, Kind, Output
from omloop.kinds import Classes, Column, Image, Number, Table, Text
from omloop.kinds.number import Interval
from omloop.testing.encoders import tiny_tokenizer
from omloop.testing.kind import KindContract
from omloop.testing.output import OutputContract


class TestTable(KindContract):
    @pytest.fixture
    def kind(self) -> Kind:
        words = Column("rain", "category", categories=("none", "some"), other="some", missing=True)
        return Table((Column("hours", "number", low=0, missing=True), Column("age", "integer", low=0, high=99), words))

    @pytest.fixture
    def columns(self) -> Columns:
        return {"hours": ["1.5", "", 0.1], "age": [7, "8", 9.0], "rain": ["none", "hail", None]}


class TestTableOfEveryType(KindContract):
    @pytest.fixture(params=[True, False])
    def kind(self, request: pytest.FixtureRequest) -> Kind:
        missing = request.param
        return Table(
            (
                Column("class", "datetime", missing=missing),
                Column("name of the [shop].", "category", categories=("a", "b"), other="other", missing=missing),
                Column('said "so" 🙂', "text", size=8, missing=missing),
                Column("index", "date", format="%d.%m.%Y", missing=missing),
                Column("paid", "boolean", missing=missing),
                Column("hours", "number", missing=missing),
            )
        )

    @pytest.fixture
    def columns(self) -> Columns:
        return {
            "class": ["1999-12-31T23:59:59", "2024-02-29 12:00:01+02:00"],
            "name of the [shop].": ["b", "never seen"],
            'said "so" 🙂': ["Hello, hello!", "été 🎉"],
            "index": ["29.02.2024", "1969-07-20"],
            "paid": ["Yes", "0"],
            "hours": [1, "2.5"],
        }


class TestImage(KindContract):
    @pytest.fixture(params=[1, 3])
    def kind(self, request: pytest.FixtureRequest) -> Kind:
        return Image(5, 4, request.param, name="face")

    @pytest.fixture
    def columns(self) -> Columns:
        return {"face": [np.full((4, 6), 0.5), np.arange(60, dtype=np.uint8).reshape(4, 5, 3)]}


class TestText(KindContract):
    @pytest.fixture(params=["grams", "tokens"])
    def kind(self, request: pytest.FixtureRequest) -> Kind:
        kind = Text("letter", most_characters=200, buckets=2**10)
        return (
            kind
            if request.param == "grams"
            else kind.tokenized(tiny_tokenizer(["so long and thanks for all the fish"]), 8)
        )

    @pytest.fixture
    def columns(self) -> Columns:
        return {"letter": ["Dear  all,", "so <b>long</b>, and thanks for all of the fish that there was to be had"]}


class TestNumber(OutputContract):
    @pytest.fixture(params=["keep", "clip", "flag"])
    def output(self, request: pytest.FixtureRequest) -> Output:
        return Number("minutes", low=0, high=90, beyond=request.param)

    @pytest.fixture
    def targets(self) -> Sequence[Any]:
        return [1, 20.5, 90]

    @pytest.fixture
    def outputs(self) -> NDArray[Any]:
        return np.array([1.0, 20.5, 60.0])


class TestNumberWithAnInterval(TestNumber):
    @pytest.fixture(params=["keep", "clip", "flag", "without limits"])
    def output(self, request: pytest.FixtureRequest) -> Output:
        interval = Interval(0.9, 7.25)
        if request.param == "without limits":
            return Number("minutes", interval=interval)
        return Number("minutes", low=0, high=90, beyond=request.param, interval=interval)

    @pytest.mark.parametrize("value", [-50.0, 3.0, 45.0, 88.0, 200.0])
    def test_the_interval_is_around_the_number_and_within_the_limits(self, output: Output, value: float) -> None:
        (answer,) = output.answer(np.array([value]))
        low, high = answer["interval"]
        limits = (-np.inf, np.inf) if output.restore(output.describe()).low is None else (0, 90)  # type: ignore[attr-defined]
        assert (low, high) == tuple(np.clip([value - 7.25, value + 7.25], *limits))


class TestClasses(OutputContract):
    @pytest.fixture(
        params=[
            Classes("mood", ("sad", "calm", "happy"), flags={"sunny": ("happy",)}),
            Classes("mood", ("sad", "calm", "happy"), threshold={"sad": 0.3}),
            Classes("mood", ("sad", "calm", "happy"), threshold="share"),
            Classes("mood", ("calm", "happy")),
            Classes("mood", ("calm", "happy"), threshold={"calm": 0.7}),
            Classes("mood", ("calm", "happy"), threshold={"calm": 0.7}, calibration="temperature"),
        ],
        ids=["three", "three with a threshold", "three with their shares", "two", "two with a threshold", "calibrated"],
    )
    def output(self, request: pytest.FixtureRequest) -> Output:
        found: Output = request.param
        return found

    @pytest.fixture
    def targets(self) -> Sequence[Any]:
        return ["happy", "calm", "calm"]

    @pytest.fixture
    def outputs(self, output: Output) -> NDArray[Any]:
        two = np.array([[0.1, 0.9], [0.8, 0.2], [0.25, 0.75]])
        return two if len(output.classes) == 2 else np.hstack([np.zeros((3, 1)), two])
