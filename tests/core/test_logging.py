"""Logging: quiet unless asked, for people or as JSON lines, and never in the way."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from omloop.core import StoreError, UnknownNameError, configure_logging, log_fields, log_request

logger = logging.getLogger("omloop.test")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Give the other tests the logger back as it was."""
    ours = logging.getLogger("omloop")
    handlers, level, propagate = list(ours.handlers), ours.level, ours.propagate
    yield
    for handler in set(ours.handlers) - set(handlers):
        handler.close()
    ours.handlers[:] = handlers
    ours.setLevel(level)
    ours.propagate = propagate


def test_only_warnings_are_shown_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    logger.info("a detail")
    logger.warning("a trouble")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.rstrip().endswith("WARNING omloop.test: a trouble")
    assert "detail" not in shown.err


def test_importing_configures_nothing() -> None:
    code = (
        "import logging, omloop.core, omloop.bundle; print(logging.root.handlers, logging.getLogger('omloop').handlers)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[] []"


def test_a_json_line_holds_time_level_logger_and_message(tmp_path: Path) -> None:
    configure_logging("info", style="json", file=tmp_path / "log")
    logger.info("served %d rows\nof 'é'", 3)
    (line,) = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    found = json.loads(line)
    assert found.pop("time").endswith("Z")
    assert found == {"level": "info", "logger": "omloop.test", "message": "served 3 rows\nof 'é'"}


def test_a_json_line_about_a_request_has_its_id_and_its_trace(tmp_path: Path) -> None:
    configure_logging(style="json", file=tmp_path / "log")
    logger.warning("one", extra=log_fields("r1", "t1"))
    logger.warning("none")

    async def answer(request: str, trace: str) -> None:
        log_request(request, trace)
        await asyncio.to_thread(logger.warning, request)

    async def both() -> None:
        await asyncio.gather(answer("r2", ""), answer("r3", "t3"))

    asyncio.run(both())
    found = [json.loads(line) for line in (tmp_path / "log").read_text(encoding="utf-8").splitlines()]
    told = {one["message"]: (one.get("request_id"), one.get("trace_id")) for one in found}
    assert told == {"one": ("r1", "t1"), "none": (None, None), "r2": ("r2", None), "r3": ("r3", "t3")}


def test_a_traceback_stays_within_its_json_line(tmp_path: Path) -> None:
    configure_logging(style="json", file=tmp_path / "log")
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        logger.exception("it broke")
    (line,) = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert "ZeroDivisionError" in json.loads(line)["traceback"]


def test_configuring_twice_writes_each_line_once(tmp_path: Path) -> None:
    configure_logging(file=tmp_path / "log")
    configure_logging(file=tmp_path / "log")
    logger.warning("once")
    assert (tmp_path / "log").read_text(encoding="utf-8").count("once") == 1


def test_the_file_is_rotated_and_only_so_many_are_kept(tmp_path: Path) -> None:
    configure_logging(file=tmp_path / "log", rotate_bytes=200, keep=2)
    for number in range(50):
        logger.warning("line %d", number)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "log.1", "log.2"]
    assert all(path.stat().st_size <= 200 for path in tmp_path.iterdir())


def test_lines_go_to_a_file_in_a_folder_that_is_made(tmp_path: Path) -> None:
    configure_logging(file=tmp_path / "logs" / "omloop.log")
    assert (tmp_path / "logs" / "omloop.log").is_file()


def test_the_root_logger_does_not_repeat_what_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    logging.getLogger().addHandler(loud := logging.StreamHandler(sys.stderr))
    logger.warning("once")
    logging.getLogger().removeHandler(loud)
    assert capsys.readouterr().err.count("once") == 1


def test_a_name_that_is_no_unicode_does_not_lose_its_line(tmp_path: Path) -> None:
    configure_logging(style="json", file=tmp_path / "log")
    logger.warning("cannot read %s", "\udcff.csv")
    line = (tmp_path / "log").read_text(encoding="utf-8")
    assert json.loads(line)["message"] == "cannot read \udcff.csv"


def test_an_unknown_level_or_style_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"No log level is called 'wrning'\. Did you mean 'warning'\?"):
        configure_logging("wrning")
    with pytest.raises(UnknownNameError, match="There are: human, json"):
        configure_logging(style="xml")


def test_a_file_that_cannot_be_written_is_a_store_error_and_the_log_goes_on(tmp_path: Path) -> None:
    configure_logging(file=tmp_path / "log")
    with pytest.raises(StoreError, match="Cannot write"):
        configure_logging(file=tmp_path / "log" / "below" / "a" / "file")
    logger.warning("still here")
    assert "still here" in (tmp_path / "log").read_text(encoding="utf-8")


@pytest.mark.parametrize("style", ["human", "json"])
def test_the_log_has_no_query_of_an_address_in_its_lines_or_tracebacks(style: str, tmp_path: Path) -> None:
    configure_logging(style=style, file=tmp_path / "log")
    try:
        raise ValueError("https://store.example/a.csv?X-Goog-Signature=hunter22")
    except ValueError:
        logger.warning("cannot fetch %s", "https://store.example/b.csv?sig=hunter22", exc_info=True)
    text = (tmp_path / "log").read_text()
    assert "hunter22" not in text and "https://store.example/b.csv?***" in text and "a.csv?***" in text
