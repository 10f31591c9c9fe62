"""The session: a packaged model answers, or says in one line why it cannot."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import onnxruntime
import pytest
from onnx import ModelProto

from omloop.bundle import MODEL, Bundle, Session, encode_examples
from omloop.core import BundleError
from omloop.kinds import Classes, Number, Table
from omloop.testing.bundles import TABLE, tiny_bundle

ROWS = [{"hours": 1, "age": 20, "sex": "m"}, {"hours": 2.5, "age": 14, "sex": "f"}]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return tiny_bundle(2.0)


@pytest.fixture(scope="module")
def session(bundle: Bundle) -> Session:
    return Session.of(bundle, threads=1)


def resealed(bundle: Bundle, **files: bytes) -> Bundle:
    return Bundle.seal(bundle.manifest, {**bundle.files, **{name.replace("_", "."): files[name] for name in files}})


def test_a_number_is_answered_for_each_example(session: Session) -> None:
    answers = session.predict(TABLE.parse(ROWS))
    assert answers.dtype == np.float64
    np.testing.assert_allclose(answers, [88, 61])


def test_classes_are_answered_with_a_probability_each() -> None:
    answers = Session.of(tiny_bundle(0.1, classes=("a", "b", "c"))).predict(TABLE.parse(ROWS))
    assert answers.shape == (2, 3)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-6)


def test_no_examples_are_answered_with_nothing(session: Session) -> None:
    assert session.predict(TABLE.parse([])).shape == (0,)


def test_one_example_is_answered_as_it_is_among_many(session: Session) -> None:
    examples = TABLE.edges()
    alone = [session.predict(examples[row : row + 1])[0] for row in range(len(examples))]
    np.testing.assert_array_equal(np.array(alone), session.predict(examples))


def threads_of(monkeypatch: pytest.MonkeyPatch, bundle: Bundle, threads: int) -> int:
    seen: list[onnxruntime.SessionOptions] = []
    real = onnxruntime.InferenceSession

    def spy(model: bytes, options: onnxruntime.SessionOptions, **rest: object) -> object:
        seen.append(options)
        return real(model, options, **rest)

    monkeypatch.setattr(onnxruntime, "InferenceSession", spy)
    monkeypatch.setattr("omloop.bundle.engine.session.cpu_quota", lambda: 3)
    Session.of(bundle, threads=threads)
    return int(seen[0].intra_op_num_threads)


def test_threads_are_those_asked_for(monkeypatch: pytest.MonkeyPatch, bundle: Bundle) -> None:
    assert threads_of(monkeypatch, bundle, 2) == 2


def test_threads_come_from_the_quota_when_none_are_asked_for(monkeypatch: pytest.MonkeyPatch, bundle: Bundle) -> None:
    assert threads_of(monkeypatch, bundle, 0) == 3


@pytest.mark.parametrize("model", [b"", b"garbage", b"\x80\x04pickle", os.urandom(1000)])
def test_garbage_is_a_bundle_error_of_one_line(model: bytes) -> None:
    with pytest.raises(
        BundleError, match=r"(ONNX Runtime cannot load the model: .*|is no ONNX file.*) Package it again"
    ) as caught:
        Session(model, TABLE, Number("score"))
    assert "\n" not in str(caught.value)


def test_a_truncated_model_is_a_bundle_error(bundle: Bundle) -> None:
    content = bundle.files[MODEL]
    with pytest.raises(BundleError):
        Session(content[: len(content) // 2], TABLE, Number("score"))


def test_a_missing_output_is_named_with_those_that_there_are(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="The graph has no output 'probabilities', only value"):
        Session(bundle.files[MODEL], TABLE, Classes("mood", ("a", "b")))


def test_a_graph_of_another_width_is_a_bundle_error(bundle: Bundle) -> None:
    narrow: Table = TABLE.select(["hours"])
    with pytest.raises(BundleError, match="The model cannot answer: ") as caught:
        Session(bundle.files[MODEL], narrow, Number("score")).predict(narrow.edges())
    assert "\n" not in str(caught.value)


def test_a_graph_with_another_input_is_a_bundle_error(bundle: Bundle) -> None:
    model = ModelProto.FromString(bundle.files[MODEL])
    model.graph.input[0].name = model.graph.node[0].input[0] = "features"
    with pytest.raises(BundleError, match="The model cannot answer: "):
        Session(model.SerializeToString(), TABLE, Number("score")).predict(TABLE.edges())


def test_a_bundle_passes_its_own_test(session: Session, bundle: Bundle) -> None:
    session.self_test(bundle)


@pytest.mark.parametrize("wrong", [1.0, np.nan, np.inf])
def test_a_recorded_answer_that_differs_is_caught(wrong: float, session: Session, bundle: Bundle) -> None:
    answers = np.array(bundle.examples.outputs)
    answers[0] += wrong
    changed = resealed(bundle, examples_json=encode_examples(bundle.examples.rows, answers))
    with pytest.raises(BundleError, match="answers its own examples differently on this machine"):
        session.self_test(changed)


def test_a_difference_within_the_tolerance_passes(session: Session, bundle: Bundle) -> None:
    answers = np.array(bundle.examples.outputs) * (1 + 1e-6)
    session.self_test(resealed(bundle, examples_json=encode_examples(bundle.examples.rows, answers)))


def test_too_few_recorded_answers_are_caught(session: Session, bundle: Bundle) -> None:
    answers = np.array(bundle.examples.outputs[:-1])
    with pytest.raises(BundleError, match="differently"):
        session.self_test(resealed(bundle, examples_json=encode_examples(bundle.examples.rows, answers)))


@pytest.mark.parametrize("outputs", [[[1], [2, 3]], ["a"], [{}]])
def test_recorded_answers_that_are_no_numbers_are_caught(
    outputs: list[object], session: Session, bundle: Bundle
) -> None:
    content = msgspec.json.encode({"rows": bundle.examples.rows, "outputs": outputs})
    with pytest.raises(BundleError, match="are no numbers"):
        session.self_test(resealed(bundle, examples_json=content))


def test_the_model_of_another_bundle_is_caught(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="differently"):
        Session.of(tiny_bundle(2.001)).self_test(bundle)


def test_a_session_answers_many_threads_at_once(session: Session) -> None:
    examples = np.random.default_rng(0).uniform(0, 24, (200, 3)).astype(np.float32)
    wanted = session.predict(examples)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(session.predict, [examples[i : i + 50] for i in range(0, 200, 50)] * 25))
    np.testing.assert_allclose(np.concatenate(answers), np.tile(wanted, 25), rtol=1e-6)


def test_a_session_of_an_opened_bundle_answers_the_same(session: Session, bundle: Bundle, tmp_path: Path) -> None:
    bundle.save(tmp_path / "bundle")
    opened = Session.of(Bundle.open(tmp_path / "bundle"))
    np.testing.assert_array_equal(opened.predict(TABLE.edges()), session.predict(TABLE.edges()))


def test_a_bundle_without_examples_proves_nothing(bundle: Bundle) -> None:
    emptied = resealed(bundle, examples_json=encode_examples([], np.empty(0)))
    with pytest.raises(BundleError, match="holds no examples"):
        Session.of(emptied, threads=1).self_test(emptied)


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_a_trimmed_session_answers_as_before(engine: str) -> None:
    pytest.importorskip(engine)
    bundle = tiny_bundle()
    session = Session(bundle.graph(), bundle.kind, bundle.output, engine=engine)
    example = session.inputs.parse(bundle.examples.rows[:1])
    many = np.resize(example, (5000, *example.shape[1:]))
    before = session.predict(many)
    session.trim(example)
    np.testing.assert_array_equal(session.predict(many), before)
