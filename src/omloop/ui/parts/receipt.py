"""An answer as a printed receipt, as a picture."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import Any

PAPER, INK, PALE = (250, 247, 238), (40, 38, 34), (150, 145, 132)
WIDTH, HEIGHT = 400, 680
MOST_LINES = 5


def receipt(project: str, version: str, found: Mapping[str, Any], milliseconds: float) -> str:
    """The `data:` address of a receipt about one answer."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(page)

    def font(size: int) -> Any:
        return ImageFont.load_default(size)

    draw.text((WIDTH / 2, 40), "OMLOOP", INK, font(40), anchor="mm")
    draw.text((WIDTH / 2, 84), project.replace("_", " ")[:28], INK, font(24), anchor="mm")
    _dashes(draw, 116)
    answer = str(found.get("label", f"{found.get('value', 0.0):.4g}"))
    draw.text((WIDTH / 2, 175), answer[:18], INK, font(52 if len(answer) < 12 else 34), anchor="mm")
    if ends := found.get("interval"):
        draw.text((WIDTH / 2, 214), f"between {ends[0]:.4g} and {ends[1]:.4g}", INK, font(20), anchor="mm")
    _dashes(draw, 232)
    shares = sorted((found.get("probabilities") or {}).items(), key=lambda one: -one[1])[:MOST_LINES]
    for at, (name, share) in enumerate(shares):
        y = 262 + 56 * at
        draw.text((30, y), name[:18], INK, font(22))
        draw.text((WIDTH - 30, y), f"{100 * share:.1f} %", INK, font(22), anchor="ra")
        draw.rectangle((30, y + 32, 30 + (WIDTH - 60) * share, y + 40), fill=INK)
    _dashes(draw, 560)
    draw.text((WIDTH / 2, 592), f"version {version[:12]} - {milliseconds:.0f} ms", PALE, font(20), anchor="mm")
    draw.text((WIDTH / 2, 640), "THANK YOU", INK, font(26), anchor="mm")
    written = io.BytesIO()
    page.save(written, "PNG")
    return f"data:image/png;base64,{base64.b64encode(written.getvalue()).decode()}"


def _dashes(draw: Any, y: int) -> None:
    for x in range(24, WIDTH - 24, 16):
        draw.line((x, y, x + 8, y), fill=PALE, width=2)
