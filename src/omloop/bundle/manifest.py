"""The manifest: what a bundle is, where it came from, and the SHA-256 of every file in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from omloop.core import Backends, BundleError, Estimate, Kind, Output, Parity

FORMAT = 1

KINDS = Backends("kind", {"table": "omloop.bundle.table:Table"})
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

    def kind(self) -> Kind:
        """The input kind, ready to parse requests."""
        kind: Kind = KINDS.load(self.inputs["kind"]).restore(self.inputs)
        return kind

    def output(self) -> Output:
        """The output kind, ready to phrase answers."""
        output: Output = OUTPUTS.load(self.outputs["kind"]).restore(self.outputs)
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
                f"The bundle has format {found.get('format')!r}; this omloop reads format {FORMAT}. Package the model again."
            )
        return msgspec.convert(found, Manifest)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise BundleError(f"manifest.json is not a bundle's manifest: {error}. Fetch the bundle again.") from error
