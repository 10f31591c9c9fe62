"""The examples of a bundle that stand in for missing pieces."""

from omloop.bundle import Bundle
from omloop.core import ExampleArray, Kind


def background_of(bundle: Bundle, kind: Kind) -> ExampleArray:
    """The sample of test rows that drift detection keeps, where its observations hold the whole rows.

    Else the bundle's few examples: a table with texts, and bundles of an older omloop, have nothing more.
    """
    sample = bundle.sample
    found = None if sample is None else kind.recalled(sample.observed)
    return kind.parse(bundle.examples.rows) if found is None or not len(found) else found
