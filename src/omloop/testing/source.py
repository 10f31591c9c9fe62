"""What every source of data must do; a source's test inherits this and supplies three fixtures."""

from pathlib import Path
from typing import Protocol

import pytest

from omloop.core import Columns, OmloopError, Origin, Project, Settings


class Fetching(Protocol):
    """The part of a configured source that these tests use; `omloop.data.Source` is the whole."""

    source: str

    @property
    def origin(self) -> Origin:
        """The identity of the source, by which versions tell sources apart."""

    def records(self, project: Project, downloads: Path, settings: Settings) -> Columns:
        """The raw records."""


class SourceContract:
    """Records are whole, the same each time, and said to come from somewhere."""

    @pytest.fixture
    def source(self) -> Fetching:
        """A reachable source, of records of the fixture `project`."""
        raise NotImplementedError

    @pytest.fixture
    def broken(self) -> Fetching:
        """The same source, told of something that there is not."""
        raise NotImplementedError

    @pytest.fixture
    def project(self) -> Project:
        """The project whose records it holds."""
        raise NotImplementedError

    @pytest.fixture
    def settings(self) -> Settings:
        """Settings under which the source is reachable."""
        return Settings()

    def test_every_record_has_what_the_project_learns_from(
        self, source: Fetching, project: Project, settings: Settings, tmp_path: Path
    ) -> None:
        """All columns are of one length."""
        records = source.records(project, tmp_path, settings)
        assert {*project.inputs.fields, project.target} <= set(records)
        (rows,) = {len(values) for values in records.values()}
        assert rows == len(project.inputs.encode(records)) > 0

    def test_the_same_source_gives_the_same_records_again(
        self, source: Fetching, project: Project, settings: Settings, tmp_path: Path
    ) -> None:
        """This holds whether or not somebody fetched them before."""
        first, again, elsewhere = (
            _plain(source.records(project, tmp_path / folder, settings)) for folder in ("one", "one", "two")
        )
        assert first == again == elsewhere

    def test_a_source_says_where_records_come_from_in_one_line(self, source: Fetching, settings: Settings) -> None:
        """For the model card, and to tell versions apart."""
        assert str(source) and len(str(source).splitlines()) == 1
        assert source.origin.kind == source.source and source.origin == source.origin

    def test_what_is_not_there_is_an_error_with_words(
        self, broken: Fetching, project: Project, settings: Settings, tmp_path: Path
    ) -> None:
        """Never another source in its place."""
        with pytest.raises(OmloopError, match=r"\w+ .+\.$"):
            broken.records(project, tmp_path, settings)


def _plain(records: Columns) -> dict[str, list[object]]:
    return {name: list(map(str, values)) for name, values in records.items()}
