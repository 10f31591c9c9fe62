"""The same as trying a picture, on an old computer: drop it on the screen, and the answer comes out as a receipt."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from nicegui import html, ui

from omloop.ui.client import NoAnswerError, RefusedError, Source
from omloop.ui.pages.answers import show_answer
from omloop.ui.pages.inputs import picture_input, picture_types
from omloop.ui.parts.frame import frame, heading
from omloop.ui.parts.machine import Machine
from omloop.ui.parts.markup import note, state, tag, text
from omloop.ui.parts.pictures import picture_type
from omloop.ui.parts.receipt import receipt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omloop.ui.visit import Visit

HAS_WEBGL = "!!document.createElement('canvas').getContext('webgl2')"
CAMERA = {"x": 2.2, "y": -9.6, "z": 4.6, "look_at_x": 0.0, "look_at_y": -1.0, "look_at_z": 1.35, "duration": 0.0}


async def retro(visit: Visit) -> None:
    """The page; where a browser cannot draw in three dimensions it leads to the plain one."""
    about = await visit.of_project()
    server = visit.server_in(about)
    with frame(visit, "The old machine", ""):
        plain = tag("a", "Try it plainly", href=visit.page())
        if server is None or about["champion"] is None or not picture_types(about):
            words = f"It reads pictures, by a server that runs. {plain}."
            ui.html(state("The machine has nothing to do", words), sanitize=False)
            return
        heading(f"The old machine: {visit.project}", "Drop a picture on it.")
        if about["warning"]:
            ui.html(note(f"<b>Please note.</b> {text(about['warning'])}", "warn"), sanitize=False)
        ui.html(f"<p>{plain}</p>", sanitize=False)
        place = html.div().classes("om-two")
        await ui.context.client.connected()
        if not await ui.run_javascript(HAS_WEBGL, timeout=5.0):
            with place:
                ui.html(state("No 3D here", f"Your browser cannot draw in three dimensions. {plain}."), sanitize=False)
            return
        with place:
            _Show(visit, server, about).draw()


class _Show:
    """The machine and the answer of one visit."""

    def __init__(self, visit: Visit, server: Source, about: Mapping[str, Any]) -> None:
        self.visit, self.server, self.about = visit, server, about

    def draw(self) -> None:
        """Draw the machine, the way to give it a picture, and room for the answer in words."""
        with html.section().classes("om-card").props('aria-label="the machine"'):
            hint = "Drop a picture on the machine, or paste it."
            given = picture_input(self.visit, self.about, self.take, hint=hint)
            given.props("scene")
            with given:
                eye = ui.scene.perspective_camera(fov=38)
                scene = ui.scene(640, 460, camera=eye, grid=False, background_color="#cfd9e2", fps=24)
                scene.classes("om-scene").props('aria-hidden="true"')
            self.machine = Machine(scene)
            scene.on("init", lambda: scene.move_camera(**CAMERA))
        self.answer = html.section().classes("om-card").props('aria-live="polite" aria-label="the answer"')
        with self.answer:
            ui.html("<h2>The answer</h2><p class='om-dim'>It comes here too, in words.</p>", sanitize=False)

    async def take(self, name: str, content: bytes) -> None:
        """Show a picture, analyse it, print the receipt."""
        media_type = picture_type(content)
        if media_type not in picture_types(self.about):
            self._refuse(f"“{name}” is no picture that the model reads.")
            return
        self.machine.show(f"data:{media_type};base64,{base64.b64encode(content).decode()}")
        try:
            answer = await self.server.ask(
                "POST", "/v1/predict", self.visit.session.key, content=content, media_type=media_type
            )
            told = answer.json()
        except (NoAnswerError, RefusedError) as error:
            self._refuse(str(error))
            return
        await self.machine.analyse()
        printed = receipt(self.visit.project, told["version"], told["predictions"][0], 1000 * answer.seconds)
        await self.machine.print_receipt(printed)
        self.answer.clear()
        with self.answer:
            show_answer(self.visit, self.server, self.about, told, answer.seconds)

    def _refuse(self, words: str) -> None:
        self.answer.clear()
        with self.answer:
            ui.html(f"<h2>No answer</h2>{note(text(words), 'bad')}", sanitize=False)
