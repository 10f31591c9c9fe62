"""The source `kaggle`: a Kaggle data set, or one file of it, through Kaggle's public API.

The API is two HTTP calls (https://www.kaggle.com/docs/api); the official client brings thirty packages and signs in on
import. Credentials come from KAGGLE_USERNAME and KAGGLE_KEY, or from ~/.kaggle/kaggle.json; never from configuration.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import urllib.request
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from omloop.core import Columns, ConfigError, Project, RoomSettings, Settings, SourceError, some
from omloop.data.sources.download import MOST_BYTES, download
from omloop.data.sources.source import Data, read_records

SIGN_IN = (
    "Create a token under https://www.kaggle.com/settings, then set KAGGLE_USERNAME and KAGGLE_KEY or keep it as "
    "~/.kaggle/kaggle.json."
)


@dataclass(frozen=True)
class KaggleSettings(RoomSettings):
    """Where Kaggle is."""

    SECTION: ClassVar[str] = "kaggle"

    url: str = "https://www.kaggle.com/api/v1"
    """Address of Kaggle's API."""


@dataclass
class Kaggle(Data):
    """The file called `file` of the data set `dataset`, written `owner/name`; all of it, as one zip, for no file.

    `beside` names files that the project reads with it: the source fetches them into the same folder.
    """

    source: str = "kaggle"
    dataset: str = "???"
    file: str = ""
    beside: list[str] = field(default_factory=list)

    def records(self, project: Project, downloads: Path, settings: Settings) -> Columns:
        """Fetch the files or the zip, or take the copies fetched earlier, and read them as the project reads them."""
        owner, _, name = self.dataset.partition("/")
        if not owner or not name or "/" in name:
            raise ConfigError(f"data.dataset={self.dataset} is not a Kaggle data set; write it as owner/name.")
        if self.beside and not self.file:
            raise ConfigError("data.beside names files beside data.file, which is empty. Name that too.")
        address = f"{settings.of(KaggleSettings).url}/datasets/download/{quote(owner)}/{quote(name)}"
        folder = downloads / "kaggle" / owner / name
        if not self.file:
            return read_records(project, _fetched(address, folder / f"{name}.zip", _archive))
        first, *_ = [
            _fetched(f"{address}/{quote(file)}", folder / Path(file).name, _unpacked)
            for file in [self.file, *self.beside]
        ]
        return read_records(project, first)

    def __str__(self) -> str:
        return f"kaggle {self.dataset} {self.file}".rstrip()


def _fetched(address: str, target: Path, finish: Callable[[Path, Path], Path]) -> Path:
    """The file at `target`, fetched unless it lies there already."""
    if target.is_file():
        return target
    step = f"Check data.dataset and data.file. {SIGN_IN}"
    return finish(
        download(kaggle_request(address), target.with_name(f"{target.name}.download"), next_step=step), target
    )


def kaggle_request(address: str, environ: Mapping[str, str] | None = None) -> urllib.request.Request:
    """A request that carries the user's Kaggle credentials; raises SourceError when there are none."""
    environ = os.environ if environ is None else environ
    user, key = environ.get("KAGGLE_USERNAME"), environ.get("KAGGLE_KEY")
    if not (user and key):
        user, key = _from_file(Path(environ.get("KAGGLE_CONFIG_DIR", "~/.kaggle")).expanduser() / "kaggle.json")
    token = base64.b64encode(f"{user}:{key}".encode()).decode()
    request = urllib.request.Request(address)  # noqa: S310
    # Unredirected: the download is handed on to a storage host, which must not see the key.
    request.add_unredirected_header("Authorization", f"Basic {token}")
    return request


def _from_file(path: Path) -> tuple[str, str]:
    if not path.is_file():
        raise SourceError(f"There are no Kaggle credentials. {SIGN_IN}")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return str(found["username"]), str(found["key"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{path} is not a Kaggle token file. {SIGN_IN}") from error


def _archive(fetched: Path, target: Path) -> Path:
    """A whole data set stays zipped: for tens of thousands of files that is one instead."""
    if not zipfile.is_zipfile(fetched):
        fetched.unlink()
        raise SourceError(
            "Kaggle sent something else than a zip of the whole data set. Name one of its files: data.file."
        )
    return fetched.replace(target)


def _unpacked(fetched: Path, target: Path) -> Path:
    """Kaggle zips larger files; either way the wanted file lies at `target` afterwards."""
    if not zipfile.is_zipfile(fetched):
        return fetched.replace(target)
    with zipfile.ZipFile(fetched) as archive:
        if target.name not in archive.namelist():
            held = some(archive.namelist(), most=5, near=target.name)
            raise SourceError(f"Kaggle's archive holds {held}, but not {target.name}.")
        if archive.getinfo(target.name).file_size > MOST_BYTES:
            raise SourceError(f"{target.name} in Kaggle's archive is larger than {MOST_BYTES:,} bytes unpacked.")
        partial = target.with_name(f".{target.name}.part")
        with archive.open(target.name) as member, partial.open("wb") as file:
            shutil.copyfileobj(member, file, 1 << 20)
        partial.replace(target)
    fetched.unlink()
    return target
