"""The contract of an exporter: a graph that answers any number of rows as the original does."""

from collections.abc import Callable

import numpy as np
import pytest

from omloop.bundle import Session
from omloop.core import Fitted, Kind, NumberArray, Output
from omloop.testing.jobs import MOOD, TABLE, VALUE, rows_of

Export = Callable[[Fitted, Kind, Output, NumberArray], bytes]


class ExporterContract:
    """Inherit this and supply the exporter, and models fitted to the two jobs of `omloop.testing.jobs`."""

    @pytest.fixture
    def export(self) -> Export:
        """The exporter."""
        raise NotImplementedError

    @pytest.fixture
    def number(self) -> Fitted:
        """A model of `number_job`."""
        raise NotImplementedError

    @pytest.fixture
    def classes(self) -> Fitted:
        """A model of `classes_job`."""
        raise NotImplementedError

    @pytest.mark.parametrize("rows", [1, 2, 7, 300])
    def test_a_number_is_answered_for_any_number_of_rows(self, export: Export, number: Fitted, rows: int) -> None:
        """To 1e-5 of the largest answer, about 70."""
        session = Session(export(number, TABLE, VALUE, rows_of(20, 1)), TABLE, VALUE)
        examples = rows_of(rows, 9)
        np.testing.assert_allclose(session.predict(examples), number.predict(examples), atol=7e-4)

    @pytest.mark.parametrize("rows", [1, 2, 7, 300])
    def test_probabilities_are_answered_for_any_number_of_rows(
        self, export: Export, classes: Fitted, rows: int
    ) -> None:
        """Labels that agree would not be enough."""
        session = Session(export(classes, TABLE, MOOD, rows_of(20, 1)), TABLE, MOOD)
        examples = rows_of(rows, 9)
        np.testing.assert_allclose(session.predict(examples), classes.predict(examples), atol=1e-5)

    def test_one_example_is_enough_to_export(self, export: Export, number: Fitted) -> None:
        """The example does not fix the number of rows."""
        session = Session(export(number, TABLE, VALUE, rows_of(1, 1)), TABLE, VALUE)
        assert session.predict(rows_of(5, 9)).shape == (5,)

    def test_the_same_model_gives_the_same_bytes(self, export: Export, number: Fitted) -> None:
        """So it is the same version, and the registry adds it once."""
        first, again = (export(number, TABLE, VALUE, rows_of(20, 1)) for _ in range(2))
        assert first == again

    def test_the_graph_says_nothing_about_the_machine_that_exported_it(self, export: Export, number: Fitted) -> None:
        """Paths and source lines are no part of a model."""
        graph = export(number, TABLE, VALUE, rows_of(20, 1))
        assert b"site-packages" not in graph
        assert b".py" not in graph
