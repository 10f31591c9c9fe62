"""What a bundle carries for those who watch it."""

from omloop.bundle import Answers, Session
from omloop.core import Parity, Part
from omloop.loop.turn.packaged import Packaged
from omloop.loop.turn.packaging import _sample
from omloop.testing.bundles import REVIEW, tiny_text_bundle

TEXTS = REVIEW.encode({"review": [f"good film number {number}" for number in range(300)]})


def packaged(*, keep: bool) -> Packaged:
    bundle = tiny_text_bundle()
    session = Session(bundle.files["model.onnx"], REVIEW.keeping(keep), bundle.output, threads=1)
    return Packaged(b"", session, Parity(1, (1,), 0, 0, 0, 1, 1), Answers(session.predict(TEXTS), None))


def test_a_sample_is_bounded_and_spread_over_the_test_part() -> None:
    sample = _sample(Part(TEXTS, TEXTS, TEXTS), packaged(keep=True))
    assert len(sample.glimpses) == len(sample.columns["words"]) == 200
    assert sample.glimpses[0] != sample.glimpses[-1] == {"review": "good film number 299"}
    assert {"characters", "prediction", "confidence"} <= sample.columns.keys()


def test_texts_that_the_log_may_not_keep_are_not_in_the_sample_either() -> None:
    sample = _sample(Part(TEXTS, TEXTS, TEXTS), packaged(keep=False))
    assert sample.glimpses == [] and len(sample.columns["words"]) == 200
