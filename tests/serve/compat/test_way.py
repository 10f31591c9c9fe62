"""What all addresses of other servers have in common."""

import gzip
import json

INFER = "/v2/models/tiny/infer"
ZIPPED = {"content-encoding": "gzip"}


def test_what_a_body_may_become_counts_in_the_budget_while_it_is_inflated(serve_with):
    tensors = (("hours", "FP64", 1), ("age", "INT64", 20), ("sex", "BYTES", "m"))
    inputs = [{"name": name, "datatype": kind, "shape": [1], "data": [value]} for name, kind, value in tensors]
    small, large = gzip.compress(json.dumps({"inputs": inputs}).encode()), gzip.compress(b" " * 990_000)
    with serve_with(compat=("kserve",)) as server:
        budget = server.app.engine.budget
        others = budget.total - 500_000
        budget.take(others)
        assert server.client.post(INFER, content=small, headers=ZIPPED).status_code == 200
        refused = server.client.post(INFER, content=large, headers=ZIPPED)
        assert (refused.status_code, "all the memory" in refused.json()["error"]) == (503, True)
        budget.give(others)
        assert server.client.post(INFER, content=large, headers=ZIPPED).status_code == 400
        assert budget.taken == 0
