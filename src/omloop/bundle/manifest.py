"""The manifest: what a bundle is, where it came from, and the SHA-256 of every file in it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from omloop.core import Backends, BundleError, Estimate, Kind, Output, Parity

FORMAT = 1

KINDS = Backends(
    "kind",
    {
        "image": "omloop.bundle.image:Image",
        "table": "omloop.bundle.table:Table",
        "text": "omloop.bundle.text:Text",
    },
)
OUTPUTS = Backends("output", {"number": "omloop.bundle.outputs:Number", "classes": "omloop.bundle.outputs:Classes"})


@dataclass(frozen=True)
class Lineage:
    """Where a bundle came from: all that is needed to make it again.

    `created` is UTC in ISO 8601. `live_rows` counts labelled predictions that were added to the source's records.
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


@dataclass(frozen=True)
class Variant:
    """One runnable form of the model: its scores on the test part, and how true it is to the original."""

    metrics: dict[str, Estimate]
    parity: Parity


@dataclass(frozen=True)
class Manifest:
    """The content of manifest.json. `inputs` and `outputs` are descriptions that `KINDS` and `OUTPUTS` restore."""

    project: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    lineage: Lineage
    variants: dict[str, Variant]
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

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
    return msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=2) + b"\n"


def decode_manifest(content: bytes) -> Manifest:
    """Read a manifest strictly; raises BundleError for anything that is not one, or of another format."""
    try:
        found: Mapping[str, Any] = msgspec.json.decode(content, type=dict[str, Any])
        if found.get("format") != FORMAT:
            raise BundleError(
                f"The bundle has format {found.get('format')!r:.40}; this omloop reads format {FORMAT}. "
                "Package the model again."
            )
        return msgspec.convert(_with_nan(found), Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BundleError(f"manifest.json is not a bundle's manifest: {error}. Fetch the bundle again.") from error


def _with_nan(found: Mapping[str, Any]) -> dict[str, Any]:
    """Read a score of null as NaN: JSON has no NaN, and a metric may have no value, as R² of a single row has none."""
    if not isinstance(variants := found.get("variants"), dict):
        return dict(found)
    return {**found, "variants": {name: _nan_for_null(variant) for name, variant in variants.items()}}


def _nan_for_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _nan_for_null(inner) for key, inner in value.items()}
    return math.nan if value is None else value


def _restore(table: Backends, described: Mapping[str, Any], *more: Mapping[str, bytes]) -> Any:
    """Make the kind again that `described` describes; raises BundleError when it describes none."""
    try:
        return table.load(str(described.get("kind"))).restore(described, *more)
    except msgspec.ValidationError as error:
        raise BundleError(f"manifest.json describes no {table.stage}: {error}. Package the model again.") from error
