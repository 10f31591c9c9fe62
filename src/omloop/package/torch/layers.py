"""Which layer of a network is to blame, if the export fails or the exported graph answers otherwise."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray

from omloop.bundle import Session
from omloop.core import Fitted, NumberArray, first_line
from omloop.package.torch.tracing import TracedNetwork, quiet

ALIKE = 1e-4
"""The largest difference, relative to a layer's largest answer, that float32 sums in another order explain."""

_SCOPES = "pkg.torch.onnx.name_scopes"


def explain(traced: TracedNetwork, error: BaseException) -> str:
    """Why packaging a network fails, by the name of the layer, and what to write instead."""
    while error.__cause__ is not None:  # the exporter wraps the first error in advice on how to report it
        error = error.__cause__
    unknown = re.search(r"No ONNX function found for <OpOverload\(op='([\w.]+)'", str(error))
    if unknown:
        operator = unknown.group(1)
        return (
            f"{_named(_layer_of(traced, operator.rpartition('.')[2]))} cannot be packaged as ONNX, which has no "
            f"operator for {operator}. Compute it with others, or do its work on the data before training."
        )
    advice = "no branches on values, no NumPy, no fixed number of rows"
    if type(error).__name__.startswith("GuardOnDataDependent"):
        advice = "choose by torch.where, not by `if`, no NumPy, no fixed number of rows"
    return (
        f"{_named(_stopped_in(traced))} cannot be packaged as ONNX: {first_line(error)}. Write `forward` with tensor "
        f"operations alone: {advice}."
    )


def diagnose(fitted: Fitted, session: Session, rows: NumberArray) -> str:
    """Which layer first answers otherwise as ONNX than in torch, on `rows`, and what to try.

    A hook catches each module's answer, to compare it with that of the last node that the exporter made from it.
    """
    traced = TracedNetwork.of(fitted.model, session.inputs, session.outputs, rows)
    graph = traced.program(optimise=False).model_proto
    feeds = session.inputs.feeds(rows)
    truth, again = (_module_answers(traced, feeds) for _ in range(2))
    packaged = _node_answers(graph, feeds)
    modules = dict(traced.network.named_modules())
    for name, answer in truth.items():
        if not np.array_equal(answer, again[name], equal_nan=True):
            return (
                f"{_named((name, modules[name]))} is the first that answers the same rows otherwise from call to call. "
                "Take random numbers, counters and caches out of `forward`."
            )
    # Where the shapes differ, the last node of a module is not its answer.
    known = [name for name in truth if name in packaged and packaged[name].shape == truth[name].shape]
    apart = {name: _apart(packaged[name], truth[name]) for name in known}
    for name, difference in apart.items():
        if difference > ALIKE:
            return (
                f"{_named((name, modules[name]))} is the first that differs, by {difference:.1g}. Look there for "
                "Python numbers taken from tensors, and for what needs float64."
            )
    if not apart:
        return ""
    most = max(apart, key=lambda name: apart[name])
    return (
        f"No layer differs on its own; rounding adds up. {_named((most, modules[most]))} is where it is largest, "
        f"{apart[most]:.1g}. Normalise inputs, and look for large numbers that cancel."
    )


def _named(layer: tuple[str, torch.nn.Module] | None) -> str:
    return f"The layer '{layer[0]}' ({type(layer[1]).__name__})" if layer and layer[0] else "The network"


def _stopped_in(traced: TracedNetwork) -> tuple[str, torch.nn.Module] | None:
    """The innermost module in which tracing ends with an error."""
    inside: list[tuple[str, torch.nn.Module]] = []
    with (
        _hooked(traced.network, inside.append, lambda named, answer: inside.remove(named)),
        quiet(),
    ):
        try:
            torch.export.export(traced.network, traced.example, dynamic_shapes=traced.shapes, strict=False)
        except Exception:  # the same that stopped the export; torch raises unrelated classes
            return inside[-1] if inside else None
    return None


def _layer_of(traced: TracedNetwork, operator: str) -> tuple[str, torch.nn.Module] | None:
    """The module that an operator comes from; its name may be `special_erfcx` in one place and `erfcx` in another."""
    with quiet():
        program = torch.export.export(traced.network, traced.example, dynamic_shapes=traced.shapes, strict=False)
    modules = dict(traced.network.named_modules())
    for node in program.graph.nodes:
        stack = list(node.meta.get("nn_module_stack", {}).values())
        if operator in str(node.target) and stack and stack[-1][0] in modules:
            return stack[-1][0], modules[stack[-1][0]]
    return None


@contextmanager
def _hooked(network: torch.nn.Module, before: Callable[..., None], after: Callable[..., None]) -> Iterator[None]:
    """Tell `before` and `after` of every call of a module inside the network: its name and itself, and the answer."""

    def entering(named: tuple[str, torch.nn.Module]) -> Any:
        return lambda module, given: before(named)

    def leaving(named: tuple[str, torch.nn.Module]) -> Any:
        return lambda module, given, answer: after(named, answer)

    handles = []
    for named in network.named_modules():
        handles += [named[1].register_forward_pre_hook(entering(named))]
        handles += [named[1].register_forward_hook(leaving(named))]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _module_answers(traced: TracedNetwork, feeds: Mapping[str, NDArray[np.generic]]) -> dict[str, NumberArray]:
    """The answer of every module that runs once and answers one tensor, in the order in which they finish."""
    found: dict[str, list[object]] = {}
    with (
        _hooked(
            traced.network, lambda named: None, lambda named, answer: found.setdefault(named[0], []).append(answer)
        ),
        torch.inference_mode(),
    ):
        traced.network(*(torch.from_numpy(np.ascontiguousarray(feed)) for feed in feeds.values()))
    return {name: one[0].numpy() for name, one in found.items() if len(one) == 1 and isinstance(one[0], torch.Tensor)}


def _node_answers(model: onnx.ModelProto, feeds: Mapping[str, NDArray[np.generic]]) -> dict[str, NumberArray]:
    """What the last node of each module answers, by the module's name."""
    last: dict[str, str] = {}
    for node in model.graph.node:
        scopes = [prop.value for prop in node.metadata_props if prop.key == _SCOPES]
        for name in ast.literal_eval(scopes[0])[:-1] if scopes else ():
            last[name] = node.output[0]
    known = {output.name for output in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in {*last.values()} - known)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    wanted = sorted({*last.values()})
    answers = dict(zip(wanted, session.run(wanted, dict(feeds)), strict=True))
    return {name: answers[value] for name, value in last.items()}


def _apart(packaged: NumberArray, original: NumberArray) -> float:
    """The largest difference relative to the largest answer."""
    scale = float(np.abs(original).max(initial=0.0)) or 1.0
    return float(np.abs(packaged.astype(np.float64) - original).max(initial=0.0)) / scale
