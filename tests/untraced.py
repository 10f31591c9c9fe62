"""Coverage traces our own code alone: pytest and the libraries run untraced, which saves a third of the suite's time.

Up to Python 3.13 a tracer sees each line of whatever runs, which all runs slower for, and coverage forgets what is not
ours. So the tracer rests while pytest collects and reports, while a library is imported, and behind the `DOORS`: calls
into a library that never call us back. Without coverage nothing here does anything.
"""

import functools
import inspect
import sys
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

import pytest

DOORS: Mapping[str, Sequence[str]] = {
    "hydra": ["compose"],
    "importlib.metadata": ["entry_points", "packages_distributions", "version"],
    "matplotlib.axes": ["Axes.barh", "Axes.errorbar", "Axes.legend", "Axes.plot", "Axes.scatter"],
    "matplotlib.figure": ["Figure.__init__", "Figure.findobj", "Figure.savefig", "Figure.subplots"],
    "omegaconf": ["OmegaConf.create", "OmegaConf.resolve", "OmegaConf.structured", "OmegaConf.to_yaml"],
    "torch.onnx": ["export"],
    "wandb": ["init"],
    "yaml": ["compose"],
}
"""What is called without a tracer, by the module that it is called from."""

_LIBRARIES = (sys.prefix, sys.base_prefix)
_resting = threading.local()
Step = Generator[None, Any, Any]


class Plugin:
    """Tells pytest when the tracer rests: not in a fixture, in a test, and where they end."""

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_collection(self) -> Step:
        return (yield from _resting_meanwhile())

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self) -> Step:
        return (yield from _resting_meanwhile())

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_fixture_setup(self) -> Step:
        return (yield from _working_meanwhile())

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self) -> Step:
        return (yield from _working_meanwhile())

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_teardown(self) -> Step:
        return (yield from _working_meanwhile())


def untraced(call: Callable[..., Any]) -> Callable[..., Any]:
    """The same call, during which the tracer of its thread rests."""

    @functools.wraps(call)
    def calling(*words: Any, **named: Any) -> Any:
        if (tracer := sys.gettrace()) is None:
            return call(*words, **named)
        _rest(tracer)
        try:
            return call(*words, **named)
        finally:
            _work(tracer)

    return calling


def import_untraced() -> None:
    """From now on the tracer rests while a library is imported, and behind its doors."""
    load = SourceFileLoader.exec_module
    with_it, without = _traced(load), untraced(load)

    def exec_module(self: SourceFileLoader, module: ModuleType) -> None:
        (without if self.path.startswith(_LIBRARIES) else with_it)(self, module)
        _close_doors(module)

    SourceFileLoader.exec_module = exec_module  # type: ignore[method-assign]
    for name in DOORS.keys() & sys.modules.keys():
        _close_doors(sys.modules[name])


def _close_doors(module: ModuleType) -> None:
    for door in DOORS.get(module.__name__, ()):
        *inside, name = door.split(".")
        place = functools.reduce(getattr, inside, module)
        static = isinstance(inspect.getattr_static(place, name), staticmethod)
        quiet = untraced(getattr(place, name))
        setattr(place, name, staticmethod(quiet) if static else quiet)


def _traced(call: Callable[..., Any]) -> Callable[..., Any]:
    """The same call, during which a resting tracer of its thread works."""

    def calling(*words: Any) -> Any:
        if (tracer := _at_rest()) is None:
            return call(*words)
        _work(tracer)
        try:
            return call(*words)
        finally:
            _rest(tracer)

    return calling


def _resting_meanwhile() -> Step:
    if (tracer := sys.gettrace()) is None:
        return (yield)
    _rest(tracer)
    try:
        return (yield)
    finally:
        _work(tracer)


def _working_meanwhile() -> Step:
    if (tracer := _at_rest()) is None:
        return (yield)
    _work(tracer)
    try:
        return (yield)
    finally:
        _rest(tracer)


def _at_rest() -> Any:
    return getattr(_resting, "tracer", None) if sys.gettrace() is None else None


def _rest(tracer: Any) -> None:
    _resting.tracer = tracer
    sys.settrace(None)


def _work(tracer: Any) -> None:
    _resting.tracer = None
    sys.settrace(tracer)
    _called()  # coverage's own tracer takes over with the first call that it sees, and has to see what returns


def _called() -> None:
    pass
