"""The source `sklearn`: the data sets that scikit-learn fetches, such as `olivetti_faces` and `california_housing`."""

from __future__ import annotations

import urllib.error
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from omloop.core import Columns, Project, Settings, SourceError, UnknownNameError, explain_missing
from omloop.data.sources.source import Data, read_records

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass
class Sklearn(Data):
    """What `sklearn.datasets.fetch_<name>()` gives, as the project reads it.

    The project's `read` gets a folder with one .npy file an array: `data.npy` and `target.npy`, and `images.npy` where
    there are pictures.
    """

    source: str = "sklearn"
    name: str = "???"

    def records(self, project: Project, downloads: Path, settings: Settings) -> Columns:
        """Fetch the data set, or take the copy fetched earlier, and read it as the project reads it."""
        home = downloads / "sklearn"
        folder = home / f"{self.name}_arrays"
        fetched = self._fetch(home)
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("data", "images", "target"):
            if name in fetched:
                np.save(folder / f"{name}.npy", np.asarray(fetched[name]), allow_pickle=False)
        return read_records(project, folder)

    def __str__(self) -> str:
        return f"sklearn {self.name}"

    def _fetch(self, home: Path) -> Mapping[str, object]:
        fetch = _fetcher(self.name)
        try:
            found: Mapping[str, object] = fetch(data_home=str(home))
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            reason = getattr(error, "reason", error)
            raise SourceError(
                f"scikit-learn cannot fetch {self.name}: {reason}. Check your connection, copy the scikit_learn_data "
                f"of a machine that has it to {home}, or fetch it by hand and use data=file data.path=..."
            ) from error
        except OSError as error:
            raise SourceError(f"scikit-learn cannot fetch {self.name} into {home}: {error}. Try again.") from error
        return found


def _fetcher(name: str) -> Callable[..., Mapping[str, object]]:
    """The function of scikit-learn for a data set; raises UnknownNameError for one that there is none for."""
    with explain_missing("The source 'sklearn'"):
        from sklearn import datasets
    prefix = "fetch_"
    known = [word.removeprefix(prefix) for word in datasets.__all__ if word.startswith(prefix)]
    if name not in known:
        raise UnknownNameError("data set", name, known)
    found: Callable[..., Mapping[str, object]] = getattr(datasets, f"{prefix}{name}")
    return found
