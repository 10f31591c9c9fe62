"""The tracer of coverage rests behind the doors of libraries, and works on every way back."""

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from tests import untraced


def seen_in(call: Callable[[], object]) -> list[str]:
    """The functions that a tracer sees during a call, in a thread of its own: this one's tracer stays as it is."""
    seen: list[str] = []

    def look(frame: FrameType, event: str, arg: Any) -> None:
        seen.append(frame.f_code.co_name)

    def run() -> None:
        sys.settrace(look)
        call()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return seen


def test_a_call_of_a_library_is_not_seen_and_what_comes_after_is() -> None:
    def library() -> None: ...

    def afterwards() -> None: ...

    def work() -> None:
        untraced.untraced(library)()
        afterwards()

    seen = seen_in(work)
    assert "library" not in seen and "afterwards" in seen


def test_what_a_library_calls_of_ours_is_seen() -> None:
    def ours() -> None: ...

    def steps() -> Any:
        yield ours()

    def library(back: Callable[[], object]) -> None:
        back()

    assert "ours" in seen_in(lambda: untraced.untraced(library)(untraced.traced(ours)))
    assert "ours" in seen_in(lambda: untraced.untraced(library)(lambda: [*untraced.traced_steps(steps)()]))
    assert "ours" not in seen_in(lambda: untraced.untraced(library)(ours))


def test_a_library_that_raises_leaves_the_tracer_at_work() -> None:
    def library() -> None:
        raise ValueError

    def afterwards() -> None: ...

    def work() -> None:
        try:
            untraced.untraced(library)()
        except ValueError:
            afterwards()

    assert "afterwards" in seen_in(work)
