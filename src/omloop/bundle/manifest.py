"""The manifest: what a bundle is, where it came from, and the SHA-256 of every file in it."""

import math
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

import msgspec

from omloop.core import Backends, BundleError, Estimate, Kind, Origin, Output, Parity

FORMAT = 1

SOURCE_KINDS = ("simulated", "file", "url", "kaggle", "sklearn", "huggingface")
"""The first words of `data_source` in bundles that have no `source`."""

KINDS = Backends(
    "kind",
    {
        "image": "omloop.kinds.image.image:Image",
        "table": "omloop.kinds.table.table:Table",
        "text": "omloop.kinds.text.text:Text",
    },
)
OUTPUTS = Backends("output", {"number": "omloop.kinds.number:Number", "classes": "omloop.kinds.classes:Classes"})


@dataclass(frozen=True)
class Lineage:
    """The origin of a bundle: all that it takes to make it again.

    `created` is UTC in ISO 8601. `live_rows` counts labelled predictions added to the source's records. `source`
    identifies the source among versions, None in a bundle of an older omloop; see `origin`.
    """

    created: str
    model: str
    run: str
    data_source: str
    data_fingerprint: str
    data_rows: int
    live_rows: int
    config_sha256: str
    seed: int
    packages: dict[str, str]
    git_commit: str | None = None
    git_dirty: bool | None = None
    parent: str | None = None
    source: Origin | None = None

    @property
    def origin(self) -> Origin | None:
        """The source; for an older bundle, from its `data_source`; None if that names no known source."""
        kind, _, about = re.sub(r" and \d+ labelled live rows$", "", self.data_source).partition(" ")
        if self.source is None and kind in SOURCE_KINDS:
            return Origin(kind, about, real=kind != "simulated")
        return self.source


@dataclass(frozen=True)
class Cost:
    """The cost of a variant on the machine that made it, with one thread, in turns with the model as packaged.

    Times are of one example and of `batch` at once. `faster` and `batch_faster` are ratios: the model's time divided by
    the variant's time just after it, the median over all turns. `rows_a_second` is what one core answers in batches, by
    CPU time. `size` is that of its file. `memory` is how much a process grew that loaded and ran it. Both are in bytes;
    0 if the system does not tell.
    """

    p50_ms: float
    p99_ms: float
    faster: float
    batch: int
    batch_p50_ms: float
    batch_p99_ms: float
    batch_faster: float
    rows_a_second: float
    size: int
    memory: int


@dataclass(frozen=True)
class Variant:
    """One runnable variant of the model: its scores on the test part, and how close it is to the original.

    `engine` runs it at `precision`; see `ENGINES`. `file` is its file, if it does not have the variant's name; several
    variants may share one. A variant without a file in the bundle was measured, but is not available. `drop` is what it
    loses of the gate's metric against the model as packaged, on the same rows; below 0 it gains.
    """

    metrics: dict[str, Estimate]
    parity: Parity
    engine: str = "onnxruntime"
    precision: str = "float32"
    file: str = ""
    drop: Estimate | None = None
    cost: Cost | None = None


@dataclass(frozen=True)
class Manifest:
    """The content of manifest.json. `inputs` and `outputs` are descriptions that `KINDS` and `OUTPUTS` restore.

    `served` names the variant that answers where nobody asks for another. `caution` is what the project warns everybody
    of who reads an answer.
    """

    project: str
    inputs: dict[str, object]
    outputs: dict[str, object]
    lineage: Lineage
    variants: dict[str, Variant]
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT
    served: str = "model.onnx"
    caution: str = ""

    @property
    def tested(self) -> Mapping[str, Estimate]:
        """The scores of the served variant, on the test part; none for some bundles of an older omloop."""
        served = self.variants.get(self.served)
        return {} if served is None else served.metrics

    def kind(self, files: Mapping[str, bytes]) -> Kind:
        """The input kind, ready to parse requests; `files` are the bundle's."""
        kind: Kind = _restore(KINDS, self.inputs, files)
        return kind

    def output(self) -> Output:
        """The output kind, ready to phrase answers."""
        output: Output = _restore(OUTPUTS, self.outputs)
        return output


def encode_manifest(manifest: Manifest) -> bytes:
    """The manifest as JSON, the same bytes for the same content."""
    told = msgspec.to_builtins(manifest)
    told["variants"] = {name: _spare(variant, Variant) for name, variant in told["variants"].items()}
    if manifest.lineage.source is None:
        told["lineage"].pop("source", None)
    for name in ("served", "caution"):  # a bundle of an older omloop has neither, and keeps its digest
        if getattr(manifest, name) == getattr(Manifest, name):
            told.pop(name, None)
    return msgspec.json.format(msgspec.json.encode(told, order="deterministic"), indent=2) + b"\n"


def decode_manifest(content: bytes) -> Manifest:
    """Read a manifest strictly; raises BundleError for anything that is not one, or of another format."""
    try:
        found: Mapping[str, object] = msgspec.json.decode(content, type=dict[str, object])
        if found.get("format") != FORMAT:
            raise BundleError(
                f"The bundle has format {found.get('format')!r:.40}; this omloop reads format {FORMAT}. "
                "Package the model again."
            )
        return msgspec.convert(_with_nan(found), Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BundleError(f"manifest.json is not a bundle's manifest: {error}. Fetch the bundle again.") from error


def _spare(told: Mapping[str, object], of: type[Any]) -> dict[str, object]:
    """Without the fields that hold only a default: a bundle of an older omloop has none of them."""
    assumed = {each.name: each.default for each in fields(of) if each.default is not MISSING}
    return {name: value for name, value in told.items() if name not in assumed or value != assumed[name]}


def _with_nan(found: Mapping[str, object]) -> dict[str, object]:
    """Read a score of null as NaN. JSON has no NaN, and a metric may have no value, as R² of a single row."""
    if not isinstance(variants := found.get("variants"), dict):
        return dict(found)
    return {**found, "variants": {name: _nan_for_null(variant) for name, variant in variants.items()}}


def _nan_for_null(value: object) -> Any:
    if isinstance(value, dict):
        return {key: _nan_for_null(inner) for key, inner in value.items()}
    return math.nan if value is None else value


def _restore(table: Backends, described: Mapping[str, object], *more: Mapping[str, bytes]) -> Any:
    """Make the kind again that `described` describes; raises BundleError when it describes none."""
    try:
        return table.load(str(described.get("kind"))).restore(described, *more)
    except msgspec.ValidationError as error:
        raise BundleError(f"manifest.json describes no {table.stage}: {error}. Package the model again.") from error
