"""What the packaged graph's operators cost."""

import numpy as np

from omloop.bundle import MODEL, Session
from omloop.profile import graph_costs
from omloop.testing.bundles import tiny_bundle


def test_every_operator_is_counted_once_a_run() -> None:
    """The run that prepares memory is not."""
    bundle = tiny_bundle()
    session = Session.of(bundle)
    feeds = session.inputs.feeds(session.inputs.parse(bundle.examples.rows))
    costs = graph_costs(bundle.files[MODEL], [feeds] * 3, threads=1)
    assert costs and all(one.calls % 3 == 0 and one.seconds >= 0 for one in costs)
    assert list(np.diff([one.seconds for one in costs]) <= 0) == [True] * (len(costs) - 1)
