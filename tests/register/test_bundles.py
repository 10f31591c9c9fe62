from dataclasses import replace
from pathlib import Path

import pytest

from omloop.bundle import Bundle
from omloop.core import BundleError, ExportError, Parity, StoreError
from omloop.register import FileBlobs
from omloop.register.bundles import Bundles


class Unreachable:
    """A store whose files can be listed and not read."""

    def __init__(self, blobs: FileBlobs) -> None:
        self.create, self.list = blobs.create, blobs.list

    def read(self, key: str) -> bytes:
        raise StoreError(f"{key} is out of reach.")


@pytest.fixture
def kept(blobs: FileBlobs) -> Bundles:
    return Bundles(blobs, "tiny/bundles")


def file(tmp_path: Path, bundle: Bundle, name: str) -> Path:
    return tmp_path / "store/tiny/bundles" / bundle.digest / name


def same(one: Bundle, other: Bundle) -> bool:
    return one.digest == other.digest and one.files == other.files


def test_a_bundle_comes_back_whole(kept: Bundles, bundles: list[Bundle]) -> None:
    assert same(kept.load(kept.put(bundles[0])), bundles[0])
    assert kept.manifest(bundles[0].digest) == kept.load(bundles[0].digest).manifest


@pytest.mark.parametrize("name", ["model.onnx", "manifest.json", "reference.json"])
def test_what_a_killed_writer_did_not_reach_is_completed(
    kept: Bundles, bundles: list[Bundle], tmp_path: Path, name: str
) -> None:
    kept.put(bundles[0])
    file(tmp_path, bundles[0], name).unlink()
    assert same(kept.load(kept.put(bundles[0])), bundles[0])


def test_other_content_where_a_file_belongs_is_named(kept: Bundles, bundles: list[Bundle], tmp_path: Path) -> None:
    kept.put(bundles[0])
    path = file(tmp_path, bundles[0], "model.onnx")
    path.write_bytes(path.read_bytes()[:10])
    with pytest.raises(StoreError, match=r"model\.onnx is in the store already, with other content"):
        kept.put(bundles[0])


@pytest.mark.parametrize("name", ["model.onnx", "manifest.json", "reference.json"])
@pytest.mark.parametrize("damage", [lambda content: content[:-7], lambda content: content.replace(b"t", b"u", 1)])
def test_a_cut_or_changed_file_is_refused(
    kept: Bundles, bundles: list[Bundle], tmp_path: Path, name: str, damage
) -> None:
    kept.put(bundles[0])
    path = file(tmp_path, bundles[0], name)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BundleError, match="cut"):
        kept.load(bundles[0].digest)


def test_a_changed_manifest_is_refused_on_its_own(kept: Bundles, bundles: list[Bundle], tmp_path: Path) -> None:
    kept.put(bundles[0])
    path = file(tmp_path, bundles[0], "manifest.json")
    path.write_bytes(path.read_bytes().replace(b"0.9", b"1.0"))
    with pytest.raises(BundleError, match="changed or cut"):
        kept.manifest(bundles[0].digest)


def test_a_missing_file_makes_a_bundle_incomplete(kept: Bundles, bundles: list[Bundle], tmp_path: Path) -> None:
    kept.put(bundles[0])
    file(tmp_path, bundles[0], "model.onnx").unlink()
    with pytest.raises(BundleError, match=r"model\.onnx is missing"):
        kept.load(bundles[0].digest)


def test_a_store_out_of_reach_is_not_the_fault_of_the_bundle(blobs: FileBlobs, bundles: list[Bundle]) -> None:
    digest = Bundles(blobs, "tiny/bundles").put(bundles[0])
    with pytest.raises(StoreError, match="out of reach"):
        Bundles(Unreachable(blobs), "tiny/bundles").load(digest)


def test_a_bundle_that_could_not_be_loaded_again_is_not_kept(
    kept: Bundles, bundles: list[Bundle], tmp_path: Path
) -> None:
    whole = bundles[0]
    for bad in (
        replace(whole, files={**whole.files, "model.onnx": b"other"}),
        replace(whole, files={"model.onnx": whole.files["model.onnx"]}),
        Bundle.seal(whole.manifest, {"card.md": b"# No model"}),
    ):
        with pytest.raises(BundleError):
            kept.put(bad)
    assert not (tmp_path / "store").exists()


def test_a_model_that_was_never_verified_is_not_kept(kept: Bundles, bundles: list[Bundle], tmp_path: Path) -> None:
    (name, variant), *_ = bundles[0].manifest.variants.items()
    unverified = replace(variant, parity=Parity(9, (1,), 0.5, 0.1, 0.5, 0.9, 1e-5))
    manifest = replace(bundles[0].manifest, variants={name: unverified})
    with pytest.raises(ExportError, match="not verified"):
        kept.put(Bundle.seal(manifest, bundles[0].files))
    assert not (tmp_path / "store").exists()


def test_one_file_is_read_without_the_others(kept: Bundles, bundles: list[Bundle], tmp_path: Path) -> None:
    bundle = bundles[0]
    digest = kept.put(bundle)
    file(tmp_path, bundle, "model.onnx").unlink()
    assert kept.file(digest, "examples.json") == bundle.files["examples.json"]
    assert kept.file(digest, "no such file") is None
    file(tmp_path, bundle, "examples.json").write_bytes(b"changed")
    for name in ("examples.json", "model.onnx"):
        with pytest.raises(BundleError, match=name):
            kept.file(digest, name)
