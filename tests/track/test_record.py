import math

from omloop.track import read_record


def test_a_run_of_an_older_omloop_has_what_is_known_of_it() -> None:
    found = read_record({"run": "a", "status": "finished", "metrics": {"rmse": 2.5, "r2": 0.5}, "version": "v"})
    assert (found.metric, found.version, found.tags, found.started) == ("rmse", "v", {}, None)
    assert found.metrics["r2"].value == 0.5 and math.isnan(found.metrics["r2"].low)


def test_nothing_in_a_foreign_summary_is_an_error() -> None:
    odd = {"run": 3, "status": None, "metrics": [1], "models": {"m": 4}, "tags": "x", "started": "now", "data": 2}
    assert read_record(odd).metrics == {} and read_record(odd).started is None
    assert read_record({"metrics": {"r2": math.nan, "mae": {"low": 1}}}).metrics == {}
