"""Every file of an ejected project, by the tools that read such files."""

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import yaml
from tests.deploy.eject_bundles import BUNDLES
from tests.deploy.validators import checked

from omloop.bundle import Bundle
from omloop.deploy.eject import eject


def _written(name: str, folder: Path) -> Path:
    done = eject(BUNDLES[name]())
    for path, content in {**{path: text.encode() for path, text in done.code.items()}, **done.data}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@pytest.mark.parametrize("name", BUNDLES)
def test_the_code_reads_like_any_other(name: str, tmp_path: Path) -> None:
    folder = _written(name, tmp_path)
    for path in folder.glob("*.py"):
        compile(path.read_text(), path, "exec")
    checked("ruff", "check", "--isolated", "--no-cache", ".", folder=folder)
    checked("ruff", "format", "--isolated", "--no-cache", "--check", ".", folder=folder)


def test_there_are_ten_files_and_none_asks_for_omloop() -> None:
    for name, bundle in BUNDLES.items():
        code = eject(bundle()).code
        assert len(code) <= 10, name
        assert not any("import omloop" in text or "pickle" in text for text in code.values()), name
        assert "omloop" not in code["requirements.txt"], name


def test_the_caution_of_the_project_stands_in_the_readme() -> None:
    bundle = BUNDLES["number"]()
    warned = Bundle.seal(replace(bundle.manifest, caution="Do not\nrely on it."), bundle.files)
    assert "> **Caution**: Do not rely on it.\n\nA service over" in eject(warned).code["README.md"]
    assert "Caution" not in eject(bundle).code["README.md"]


def test_a_project_holds_only_what_its_model_needs() -> None:
    plain, mixed = (eject(BUNDLES[name]()).code["inputs.py"] for name in ("number", "mixed"))
    assert all(word in mixed for word in ("datetime", "crc32", "_boolean"))
    assert not any(word in plain for word in ("datetime", "crc32", "_boolean"))
    assert "tokenizers" in eject(BUNDLES["tokens"]()).code["requirements.txt"]
    assert "pillow" not in eject(BUNDLES["tokens"]()).code["requirements.txt"]


def test_hadolint_and_actionlint_find_nothing(tmp_path: Path) -> None:
    folder = _written("number", tmp_path)
    checked("hadolint", "Dockerfile", folder=folder)
    checked("actionlint", "-shellcheck=", "-pyflakes=", ".github/workflows/ci.yml", folder=folder)


def test_the_workflow_fits_its_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rfc3987_syntax", None)  # knows addresses, of which there are none; takes 3 s
    found = importlib.util.find_spec("check_jsonschema")
    if found is None or found.origin is None:
        pytest.skip("check-jsonschema is not installed")
    path = Path(found.origin).parent / "builtin_schemas/vendor/github-workflows.json"
    validator = pytest.importorskip("jsonschema").Draft7Validator(json.loads(path.read_bytes()))
    text = eject(BUNDLES["number"]()).code[".github/workflows/ci.yml"].replace("\non:", '\n"on":')  # YAML 1.1: true
    assert [error.message for error in validator.iter_errors(yaml.safe_load(text))] == []


def test_the_signature_keeps_no_tokenizer_and_every_word(tmp_path: Path) -> None:
    folder = _written("mixed", tmp_path)
    found = msgspec.json.decode((folder / "model/signature.json").read_bytes())
    city = next(column for column in found["inputs"]["columns"] if column["name"] == "city")
    assert city["words"] == ["Orléans", "Gouda", "elsewhere"]
    assert found["inputs"]["required"] == ["paid", "day"]
    assert "tokenizer" not in msgspec.json.decode(eject(BUNDLES["tokens"]()).data["model/signature.json"])["inputs"]
