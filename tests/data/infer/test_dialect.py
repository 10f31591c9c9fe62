import gzip
import importlib.util
import json
import zipfile
from pathlib import Path
from typing import Any

import polars
import pytest

from omloop import Table
from omloop.core import DataError, OmloopError
from omloop.data import read_table
from omloop.data.infer import TableGuess, infer_table


def guess(path: Path, target: str = "rent", **more: Any) -> TableGuess:
    found = infer_table(path, target, **more)
    assert isinstance(found, TableGuess)
    Table(found.columns).encode(read_table(path, **found.reading.options))
    return found


def with_commas(columns: Any) -> Any:
    return {name: [str(value).replace(".", ",") for value in values] for name, values in columns.items()}


@pytest.mark.parametrize(("name", "separator"), [("a.csv", ","), ("a.tsv", "\t"), ("a.txt", "\t"), ("b.csv", "|")])
def test_any_separator_is_found_and_told_only_where_it_is_not_the_usual_one(
    write: Any, columns: Any, name: str, separator: str
) -> None:
    found = guess(write(columns, name, separator))
    usual = "\t" if name.endswith(".tsv") else ","
    assert found.reading.options.get("separator", usual) == separator
    assert [one.name for one in found.columns] == ["rooms", "area", "district"] and found.answer.kind == "number"


def test_semicolons_and_decimal_commas_are_found_together(write: Any, columns: Any) -> None:
    found = guess(write(with_commas(columns), separator=";"))
    assert found.reading.options == {"separator": ";", "decimal": ","}
    assert found.columns[1].type == "number" and "such as" in found.reading.seen["decimal"]


@pytest.mark.parametrize(
    ("spelt", "options"),
    [
        ("{:,.2f}", {"thousands": ","}),
        ("${:,.2f}", {"thousands": ",", "signs": "$"}),
        ("{:.2f}%", {"signs": "%"}),
    ],
)
def test_thousands_and_signs_around_numbers_are_found(write: Any, columns: Any, spelt: str, options: Any) -> None:
    columns["price"] = [f'"{spelt.format(value * 31)}"' for value in columns["area"]]
    path = write(columns)
    found = guess(path)
    assert found.reading.options == options
    assert float(read_table(path, **options)["price"][0]) == pytest.approx(columns["area"][0] * 31, abs=0.01)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_any_encoding_gives_the_same_words(write: Any, columns: Any, encoding: str) -> None:
    columns["district"] = [word.replace("o", "ö") for word in columns["district"]]
    found = guess(write(columns, encoding=encoding))
    assert found.columns[2].categories == ("east", "nörth", "söuth")
    assert ("encoding" in found.reading.options) == (encoding != "utf-8-sig")


def test_lines_before_the_header_and_blanks_around_names_are_passed_over(write: Any, columns: Any) -> None:
    path = write(columns, separator=", ")
    path.write_text("# rents of a town\n" + path.read_text())
    found = guess(path)
    assert found.reading.options["skip"] == 1 and found.reading.options["strip"] is True
    assert found.columns[0].name == "rooms"


@pytest.mark.parametrize("kind", ["parquet", "feather", "jsonl", "json", "csv.gz", "zip"])
def test_every_kind_of_file_means_the_same(write: Any, columns: Any, tmp_path: Path, kind: str) -> None:
    frame, path = polars.DataFrame(columns), tmp_path / f"a.{kind}"
    plain = write(columns)
    if kind == "csv.gz":
        path.write_bytes(gzip.compress(plain.read_bytes()))
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(plain, "rents/a.csv")
            archive.writestr("__MACOSX/a.csv", "")
    elif kind == "json":
        path.write_text(json.dumps(frame.to_dicts()))
    else:
        {"parquet": frame.write_parquet, "feather": frame.write_ipc, "jsonl": frame.write_ndjson}[kind](path)
    assert guess(path).columns == guess(plain).columns


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATED = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(path: Path, sheets: dict[str, dict[str, list[Any]]]) -> None:
    """The least that a workbook holds (ECMA-376)."""

    def cell(value: Any) -> str:
        text = isinstance(value, str)
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>' if text else f"<c><v>{value}</v></c>"

    def rows(columns: dict[str, list[Any]]) -> str:
        lines = [list(columns), *zip(*columns.values(), strict=True)]
        return "".join(f"<row>{''.join(map(cell, line))}</row>" for line in lines)

    def related(kind: str, number: int, target: str) -> str:
        return f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'

    numbered = list(enumerate(sheets, start=1))
    named = "".join(f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>' for number, name in numbered)
    book = "".join(related("worksheet", number, f"worksheets/sheet{number}.xml") for number, _ in numbered)
    main = SHEET.partition(">")[0].replace("<worksheet", "<workbook")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{RELATED}">{related("officeDocument", 1, "xl/workbook.xml")}</Relationships>',
        )
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{RELATED}">{book}</Relationships>')
        archive.writestr("xl/workbook.xml", f'{main} xmlns:r="{OFFICE}"><sheets>{named}</sheets></workbook>')
        for number, name in numbered:
            archive.writestr(f"xl/worksheets/sheet{number}.xml", SHEET.format(rows(sheets[name])))


@pytest.mark.skipif(importlib.util.find_spec("fastexcel") is None, reason="the extra excel")
def test_a_workbook_is_read_by_its_first_sheet_or_by_name(columns: Any, tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", {"notes": {"x": [1]}, "flats": polars.DataFrame(columns).to_dict(as_series=False)})
    assert guess(tmp_path / "a.xlsx", sheet="flats").reading.options == {"sheet": "flats"}
    with pytest.raises(OmloopError, match="No sheet is called 'flat'. Did you mean 'flats'"):
        infer_table(tmp_path / "a.xlsx", "rent", sheet="flat")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is empty. It needs a header line"),
        ("a,rent\n", "a header line and no record"),
        ("rent\n1\n2\n", "has one column"),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n", "line 1 holds values"),
        (b"%PDF-1.7\n1 0 obj", "is a PDF"),
        ("a,rent\n1,2\n\nb,c,d\n1,2,3\n", "line 4 has 3 fields.*It follows a blank line: save a second table"),
        ("a,rent\n" + "1,2\n" * 30 + "b,c\n" + "5,6\n" * 3, r"record 31 is another header \(b, c\)"),
        ("a,rent\n1,2\n1,2,3\n", "line 3 has 3 fields, the header has 2"),
        ("a,b,a,rent\n1,2,3,4\n", "names these columns twice: a in columns 1, 3"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_line(write: Any, content: Any, reason: str) -> None:
    with pytest.raises(DataError, match=reason) as refused:
        infer_table(write(content), "rent")
    assert "\n" not in str(refused.value)


def test_an_archive_that_leads_out_or_holds_two_tables_is_refused(tmp_path: Path) -> None:
    for names, reason in ((["../a.csv"], "leads out of the archive"), (["a.csv", "b.csv"], "holds 2 tables")):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            for name in names:
                archive.writestr(name, "a,b\n1,2\n")
        with pytest.raises(DataError, match=reason):
            infer_table(tmp_path / "a.zip", "b")
