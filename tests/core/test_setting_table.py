"""Settings that a room declares are composed by what it says of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest

from omloop.core import Between, RoomSettings, SettingError, Settings, SettingTable


@dataclass(frozen=True)
class TeaSettings(RoomSettings):
    SECTION: ClassVar[str] = "tea"

    cups: Annotated[int, Between(1, 12)] = 2
    sort: Literal["black", "green"] = "black"


TABLE = SettingTable({"tea_": f"{__name__}:TeaSettings"})


def test_a_room_that_says_what_it_wants_gets_it(tmp_path: Path) -> None:
    (tmp_path / "omloop.toml").write_text("[tea]\ncups = 3\n", encoding="utf-8")
    found = TABLE.load({"tea_sort": "green"}, environ={}, folder=tmp_path)
    assert found.of(TeaSettings) == TeaSettings(3, "green")
    assert Settings().of(TeaSettings) == TeaSettings()


def test_what_a_room_does_not_take_is_refused_by_the_name_that_was_given(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="OMLOOP_TEA_CUPS: 'tea_cups' must be .* from 1 to 12, but it is '13'"):
        TABLE.load(environ={"OMLOOP_TEA_CUPS": "13"}, folder=tmp_path)
    with pytest.raises(SettingError, match=r"must be black or green, but it is 'grene'\. Did you mean 'green'"):
        TABLE.load({"tea_sort": "grene"}, environ={}, folder=tmp_path)


def test_all_of_a_room_can_be_set_at_once() -> None:
    assert Settings().having(TeaSettings(5)).having(TeaSettings(4, "green")).of(TeaSettings) == TeaSettings(4, "green")
