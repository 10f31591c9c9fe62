"""The table of prediction memories."""

from omloop.monitor import PREDICTIONS, FilePredictions


def test_files_are_the_memory_on_a_laptop() -> None:
    assert PREDICTIONS.load("files") is FilePredictions
