"""All rows of a day have its date, which is no fault of a sensor."""

from dataclasses import replace

import msgspec
import numpy as np

from omloop.bundle import Bundle, Reference
from omloop.core import Prediction, Window
from omloop.kinds import Column, Table
from omloop.loop.watch.look import _stuck
from omloop.testing.bundles import tiny_bundle


def test_a_date_that_stands_still_is_not_stuck_as_a_number_is() -> None:
    kind, tiny = Table((Column("day", "date"), Column("heat", "number"))), tiny_bundle()
    known = kind.encode({"day": np.arange("2024-01-01", "2025-01-01", dtype="M8[D]"), "heat": np.arange(366.0)})
    reference = Reference.of(kind.observe(known), kind.observed)
    files = {**tiny.files, "reference.json": msgspec.json.encode(reference)}
    bundle = Bundle.seal(replace(tiny.manifest, inputs=kind.describe()), files)
    row = {"day": "2024-06-01", "heat": 7.0}
    window = Window(tuple(Prediction(str(n), 0.0, "v", row, {"value": 1.0}, 1.0) for n in range(200)), {})
    assert _stuck(bundle, window) == {"heat": "7"}
