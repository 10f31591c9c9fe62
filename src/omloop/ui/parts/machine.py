"""An old all-in-one computer of plain shapes: a picture goes on its screen, a receipt comes out of its slot.

It stands on the plane z = 0, and its front faces whoever looks from negative y. Lengths are in decimetres or so.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator

from nicegui import ui
from nicegui.elements.scene.scene_object3d import Object3D

CASE, EDGE, DARK, GLASS, KEY = "#d9d0b8", "#bfb59b", "#3a352c", "#17261d", "#e9e2cf"
STRIPES = ("#5fa843", "#f2b632", "#ee7f2b", "#d93a3f", "#90479b", "#3b8fd1")
WIDTH, DEPTH, HEIGHT, FOOT = 3.0, 2.4, 3.5, 0.25
FRONT = -DEPTH / 2
SCREEN = (-1.02, 1.02, 1.78, 3.32)
"""Left, right, bottom and top of the screen."""
SLOT_Z = 1.05
SHEET = (1.1, 1.9)
"""Width and length of the receipt."""
STEPS, STEP_S = 22, 0.045


class Machine:
    """The machine in a scene, at rest; `analyse` and `print_receipt` move it."""

    def __init__(self, scene: ui.scene) -> None:
        self.scene = scene
        with scene:
            scene.spot_light(color="#ffffff", intensity=190.0, distance=60.0, angle=1.2, penumbra=1.0).move(-5, -9, 9)
            self._build_case()
            self._build_keyboard()
            left, right, _, high = SCREEN
            self._beam = scene.box(right - left, 0.02, 0.05).material("#7dffb0", opacity=0.0)
            self._beam.move((left + right) / 2, FRONT - 0.13, high)
        self._picture: Object3D | None = None
        self._sheet: Object3D | None = None

    def show(self, address: str) -> None:
        """Put a picture on the screen, by its `data:` address."""
        if self._picture is not None:
            self._picture.delete()
        left, right, low, high = SCREEN
        y = FRONT - 0.115
        with self.scene:
            self._picture = self.scene.texture(
                address, [[[left, y, high], [right, y, high]], [[left, y, low], [right, y, low]]]
            )

    async def analyse(self) -> None:
        """Let a beam go over the screen once."""
        _, _, low, high = SCREEN
        for step in range(STEPS + 1):
            self._beam.material("#7dffb0", opacity=0.85)
            self._beam.move(0, FRONT - 0.13, high - (high - low) * step / STEPS)
            await asyncio.sleep(STEP_S)
        self._beam.material("#7dffb0", opacity=0.0)

    async def print_receipt(self, address: str) -> None:
        """Let a sheet come out of the slot, with a picture of what stands on it."""
        if self._sheet is not None:
            self._sheet.delete()
        width, length = SHEET
        tilt = 0.35
        with self.scene:
            self._sheet = self.scene.texture(
                address,
                [
                    [[-width / 2, length, tilt * length], [width / 2, length, tilt * length]],
                    [[-width / 2, 0, 0], [width / 2, 0, 0]],
                ],
            )
        for step in range(STEPS + 1):
            out = length * step / STEPS
            self._sheet.move(0, FRONT - out, SLOT_Z - tilt * out)
            await asyncio.sleep(STEP_S)

    def _build_case(self) -> None:
        scene, middle = self.scene, FOOT + HEIGHT / 2
        outline = list(_rounded(WIDTH, HEIGHT, 0.22))
        scene.extrusion(outline, DEPTH).material(CASE).rotate(math.pi / 2, 0, 0).move(0, DEPTH / 2, middle)
        scene.box(2.5, 1.9, FOOT).material(EDGE).move(0, 0.1, FOOT / 2)
        bezel = list(_rounded(2.5, 2.0, 0.16))
        scene.extrusion(bezel, 0.08).material(EDGE).rotate(math.pi / 2, 0, 0).move(0, FRONT, 2.55)
        glass = list(_rounded(2.2, 1.7, 0.12))
        scene.extrusion(glass, 0.02).material(GLASS).rotate(math.pi / 2, 0, 0).move(0, FRONT - 0.08, 2.55)
        scene.box(1.25, 0.06, 0.07).material(DARK).move(0, FRONT - 0.01, SLOT_Z)
        for at, colour in enumerate(STRIPES):
            scene.box(0.22, 0.04, 0.035).material(colour).move(-1.15, FRONT - 0.01, 0.92 - 0.035 * at)
        for at in range(7):
            scene.box(0.04, 0.03, 0.4).material(EDGE).move(0.85 + 0.09 * at, FRONT - 0.005, 0.72)

    def _build_keyboard(self) -> None:
        scene, y = self.scene, FRONT - 2.0
        scene.box(3.1, 1.05, 0.16).material(CASE).move(0, y, 0.08)
        for row in range(4):
            for column in range(13):
                scene.box(0.18, 0.18, 0.08).material(KEY).move(-1.32 + 0.22 * column, y + 0.34 - 0.22 * row, 0.2)
        scene.box(1.3, 0.16, 0.07).material(KEY).move(-0.1, y - 0.34 - 0.08, 0.2)


def _rounded(width: float, height: float, radius: float, steps: int = 5) -> Iterator[list[float]]:
    """The outline of a rectangle with round corners, around its middle."""
    corners = ((1, 1, 0), (-1, 1, 90), (-1, -1, 180), (1, -1, 270))
    for right, up, begin in corners:
        for step in range(steps + 1):
            angle = math.radians(begin + 90 * step / steps)
            x = right * (width / 2 - radius) + radius * math.cos(angle)
            y = up * (height / 2 - radius) + radius * math.sin(angle)
            yield [x, y]
