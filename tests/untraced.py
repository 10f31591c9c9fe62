"""Coverage traces our own code alone: pytest and the libraries run untraced, which saves a third of the suite's time.

Up to Python 3.13 a tracer sees each line of whatever runs, which all runs slower for, and coverage forgets what is not
ours. So the tracer rests while pytest collects and reports, while a library is imported, and behind the `DOORS`: calls
into a library that never call us back. Without coverage nothing here does anything.
"""

import functools
import inspect
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

import pytest

DOORS: Mapping[str, Sequence[str]] = {
    "httpx": ["Client.__init__", "Client.send"],
    "hydra": ["compose"],
    "importlib.metadata": ["entry_points", "packages_distributions", "version"],
    "lightning.pytorch": ["Trainer.fit"],
    "matplotlib.axes": ["Axes.barh", "Axes.errorbar", "Axes.legend", "Axes.plot", "Axes.scatter"],
    "matplotlib.figure": ["Figure.__init__", "Figure.findobj", "Figure.savefig", "Figure.subplots"],
    "omegaconf": ["OmegaConf.create", "OmegaConf.resolve", "OmegaConf.structured", "OmegaConf.to_yaml"],
    "sklearn.ensemble": ["HistGradientBoostingClassifier.fit", "HistGradientBoostingRegressor.fit"],
    "sklearn.pipeline": ["Pipeline.fit"],
    "torch.onnx": ["export"],
    "wandb": ["init"],
    "yaml": ["compose"],
}
"""What is called without a tracer, by the module that it is called from."""
WAYS_BACK: Mapping[str, Sequence[str]] = {
    "omloop.train.batching": ["Batches"],
    "omloop.train.lightning": ["_Best", "_Learning", "_Log"],
}
"""Classes of ours whose methods are called from behind a door."""

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
    def pytest_runtest_call(self, item: pytest.Item) -> Step:
        if (drawn := getattr(getattr(item, "obj", None), "hypothesis", None)) is None:
            return (yield from _working_meanwhile())
        if not hasattr(drawn.inner_test, "__wrapped__"):
            drawn.inner_test = _traced(drawn.inner_test)
        return (yield)

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
        _fit_doors(module)

    SourceFileLoader.exec_module = exec_module  # type: ignore[method-assign]
    for name in DOORS.keys() & sys.modules.keys():
        _fit_doors(sys.modules[name])


def _fit_doors(module: ModuleType) -> None:
    for door in DOORS.get(module.__name__, ()):
        *inside, name = door.split(".")
        place = functools.reduce(getattr, inside, module)
        static = isinstance(inspect.getattr_static(place, name), staticmethod)
        quiet = untraced(getattr(place, name))
        setattr(place, name, staticmethod(quiet) if static else quiet)
    for back in WAYS_BACK.get(module.__name__, ()):
        kind = getattr(module, back)
        for name in [name for name, found in vars(kind).items() if inspect.isfunction(found)]:
            method = getattr(kind, name)
            setattr(kind, name, (_traced_steps if inspect.isgeneratorfunction(method) else _traced)(method))


def _traced(call: Callable[..., Any]) -> Callable[..., Any]:
    """The same call, during which a resting tracer of its thread works."""

    @functools.wraps(call)
    def calling(*words: Any, **named: Any) -> Any:
        if (tracer := _at_rest()) is None:
            return call(*words, **named)
        _work(tracer)
        try:
            return call(*words, **named)
        finally:
            _rest(tracer)

    return calling


def _traced_steps(call: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """The same call of a generator, each step of which a resting tracer sees."""

    @functools.wraps(call)
    def stepping(*words: Any, **named: Any) -> Iterator[Any]:
        steps = call(*words, **named)
        after, over = _traced(next), object()
        while (value := after(steps, over)) is not over:
            yield value

    return stepping


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
