"""What a version scored by group, as a small file."""

import orjson

from omloop.core import Report

SLICES = "slices.json"
"""The file of a run that holds it."""


def slices_json(report: Report) -> bytes:
    """Grouping -> group -> metric -> its estimate; undefined values are null.

    >>> slices_json(Report("test", 9, {}))
    b'{}'
    """
    found = {
        grouping: {group: {name: vars(one) for name, one in scored.items()} for group, scored in groups.items()}
        for grouping, groups in report.slices.items()
    }
    return orjson.dumps(found)
