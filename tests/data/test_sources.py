"""Every source against something real: a file, and servers on the loopback address that behave as the real ones do."""

import base64
import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from omloop.core import ConfigError, Project, Settings, SourceError
from omloop.data import SOURCES
from omloop.data.sources.kaggle import KaggleSettings
from omloop.testing.source import Fetching, SourceContract


class Handler(BaseHTTPRequestHandler):
    """Answers from a table of path -> (status, body, headers), and remembers what it was asked."""

    pages: dict[str, tuple[int, bytes, dict[str, str]]] = {}
    asked: list[tuple[str, str | None]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Authorization")))
        status, body, headers = self.pages.get(self.path, (404, b"", {}))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    Handler.pages, Handler.asked = {}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def fetch(source: str, project: Project, tmp_path: Path, settings: Settings | None = None, **words: Any) -> Any:
    return SOURCES.load(source)(**words).records(project, tmp_path / "downloads", settings or Settings())


def test_simulated_records_are_the_same_for_the_same_seed(project: Project, tmp_path: Path) -> None:
    one, same, other = (fetch("simulated", project, tmp_path, rows=20, seed=seed)["hours"] for seed in (1, 1, 2))
    assert list(one) == list(same) != list(other)


@pytest.mark.parametrize("words", [{"rows": 0}, {"drift": 2.0}, {"drift": -0.1}])
def test_an_impossible_simulation_is_refused(project: Project, tmp_path: Path, words: Any) -> None:
    with pytest.raises(ConfigError, match="drift from 0 to 1"):
        fetch("simulated", project, tmp_path, **words)


def test_a_file_is_read(project: Project, table_file: Path, tmp_path: Path) -> None:
    assert len(fetch("file", project, tmp_path, path=str(table_file))["age"]) == 300


def test_a_file_that_is_not_there_is_named(project: Project, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nothing at .*gone.csv. Check data.path"):
        fetch("file", project, tmp_path, path=str(tmp_path / "gone.csv"))


def test_a_url_is_fetched_once(project: Project, table_file: Path, tmp_path: Path, site: str) -> None:
    Handler.pages["/toy.csv"] = (200, table_file.read_bytes(), {})
    digest = hashlib.sha256(table_file.read_bytes()).hexdigest()
    for _ in range(2):
        assert len(fetch("url", project, tmp_path, url=f"{site}/toy.csv", sha256=digest)["age"]) == 300
    assert len(Handler.asked) == 1


def test_another_file_than_the_digest_says_is_refused_and_not_kept(project: Project, tmp_path: Path, site: str) -> None:
    Handler.pages["/toy.csv"] = (200, b"a,b\n1,2\n", {})
    with pytest.raises(SourceError, match="not 0000"):
        fetch("url", project, tmp_path, url=f"{site}/toy.csv", sha256="0" * 64)
    assert not [path for path in (tmp_path / "downloads").rglob("*") if path.is_file()]


def test_a_transfer_that_breaks_off_is_an_error_and_leaves_nothing(project: Project, tmp_path: Path, site: str) -> None:
    Handler.pages["/toy.csv"] = (200, b"a,b\n", {"Content-Length": "9999"})
    with pytest.raises(SourceError, match="broke off|cannot be reached"):
        fetch("url", project, tmp_path, url=f"{site}/toy.csv")
    assert not [path for path in (tmp_path / "downloads").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:9/toy.csv", "cannot be reached.*data=file"),
        ("file:///etc/hostname", "not an http or https address"),
        ("ftp://127.0.0.1/x.csv", "not an http or https address"),
    ],
)
def test_an_address_out_of_reach_is_an_error_with_the_next_step(
    project: Project, tmp_path: Path, url: str, reason: str
) -> None:
    with pytest.raises(SourceError, match=reason):
        fetch("url", project, tmp_path, url=url)


def test_a_refusing_server_is_quoted(project: Project, tmp_path: Path, site: str) -> None:
    with pytest.raises(SourceError, match="answered 404"):
        fetch("url", project, tmp_path, url=f"{site}/none.csv")


@pytest.fixture
def kaggle(site: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.setenv("KAGGLE_USERNAME", "ada")
    monkeypatch.setenv("KAGGLE_KEY", "secret-key")
    return Settings().having(KaggleSettings(f"{site}/api/v1"))


def test_kaggle_hands_on_to_a_storage_host_which_never_sees_the_key(
    project: Project, table_file: Path, tmp_path: Path, site: str, kaggle: Settings
) -> None:
    """The real API answers with a redirect to a signed address, and a zip for larger files."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(table_file, "toy.csv")
    Handler.pages["/api/v1/datasets/download/ada/toys/toy.csv"] = (302, b"", {"Location": f"{site}/signed"})
    Handler.pages["/signed"] = (200, archive.getvalue(), {})
    for _ in range(2):
        found = fetch("kaggle", project, tmp_path, kaggle, dataset="ada/toys", file="toy.csv")
        assert len(found["age"]) == 300
    token = "Basic " + base64.b64encode(b"ada:secret-key").decode()
    assert Handler.asked == [("/api/v1/datasets/download/ada/toys/toy.csv", token), ("/signed", None)]


def test_a_plain_file_from_kaggle_is_taken_as_it_is(
    project: Project, table_file: Path, tmp_path: Path, kaggle: Settings
) -> None:
    Handler.pages["/api/v1/datasets/download/ada/toys/toy.csv"] = (200, table_file.read_bytes(), {})
    assert len(fetch("kaggle", project, tmp_path, kaggle, dataset="ada/toys", file="toy.csv")["age"]) == 300


def test_a_whole_data_set_from_kaggle_stays_one_zip_which_the_project_reads(
    project: Project, tmp_path: Path, kaggle: Settings
) -> None:
    """Fetched once; what is no zip is not kept."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("train/a.txt", "1")
    Handler.pages["/api/v1/datasets/download/ada/toys"] = (200, archive.getvalue(), {})
    reading = replace(project, read=lambda path: {"names": zipfile.ZipFile(path).namelist(), "file": [path.name]})
    for _ in range(2):
        found = fetch("kaggle", reading, tmp_path, kaggle, dataset="ada/toys")
        assert found == {"names": ["train/a.txt"], "file": ["toys.zip"]}
    assert len(Handler.asked) == 1
    Handler.pages["/api/v1/datasets/download/ada/page"] = (200, b"<html>", {})
    with pytest.raises(SourceError, match="Name one of its files: data.file"):
        fetch("kaggle", reading, tmp_path, kaggle, dataset="ada/page")
    assert not list((tmp_path / "downloads" / "kaggle" / "ada" / "page").iterdir())


def test_a_refusal_by_kaggle_does_not_print_the_key(project: Project, tmp_path: Path, kaggle: Settings) -> None:
    with pytest.raises(SourceError, match="answered 404.*kaggle.com/settings") as refused:
        fetch("kaggle", project, tmp_path, kaggle, dataset="ada/toys", file="toy.csv")
    assert "secret-key" not in str(refused.value)


def test_without_credentials_kaggle_says_where_to_get_them(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KAGGLE_USERNAME", raising=False)
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path))
    with pytest.raises(SourceError, match="no Kaggle credentials. Create a token"):
        fetch("kaggle", project, tmp_path, dataset="ada/toys", file="toy.csv")


def test_credentials_are_read_from_kaggles_own_file(
    project: Project, table_file: Path, tmp_path: Path, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KAGGLE_USERNAME", raising=False)
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path))
    (tmp_path / "kaggle.json").write_text(json.dumps({"username": "ada", "key": "k"}))
    Handler.pages["/datasets/download/ada/toys/toy.csv"] = (200, table_file.read_bytes(), {})
    fetch("kaggle", project, tmp_path, Settings().having(KaggleSettings(site)), dataset="ada/toys", file="toy.csv")
    assert Handler.asked[0][1] == "Basic " + base64.b64encode(b"ada:k").decode()


def test_a_damaged_credentials_file_is_named(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAGGLE_USERNAME", raising=False)
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path))
    (tmp_path / "kaggle.json").write_text("{")
    with pytest.raises(SourceError, match="not a Kaggle token file"):
        fetch("kaggle", project, tmp_path, dataset="ada/toys", file="toy.csv")


@pytest.mark.parametrize("dataset", ["toys", "a/b/c", "/b"])
def test_a_data_set_needs_owner_and_name(project: Project, tmp_path: Path, dataset: str) -> None:
    with pytest.raises(ConfigError, match="owner/name"):
        fetch("kaggle", project, tmp_path, dataset=dataset, file="toy.csv")


def test_kaggle_fetches_what_the_project_reads_beside_the_file(
    project: Project, tmp_path: Path, kaggle: Settings
) -> None:
    for name in ("rows.npy", "labels.npy"):
        Handler.pages[f"/api/v1/datasets/download/ada/toys/{name}"] = (200, name.encode(), {})
    reading = replace(project, read=lambda path: {"found": sorted(file.name for file in path.parent.iterdir())})
    for _ in range(2):
        found = fetch("kaggle", reading, tmp_path, kaggle, dataset="ada/toys", file="rows.npy", beside=["labels.npy"])
        assert found == {"found": ["labels.npy", "rows.npy"]}
    assert len(Handler.asked) == 2


def test_a_file_larger_than_the_limit_is_refused_by_what_it_claims_and_by_what_comes(
    project: Project, tmp_path: Path, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omloop.data.sources.download.MOST_BYTES", 10)
    for claimed in ("999999999", "12"):
        Handler.pages["/toy.csv"] = (200, b"a,b\n1,2\n3,4\n", {"Content-Length": claimed})
        with pytest.raises(SourceError, match="is larger than 10 bytes. Fetch it by hand"):
            fetch("url", project, tmp_path, url=f"{site}/toy.csv")
    assert not [path for path in (tmp_path / "downloads").rglob("*") if path.is_file()]


@pytest.mark.parametrize("url", ["{site}/none.csv?sig=hunter22", "{site}/a b?sig=hunter22", "nowhere?sig=hunter22"])
def test_the_secrets_of_an_address_are_not_printed(project: Project, tmp_path: Path, site: str, url: str) -> None:
    with pytest.raises(SourceError) as refused:
        fetch("url", project, tmp_path, url=url.format(site=site))
    assert "hunter22" not in str(refused.value)


def test_an_address_without_its_query_stands_for_the_file_that_was_fetched_from_it(
    project: Project, table_file: Path, tmp_path: Path, site: str
) -> None:
    Handler.pages["/toy.csv?part=1&sig=hunter22"] = (200, table_file.read_bytes(), {})
    first = fetch("url", project, tmp_path, url=f"{site}/toy.csv?part=1&sig=hunter22")
    assert fetch("url", project, tmp_path, url=f"{site}/toy.csv?***") == first
    assert len(Handler.asked) == 1 and "hunter22" not in str([p.read_bytes() for p in tmp_path.rglob("*.address")])


def test_of_two_files_that_an_address_stands_for_the_digest_tells_which(
    project: Project, table_file: Path, tmp_path: Path, site: str
) -> None:
    contents = {part: table_file.read_bytes() + b"\n" * part for part in (0, 1)}
    for part, content in contents.items():
        Handler.pages[f"/toy.csv?part={part}"] = (200, content, {})
        fetch("url", project, tmp_path, url=f"{site}/toy.csv?part={part}")
    digest = hashlib.sha256(contents[1]).hexdigest()
    assert fetch("url", project, tmp_path, url=f"{site}/toy.csv?***", sha256=digest)
    for address, files in ((f"{site}/toy.csv?***", 2), (f"{site}/other.csv?***", "no")):
        with pytest.raises(SourceError, match=f"and {files} files fetched from it lie here. Give it again"):
            fetch("url", project, tmp_path, url=address)


class TestSimulated(SourceContract):
    @pytest.fixture
    def project(self, project: Project) -> Project:
        return project

    @pytest.fixture
    def source(self) -> Fetching:
        return made("simulated", rows=30, seed=4)

    @pytest.fixture
    def broken(self) -> Fetching:
        return made("simulated", rows=-5)


class TestFile(TestSimulated):
    @pytest.fixture
    def source(self, table_file: Path) -> Fetching:
        return made("file", path=str(table_file))

    @pytest.fixture
    def broken(self, table_file: Path) -> Fetching:
        return made("file", path=str(table_file.with_name("none.csv")))


class TestUrl(TestSimulated):
    @pytest.fixture
    def source(self, site: str, table_file: Path) -> Fetching:
        Handler.pages["/a/toy.csv"] = (200, table_file.read_bytes(), {})
        return made("url", url=f"{site}/a/toy.csv")

    @pytest.fixture
    def broken(self, site: str) -> Fetching:
        return made("url", url=f"{site}/b/toy.csv")


class TestKaggle(TestSimulated):
    @pytest.fixture
    def settings(self, kaggle: Settings) -> Settings:
        return kaggle

    @pytest.fixture
    def source(self, table_file: Path, site: str) -> Fetching:
        Handler.pages["/api/v1/datasets/download/ada/rides/toy.csv"] = (200, table_file.read_bytes(), {})
        return made("kaggle", dataset="ada/rides", file="toy.csv")

    @pytest.fixture
    def broken(self, site: str) -> Fetching:
        return made("kaggle", dataset="ada/none", file="toy.csv")


def made(source: str, **words: Any) -> Fetching:
    found: Fetching = SOURCES.load(source)(**words)
    return found
