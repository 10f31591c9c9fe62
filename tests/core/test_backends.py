"""The table of backends: names that load, names that do not, and what is said then."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from omloop.core import Backends, MissingExtraError, SettingError, UnknownNameError


@pytest.fixture
def adapters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the import path, for adapters that a test writes."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def install(folder: Path, name: str, entry_points: str, requires: str = "") -> None:
    """What pip leaves of an installed distribution."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}")
    (info / "entry_points.txt").write_text(entry_points)


def test_a_known_name_loads_its_adapter() -> None:
    assert Backends("track", {"path": "pathlib:Path"}).load("path") is Path


def test_nothing_is_imported_before_an_adapter_is_asked_for(adapters: Path) -> None:
    (adapters / "omloop_eager.py").write_text("raise RuntimeError('imported too early')")
    assert Backends("track", {"eager": "omloop_eager:Tracker"}).names() == ["eager"]


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UnknownNameError, match=r"No track backend is called 'fils'\. Did you mean 'files'\?"):
        Backends("track", {"files": "pathlib:Path"}).load("fils")


def test_a_library_that_is_not_installed_names_its_extra(adapters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "locust", None)
    (adapters / "omloop_far.py").write_text("import locust.clients")
    with pytest.raises(MissingExtraError, match=r"The track backend 'far' needs 'locust'.*\[load\]'") as caught:
        Backends("track", {"far": "omloop_far:Tracker"}).load("far")
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_another_missing_module_is_not_disguised_as_the_missing_extra(adapters: Path) -> None:
    """Installing the extra would not help, so nobody is told to."""
    (adapters / "omloop_broken.py").write_text("import omloop.core.no_such_file")
    with pytest.raises(ModuleNotFoundError, match="no_such_file") as caught:
        Backends("track", {"broken": "omloop_broken:Tracker"}).load("broken")
    assert caught.value.__cause__ is None


def test_a_missing_module_of_a_backend_without_an_extra_is_not_disguised(adapters: Path) -> None:
    (adapters / "omloop_plain.py").write_text("import nosuchlibrary")
    with pytest.raises(ModuleNotFoundError, match="nosuchlibrary"):
        Backends("track", {"plain": "omloop_plain:Tracker"}).load("plain")


def test_an_installed_package_adds_to_the_table_by_its_entry_point(adapters: Path) -> None:
    (adapters / "stranger.py").write_text("class Tracker: pass")
    install(adapters, "stranger", "[omloop.track]\nstrange = stranger:Tracker\n")
    table = Backends("track", {"files": "pathlib:Path"})
    assert table.names() == ["files", "strange"]
    assert table.load("strange").__module__ == "stranger"


def test_an_entry_point_of_another_stage_is_not_in_the_table(adapters: Path) -> None:
    install(adapters, "stranger", "[omloop.track]\nstrange = stranger:Tracker\n")
    assert Backends("store", {}).names() == []


def test_an_installed_package_cannot_take_the_place_of_ours(adapters: Path) -> None:
    install(adapters, "stranger", "[omloop.track]\nfiles = stranger:Tracker\n")
    table = Backends("track", {"files": "pathlib:Path"})
    assert table.names() == ["files"]
    assert table.load("files") is Path


class Elsewhere:
    """An adapter that takes addresses."""

    @classmethod
    def of(cls, address: str, folder: Path, **more: object) -> tuple[str, Path, dict[str, object]]:
        return address, folder, more


@pytest.mark.parametrize(
    ("setting", "address"),
    [
        ("there", ""),
        ("there:/srv/runs", "/srv/runs"),
        ("there:https://host:8443/x?a=b", "https://host:8443/x?a=b"),
        ("there://host/x", "there://host/x"),
    ],
)
def test_an_adapter_is_opened_at_the_address_that_a_setting_gives(setting: str, address: str) -> None:
    table = Backends("store", {"there": f"{__name__}:Elsewhere"})
    assert table.open(setting, Path("here"), keeping=1) == (address, Path("here"), {"keeping": 1})


def test_an_adapter_without_addresses_gets_the_folder_and_refuses_one() -> None:
    table = Backends("store", {"path": "pathlib:Path"})
    assert table.open("path", Path("here")) == Path("here")
    with pytest.raises(SettingError, match=r"takes no address, but path:/srv gives one"):
        table.open("path:/srv", Path("here"))


def test_an_unknown_scheme_is_refused_as_a_name_is() -> None:
    with pytest.raises(UnknownNameError, match=r"No store backend is called 'gz'\. There are: gs\. Other packages"):
        Backends("store", {"gs": "omloop_absent:Bucket"}).open("gz://bucket/models", Path("here"))


@pytest.mark.parametrize(
    ("point", "requires", "told"),
    [
        ("s3 = clouds:Bucket", 'Requires-Dist: no-such.cloud>=1; extra == "aws"\n', "clouds[aws]"),
        ("s3 = clouds:Bucket [s3]", "", "clouds[s3]"),
        ("s3 = clouds:Bucket", "Requires-Dist: no-such.cloud>=1\n", "clouds"),
    ],
)
def test_a_library_that_another_packages_adapter_lacks_is_told_by_that_packages_metadata(
    adapters: Path, point: str, requires: str, told: str
) -> None:
    (adapters / "clouds.py").write_text("import no_such_cloud.storage\n")
    install(adapters, "clouds", f"[omloop.store]\n{point}\n", requires)
    with pytest.raises(MissingExtraError, match=rf"'s3' needs 'no_such_cloud'.* install '{re.escape(told)}'$"):
        Backends("store", {}).open("s3://bucket/models", Path("here"))


def test_a_folder_where_an_address_is_asked_for_is_told_how_to_write_it() -> None:
    with pytest.raises(UnknownNameError, match=r"There are: files\. For a folder write files:\./models\."):
        Backends("store", {"files": "pathlib:Path"}).open("./models", Path("here"))


def test_a_library_that_only_our_extras_bring_is_told_by_them(adapters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    (adapters / "clouds.py").write_text("import psycopg\n")
    install(adapters, "clouds", "[omloop.track]\nbase = clouds:Tracker\n")
    with pytest.raises(MissingExtraError, match=r"The track backend 'base' needs 'psycopg'.*\[postgres\]'$"):
        Backends("track", {}).load("base")
