from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of a text or of bytes, or a table of columns with a separator."""

    def write(content: object, name: str = "a.csv", separator: str = ",", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        if isinstance(content, dict):
            rows = zip(*content.values(), strict=True)
            lines = [separator.join(map(str, row)) for row in (tuple(content), *rows)]
            content = "\n".join(lines) + "\n"
        path.write_bytes(content if isinstance(content, bytes) else str(content).encode(encoding))
        return path

    return write


@pytest.fixture
def columns() -> dict[str, list[object]]:
    """Sixty flats: rooms and a district tell the rent, as a person would have noted them."""
    draw = np.random.default_rng(3)
    rooms = draw.integers(1, 6, 60)
    return {
        "flat": [f"F-{number:03d}" for number in draw.permutation(60)],
        "rooms": rooms.tolist(),
        "area": (20 * rooms + draw.normal(0, 8, 60)).round(1).tolist(),
        "district": draw.choice(["north", "south", "east"], 60).tolist(),
        "rent": (300 * rooms + draw.normal(0, 150, 60)).round(2).tolist(),
    }
