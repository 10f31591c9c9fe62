"""Settings: one order, and a clear word for each mistake."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import pytest

from omloop.core import ConfigError, Place, Setting, SettingError, Settings
from omloop.loop.settings import SETTINGS
from omloop.monitor.log.settings import LogSettings
from omloop.serve.settings import ServeSettings

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


def toml(folder: Path, text: str) -> Path:
    (folder / "omloop.toml").write_text(text, encoding="utf-8")
    return folder


def test_with_nothing_given_every_setting_has_its_default(tmp_path: Path) -> None:
    assert SETTINGS.load(environ={}, folder=tmp_path) == Settings()


def test_an_argument_goes_before_the_environment_before_the_file_before_the_default(tmp_path: Path) -> None:
    toml(tmp_path, 'workspace = "file"\nprojects = "file"\ntrack = "file"\n')
    environ = {"OMLOOP_WORKSPACE": "environment", "OMLOOP_PROJECTS": "environment"}
    found = SETTINGS.load({"workspace": "argument"}, environ=environ, folder=tmp_path)
    assert (found.workspace, found.projects, found.track) == ("argument", "environment", "file")
    assert found.store == "files"


def test_an_argument_of_none_and_an_empty_variable_do_not_count(tmp_path: Path) -> None:
    toml(tmp_path, 'host = "0.0.0.0"')
    found = SETTINGS.load({"host": None}, environ={"OMLOOP_HOST": ""}, folder=tmp_path).of(ServeSettings)
    assert found.host == "0.0.0.0"  # noqa: S104


def test_a_number_in_the_environment_is_read_as_a_number(tmp_path: Path) -> None:
    assert SETTINGS.load(environ={"OMLOOP_PORT": " 9000 "}, folder=tmp_path).of(ServeSettings).port == 9000


def test_a_path_is_taken_where_a_text_is_asked_for(tmp_path: Path) -> None:
    assert SETTINGS.load({"workspace": tmp_path}, environ={}, folder=tmp_path).workspace == str(tmp_path)


def test_the_real_environment_and_the_current_folder_are_asked_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(toml(tmp_path, "threads = 3"))
    monkeypatch.setenv("OMLOOP_PORT", "0")
    found = SETTINGS.load().of(ServeSettings)
    assert (found.threads, found.port) == (3, 0)


def test_an_unknown_key_in_the_file_names_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(
        SettingError, match=r"omloop\.toml, line 2: there is no setting 'workspce'\. Did you mean 'workspace'\?"
    ):
        SETTINGS.load(environ={}, folder=toml(tmp_path, 'port = 1\nworkspce = "x"'))


def test_an_unknown_argument_names_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"there is no setting 'prt'\. Did you mean 'port'\?"):
        SETTINGS.load({"prt": 1}, environ={}, folder=tmp_path)


@pytest.mark.parametrize("value", ["'many'", "true", "8000.0", "[1]", "-1", "65536"])
def test_a_port_in_the_file_that_is_no_port_is_refused(value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="'port' must be a whole number from 0 to 65535, but it is"):
        SETTINGS.load(environ={}, folder=toml(tmp_path, f"port = {value}"))


@pytest.mark.parametrize("value", ["many", "--5", "²", "1e3", "-1", "1_0", "9" * 5000])
def test_a_variable_that_is_no_number_is_refused_by_its_name(value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="OMLOOP_THREADS: 'threads' must be a whole number"):
        SETTINGS.load(environ={"OMLOOP_THREADS": value}, folder=tmp_path)


def test_somebody_must_serve(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="OMLOOP_WORKERS: 'workers' must be a whole number from 1 to"):
        SETTINGS.load(environ={"OMLOOP_WORKERS": "0"}, folder=tmp_path)


@pytest.mark.parametrize("value", [5, True, ["a"], {"a": 1}])
def test_an_argument_that_is_no_text_is_refused(value: Any, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="arguments: 'host' must be a text"):
        SETTINGS.load({"host": value}, environ={}, folder=tmp_path)


@pytest.mark.parametrize("content", [b"port = ", b"port 1", b'host = "\xff"'])
def test_a_file_that_is_no_toml_says_which_and_why(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "omloop.toml").write_bytes(content)
    with pytest.raises(SettingError, match=r"omloop\.toml(, line 1)?: this is not valid TOML: "):
        SETTINGS.load(environ={}, folder=tmp_path)


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "omloop.toml").write_bytes(b"\xef\xbb\xbfport = 1")
    assert SETTINGS.load(environ={}, folder=tmp_path).of(ServeSettings).port == 1


def test_a_file_that_cannot_be_read_is_a_setting_error(tmp_path: Path) -> None:
    (tmp_path / "omloop.toml").mkdir()
    with pytest.raises(SettingError, match=r"omloop\.toml: it cannot be read: "):
        SETTINGS.load(environ={}, folder=tmp_path)


def test_a_choice_that_does_not_exist_names_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(
        SettingError, match=r"'log_durability' must be process or disk, but it is 'disc'\. Did you mean 'disk'\?"
    ):
        SETTINGS.load(environ={"OMLOOP_LOG_DURABILITY": "disc"}, folder=tmp_path)
    with pytest.raises(SettingError, match="'log_policy' must be strict or lenient, but it is 3"):
        SETTINGS.load({"log_policy": 3}, environ={}, folder=tmp_path)


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("port = 1\n\nhots = 'x'", 3, "hots"),
        ("# here\nlog_policy = 'never'", 2, "log_policy"),
        ("port = 1\nhost", 2, ""),
    ],
)
def test_an_error_of_the_file_carries_its_line_and_its_key(text: str, line: int, key: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        SETTINGS.load(environ={}, folder=toml(tmp_path, text))
    assert (caught.value.place, caught.value.key) == (Place(str(tmp_path / "omloop.toml"), line), key)
    assert str(caught.value) == f"{caught.value.place}: {caught.value.reason}"


def test_loading_does_not_change_the_environment(tmp_path: Path) -> None:
    before = dict(os.environ)
    SETTINGS.load({"port": 1}, folder=tmp_path)
    assert dict(os.environ) == before


@pytest.mark.parametrize("name", ["workspace", "log_durability", "port", "kaggle_url"])
def test_a_name_at_the_top_and_a_key_of_a_section_say_the_same(name: str, tmp_path: Path) -> None:
    setting = SETTINGS.every()[name]
    value = "disk" if name == "log_durability" else 1 if name == "port" else "x"
    section, written = setting.section, f"{setting.key} = {value!r}"
    texts = [f"{name} = {value!r}", f"[{section}]\n{written}", f"{section}.{written}", f"{section} = {{{written}}}"]
    found = [SETTINGS.load(environ={}, folder=toml(tmp_path, text)) for text in texts[: 4 if section else 1]]
    assert all(one == found[0] for one in found) and found[0] != Settings()


def test_a_variable_goes_before_a_section(tmp_path: Path) -> None:
    toml(tmp_path, "[log]\ndays = 30\nmegabytes = 5\n")
    found = SETTINGS.load(environ={"OMLOOP_LOG_DAYS": "7"}, folder=tmp_path).of(LogSettings)
    assert (found.days, found.megabytes) == (7, 5)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[log]\n\ndayz = 1", r", line 3: there is no setting 'dayz' in \[log\]\. Did you mean 'days'\?"),
        ("port = 1\n[log]\nthreads = 1", r", line 3: there is no setting 'threads' in \[log\]"),
        (
            "[logs]\ndays = 1",
            r", line 1: there is no section 'logs'\. Did you mean 'log'\? There are: serve, log, compute,",
        ),
        ("log = 3", r", line 1: 'log' must be a section: \[log\], and its settings below, but it is 3"),
        ("[log]\ndays = -1", r", line 2: 'log\.days' must be a whole number from 0 to 36500, but it is -1"),
        ("[log.days]\nx = 1", r", line 1: 'log\.days' must be a whole number"),
        ("threads = 1\n[serve]\nthreads = 2", r", line 3: 'threads' is set twice, at the top and in its section"),
        ("'' = 1", r", line 1: there is no setting ''"),
    ],
)
def test_what_is_wrong_in_a_section_is_told_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=rf"omloop\.toml{told}"):
        SETTINGS.load(environ={}, folder=toml(tmp_path, text))


def test_a_room_whose_settings_nobody_names_is_not_imported() -> None:
    code = (
        "import sys; from omloop.loop.settings import SETTINGS; SETTINGS.load({'port': 1}); "
        "print([name for name in sys.modules if name in ('omloop.data', 'omloop.monitor', 'omloop.serve.app')])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_settings_that_were_sent_to_another_process_are_the_same(tmp_path: Path) -> None:
    sent = SETTINGS.load({"log_days": 3, "threads": 2, "store": "files:/srv"}, environ={}, folder=tmp_path)
    assert Settings(**json.loads(json.dumps(asdict(sent)))) == sent
    assert msgspec.json.decode(msgspec.json.encode(sent), type=Settings) == sent


@pytest.mark.parametrize("setting", SETTINGS.every().values(), ids=lambda setting: setting.name)
def test_every_setting_is_on_its_page_with_its_variable_and_default(setting: Setting) -> None:
    title = f"`[{setting.section}]`" if setting.section else "At the top"
    page = next(one for one in PAGE.read_text(encoding="utf-8").split("\n## ") if one.startswith(title))
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    found = {row[1].strip(" `"): (row[2].strip(" `"), row[3].strip(" `")) for row in rows}
    assert found[setting.key] == (setting.variable, str(setting.default))
