"""The packaged model: signature, on-disk format, drift reference, and the engines that run it.

The parts of the reference are imported at their first use: serving needs none of them.
"""

import typing

from omloop.bundle.bundle import CARD, MANIFEST, MODEL, Bundle, Examples, encode_examples
from omloop.bundle.engine.embedding import COORDINATES, recall_embedding, record_embedding
from omloop.bundle.engine.engine import Engine
from omloop.bundle.engine.engines import ENGINES
from omloop.bundle.engine.session import Answers, Session
from omloop.bundle.manifest import FORMAT, KINDS, OUTPUTS, Cost, Lineage, Manifest, Variant
from omloop.bundle.training_keys import KEY_BYTES, TRAINING_KEYS, TrainingKeys

if typing.TYPE_CHECKING:
    from omloop.bundle.reference.baseline import Baseline, Calibration, Stratum
    from omloop.bundle.reference.cells import Cells
    from omloop.bundle.reference.reference import Reference
    from omloop.bundle.reference.sample import Sample

__all__ = [
    "CARD",
    "COORDINATES",
    "ENGINES",
    "FORMAT",
    "KEY_BYTES",
    "KINDS",
    "MANIFEST",
    "MODEL",
    "OUTPUTS",
    "TRAINING_KEYS",
    "Answers",
    "Baseline",
    "Bundle",
    "Calibration",
    "Cells",
    "Cost",
    "Engine",
    "Examples",
    "Lineage",
    "Manifest",
    "Reference",
    "Sample",
    "Session",
    "Stratum",
    "TrainingKeys",
    "Variant",
    "encode_examples",
    "recall_embedding",
    "record_embedding",
]

_REFERENCE = ("Baseline", "Calibration", "Cells", "Reference", "Sample", "Stratum")


def __getattr__(name: str) -> typing.Any:
    if name not in _REFERENCE:
        raise AttributeError(f"module 'omloop.bundle' has no attribute '{name}'")
    from omloop.bundle.reference import baseline, cells, reference, sample

    return next(getattr(file, name) for file in (baseline, cells, reference, sample) if hasattr(file, name))
