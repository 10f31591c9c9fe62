"""Each check finds what was put there, and nothing where nothing was."""

import io
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from omloop.core import Columns, DataError, Dataset, Finding, Part, Project
from omloop.data import inspect_dataset, prepare
from omloop.data.quality.pool import content_numbers
from omloop.data.quality.quality import CHECKS, find_oddities, flat_pictures
from omloop.kinds import Classes, Column, Image, Number, Table

SIDE = 48
WIDE = Table(tuple(Column(f"c{index}", "number") for index in range(24)))


class Fake:
    """As much of an input kind as the checks ask for, over examples that are given as they are."""

    def __init__(self, field: str) -> None:
        self.fields = (field,)

    @property
    def observed(self) -> Mapping[str, tuple[str, ...]]:
        return {"size": ()}

    @property
    def remarks_schema(self) -> Mapping[str, Any]:
        return {}

    def select(self, names: Sequence[str]) -> Self:
        return self

    def encode(self, columns: Columns) -> NDArray[Any]:
        (values,) = (columns[name] for name in self.fields)
        if isinstance(values[0], str):
            return np.array(values, object)
        pixels = np.stack([np.frombuffer(value, np.uint8) for value in values])
        return pixels.reshape(len(pixels), SIDE, -1, 1)

    def matrix(self, examples: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(examples.reshape(len(examples), -1), np.float32)

    def observe(self, examples: NDArray[Any]) -> dict[str, NDArray[Any]]:
        return {"size": np.arange(len(examples), dtype=np.float64)}


def over(inputs: Any, outputs: Any, **more: Any) -> Project:
    return Project(
        name="toy",
        summary="A toy.",
        inputs=inputs,
        outputs=outputs,
        target=outputs.name,
        models={},
        baseline="mean",
        simulate=lambda rows, seed, drift: {},
        part="part",
        **more,
    )


def look(project: Project, records: Columns) -> dict[str, Finding]:
    """What is found in records of which the publisher dealt all parts."""
    dataset = prepare(project, records, project.inputs, seed=0)
    return {found.check: found for found in find_oddities(project, project.inputs, records, dataset)}


def dealt(rows: int) -> list[str]:
    return ["test" if row % 5 == 0 else "validation" if row % 5 == 1 else "train" for row in range(rows)]


@pytest.fixture
def wide() -> dict[str, Any]:
    """A hundred rows of 24 numbers and a number to predict; nothing is odd about them."""
    draw = np.random.default_rng(1)
    columns: dict[str, Any] = {name: draw.normal(size=100).tolist() for name in WIDE.fields}
    return {**columns, "score": draw.normal(size=100).tolist(), "part": dealt(100)}


NUMBER = over(WIDE, Number("score"))


def copied(records: dict[str, Any], source: int, target: int, *, shift: float = 0.0) -> dict[str, Any]:
    """The records with the inputs of one written over those of another."""
    made = {name: [*values] for name, values in records.items()}
    for name in WIDE.fields:
        made[name][target] = made[name][source] + shift
    return made


def test_nothing_is_odd_about_ordinary_rows(wide: dict[str, Any]) -> None:
    assert look(NUMBER, wide) == {}


def test_a_repeated_training_row_is_a_note(wide: dict[str, Any]) -> None:
    found = look(NUMBER, copied(wide, 2, 3))["duplicates"]
    assert (found.severity, found.count, found.examples) == ("note", 1, (3,))
    assert "records 4" in found.message


def test_a_test_row_that_was_trained_on_is_a_warning(wide: dict[str, Any]) -> None:
    found = look(NUMBER, copied(wide, 2, 5))["shared inputs"]
    assert (found.severity, found.count, found.examples) == ("warning", 1, (5,))


def test_a_test_row_that_chose_the_model_is_a_warning(wide: dict[str, Any]) -> None:
    assert look(NUMBER, copied(wide, 1, 5))["shared inputs"].examples == (5,)


def test_one_input_under_two_answers_is_a_warning(wide: dict[str, Any]) -> None:
    found = look(NUMBER, copied(wide, 2, 3))["conflicting answers"]
    assert (found.count, set(found.examples)) == (2, {2, 3})


def test_a_test_row_that_is_nearly_a_training_row_is_a_warning(wide: dict[str, Any]) -> None:
    found = look(NUMBER, copied(wide, 2, 5, shift=0.01))
    assert found.keys() == {"near duplicates"}
    assert found["near duplicates"].examples == (5, 2)


def test_columns_in_large_units_do_not_make_rows_alike(wide: dict[str, Any]) -> None:
    """Each column counts in its own standard deviations."""
    large = {**wide, "c0": [1e6 + 1e3 * value for value in wide["c0"]]}
    assert look(NUMBER, large) == {}


def test_a_constant_column_is_a_note(wide: dict[str, Any]) -> None:
    found = look(NUMBER, {**wide, "c3": [7.0] * 100})["constant columns"]
    assert found.severity == "note" and "c3" in found.message and found.columns == ("c3",)


@pytest.mark.parametrize(("rare", "odd"), [(2, True), (40, False)])
def test_a_class_with_few_examples_is_told(wide: dict[str, Any], rare: int, odd: bool) -> None:
    labels = ["sad" if row % 5 > 1 and row < 5 * rare / 3 else "happy" for row in range(100)]
    found = look(over(WIDE, Classes("mood", ("happy", "sad"))), {**wide, "mood": labels})
    assert ("imbalance" in found) == odd
    assert not odd or "'sad' has 2" in found["imbalance"].message


def test_a_person_on_both_sides_of_the_split_is_a_warning(wide: dict[str, Any]) -> None:
    people = [f"p{row}" for row in range(100)]
    people[5] = "p2"
    found = look(replace(NUMBER, group="person"), {**wide, "person": people})["torn groups"]
    assert (found.count, found.examples) == (1, (5,))


def pictures(rows: int = 60) -> list[NDArray[np.uint8]]:
    return [*np.random.default_rng(2).integers(0, 255, (rows, SIDE, SIDE, 1)).astype(np.uint8)]


MOODS = Classes("mood", ("happy", "sad"))


def faces(pixels: list[NDArray[np.uint8]]) -> Columns:
    labels = ["sad" if row % 2 else "happy" for row in range(len(pixels))]
    return {"picture": [picture.tobytes() for picture in pixels], "mood": labels, "part": dealt(len(pixels))}


def found_in_pictures(pixels: list[NDArray[np.uint8]]) -> dict[str, Finding]:
    return look(over(Fake("picture"), MOODS), faces(pixels))


def test_a_black_picture_is_a_warning() -> None:
    pixels = pictures()
    pixels[12] = np.zeros_like(pixels[0])
    found = found_in_pictures(pixels)
    assert found.keys() == {"constant examples"} and found["constant examples"].examples == (12,)


def test_a_brighter_copy_of_a_picture_in_the_test_part_is_a_warning() -> None:
    pixels = pictures()
    pixels[10] = (pixels[7] * 0.8 + 30).astype(np.uint8)
    assert found_in_pictures(pixels)["near duplicates"].examples == (10, 7)


def test_pictures_of_the_kind_image_are_looked_at_as_pixels() -> None:
    """The size that they came with is no example of its own, and no column that should vary."""
    pixels = pictures()
    pixels[12] = np.zeros_like(pixels[0])
    pixels[10] = (pixels[7] * 0.8 + 30).astype(np.uint8)
    pixels[5] = pixels[2]
    records = {**faces(pixels), "image": pixels}
    found = look(over(Image(SIDE, SIDE, 1), MOODS), records)
    assert found.keys() == {"shared inputs", "conflicting answers", "constant examples", "near duplicates"}
    assert found["constant examples"].examples == (12,)
    assert found["near duplicates"].examples == (10, 7) and found["shared inputs"].examples == (5,)


REVIEW = "the {} film was so long that I left it before the {} end of it came to me at last and never once looked back"


def test_marks_of_html_and_a_review_used_twice_are_told() -> None:
    texts = [" ".join(f"w{row}x{place}" for place in range(20)) for row in range(60)]
    texts[2], texts[5] = REVIEW.format("old", "very"), REVIEW.format("old", "very") + " again"
    texts[8] += "<br />and more"
    texts[9] += " 3 < 4 and <3 >"
    found = look(over(Fake("review"), MOODS), {**faces(pictures()), "review": texts})
    assert found.keys() == {"HTML", "near duplicates"}
    assert found["HTML"].examples == (8,) and "<br />" in found["HTML"].message
    assert found["near duplicates"].examples == (5, 2)


def dataset_of(records: Columns) -> Dataset:
    return prepare(NUMBER, records, WIDE, seed=0)


def test_findings_become_notes_and_leave_the_examples_alone(wide: dict[str, Any]) -> None:
    records = copied(wide, 2, 5)
    before = replace(dataset_of(records), notes=("one was left out",))
    after = inspect_dataset(NUMBER, WIDE, records, before, policy="warn")
    assert after.notes[0] == "one was left out" and "earlier part" in after.notes[1]
    assert after.test is before.test and after.findings


def test_refusing_lists_the_warnings_and_says_how_to_go_on(wide: dict[str, Any]) -> None:
    records = copied(wide, 2, 5)
    with pytest.raises(DataError, match=r"an earlier part has too: 1.*data\.quality=warn"):
        inspect_dataset(NUMBER, WIDE, records, dataset_of(records), policy="refuse")


def test_a_note_alone_refuses_nothing(wide: dict[str, Any]) -> None:
    records = {**wide, "c3": [7.0] * 100}
    assert inspect_dataset(NUMBER, WIDE, records, dataset_of(records), policy="refuse").findings


def test_off_looks_for_nothing(wide: dict[str, Any]) -> None:
    records = copied(wide, 2, 5)
    before = dataset_of(records)
    assert inspect_dataset(NUMBER, WIDE, records, before, policy="off") is before


@given(hnp.arrays(np.float32, (6, 2), elements=st.sampled_from([0.0, 1.0, 2.0])))
@settings(max_examples=30)
def test_contents_are_equal_where_examples_are(examples: NDArray[np.float32]) -> None:
    numbers = content_numbers(examples)
    for one in range(6):
        for other in range(6):
            assert (numbers[one] == numbers[other]) == np.array_equal(examples[one], examples[other])


def test_rows_with_texts_are_equal_where_their_words_are() -> None:
    table = Table((Column("note", "text", missing=True, size=3), Column("n", "number")))
    texts = ["so long", "".join(["so ", "long"]), "long so", None, None]
    a, b, c, absent, gone = content_numbers(table.encode({"note": texts, "n": [1] * 5})).tolist()
    assert a == b != c and absent == gone != a


def test_what_is_derived_of_dates_makes_no_rows_alike() -> None:
    """Each column counts once, however many numbers come of it."""
    table = Table(tuple(Column(f"d{index}", "datetime") for index in range(20)))
    draw = np.random.default_rng(3)
    times = np.datetime64("2024-01-01T00:00:00") + draw.integers(0, 10**7, (20, 100))
    records = {name: values.astype(str).tolist() for name, values in zip(table.fields, times, strict=True)}
    assert "near duplicates" not in look(
        over(table, Number("y")), {**records, "y": draw.normal(size=100), "part": dealt(100)}
    )


def test_rows_of_a_table_are_never_pictures_of_one_colour() -> None:
    assert not flat_pictures(np.ones((3, 2), np.float32)).any()
    assert flat_pictures(np.ones((3, 2, 2, 3), np.uint8)).all()


def test_empty_parts_are_nothing_odd() -> None:
    empty = Part(np.empty((0, 24), np.float32), np.empty(0), np.empty(0, str))
    dataset = Dataset(empty, empty, empty, "", "")
    records: Columns = {name: [] for name in WIDE.fields}
    assert find_oddities(NUMBER, WIDE, records, dataset) == ()
    assert len({check.__name__ for check in CHECKS}) == len(CHECKS)


def real(name: str) -> Path:
    root = Path(os.environ.get("OMLOOP_DATA", Path(__file__).parents[4] / "shared" / "data"))
    if not (root / name).is_file():
        pytest.skip(f"needs the real data; set OMLOOP_DATA to the folder that holds {name}")
    return root / name


def test_what_is_odd_about_the_real_faces_is_found() -> None:
    """The publisher's repeats, pictures under two labels, one black picture, the rare class."""
    image = pytest.importorskip("PIL.Image")
    with zipfile.ZipFile(real("emotion/fer2013_images.zip")) as archive:
        names = [name for name in archive.namelist() if name.endswith(".jpg")]
        pixels = [image.open(io.BytesIO(archive.read(name))).tobytes() for name in names]
    labels, parts = [name.split("/")[1] for name in names], [name.split("/")[0] for name in names]
    project = over(Fake("picture"), Classes("mood", tuple(sorted(set(labels)))))
    found = look(project, {"picture": pixels, "mood": labels, "part": parts})
    assert "'disgust'" in found["imbalance"].message
    assert found["conflicting answers"].message.startswith("inputs that stand under more than one answer: 5")
    assert found["constant examples"].count == 1
    assert 100 < found["duplicates"].count <= 165
    # Only a picture under two labels can lie in train and in validation: parts are dealt by all of a record.
    assert all(names[row].startswith("train/") for row in found["shared inputs"].examples)


def test_what_is_odd_about_the_real_reviews_is_found() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.read_csv(real("imdb/IMDB Dataset.csv"))
    records = {name: frame[name].to_list() for name in ("review", "sentiment")}
    project = over(Fake("review"), Classes("sentiment", ("negative", "positive")))
    found = look(project, {**records, "part": dealt(len(frame))})
    assert found["HTML"].count > 400 and "<br />" in found["HTML"].message
    assert "imbalance" not in found
