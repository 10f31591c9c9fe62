"""What the newest look of a watch said, in one word and in a line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from omloop.core import some

NO_WATCH = {"state": "no watch", "text": "no watch has looked at it yet", "looked": None}


def drift_of(look: Mapping[str, Any] | None, champion: str) -> dict[str, object]:
    """What the newest look of a watch said of the champion, in one word and in a line."""
    if look is None:
        return dict(NO_WATCH)
    looked = _moment(look.get("time"))
    if look.get("version") != champion:
        told = f"the watch has not looked at {champion} yet"
        return {"state": "collecting", "text": told, "looked": looked}
    return {**_state(look), "looked": looked}


def _state(look: Mapping[str, Any]) -> dict[str, object]:
    """The worst first: broken data explains a drift, and a loss is what a drift is feared for."""
    moved = [str(column.get("column")) for column in look.get("columns") or ()]
    words = f"{some(moved, most=3)} moved" if moved else ""
    if broken := look.get("broken"):
        return {"state": "broken", "text": f"the data is broken: {some([*map(str, broken)], most=2)}"}
    if look.get("hurt") is True:
        return {"state": "loss", "text": "; ".join(filter(None, ["labels show that the error rose", words]))}
    if look.get("drift") is True:
        return {"state": "drift", "text": f"{words}; {look.get('verdict') or 'no loss is shown'}"}
    if look.get("state") == "collecting":
        return {"state": "collecting", "text": f"{look.get('rows', 0):,} predictions, too few to tell"}
    if look.get("state") == "calibrating":
        warned = [str(name) for name in look.get("warning") or ()]
        told = (
            f"{some(warned, most=3)} moved, or this traffic varies by itself" if warned else "learns how traffic varies"
        )
        return {"state": "calibrating", "text": told}
    return {"state": "quiet", "text": f"no column moved in {look.get('buckets', 0):,} buckets"}


def _moment(text: object) -> float | None:
    """The seconds since 1970 of a moment in UTC as people write it."""
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
