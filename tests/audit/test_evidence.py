"""What the files answer."""

from omloop.audit.evidence import Spot, found, weak


def test_each_place_is_told_once() -> None:
    places = (Spot("a.ipynb cell 2", 5), Spot("b.py", 1), Spot("a.ipynb cell 2", 5))
    assert found("a model", *places).spots == weak("a model", *places).spots == places[:2]
