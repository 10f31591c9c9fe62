"""The bundle: immutable files, addressed by the SHA-256 of their digests. Loading one executes nothing in it."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Self, TypeVar

import msgspec

from omloop.bundle.manifest import Manifest, decode_manifest, encode_manifest
from omloop.bundle.training_keys import TrainingKeys, known_keys
from omloop.core import BundleError, Kind, NumberArray, Output, UnknownNameError, as_store_error

if TYPE_CHECKING:
    from omloop.bundle.reference.baseline import Baseline
    from omloop.bundle.reference.reference import Reference
    from omloop.bundle.reference.sample import Sample

MANIFEST = "manifest.json"
CARD = "card.md"
MODEL = "model.onnx"

_Value = TypeVar("_Value")

# Plain names and folders of plain names; a leading dot would allow `..`, and hidden files.
_FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")


_LONGEST = 200
"""Characters of a file's name with its folders; Windows takes 260 with the folder that the bundle lies in."""
# Names that Windows takes for devices, with any ending (learn.microsoft.com, Naming Files, Paths, and Namespaces).
_DEVICE = re.compile(r"(^|/)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|/|$)|\.(/|$)", re.IGNORECASE)
_LOOSEST = 1e6
"""A parity's tolerance, as a share of the largest answer, that no packaging comes near."""


@dataclass(frozen=True)
class Examples:
    """A few inputs with the answers that the model must give them: warm-up, self-test, documentation.

    `rows` are JSON values as the kind's `parse` takes them; `outputs` are the model's raw outputs.
    """

    rows: list[object]
    outputs: list[object]


@dataclass(frozen=True)
class Bundle:
    """All that serving and watching need of one version. `files` maps a relative path to its content.

    `written` is the text of manifest.json, which an older omloop may have written in other words. A bundle is
    `verified` if the reader checked all digests and nothing changed since: its `files` cannot change then.
    """

    manifest: Manifest
    files: Mapping[str, bytes]
    written: bytes = field(default=b"", repr=False, compare=False)
    verified: bool = field(default=False, init=False, repr=False, compare=False)  # not kept by `replace`

    @classmethod
    def seal(cls, manifest: Manifest, files: Mapping[str, bytes]) -> Self:
        """Make a bundle of `files`, and write their digests into the manifest.

        Raises BundleError for a file name outside the bundle's folder, and if the variant that answers has no figures.
        """
        _check_names(files)
        if not manifest.tested:
            raise _without_figures(manifest.served)
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
        return cls(replace(manifest, files=digests), dict(files))

    @classmethod
    def load(cls, read: Callable[[str], bytes], digest: str | None = None) -> Self:
        """Read and verify a bundle through `read(name)`.

        Raises BundleError when a file is missing or its SHA-256 is not the manifest's, or when the manifest's own does
        not begin with `digest`.
        """
        content = read(MANIFEST)
        found = hashlib.sha256(content).hexdigest()
        if digest is not None and not found.startswith(digest):
            raise BundleError(
                f"manifest.json has SHA-256 {found[:12]}…, not {digest[:12]}…: it was changed or cut. "
                "Fetch the bundle again."
            )
        manifest = decode_manifest(content)
        _check_names(manifest.files)
        files = {name: read(name) for name in manifest.files}
        for name, wanted in manifest.files.items():
            if hashlib.sha256(files[name]).hexdigest() != wanted:
                raise BundleError(f"{name} does not match its SHA-256: it was changed or cut. Fetch the bundle again.")
        if MODEL not in files:
            raise BundleError(f"The bundle holds no {MODEL}. Package the model again.")
        bundle = cls(manifest, MappingProxyType(files), content)
        object.__setattr__(bundle, "verified", True)
        if manifest.served not in bundle.variants:
            raise BundleError(f"The bundle lacks '{manifest.served}', which is to answer. Package the model again.")
        _check_forms(manifest)
        return bundle

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read and verify the bundle in `folder`."""

        def read(name: str) -> bytes:
            path = folder / name
            with as_store_error("read", path):
                if not path.is_file():
                    raise BundleError(f"{path} is missing: the bundle is incomplete. Fetch it again.")
                return path.read_bytes()

        bundle = cls.load(read)
        _check_nothing_more(folder, bundle.manifest.files)
        return bundle

    def save(self, folder: Path) -> None:
        """Write the bundle into `folder`, which must be new; the manifest comes last, so a cut copy is no bundle."""
        with as_store_error("write", folder):
            folder.mkdir(parents=True)
            try:
                for name, content in [*self.files.items(), (MANIFEST, self.manifest_bytes)]:
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    (folder / name).write_bytes(content)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise

    @property
    def manifest_bytes(self) -> bytes:
        """The content of manifest.json."""
        return self.written or encode_manifest(self.manifest)

    @property
    def digest(self) -> str:
        """SHA-256 of manifest.json, and so of everything in the bundle; 64 hexadecimal digits."""
        return hashlib.sha256(self.manifest_bytes).hexdigest()

    @property
    def content(self) -> str:
        """SHA-256 of everything but the time, the run and the previous version; 64 hexadecimal digits.

        The same model, made again from the same data and configuration, has the same content.
        """
        lineage = replace(self.manifest.lineage, created="", run="", parent=None)
        files = {name: digest for name, digest in self.manifest.files.items() if name != CARD}
        return hashlib.sha256(encode_manifest(replace(self.manifest, lineage=lineage, files=files))).hexdigest()

    @property
    def version(self) -> str:
        """The first 12 digits of the digest: what people type."""
        return self.digest[:12]

    @property
    def kind(self) -> Kind:
        """The input kind, ready to parse requests."""
        return self.manifest.kind(self.files)

    @property
    def output(self) -> Output:
        """The output kind, ready to phrase answers."""
        return self.manifest.output()

    @property
    def reference(self) -> Reference:
        """The training data as drift detection sees it."""
        from omloop.bundle.reference.reference import Reference

        return self._decode("reference.json", Reference)

    def variant(self, name: str = "") -> str:
        """The full name of a variant: an empty name means the served one, `model` the model as packaged.

        Raises UnknownNameError for one that is not among `variants`.
        """
        known = {PurePath(file).stem: file for file in self.variants}
        name = name or self.manifest.served
        if name in self.variants:
            return name
        if name not in known:
            raise UnknownNameError("variant", name, known)
        return known[name]

    @property
    def variants(self) -> tuple[str, ...]:
        """The names of all variants of the model that can answer, the model as packaged first."""
        forms = self.manifest.variants.items()
        return (MODEL, *(name for name, form in forms if name != MODEL and (form.file or name) in self.files))

    def graph(self, variant: str = "") -> bytes:
        """The ONNX graph of a variant of the model; raises UnknownNameError as `variant` does."""
        name = self.variant(variant)
        form = self.manifest.variants.get(name)
        return self.files[form.file if form and form.file else name]

    def graph_digest(self, variant: str = "") -> str:
        """SHA-256 of a variant's graph, if known without computing it again; else empty."""
        name = self.variant(variant)
        form = self.manifest.variants.get(name)
        return self.manifest.files[form.file if form and form.file else name] if self.verified else ""

    @property
    def examples(self) -> Examples:
        """Inputs with the answers that the model must give them."""
        return self._decode("examples.json", Examples)

    @property
    def baseline(self) -> Baseline | None:
        """The error before the version served; None where an older omloop packaged it."""
        from omloop.bundle.reference.baseline import Baseline

        return self._decode("baseline.json", Baseline) if "baseline.json" in self.files else None

    @property
    def sample(self) -> Sample | None:
        """A few test examples, row by row; None where an older omloop packaged it."""
        from omloop.bundle.reference.sample import Sample

        return self._decode("sample.json", Sample) if "sample.json" in self.files else None

    @property
    def training_keys(self) -> TrainingKeys | None:
        """Which records the version learned from; None where an older omloop packaged it."""
        return known_keys(self.files)

    def _decode(self, name: str, wanted: type[_Value]) -> _Value:
        if name not in self.files:
            raise BundleError(f"The bundle holds no {name}. Package the model again.")
        try:
            return msgspec.json.decode(self.files[name], type=wanted)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BundleError(f"{name} cannot be read: {error}. Package the model again.") from error


def encode_examples(rows: Sequence[object], outputs: NumberArray) -> bytes:
    """The content of examples.json."""
    return msgspec.json.encode(Examples(list(rows), outputs.tolist()))


def _check_names(names: Iterable[str]) -> None:
    lower = set[str]()
    for name in names:
        if name == MANIFEST or not _FILE_NAME.fullmatch(name) or len(name) > _LONGEST:
            raise BundleError(
                f"A bundle cannot hold a file called {_short(name)}: use letters, digits, '_', '-', '.' and '/', "
                f"{_LONGEST} at most."
            )
        if _DEVICE.search(name) or name.lower() in lower:
            raise BundleError(
                f"A bundle cannot hold a file called {name!r}: some systems take it for a device or for another file."
            )
        lower.add(name.lower())


def _check_nothing_more(folder: Path, names: Iterable[str]) -> None:
    """Refuse what lies in the folder of a bundle and is not in its manifest; hidden files are the system's own."""
    known = {MANIFEST, *names}
    found = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if not path.is_dir())
    more = [path.as_posix() for path in found if path.as_posix() not in known and not path.name.startswith(".")]
    if more:
        raise BundleError(f"{folder} holds {_short(more[0])}, which is not in its manifest. Take it away.")


def _check_forms(manifest: Manifest) -> None:
    """Refuse a variant without a limit on its error, and one that answers without measurements."""
    for name, form in manifest.variants.items():
        if not 0 <= form.parity.tolerance < _LOOSEST:
            raise BundleError(
                f"The variant {_short(name)} may differ from the model by {form.parity.tolerance:g} of its largest "
                "answer, which proves nothing. Package the model again."
            )
    if manifest.served != MODEL and not manifest.tested:
        raise _without_figures(manifest.served)


def _without_figures(name: str) -> BundleError:
    return BundleError(
        f"The variant {_short(name)} is to answer and has no figures: live answers could be held against nothing. "
        "Package the model again, with its metrics among the manifest's variants."
    )


def _short(name: str) -> str:
    return repr(name if len(name) <= 60 else f"{name[:57]}...")
