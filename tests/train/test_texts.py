"""Training on top of an encoder, and with it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop.bundle import Session
from omloop.core import Fitted, Job, TrainError
from omloop.kinds import Number, Text
from omloop.package import EXPORTERS, check_parity
from omloop.testing.encoders import tiny_encoder, tiny_tokenizer
from omloop.testing.jobs import number_job, review_job, reviews_of

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("tokenizers")
texts = pytest.importorskip("omloop.train.texts")

FITS = {
    "embeddings": lambda job, encoder: texts.fit_embeddings(job, encoder=str(encoder), tokens=24, epochs=8),
    "last": lambda job, encoder: texts.fit_embeddings(job, encoder=str(encoder), tokens=24, epochs=8, layers="last"),
    "fine_tune": lambda job, encoder: texts.fit_fine_tuned(job, encoder=str(encoder), tokens=24, epochs=4, lr=3e-3),
}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    examples, _ = reviews_of(300, 1)
    return tiny_encoder(tmp_path_factory.mktemp("encoder"), tiny_tokenizer(examples.tolist()))


@pytest.fixture(scope="module", params=["embeddings", "last", pytest.param("fine_tune", marks=pytest.mark.slow)])
def learned(
    request: pytest.FixtureRequest, encoder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Job, Fitted]:
    job = review_job(tmp_path_factory.mktemp("job"))
    return job, FITS[request.param](job, encoder)


@pytest.fixture(scope="module")
def packaged(learned: tuple[Job, Fitted]) -> Session:
    job, fitted = learned
    assert fitted.inputs is not None
    graph = EXPORTERS.load("torch")(fitted, fitted.inputs, job.outputs, job.train.examples)
    return Session(graph, fitted.inputs, job.outputs, threads=1)


def test_telling_words_are_learned(learned: tuple[Job, Fitted]) -> None:
    _, fitted = learned
    examples, targets = reviews_of(120, 9)
    outputs = fitted.predict(examples)
    assert (outputs.argmax(axis=1) == targets).mean() > 0.9
    np.testing.assert_allclose(outputs.sum(axis=1), 1, atol=1e-5)


def test_the_model_says_how_it_reads(learned: tuple[Job, Fitted], encoder: Path) -> None:
    """The project's kind counts words; the model's own cuts tokens, by the encoder's tokenizer."""
    job, fitted = learned
    assert isinstance(fitted.inputs, Text) and isinstance(job.inputs, Text)
    assert (job.inputs.tokens, fitted.inputs.tokens) == (0, 24)
    assert fitted.inputs.tokenizer == (encoder / "tokenizer.json").read_bytes()


def test_the_whole_of_it_is_packaged_and_answers_alike_at_every_length(
    learned: tuple[Job, Fitted], packaged: Session
) -> None:
    """Through tokens: real texts, the shortest and the longest, alone and together."""
    _, fitted = learned
    examples, _ = reviews_of(60, 9)
    assert check_parity(fitted, packaged, examples, packaged.inputs.edges()).verified
    for count in (1, 3, 9, 30):
        text = np.array([" ".join(["film"] * count), None], object)[:1]
        np.testing.assert_allclose(packaged.predict(text), fitted.predict(text), atol=1e-5)


def test_texts_of_all_lengths_are_answered_in_their_order(packaged: Session) -> None:
    """They run through the graph sorted by length."""
    random = np.random.default_rng(0)
    texts = [" ".join(["good film"] * count) for count in random.integers(1, 40, 700)]
    examples = np.array([*texts, None], object)[:-1]
    some = random.integers(0, 700, 5)
    np.testing.assert_allclose(packaged.predict(examples)[some], packaged.predict(examples[some]), atol=1e-5)


def test_the_packaged_model_says_where_it_sees_a_text(learned: tuple[Job, Fitted], packaged: Session) -> None:
    """So that drift shows that no count of words shows."""
    coordinates = packaged.run(learned[0].train.examples).coordinates
    assert coordinates is not None
    np.testing.assert_allclose(coordinates.mean(axis=0), 0, atol=0.2)
    np.testing.assert_allclose(coordinates.std(axis=0), 1, atol=0.2)


def test_a_second_training_embeds_nothing(encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = replace(review_job(tmp_path / "one"), cache=tmp_path / "cache")
    first = FITS["embeddings"](job, encoder)
    examples = job.validation.examples
    wanted = first.predict(examples)

    def never(*_: Any) -> Any:
        raise AssertionError("embedded again")

    monkeypatch.setattr(texts.Embedder, "_embed", never)
    again = FITS["embeddings"](replace(job, folder=tmp_path / "two"), encoder)
    np.testing.assert_array_equal(again.predict(examples), wanted)


def test_who_waits_is_told_how_many_texts_are_embedded(
    encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "TOLD_EVERY_S", 0.0)
    told: list[str] = []
    job = replace(review_job(tmp_path), tell=told.append)
    FITS["embeddings"](job, encoder)
    assert f"train: {len(job.train)} of {len(job.train)} texts are embedded" in told


def test_other_weights_are_another_cache(encoder: Path, tmp_path: Path) -> None:
    """A cache that is not asked what made it trains on old vectors in silence."""
    job = replace(review_job(tmp_path / "job"), cache=tmp_path / "cache")
    other = tiny_encoder(tmp_path / "other", (encoder / "tokenizer.json").read_bytes(), seed=1)
    first, second = (FITS["embeddings"](job, folder).predict(job.validation.examples) for folder in (encoder, other))
    assert len(list((tmp_path / "cache" / "embeddings").iterdir())) == 2
    assert not np.array_equal(first, second)


def test_vectors_of_other_layers_are_another_cache(encoder: Path, tmp_path: Path) -> None:
    job = replace(review_job(tmp_path / "job"), cache=tmp_path / "cache")
    for layers in ("embeddings", "last", "embeddings"):
        FITS[layers](job, encoder)
    assert len(list((tmp_path / "cache" / "embeddings").iterdir())) == 2


def test_the_same_seed_tunes_the_same_network(encoder: Path, tmp_path: Path) -> None:
    job = review_job(tmp_path, rows=60)
    first, again = (
        texts.fit_fine_tuned(job, encoder=str(encoder), tokens=24, epochs=1).predict(job.validation.examples)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("fit", FITS.values(), ids=list(FITS))
def test_a_project_without_texts_is_told_so(fit: Any, encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainError, match="reads texts, but this project's inputs are none"):
        fit(number_job(tmp_path), encoder)


def test_a_number_can_be_learned_from_texts(encoder: Path, tmp_path: Path) -> None:
    """How many words a text has, say."""
    job = review_job(tmp_path)
    train, validation = (
        replace(part, targets=np.array([float(len(text.split())) for text in part.examples]))
        for part in (job.train, job.validation)
    )
    job = replace(job, outputs=Number("words"), train=train, validation=validation)
    answers = FITS["embeddings"](job, encoder).predict(validation.examples)
    assert answers.shape == validation.targets.shape
    assert np.corrcoef(answers, validation.targets)[0, 1] > 0.8
