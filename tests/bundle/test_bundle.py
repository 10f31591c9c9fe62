"""The bundle: what was sealed comes back, and what was changed is refused."""

import ast
import doctest
import hashlib
import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import omloop.bundle
from omloop.bundle import MANIFEST, MODEL, Bundle, Reference, Session, encode_examples
from omloop.core import BundleError, OmloopError, StoreError, UnknownNameError
from omloop.testing.bundles import tiny_bundle

NAMES = [MANIFEST, MODEL, "examples.json", "reference.json", "variants/int8.onnx"]
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "bundle.md"


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    tiny = tiny_bundle()
    return Bundle.seal(tiny.manifest, {**tiny.files, "variants/int8.onnx": b"smaller"})


@pytest.fixture
def folder(bundle: Bundle, tmp_path: Path) -> Path:
    bundle.save(tmp_path / "bundle")
    return tmp_path / "bundle"


def rename_file(folder: Path, old: str, new: str) -> None:
    """Let the manifest call a file otherwise."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"][new] = manifest["files"].pop(old)
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_a_saved_bundle_opens_as_the_same_bundle(bundle: Bundle, folder: Path) -> None:
    found = Bundle.open(folder)
    assert found == bundle
    assert found.digest == bundle.digest
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*")) == sorted(NAMES)


def test_the_same_content_has_the_same_digest_whatever_the_order_of_the_files(bundle: Bundle) -> None:
    again = Bundle.seal(bundle.manifest, dict(reversed(list(bundle.files.items()))))
    assert again.digest == bundle.digest
    assert bundle.version == bundle.digest[:12]


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_change_in_any_file_is_another_digest(name: str, bundle: Bundle) -> None:
    assert Bundle.seal(bundle.manifest, {**bundle.files, name: b"else"}).digest != bundle.digest


def test_a_change_in_the_manifest_is_another_digest(bundle: Bundle) -> None:
    assert Bundle.seal(replace(bundle.manifest, project="else"), bundle.files).digest != bundle.digest


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("keep", [0, 1, 0.5])
def test_a_truncated_file_is_refused(name: str, keep: float, folder: Path) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: int(len(content) * keep) - (keep == 1)])
    if (name, keep) == (MANIFEST, 1):
        return  # only the last newline was cut: the content is whole, and only its digest can tell
    with pytest.raises(BundleError, match=r"Fetch the bundle again|Package the model again"):
        Bundle.open(folder)


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_changed_byte_is_refused_by_the_name_of_its_file(name: str, folder: Path) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(BundleError, match=f"{name} does not match its SHA-256: it was changed or cut"):
        Bundle.open(folder)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named(name: str, folder: Path) -> None:
    (folder / name).unlink()
    with pytest.raises(BundleError, match=f"{name} is missing: the bundle is incomplete"):
        Bundle.open(folder)


def test_a_folder_that_is_not_there_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"manifest\.json is missing"):
        Bundle.open(tmp_path / "nowhere")


def test_every_byte_of_the_manifest_counts_against_its_digest(bundle: Bundle) -> None:
    files = {**bundle.files, MANIFEST: bundle.manifest_bytes}
    assert Bundle.load(files.__getitem__, bundle.digest) == bundle
    assert Bundle.load(files.__getitem__, bundle.version) == bundle
    files[MANIFEST] = bundle.manifest_bytes.replace(b'"seed": 0', b'"seed": 1')
    with pytest.raises(BundleError, match=r"manifest\.json has SHA-256 .*…, not .*…: it was changed or cut"):
        Bundle.load(files.__getitem__, bundle.digest)


def test_a_bundle_of_another_format_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes()) | {"format": 2}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match="format 2; this omloop reads format 1"):
        Bundle.open(folder)


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "a/../../secret",
        "/etc/hostname",
        "C:\\secret",
        "..\\secret",
        "",
        ".",
        "a//b",
        "a/",
        "a\0b",
        MANIFEST,
    ],
)
def test_a_name_outside_the_bundle_is_refused_before_it_is_read(name: str, folder: Path) -> None:
    (folder.parent / "secret").write_bytes(b"smaller")
    rename_file(folder, "variants/int8.onnx", name)
    with pytest.raises(BundleError, match="A bundle cannot hold a file called"):
        Bundle.open(folder)
    with pytest.raises(BundleError, match="A bundle cannot hold a file called"):
        Bundle.load(lambda key: (folder / key).read_bytes() if key == MANIFEST else b"smaller")


@pytest.mark.parametrize("name", ["../a", "/a", MANIFEST])
def test_a_name_outside_the_bundle_cannot_be_sealed(name: str, bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="cannot hold a file called"):
        Bundle.seal(bundle.manifest, {**bundle.files, name: b""})


def test_a_file_that_the_manifest_does_not_name_is_refused_unless_it_is_hidden(bundle: Bundle, folder: Path) -> None:
    (folder / ".DS_Store").write_text("the system's")
    assert Bundle.open(folder) == bundle
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(BundleError, match=r"'notes.txt', which is not in its manifest. Take it away"):
        Bundle.open(folder)


@pytest.mark.parametrize("name", ["a" * 201, "variants/NUL.onnx", "com1", "notes."])
def test_a_name_that_some_system_cannot_keep_is_refused(bundle: Bundle, name: str) -> None:
    with pytest.raises(BundleError, match="cannot hold a file called"):
        Bundle.seal(bundle.manifest, {**bundle.files, name: b""})


def test_names_that_differ_by_case_alone_are_refused(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="for another file"):
        Bundle.seal(bundle.manifest, {**bundle.files, "Examples.json": b""})


def test_a_form_that_may_be_as_wrong_as_it_likes_is_refused(bundle: Bundle) -> None:
    """A number beyond the range of JSON readers is read as infinite."""
    form = next(iter(bundle.manifest.variants.values()))
    loose = replace(form, parity=replace(form.parity, tolerance=1e300))
    sealed = Bundle.seal(replace(bundle.manifest, variants={MODEL: loose}), bundle.files)
    with pytest.raises(BundleError, match="proves nothing"):
        Bundle.load({**sealed.files, "manifest.json": sealed.manifest_bytes}.__getitem__)


def test_a_form_that_answers_needs_figures(bundle: Bundle) -> None:
    form = next(iter(bundle.manifest.variants.values()))
    name, files = "variants/int8.onnx", {**bundle.files, "variants/int8.onnx": bundle.files[MODEL]}
    sealed = Bundle.seal(replace(bundle.manifest, variants={name: form}, served=name), files)
    written = replace(sealed, manifest=replace(sealed.manifest, variants={name: replace(form, metrics={})}))
    with pytest.raises(BundleError, match="has no figures"):
        Bundle.load({**written.files, "manifest.json": written.manifest_bytes}.__getitem__)


@pytest.mark.parametrize(("served", "figures"), [(MODEL, False), (MODEL, True), ("variants/pruned.onnx", False)])
def test_a_form_that_answers_is_not_sealed_without_figures(bundle: Bundle, served: str, figures: bool) -> None:
    """Neither when it is listed without any, nor when only another form is."""
    form = next(iter(bundle.manifest.variants.values()))
    listed = {"float16": form} if figures else {served: replace(form, metrics={})}
    with pytest.raises(BundleError, match=f"The variant '{served}' is to answer and has no figures"):
        Bundle.seal(replace(bundle.manifest, variants=listed, served=served), bundle.files)


def test_a_bundle_that_an_older_omloop_sealed_without_figures_is_read(bundle: Bundle) -> None:
    older = replace(bundle, manifest=replace(bundle.manifest, variants={}))
    found = Bundle.load({**older.files, "manifest.json": older.manifest_bytes}.__getitem__)
    assert found.manifest.tested == {} and bundle.manifest.tested


@pytest.mark.parametrize("name", [MODEL, "reference.json", "examples.json"])
def test_a_bundle_without_a_file_that_it_needs_says_so(name: str, bundle: Bundle) -> None:
    poor = Bundle.seal(bundle.manifest, {key: content for key, content in bundle.files.items() if key != name})
    files = {**poor.files, MANIFEST: poor.manifest_bytes}
    with pytest.raises(BundleError, match=f"The bundle holds no {name}. Package the model again."):
        _ = (found := Bundle.load(files.__getitem__)).reference, found.examples


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"rows": 1}'])
def test_a_sealed_file_that_cannot_be_read_is_a_bundle_error(content: bytes, bundle: Bundle) -> None:
    odd = Bundle.seal(bundle.manifest, {**bundle.files, "reference.json": content, "examples.json": content})
    with pytest.raises(BundleError, match=r"reference\.json cannot be read"):
        _ = odd.reference
    with pytest.raises(BundleError, match=r"examples\.json cannot be read"):
        _ = odd.examples


def test_reference_and_examples_are_read_from_their_files(bundle: Bundle) -> None:
    assert isinstance(bundle.reference, Reference)
    assert len(bundle.examples.rows) == len(bundle.examples.outputs) > 0


def test_encoded_examples_come_back(bundle: Bundle) -> None:
    content = encode_examples([{"a": None}], np.array([[0.5, 0.25]]))
    found = Bundle.seal(bundle.manifest, {**bundle.files, "examples.json": content}).examples
    assert (found.rows, found.outputs) == ([{"a": None}], [[0.5, 0.25]])


def test_a_folder_that_exists_is_not_overwritten(bundle: Bundle, folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    with pytest.raises(StoreError, match=r"Cannot write .*bundle: File exists"):
        tiny_bundle(2.0).save(folder)
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before


def test_a_save_that_fails_leaves_nothing_behind(bundle: Bundle, tmp_path: Path) -> None:
    clash = Bundle.seal(bundle.manifest, {**bundle.files, f"{MODEL}/below": b""})
    with pytest.raises(StoreError, match="Cannot write"):
        clash.save(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_the_manifest_is_written_last(bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    write = Path.write_bytes

    def note(path: Path, content: bytes) -> int:
        written.append(path.name)
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", note)
    bundle.save(tmp_path / "new")
    assert written[-1] == MANIFEST
    assert written.count(MANIFEST) == 1


class Bomb:
    """Makes a folder called `bang` when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.mkdir, (self.path,)  # type: ignore[return-value]


def test_nothing_is_executed_on_load(bundle: Bundle, tmp_path: Path) -> None:
    bomb = pickle.dumps(Bomb(tmp_path / "bang"))
    armed = Bundle.seal(bundle.manifest, {**dict.fromkeys(bundle.files, bomb), "more.pkl": bomb})
    armed.save(tmp_path / "armed")
    found = Bundle.open(tmp_path / "armed")
    with pytest.raises(OmloopError):
        _ = found.reference
    assert not (tmp_path / "bang").exists()


def test_no_file_of_the_bundle_room_can_run_what_it_reads() -> None:
    for path in Path(omloop.bundle.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imports = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imports |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert not imports & {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "runpy", "importlib"}
        assert not names & {"eval", "exec", "compile", "__import__"}


def test_every_field_of_the_manifest_is_on_its_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    manifest = tiny_bundle().manifest
    fields = [*vars(manifest), *vars(manifest.lineage), *vars(next(iter(manifest.variants.values())))]
    assert [field for field in fields if f"`{field}`" not in page] == []


def test_the_examples_on_the_page_run(tmp_path: Path) -> None:
    run = doctest.testfile(str(PAGE), module_relative=False, globs={"folder": tmp_path})
    assert (run.failed, run.attempted > 5) == (0, True)


def with_forms(*, served: str = MODEL) -> Bundle:
    """A bundle with a form of its own file, one that shares the model's, and one that was only measured."""
    tiny = tiny_bundle()
    (plain,) = tiny.manifest.variants.values()
    other = tiny_bundle(weight=1.01).files[MODEL]
    forms = {
        MODEL: plain,
        "small": replace(plain, file="variants/small.onnx", precision="int8"),
        "same": replace(plain, file=MODEL),
        "slow": replace(plain, precision="int8"),
    }
    manifest = replace(tiny.manifest, variants=forms, served=served)
    return Bundle.seal(manifest, {**tiny.files, "variants/small.onnx": other})


def test_a_form_is_found_by_its_name_and_runs_its_file() -> None:
    bundle = with_forms(served="small")
    assert bundle.variants == (MODEL, "small", "same")
    assert (bundle.variant(), bundle.variant("model"), bundle.variant(MODEL)) == ("small", MODEL, MODEL)
    assert bundle.graph() == bundle.files["variants/small.onnx"] and bundle.graph("same") == bundle.files[MODEL]
    rows = Session.of(bundle).inputs.parse([{"hours": 1, "age": 20, "sex": "m"}])
    assert Session.of(bundle).predict(rows) != Session.of(bundle, variant="model").predict(rows)


def test_a_form_that_was_only_measured_cannot_be_asked_for() -> None:
    with pytest.raises(UnknownNameError, match="No variant is called 'slow'"):
        with_forms().variant("slow")


def test_a_bundle_that_lacks_what_it_serves_is_refused(tmp_path: Path) -> None:
    with_forms(served="slow").save(tmp_path / "bundle")
    with pytest.raises(BundleError, match="lacks 'slow', which is to answer"):
        Bundle.open(tmp_path / "bundle")


def test_a_manifest_of_an_older_omloop_keeps_its_digest() -> None:
    """It says the same in other words: the version must stay what the registry calls it."""
    made = tiny_bundle()
    older = made.manifest_bytes.replace(b'"format":', b'"format": ')
    digest = hashlib.sha256(older).hexdigest()
    assert older != made.manifest_bytes
    loaded = Bundle.load({**made.files, "manifest.json": older}.__getitem__, digest)
    assert (loaded.digest, loaded.version, loaded.manifest_bytes) == (digest, digest[:12], older)


def test_a_bundle_is_verified_only_as_it_was_read(bundle: Bundle, tmp_path: Path) -> None:
    bundle.save(tmp_path / "saved")
    read = Bundle.open(tmp_path / "saved")
    assert read.verified and read.graph_digest() == hashlib.sha256(read.graph()).hexdigest()
    with pytest.raises(TypeError):
        read.files[MODEL] = b""  # type: ignore[index]
    for made in (bundle, replace(read, files={**read.files, MODEL: b"another"})):
        assert not made.verified and made.graph_digest() == ""
