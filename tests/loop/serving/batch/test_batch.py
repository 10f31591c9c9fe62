"""Many rows at once are answered as one at a time: files of rows, folders and zips, with bad ones among them."""

import csv
import io
import json
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import PIL.Image
import polars
import pytest

from omloop.bundle import Bundle
from omloop.core import ConflictError, InputError, MissingExtraError, OmloopError
from omloop.loop import Workspace
from omloop.loop.serving.batch.batch import BatchOptions, BatchProgress, BatchResult, predict_batch
from omloop.loop.serving.batch.forms import FORMS
from omloop.loop.serving.batch.parts import Parts
from omloop.testing.bundles import tiny_bundle, tiny_image_bundle, tiny_text_bundle
from omloop.testing.client import client

ROWS = [{"hours": number % 24, "age": 14 + number % 11, "sex": "fm"[number % 2]} for number in range(300)]


@pytest.fixture
def serving(workspace: Workspace) -> Callable[[Bundle], None]:
    """Make a bundle the champion of `tiny`."""

    def put(bundle: Bundle) -> None:
        registry = workspace.registry("tiny")
        registry.promote(registry.add(bundle, by="test"), expected=registry.champion(), by="test", reason="a test")

    return put


@pytest.fixture
def answer(workspace: Workspace, serving: Callable[[Bundle], None], tmp_path: Path) -> Callable[..., BatchResult]:
    """Answer a path with a tiny model of a table; what was told is in `told`."""
    serving(tiny_bundle())
    out = tmp_path / "answers.parquet"

    def go(path: Path | str, out: Path = out, told: list[str] | None = None, **options: Any) -> BatchResult:
        tell = (told if told is not None else []).append
        seen: list[BatchProgress] = []
        return predict_batch(
            "tiny", workspace, str(path), out, BatchOptions(**options), tell=tell, progress=seen.append
        )

    return go


def written(path: Path, rows: list[dict[str, Any]] = ROWS, **formats: Any) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), **formats)
        writer.writeheader()
        writer.writerows(rows)
    return path


def value(row: dict[str, Any]) -> float:
    return float(row["hours"] + 2 * row["age"] + 3 * (row["sex"] == "m"))


def bad_of(found: BatchResult) -> list[dict[str, Any]]:
    assert found.bad is not None
    return [json.loads(line) for line in found.bad.read_text().splitlines()]


def test_each_row_of_each_form_is_answered_as_the_server_does(
    answer: Callable[..., BatchResult], tmp_path: Path
) -> None:
    polars.DataFrame(ROWS).write_parquet(tmp_path / "rows.parquet")
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    files = [written(tmp_path / "rows.csv"), tmp_path / "rows.parquet", tmp_path / "rows.jsonl"]
    with client(tiny_bundle()) as http:
        served = [p["value"] for p in http.post("/v1/predict", json={"rows": ROWS}).json()["predictions"]]
    for file in files:
        found = answer(file, rows_per_block=64)
        frame = polars.read_parquet(found.out)
        assert frame["value"].to_list() == served == [value(row) for row in ROWS]
        assert frame.columns == ["row", "value", "version"] and frame["row"].to_list() == [*range(1, 301)]


@pytest.mark.parametrize("formats", [{}, {"quoting": csv.QUOTE_ALL}, {"lineterminator": "\n"}])
def test_bad_rows_are_set_aside_in_the_words_of_the_server(
    answer: Callable[..., BatchResult], tmp_path: Path, formats: dict[str, Any]
) -> None:
    rows = [{"name": f"n{n}", **row} for n, row in enumerate(ROWS)]
    rows[7] = {**rows[7], "age": 99, "sex": "x"}
    rows[200] = {**rows[200], "hours": "  "}
    found = answer(written(tmp_path / "rows.csv", rows, **formats), keep=["name"], rows_per_block=64)
    assert (found.answered, found.set_aside) == (298, 2)
    first, second = bad_of(found)
    with client(tiny_bundle()) as http:
        body, headers = b"hours,age,sex\n7,99,x\n", {"content-type": "text/csv"}
        faults = http.post("/v1/predict", content=body, headers=headers).json()["error"]["faults"]
    words = "; ".join(f"{fault['field'].removeprefix('rows[0].')}: {fault['message']}" for fault in faults)
    assert first["problem"] == words and first["given"]["name"] == "n7"
    assert (first["row"], second["row"]) == (8, 201) and second["problem"].startswith("hours: '  ' is not accepted")
    frame = polars.read_parquet(found.out)
    assert frame["name"].to_list() == [row["name"] for n, row in enumerate(rows) if n not in (7, 200)]


def test_a_broken_line_spoils_no_other(answer: Callable[..., BatchResult], tmp_path: Path) -> None:
    good = b"1,20,f\r\n"
    lines = [
        b"hours,age,sex\r\n",
        good,
        b"2,20\r\n",
        b"\r\n",
        b'"3"x,20,f\r\n',
        b'"4,20,f\r\n',
        b"\xff,20,f\r\n",
        good,
        b"5,20,m",
    ]
    path = tmp_path / "rows.csv"
    path.write_bytes(b"".join(lines))
    found = answer(path)
    assert [one["row"] for one in bad_of(found)] == [2, 3, 4, 5]
    assert [one["problem"] for one in bad_of(found)] == [
        "has 2 fields, the header has 3",
        "a quoted field goes on behind its closing quote",
        "it ends within a quoted field",
        "is not UTF-8; save the file as UTF-8",
    ]
    assert polars.read_parquet(found.out)["row"].to_list() == [1, 6, 7]


def test_types_of_a_parquet_file_are_read_as_training_reads_them(
    answer: Callable[..., BatchResult], tmp_path: Path
) -> None:
    frame = polars.DataFrame(
        {
            "hours": polars.Series([Decimal("1.5"), Decimal("2"), Decimal("25")]),
            "age": polars.Series(["20", "21", "22"]),
            "sex": polars.Series(["f", "m", "m"], dtype=polars.Categorical),
            "day": [date(2024, 1, 31), None, None],
            "none": polars.Series([None] * 3),
        }
    )
    frame.write_parquet(tmp_path / "rows.parquet")
    found = answer(tmp_path / "rows.parquet", keep=["day", "none"])
    answers = polars.read_parquet(found.out)
    assert answers["value"].to_list() == [41.5, 47.0] and answers["day"].to_list() == [date(2024, 1, 31), None]
    assert "hours: 25.0 is not accepted" in bad_of(found)[0]["problem"]


def test_a_json_line_is_held_to_the_types_of_a_request(answer: Callable[..., BatchResult], tmp_path: Path) -> None:
    lines = [*map(json.dumps, ROWS[:9]), "{", "[1]", '{"hours": "3", "age": 20, "sex": "f"}', '{"age": 20, "sex": "f"}']
    (tmp_path / "rows.jsonl").write_text("\n".join(lines))
    found = answer(tmp_path / "rows.jsonl", keep=["age"])
    problems = [one["problem"] for one in bad_of(found)]
    assert "not valid JSON" in problems[0] and problems[1].startswith("must be an object")
    assert problems[2].startswith("hours: '3' is not accepted") and problems[3].startswith("hours: is missing")
    assert polars.read_parquet(found.out)["age"].to_list() == [str(row["age"]) for row in ROWS[:9]]


def test_part_files_are_told_apart(answer: Callable[..., BatchResult], tmp_path: Path) -> None:
    for number in range(3):
        written(tmp_path / f"part-{number}.csv", ROWS[number * 100 : (number + 1) * 100])
    frame = polars.read_parquet(answer(tmp_path / "part-*.csv", rows_per_block=30).out)
    assert frame["value"].to_list() == [value(row) for row in ROWS]
    assert frame["row"].to_list() == [*range(1, 101)] * 3 and frame["file"].n_unique() == 3
    (tmp_path / "parts").mkdir()
    (tmp_path / "part-0.csv").rename(tmp_path / "parts" / "a.csv")
    assert answer(tmp_path / "parts").answered == 100


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_answers_are_written_without_polars_too(
    answer: Callable[..., BatchResult], tmp_path: Path, suffix: str
) -> None:
    found = answer(written(tmp_path / "rows.csv"), tmp_path / f"answers{suffix}", rows_per_block=64)
    text = found.out.read_text()
    rows = [*csv.DictReader(io.StringIO(text))] if suffix == ".csv" else [*map(json.loads, text.splitlines())]
    assert [float(row["value"]) for row in rows] == [value(row) for row in ROWS] and int(rows[99]["row"]) == 100


def test_what_cannot_be_answered_is_refused_before_anything_begins(
    answer: Callable[..., BatchResult], tmp_path: Path
) -> None:
    rows = [{"hours": 1, "Age": 20, "sex": "f", "value": 3}]
    path = written(tmp_path / "rows.csv", rows)
    with pytest.raises(InputError, match=r"lacks 'age', which the model reads. Did you mean 'Age'\?"):
        answer(path)
    assert not list(tmp_path.glob(".*"))
    written(path, rows, delimiter=";")
    with pytest.raises(InputError, match="separated by semicolons"):
        answer(path)
    written(path, [{**ROWS[0], "value": 3}])
    for keep, words in (("valu", "Did you mean 'value'"), ("value", "the answers have one of that name")):
        with pytest.raises(InputError, match=words):
            answer(path, keep=[keep])
    with pytest.raises(OmloopError, match="There is no file, folder or pattern"):
        answer(tmp_path / "no-*.csv")
    with pytest.raises(OmloopError, match="End its name in one of"):
        answer(path, tmp_path / "answers.xlsx")
    written(path, [{**ROWS[0], "age": 7}])
    with pytest.raises(InputError, match="none of the 1 rows is accepted; the first: row 1: age"):
        answer(path)


def test_the_base_install_reads_and_writes_csv(
    answer: Callable[..., BatchResult], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "rows.csv", [*ROWS, {**ROWS[0], "age": 99}])
    whole = answer(path, tmp_path / "whole.csv", rows_per_block=64)
    monkeypatch.setitem(sys.modules, "polars", None)
    found = answer(path, tmp_path / "answers.csv", rows_per_block=64)
    assert found.out.read_bytes() == whole.out.read_bytes() and bad_of(found) == bad_of(whole)
    with pytest.raises(MissingExtraError, match="Writing Parquet needs 'polars'"):
        answer(path)


def stop_after(blocks: int) -> Callable[[BatchProgress], None]:
    """Interrupt when so many blocks are kept."""
    left = [blocks]

    def progress(found: BatchProgress) -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_a_batch_that_was_interrupted_goes_on_and_ends_as_if_it_had_not_been(
    answer: Callable[..., BatchResult], workspace: Workspace, tmp_path: Path, suffix: str
) -> None:
    rows = [{**row, "age": 99} if place == 150 else row for place, row in enumerate(ROWS)]
    frame, path, out = polars.DataFrame(rows), tmp_path / f"rows{suffix}", tmp_path / "answers.parquet"
    {".csv": frame.write_csv, ".parquet": frame.write_parquet, ".jsonl": frame.write_ndjson}[suffix](path)
    whole = answer(path, tmp_path / "whole.parquet", rows_per_block=64)
    options, told = BatchOptions(rows_per_block=64), list[str]()
    with pytest.raises(KeyboardInterrupt):
        predict_batch("tiny", workspace, str(path), out, options, tell=told.append, progress=stop_after(2))
    assert not out.exists()
    found = answer(path, told=told, rows_per_block=64)
    assert 0 < found.resumed < 300 and told == [f"{found.resumed:,} rows were answered before: going on behind them"]
    assert out.read_bytes() == whole.out.read_bytes() and bad_of(found) == bad_of(whole)
    assert sorted(file.name for file in tmp_path.iterdir() if file.name.startswith(".")) == []


def test_another_input_or_version_begins_again(
    answer: Callable[..., BatchResult], workspace: Workspace, serving: Callable[[Bundle], None], tmp_path: Path
) -> None:
    path, told, out = written(tmp_path / "rows.csv"), list[str](), tmp_path / "answers.parquet"
    options = BatchOptions(rows_per_block=64)

    def interrupt() -> None:
        with pytest.raises(KeyboardInterrupt):
            predict_batch("tiny", workspace, str(path), out, options, tell=told.append, progress=stop_after(2))

    interrupt()
    serving(tiny_bundle(2.0))
    interrupt()
    written(path, ROWS[:-1])
    found = answer(path, told=told, rows_per_block=64)
    assert told == [f"another {what} than before: beginning again" for what in ("version", "input")]
    assert (found.answered, found.resumed) == (299, 0)
    assert polars.read_parquet(out)["value"].to_list() == [2 * value(row) for row in ROWS[:-1]]


def test_two_commands_do_not_answer_into_one_file(answer: Callable[..., BatchResult], tmp_path: Path) -> None:
    out = tmp_path / "answers.parquet"
    with Parts(out, FORMS[".parquet"]), pytest.raises(ConflictError, match="Another command is answering"):
        answer(written(tmp_path / "rows.csv"), out)


def picture(level: int, form: str = "PNG") -> bytes:
    content = io.BytesIO()
    PIL.Image.new("RGB", (20, 10), (level,) * 3).save(content, form)
    return content.getvalue()


def test_pictures_of_a_folder_and_of_a_zip_are_answered_by_name(
    answer: Callable[..., BatchResult], serving: Callable[[Bundle], None], tmp_path: Path
) -> None:
    serving(tiny_image_bundle())
    files = {f"in/{level}.png": picture(level) for level in (10, 20, 30)}
    files |= {"in/cut.jpg": picture(90, "JPEG")[:200], "notes.txt": b"no picture", "__MACOSX/x.png": b"?"}
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for name, content in {**files, "../../evil.png": picture(5)}.items():
            archive.writestr(name, content)
    for name, content in files.items():
        (tmp_path / "many" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "many" / name).write_bytes(content)
    for path, wrong in ((tmp_path / "many.zip", 3), (tmp_path / "many", 2)):
        found = answer(path, rows_per_block=2)
        frame = polars.read_parquet(found.out)
        assert dict(zip(frame["file"], frame["value"], strict=True)) == {
            f"in/{level}.png": level for level in (10, 20, 30)
        }
        problems = {one["file"]: one["problem"] for one in bad_of(found)}
        assert len(problems) == wrong and "cut off" in problems["in/cut.jpg"]
        assert problems["notes.txt"].startswith("is not a picture") and not (tmp_path / "evil.png").exists()


def test_texts_are_files_or_rows(
    answer: Callable[..., BatchResult], serving: Callable[[Bundle], None], tmp_path: Path
) -> None:
    serving(tiny_text_bundle())
    texts = {"a.txt": b"good, very\ngood", "b.md": b"bad", "c.txt": b"", "d.txt": b"\xff\xfe"}
    (tmp_path / "texts").mkdir()
    for name, content in texts.items():
        (tmp_path / "texts" / name).write_bytes(content)
    found = answer(tmp_path / "texts")
    frame = polars.read_parquet(found.out)
    assert frame["file"].to_list() == ["a.txt", "b.md"] and frame["label"].to_list() == ["positive", "negative"]
    assert [one["file"] for one in bad_of(found)] == ["c.txt", "d.txt"]
    rows = [{"review": 'good, "very"\ngood'}, {"review": "bad"}, {"review": ""}]
    found = answer(written(tmp_path / "rows.csv", rows))
    assert polars.read_parquet(found.out)["label"].to_list() == ["positive", "negative"] and found.set_aside == 1
