"""The packaged model: signature, on-disk format, drift reference, and the engines that run it."""

from omloop.bundle.bundle import CARD, MANIFEST, MODEL, Bundle, Examples, encode_examples
from omloop.bundle.engine.embedding import COORDINATES, recall_embedding, record_embedding
from omloop.bundle.engine.engine import Engine
from omloop.bundle.engine.engines import ENGINES
from omloop.bundle.engine.session import Answers, Session
from omloop.bundle.manifest import FORMAT, KINDS, OUTPUTS, Cost, Lineage, Manifest, Variant
from omloop.bundle.reference.baseline import Baseline, Calibration, Stratum
from omloop.bundle.reference.cells import Cells
from omloop.bundle.reference.reference import Reference
from omloop.bundle.reference.sample import Sample
from omloop.bundle.training_keys import KEY_BYTES, TRAINING_KEYS, TrainingKeys

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
