"""The old machine: it prints an answer where a browser draws in three dimensions, and leads elsewhere where not."""

import base64
import io
import re
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from tests.ui.shown import PICTURE, Asked, Visit, give

from omloop.ui.parts import machine
from omloop.ui.parts.files import FileInput
from omloop.ui.parts.receipt import receipt

if TYPE_CHECKING:
    from nicegui.testing import User


def test_a_picture_is_shown_analysed_and_answered_by_a_receipt(
    visit: Visit, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked.serve("tones")
    monkeypatch.setattr(machine, "STEP_S", 0.0)

    async def walk(user: "User") -> None:
        user.javascript_rules[re.compile(".*webgl2")] = lambda _: True
        await user.open("/p/tones/retro")
        await user.should_see("It comes here too, in words")
        await give(user, FileInput, "notes.txt", b"just words")
        await user.should_see("is no picture that the model reads")
        await give(user, FileInput, "white.png", PICTURE)
        await user.should_see("bright: yes")

    visit(walk)


def test_without_webgl_the_plain_page_is_a_link_away(visit: Visit, asked: Asked) -> None:
    asked.serve("tones")

    async def walk(user: "User") -> None:
        user.javascript_rules[re.compile(".*webgl2")] = lambda _: False
        await user.open("/p/tones/retro")
        await user.should_see("No 3D here")
        await user.should_see("Try it plainly")

    visit(walk)


def test_a_project_without_pictures_has_no_machine(visit: Visit, asked: Asked) -> None:
    asked.serve("marks")

    async def walk(user: "User") -> None:
        await user.open("/p/marks/retro")
        await user.should_see("The machine has nothing to do")

    visit(walk)


@pytest.mark.parametrize(
    "found", [{"label": "a long name of a class", "probabilities": {"a": 0.7, "b": 0.3}}, {"value": 3.5}]
)
def test_a_receipt_is_a_picture_of_any_answer(found: dict[str, object]) -> None:
    address = receipt("skin_lesion", "4f1c0b22aa01", found, 12.0)
    picture = Image.open(io.BytesIO(base64.b64decode(address.removeprefix("data:image/png;base64,"))))
    assert picture.size == (400, 680) and len(picture.getcolors(100_000) or []) > 2
