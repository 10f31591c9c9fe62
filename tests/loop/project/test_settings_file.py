import tomllib

import pytest

from omloop.core import SettingError
from omloop.loop.project.settings_file import with_settings

TEXT = """# what this machine needs
port = 9000

"threads"=4 # of eight
variant = 'int8'#fast
# batch = 3
"""


def test_what_is_set_is_changed_in_its_place_and_comments_stay() -> None:
    assert with_settings(TEXT, {"threads": 2, "variant": "", "batch": 16}).splitlines() == [
        "# what this machine needs",
        "port = 9000",
        "",
        '"threads"=2 # of eight',
        'variant = ""#fast',
        "# batch = 3",
        "batch = 16",
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("[log]\ndays = 9  # a week\n", "workers = 2\n[log]\ndays = 9  # a week\n"),
        ("port = 1\n\n# the log\n[log]\ndays = 9\n", "port = 1\nworkers = 2\n\n# the log\n[log]\ndays = 9\n"),
        ("[serve]  # here\n", "[serve]  # here\nworkers = 2\n"),
        ("[serve]\nport = 1 # ours\n\n[log]\ndays = 9", "[serve]\nport = 1 # ours\nworkers = 2\n\n[log]\ndays = 9"),
        ("[log]\ndays = 9\n[serve]\nworkers=1#two", "[log]\ndays = 9\n[serve]\nworkers=2#two"),
        ("[log]\r\ndays = 9\r\n[serve]\r\nport = 1", "[log]\r\ndays = 9\r\n[serve]\r\nport = 1\r\nworkers = 2\r\n"),
        ("serve.port = 1\nlog.days = 9\n", "serve.port = 1\nlog.days = 9\nworkers = 2\n"),
        ("serve = {workers = 1}\n[log]\n", None),
        ('[serve]\nvariant = """\nworkers = 1\n"""\n', None),
    ],
)
def test_a_setting_is_written_into_its_section_or_before_all(text: str, written: str | None) -> None:
    if written is None:
        with pytest.raises(SettingError, match="over several lines"):
            with_settings(text, {"workers": 2})
    else:
        assert with_settings(text, {"workers": 2}) == written


def test_an_empty_file_and_one_without_a_last_line_end_are_taken() -> None:
    assert with_settings("", {"workers": 2}) == "workers = 2\n"
    assert tomllib.loads(with_settings("port = 1", {"workers": 2})) == {"port": 1, "workers": 2}
    assert with_settings("port = 1\r\nworkers = 1\r\n", {"workers": 2}) == "port = 1\r\nworkers = 2\r\n"


@pytest.mark.parametrize("text", ['variant = """\nint8"""\n', 'host = """\nvariant = 1\n"""\nvariant = "a"\n'])
def test_what_cannot_be_changed_safely_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="over several lines"):
        with_settings(text, {"variant": "int8"})


def test_what_is_no_toml_is_refused() -> None:
    with pytest.raises(SettingError, match="not valid TOML"):
        with_settings("port =", {"workers": 2})
