"""What a network makes of an example, observed, recorded and recalled."""

import numpy as np

from omloop.bundle import recall_embedding, record_embedding
from omloop.bundle.engine.embedding import embedding_names, observe_embedding

SEEN = np.array([[0.123456, -1.0], [2.0, 3.5]], np.float32)


def test_what_was_recorded_is_recalled_as_it_was_observed() -> None:
    observed = observe_embedding(SEEN)
    recalled = recall_embedding(record_embedding(SEEN, 2), ["brightness", *observed])
    assert list(recalled) == list(observed) == ["embedding_1", "embedding_2"]
    np.testing.assert_array_equal(recalled["embedding_1"], observed["embedding_1"])
    assert observed["embedding_1"][0] == 0.1235


def test_a_model_without_coordinates_adds_nothing() -> None:
    assert observe_embedding(None) == {}
    assert record_embedding(None, 2) == [{}, {}]
    assert recall_embedding([{}, {}], ["brightness", "prediction"]) == {}


def test_an_answer_kept_without_coordinates_is_absent() -> None:
    """As when the champion of another version recorded it."""
    recalled = recall_embedding([{}, {"embedding": [1.0, 2.0]}], embedding_names(2))
    assert np.isnan(recalled["embedding_1"][0])
    assert recalled["embedding_2"][1] == 2.0
