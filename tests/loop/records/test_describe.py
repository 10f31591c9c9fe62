"""A project's data in numbers."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from omloop.core import Project
from omloop.data import prepare
from omloop.kinds import Classes, Image
from omloop.loop import Workspace
from omloop.loop.records.describe import CheckedData, describe_data, write_report
from omloop.loop.records.pages import kept_pages


def test_the_report_on_pictures_tells_the_sizes_that_they_came_with(
    student: Project, tmp_path: Path, workspace: Workspace
) -> None:
    """In numbers, on the page and in Markdown."""
    kind, draw = Image(8, 6), np.random.default_rng(0)
    shades = Classes("shade", ("dark", "bright"))
    project = replace(student, inputs=kind, outputs=shades, target="shade", ignored={}, slices=())
    pictures = [draw.integers(0, 256, (30 + row, 40, 3), np.uint8) for row in range(60)]
    labels = [shades.classes[row % 2] for row in range(60)]
    dataset = prepare(project, {"image": pictures, "shade": labels}, kind, seed=0)
    looked = CheckedData(project, kind, dataset, checked=True)
    columns = {column["name"]: column for column in describe_data(looked)["columns"]}
    assert 1200 <= columns["area"]["low"] < 2000 < columns["area"]["high"] <= 40 * 89
    assert columns["aspect_ratio"]["high"] <= 40 / 30
    page, text = write_report(looked, tmp_path, workspace)
    assert "| area |" in text.read_text() and "aspect_ratio" in page.read_text()
    (kept,) = kept_pages(project.name, workspace)
    assert kept.path.read_text() == page.read_text()
