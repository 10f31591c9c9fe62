import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from omloop.core import Project
from omloop.loop.project.configure import configure
from omloop.loop.project.presets import presets_of


@pytest.fixture
def own(student: Project, tmp_path: Path) -> Project:
    """The reference project with files of its own."""
    assert student.folder is not None
    shutil.copytree(student.folder / "conf", tmp_path / "conf")
    return replace(student, folder=tmp_path)


def test_presets_are_the_files_of_experiments_behind_the_default(student: Project) -> None:
    assert presets_of(student) == {"default": "", "full": "experiment=full", "quick": "experiment=quick"}


def test_a_project_without_any_has_a_tenth_of_its_records_for_a_trial(own: Project) -> None:
    shutil.rmtree(own.folder / "conf/experiment")
    assert presets_of(own) == {"default": "", "quick": "data.fraction=0.1"}


@pytest.mark.parametrize("offered", [True, False])
def test_every_preset_composes_whether_or_not_the_configuration_offers_some(own: Project, offered: bool) -> None:
    (own.folder / "conf/experiment/tiny.yaml").write_text("# @package _global_\nmost_epochs: 1\n")
    config = own.folder / "conf/config.yaml"
    if not offered:
        config.write_text(config.read_text().replace("  - experiment: null\n", "  # - experiment: null\n"))
    words = presets_of(own)["tiny"]
    assert words == ("experiment=tiny" if offered else "+experiment=tiny")
    assert configure(own, [words, "model=mlp"]).models["mlp"].epochs == 1
