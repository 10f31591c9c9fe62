"""What a server counts of itself, read from the text at its `/metrics`: Prometheus's exposition format 0.0.4."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

OWN_ROUTES = ("/healthz", "/readyz", "/metrics")
"""Addresses of a server that platforms and monitors ask, and no client."""
EXPLAINED_ROUTE = "/v1/predict?explain=shap"
"""How predictions with explanations are counted: apart, as these take seconds and nobody waits for them unasked."""
_SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? ([0-9.eE+-]+|\+Inf)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def read_samples(exposition: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """Each sample of a text: its name, its labels, its value; what is none is left out.

    >>> list(read_samples('# HELP n A number.\\nn{of="a"} 3\\n'))
    [('n', {'of': 'a'}, 3.0)]
    """
    for line in exposition.splitlines():
        if match := _SAMPLE.fullmatch(line):
            name, labels, value = match.groups()
            yield name, dict(_LABEL.findall(labels or "")), float(value)


def bucket_quantile(buckets: Mapping[float, float], share: float) -> float:
    """The value that `share` of what a histogram counted did not exceed, by the straight line within its bucket.

    `buckets` are how many did not exceed each bound. As Prometheus's `histogram_quantile`: beyond the last bound it is
    that bound.

    >>> bucket_quantile({0.5: 50, 1.0: 100, float("inf"): 100}, 0.75)
    0.75
    """
    ordered = sorted(buckets.items())
    low = below = 0.0
    for bound, count in ordered:
        wanted = share * ordered[-1][1]
        if count >= wanted and count > below:
            return low if bound == float("inf") else low + (bound - low) * (wanted - below) / (count - below)
        low, below = bound, count
    return low
