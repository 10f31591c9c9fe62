"""Quantities of CPUs and bytes, as Kubernetes and Cloud Run write them."""

from __future__ import annotations

import re

UNITS = {"": 1.0, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30}
"""Units: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity."""
_QUANTITY = re.compile(r"(?P<number>\d+(\.\d+)?)(?P<unit>m|k|M|G|Ki|Mi|Gi|)")


def quantity(given: object) -> float:
    """CPUs or bytes. Raises ValueError for anything but a quantity.

    >>> quantity("2048Mi") == quantity("2Gi"), quantity("500m"), quantity(1)
    (True, 0.5, 1.0)
    """
    found = _QUANTITY.fullmatch(str(given))
    if found is None:
        raise ValueError(f"'{given}' is no quantity, such as 1 or 512Mi")
    return float(found["number"]) * UNITS[found["unit"]]
