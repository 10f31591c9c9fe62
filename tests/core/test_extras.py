"""Extras are told alike by pyproject.toml, by the table in code, and wherever one is named."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest

from omloop.core import EXTRAS, MissingExtraError, explain_missing

ROOT = Path(__file__).parents[2]
OURS = {"clients", "docs", "dev"}
"""Extras that nothing in src/ imports from."""
BOUNDS = {"protobuf"}
"""Packages that are named for their version alone."""
NAMED = re.compile(r"""omloop\[([a-z0-9, ]+)\]|(?:extra|extra=|\(extra|install_command\()[ ]?["'`]([a-z0-9]+)["'`]""")


def extras() -> dict[str, list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return dict(project["optional-dependencies"])


def packages(requirements: list[str]) -> set[str]:
    """Names as PEP 503 writes them, without omloop itself."""
    names = {re.split(r"[\[<>=!~; ]", line)[0].lower().replace("_", "-") for line in requirements}
    return names - {"omloop"} - BOUNDS


@pytest.fixture(scope="module")
def providers() -> dict[str, set[str]]:
    found = importlib.metadata.packages_distributions()
    return {module: packages(names) for module, names in found.items()}


@pytest.mark.parametrize("extra", sorted(set(extras()) - OURS))
def test_the_table_has_what_pyproject_says_of_an_extra(extra: str, providers: dict[str, set[str]]) -> None:
    wanted, absent = packages(extras()[extra]), set(EXTRAS[extra]) - set(providers)
    provided = {name: providers[name] & wanted for name in set(EXTRAS[extra]) - absent}
    assert all(provided.values())
    assert len(wanted - set().union(*provided.values())) == len(absent)


def test_every_extra_of_the_table_is_one_of_pyproject() -> None:
    assert set(EXTRAS) == set(extras()) - OURS


def test_every_extra_that_code_and_pages_name_exists() -> None:
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "projects").rglob("*.py"), *(ROOT / "docs").rglob("*.md")]
    texts = {path: path.read_text(encoding="utf-8") for path in [*files, ROOT / "README.md"]}
    named = {
        (name.strip(), path.name)
        for path, text in texts.items()
        for pair in NAMED.findall(text)
        for name in (pair[0] or pair[1]).split(",")
    }
    assert len(named) > 10 and {one for one in named if one[0] not in extras()} == set()


def test_a_missing_module_that_no_extra_brings_stays_what_it_is() -> None:
    with pytest.raises(ModuleNotFoundError, match="nosuchlibrary") as caught, explain_missing("A plot"):
        import nosuchlibrary  # type: ignore[import-not-found]  # noqa: F401
    assert not isinstance(caught.value, MissingExtraError)


def test_of_several_extras_that_bring_a_library_the_one_at_hand_is_named() -> None:
    for of, extra in {"": "watch", "google": "google", "no such": "watch"}.items():
        with pytest.raises(MissingExtraError) as found, explain_missing("Delivering", of=of):
            raise ModuleNotFoundError(name="yaml")
        assert found.value.extra == extra
