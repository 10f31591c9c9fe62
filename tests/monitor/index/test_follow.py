"""What was recorded is indexed soon, once for many, and again after a failure."""

import threading

import pytest

from omloop.core import StoreError
from omloop.monitor.index.follow import Follower


def test_it_catches_up_after_being_woken_and_not_before() -> None:
    called = threading.Event()
    follower = Follower(called.set, soon_s=0.0)
    assert not called.wait(0.05)
    follower.wake()
    assert called.wait(10)
    follower.close()


def test_many_calls_are_one(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []
    follower = Follower(lambda: calls.append(1), soon_s=60.0)
    for _ in range(1000):
        follower.wake()
    follower.close()
    assert calls == [1]


def test_a_failure_is_told_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []
    done = threading.Event()

    def fail_twice() -> None:
        calls.append(1)
        if len(calls) < 3:
            raise StoreError("the database is away")
        done.set()

    follower = Follower(fail_twice, soon_s=0.0, later_s=0.01)
    follower.wake()
    assert done.wait(10)
    follower.close()
    assert caplog.text.count("the database is away") == 1


def test_one_that_was_never_woken_ends_without_a_call() -> None:
    calls: list[int] = []
    Follower(lambda: calls.append(1)).close()
    assert calls == []
