"""The packaged model: signature, input and output kinds, on-disk format, ONNX Runtime session."""

from omloop.bundle.baseline import Baseline, Calibration, Stratum
from omloop.bundle.bundle import CARD, MANIFEST, MODEL, Bundle, Examples, encode_examples
from omloop.bundle.cpu import cpu_quota
from omloop.bundle.embedding import COORDINATES, recall_embedding, record_embedding
from omloop.bundle.engines import ENGINES
from omloop.bundle.image import Image
from omloop.bundle.manifest import FORMAT, KINDS, OUTPUTS, Cost, Lineage, Manifest, Variant
from omloop.bundle.outputs import Classes, Number
from omloop.bundle.reference import Cells, Reference
from omloop.bundle.sample import Sample
from omloop.bundle.session import Answers, Session
from omloop.bundle.table import Column, Table
from omloop.bundle.text import Text
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
    "Classes",
    "Column",
    "Cost",
    "Examples",
    "Image",
    "Lineage",
    "Manifest",
    "Number",
    "Reference",
    "Sample",
    "Session",
    "Stratum",
    "Table",
    "Text",
    "TrainingKeys",
    "Variant",
    "cpu_quota",
    "encode_examples",
    "recall_embedding",
    "record_embedding",
]
