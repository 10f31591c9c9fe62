"""What every sink of alerts must do; a sink's test inherits this and supplies four fixtures."""

from collections.abc import Callable, Sequence
from typing import Protocol

import pytest

from omloop.core import OmloopError


class Sending(Protocol):
    """The interface of a sink, as in `omloop.alert.Sink`."""

    def send(self, alert: object, /) -> None:
        """Deliver one alert."""


class SinkContract:
    """After sending, the alert has arrived, or there is an error."""

    @pytest.fixture
    def sink(self) -> Sending:
        """A sink that can deliver."""
        raise NotImplementedError

    @pytest.fixture
    def arrived(self) -> Callable[[], Sequence[str]]:
        """What the sink has delivered so far, as texts."""
        raise NotImplementedError

    @pytest.fixture
    def broken(self) -> Sending | None:
        """A sink whose other end is not there; None for one that always can deliver."""
        raise NotImplementedError

    @pytest.fixture
    def raised(self) -> object:
        """A raised `omloop.alert.Alert` of the rule `slow` of the project `rides`."""
        raise NotImplementedError

    def test_an_alert_has_arrived_when_it_was_sent(
        self, sink: Sending, arrived: Callable[[], Sequence[str]], raised: object
    ) -> None:
        """With the project, the rule, and what became of it."""
        sink.send(raised)
        (one,) = arrived()
        assert all(word in one for word in ("rides", "slow", "raised"))

    def test_the_same_alert_may_be_sent_again(
        self, sink: Sending, arrived: Callable[[], Sequence[str]], raised: object
    ) -> None:
        """This happens when the sender dies before it writes down that the alert went out."""
        for _ in range(2):
            sink.send(raised)
        assert 1 <= len(arrived()) <= 2

    def test_what_cannot_be_delivered_is_an_error(self, broken: Sending | None, raised: object) -> None:
        """The error is one of omloop's own, so that a later try sends the alert again."""
        if broken is None:
            pytest.skip("this sink always can deliver")
        with pytest.raises(OmloopError):
            broken.send(raised)
