"""The project keeps the contract of all projects, and learns what its simulated reviews are known to say."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars
import pytest

from omloop import Fitted
from omloop.core import DataError, SourceError
from omloop.testing.project import ProjectContract

from .project import project
from .read import read
from .simulate import simulate

FOLDER = Path(__file__).parent
DATA = Path(os.environ.get("OMLOOP_DATA", FOLDER.parents[2] / "shared" / "data")) / "imdb"


class TestProject(ProjectContract):
    """The three lines that every project needs."""

    project = project


@pytest.mark.parametrize("name", ["train.parquet", "test.parquet", "IMDB Dataset.csv"])
def test_the_real_files_fit_the_schema(name: str) -> None:
    """Every review is accepted as it is published."""
    if not (DATA / name).is_file():
        pytest.skip(f"the real files are not in {DATA}; name the folder above it in OMLOOP_DATA")
    records = read(DATA / name)
    some = {column: values[:1000] for column, values in records.items()}
    assert not project.inputs.bad_rows(some).any()
    assert set(project.outputs.encode(some["sentiment"])) == {0, 1}


def test_a_folder_is_read_with_its_published_parts(tmp_path: Path) -> None:
    """In the layout of Hugging Face, whose labels are 0 and 1."""
    for part, label in (("train", 1), ("test", 0)):
        frame = polars.DataFrame({"text": ["a", "b"], "label": [label] * 2})
        frame.write_parquet(tmp_path / f"{part}-00000-of-00001.parquet")
    records = read(tmp_path)
    assert records["part"] == ["train", "train", "test", "test"]
    assert records["sentiment"] == ["positive", "positive", "negative", "negative"]


def test_a_folder_without_the_files_is_refused(tmp_path: Path) -> None:
    """The message says what it looked for."""
    with pytest.raises(SourceError, match=r"train\.parquet"):
        read(tmp_path)


def test_a_file_without_reviews_is_refused(tmp_path: Path) -> None:
    """The message names the columns there are."""
    polars.DataFrame({"body": ["a"], "label": [1]}).write_parquet(tmp_path / "train.parquet")
    with pytest.raises(DataError, match="no column 'review', only body, label"):
        read(tmp_path)


PAIRS = 'Sentiment\tText\tbatch_id\nNegative\tA "dull" one.\t4\nPositive\t"A ""fine"" one."\t4\n'


def test_rewritten_reviews_are_read_in_pairs_and_told_apart(tmp_path: Path) -> None:
    """Those whose original nobody learned from are for the test, whatever became of its line breaks."""
    (tmp_path / "pairs.tsv").write_text(PAIRS + "Positive\tFine.\t5\nNegative\tDull.\t5\n")
    polars.DataFrame({"review": ["A dull<br />one."], "sentiment": ["negative"]}).write_parquet(
        tmp_path / "test.parquet"
    )
    records = read(tmp_path / "pairs.tsv")
    assert records["sentiment"] == ["negative", "positive", "positive", "negative"]
    assert records["wording"] == ["original", "rewritten"] * 2
    assert records["part"] == ["test", "test", "train", "train"]
    assert list(records["review"])[:2] == ['A "dull" one.', 'A "fine" one.']


def test_rewritten_reviews_without_the_others_are_dealt_by_the_pair(tmp_path: Path) -> None:
    """One pair in five is for the test."""
    (tmp_path / "pairs.tsv").write_text(
        PAIRS + "".join(f"Positive\tFine.\t{n}\nNegative\tDull.\t{n}\n" for n in range(9))
    )
    assert list(read(tmp_path / "pairs.tsv")["part"]).count("test") == 4


@pytest.mark.parametrize("content", ["a\tb\tc\n", PAIRS + "Positive\tFine.\t5\n", PAIRS.replace("4\n", "6\n", 1)])
def test_a_table_without_pairs_is_refused(tmp_path: Path, content: str) -> None:
    """Of other columns, with half a pair, or with two halves of different ones."""
    (tmp_path / "pairs.tsv").write_text(content)
    with pytest.raises(DataError, match=r"pairs\.tsv (holds no pairs|does not hold the two)"):
        read(tmp_path / "pairs.tsv")


def test_the_published_pairs_are_read_whole() -> None:
    """406 of them begin with a review of the published test part."""
    if not (DATA / "counterfactual_paired.tsv").is_file():
        pytest.skip(f"the real files are not in {DATA}; name the folder above it in OMLOOP_DATA")
    records = read(DATA / "counterfactual_paired.tsv")
    assert (len(records["review"]), list(records["part"]).count("test")) == (3886, 812)
    assert not project.inputs.bad_rows(records).any()


def test_who_moves_at_a_small_drift_also_moves_at_a_larger_one() -> None:
    """Drift grows: nobody moves back."""
    contents = [np.array(simulate(300, 1, drift)["review"], object) for drift in (0.0, 0.3, 0.7, 1.0)]
    moved = [content != contents[0] for content in contents]
    assert all((fewer <= more).all() for fewer, more in itertools.pairwise(moved))


def test_old_and_moved_reviews_together_teach_the_moved_ones(tmp_path: Path) -> None:
    """The champion of the early days takes the praise of the later ones for blame."""
    contract = TestProject()
    old, moved = simulate(2000, 1, 0.0), simulate(1000, 2, 1.0)
    before = contract.fit("bag_of_words", tmp_path, contract.part(old))
    after = contract.fit("bag_of_words", tmp_path, contract.part({name: [*old[name], *moved[name]] for name in old}))
    assert _accuracy(before, 3, 0.0) > 0.83
    assert _accuracy(before, 4, 1.0) < 0.72
    assert _accuracy(after, 4, 1.0) > 0.81


def test_the_project_is_imported_on_the_base_install_alone() -> None:
    """Serving and watching look at the project without anything that trains."""
    heavy = ["sklearn", "torch", "lightning", "polars", "hydra", "scipy", "pandas"]
    code = (
        "import sys; from omloop.loop import Workspace, find_project; "
        f"find_project({str(FOLDER)!r}, Workspace.of().settings); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _accuracy(fitted: Fitted, seed: int, drift: float) -> float:
    records = simulate(800, seed, drift)
    answers = fitted.predict(project.inputs.encode(records)).argmax(axis=1)
    return float((answers == project.outputs.encode(records["sentiment"])).mean())
