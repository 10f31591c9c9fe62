"""What skl2onnx, which has no types, hands to a converter: as much of it as ours use."""

from collections.abc import Sequence
from typing import Any, Protocol


class Variable(Protocol):
    """One input or output of a step. Its `type` is one of skl2onnx's, such as a FloatTensorType with its `shape`."""

    type: Any

    @property
    def full_name(self) -> str:
        """Its name in the graph."""


class Operator(Protocol):
    """A step of a pipeline with what goes in and comes out; `raw_operator` is scikit-learn's own, fitted."""

    inputs: list[Variable]
    outputs: list[Variable]
    raw_operator: Any


class Scope(Protocol):
    """Names that nothing else in the graph has."""

    def get_unique_variable_name(self, seed: str) -> str:
        """A name like `seed` for a value."""

    def get_unique_operator_name(self, seed: str) -> str:
        """A name like `seed` for a node."""

    def declare_local_operator(self, alias: str, raw_model: object) -> Operator:
        """A new step, without inputs and outputs as yet."""

    def declare_local_variable(self, raw_name: str, type: object) -> Variable:
        """A new value of one of skl2onnx's types."""


class Container(Protocol):
    """The graph so far: ONNX's own nodes and constants."""

    nodes: list[Any]
    initializers: list[Any]

    def add_node(
        self,
        op_type: str,
        inputs: str | Sequence[str],
        outputs: str | Sequence[str],
        *,
        op_version: int,
        **attributes: object,
    ) -> None:
        """One more node."""

    def add_initializer(self, name: str, onnx_type: int, shape: Sequence[int], content: Sequence[object]) -> object:
        """One more constant."""
