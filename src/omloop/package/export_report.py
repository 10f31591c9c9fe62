"""The facts of an export: the parts of the graph, and how close it is to the original."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import msgspec
import onnx

from omloop.core import Parity
from omloop.package.graph import FOLDED


@dataclass(frozen=True)
class ExportReport:
    """The content of a bundle's `export.json`.

    `opset` is domain -> version, `operators` how many nodes the graph has. `folded` is what it does beside the trained
    model: preprocessing, and parts merged into other operators.
    """

    family: str
    opset: Mapping[str, int]
    operators: int
    folded: tuple[str, ...]
    parity: Parity

    @classmethod
    def of(cls, family: str, graph: bytes, parity: Parity) -> Self:
        """The report on an exported graph, with its comparison to the original."""
        model = onnx.load_from_string(graph)
        noted = {prop.key: prop.value for prop in model.metadata_props}.get(FOLDED, "")
        return cls(
            family=family,
            opset={entry.domain or "ai.onnx": entry.version for entry in model.opset_import},
            operators=len(model.graph.node),
            folded=tuple(filter(None, noted.split("; "))),
            parity=parity,
        )


def export_report(family: str, graph: bytes, parity: Parity) -> bytes:
    """The content of `export.json`."""
    return msgspec.json.format(msgspec.json.encode(ExportReport.of(family, graph, parity)), indent=2)
