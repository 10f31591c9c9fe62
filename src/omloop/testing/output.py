"""What every output must do; an output's test inherits this and supplies three fixtures."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from omloop.core import ConfigError, DataError, InputError, NumberArray, Output


class OutputContract:
    """Learning, deciding, answering and scoring are about the same thing."""

    @pytest.fixture
    def output(self) -> Output:
        """The output under test."""
        raise NotImplementedError

    @pytest.fixture
    def targets(self) -> Sequence[object]:
        """Raw targets that it accepts, one for each row of `outputs`."""
        raise NotImplementedError

    @pytest.fixture
    def outputs(self) -> NumberArray:
        """Outputs that a model may give: at least two rows with different decisions, one of them wrong."""
        raise NotImplementedError

    def test_targets_are_labels_too(self, output: Output, targets: Sequence[object]) -> None:
        """Parsing feedback gives JSON, which encodes as the record's target does."""
        labels = json.loads(json.dumps([output.parse(target) for target in targets]))
        np.testing.assert_array_equal(output.encode(labels), output.encode(targets))
        assert [output.parse(output.read_label(str(label))) for label in labels] == labels

    def test_what_is_no_target_is_refused(self, output: Output, targets: Sequence[object]) -> None:
        """With the record's number, or as the label of a request."""
        with pytest.raises(DataError, match="record 2"):
            output.encode([targets[0], None])
        with pytest.raises(InputError):
            output.parse({})

    def test_classes_are_told_by_their_places(self, output: Output, targets: Sequence[object]) -> None:
        """A number has no classes, and selecting from it raises ConfigError."""
        encoded = output.encode(targets)
        assert encoded.shape == (len(targets),) and output.select([]).classes == output.classes
        if output.classes:
            assert [output.classes[place] for place in encoded] == [output.parse(target) for target in targets]
        else:
            with pytest.raises(ConfigError):
                output.select(["a class"])

    def test_what_is_decided_has_the_form_of_targets(
        self, output: Output, outputs: NumberArray, targets: Sequence[object]
    ) -> None:
        """So a metric can compare the two."""
        assert output.decide(outputs).shape == output.encode(targets).shape

    def test_a_threshold_is_of_the_positive_class(self, output: Output, outputs: NumberArray) -> None:
        """With a positive class, nearly nothing reaches a threshold of nearly 1; else setting it raises ConfigError."""
        if output.positive is None:
            with pytest.raises(ConfigError):
                output.with_threshold(0.5)
        else:
            strict, lenient = output.with_threshold(1 - 1e-9), output.with_threshold(1e-9)
            assert strict.thresholds == {output.classes[output.positive]: 1 - 1e-9}
            assert (strict.decide(outputs) != output.positive).all() and strict.positive == output.positive
            assert (lenient.decide(outputs) == output.positive).any()

    def test_thresholds_by_share_change_nothing_but_decisions(
        self, output: Output, outputs: NumberArray, targets: Sequence[object]
    ) -> None:
        """And only of an output that asks for them, which has them from then on."""
        shared = output.with_shares(output.encode(targets))
        assert shared.classes == output.classes and shared.decide(outputs).shape == output.decide(outputs).shape
        assert shared.with_shares(output.encode(targets)[:1]) == shared

    def test_answers_can_say_how_sure_they_are(self, output: Output, outputs: NumberArray) -> None:
        """A number by an interval around it, classes by their confidence; nothing else of an answer changes."""
        if output.classes:
            with pytest.raises(ConfigError):
                output.with_interval(0.9, 1.0)
            sure, word = output.with_calibration("temperature"), "confidence"
            assert output.ends(outputs).shape == (len(outputs), 0)
        else:
            with pytest.raises(ConfigError):
                output.with_calibration("temperature")
            sure, word = output.with_interval(0.9, 1.0), "interval"
            assert (np.diff(sure.ends(outputs), axis=1) <= 2.0).all()
            assert [answer[word] for answer in sure.answer(outputs)] == sure.ends(outputs).tolist()
        for plain, told in zip(output.answer(outputs), sure.answer(outputs), strict=True):
            assert word in told and {**told, word: None} == {**plain, word: None}

    def test_answers_are_json_that_gathers_to_the_outputs(self, output: Output, outputs: NumberArray) -> None:
        """They also say the decision, by the schema's names."""
        answers = json.loads(json.dumps(output.answer(outputs)))
        np.testing.assert_allclose(output.gather(answers), outputs)
        np.testing.assert_array_equal(output.decisions(answers), output.decide(outputs))
        assert all(set(answer) >= set(output.schema()["required"]) for answer in answers)

    def test_answers_by_column_are_the_answers(self, output: Output, outputs: NumberArray) -> None:
        """To the last bit; a value within another has the name of both."""
        columns = {name: column.tolist() for name, column in output.tabulate(outputs).items()}
        answers = [_flat(answer) for answer in output.answer(outputs)]
        assert [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)] == answers

    def test_every_class_has_a_probability(self, output: Output, outputs: NumberArray) -> None:
        """They are 1 together; a number has none."""
        found = output.probabilities(outputs)
        assert found.shape == (len(outputs), len(output.classes))
        assert not output.classes or np.allclose(found.sum(axis=1), 1)

    def test_an_answer_agrees_with_itself(self, output: Output, outputs: NumberArray) -> None:
        """With another it does not, whichever of the two comes first."""
        one = output.decide(outputs)
        other = np.roll(one, 1)
        assert output.agree(one, one).all()
        assert not output.agree(one, other).all()
        np.testing.assert_array_equal(output.agree(one, other), output.agree(other, one))

    def test_a_right_answer_has_no_error(self, output: Output, outputs: NumberArray, targets: Sequence[object]) -> None:
        """The worst are those with an error, and each has a hint of it."""
        truth = output.encode(targets)
        errors = output.errors(truth, outputs)
        assert errors.shape == output.hints(outputs).shape == truth.shape and errors.any()
        np.testing.assert_array_equal(errors == 0, output.decide(outputs) == truth)
        assert {row for row, _ in output.worst(truth, outputs, len(truth))} == set(np.flatnonzero(errors).tolist())
        assert output.error and output.metrics

    def test_what_is_observed_is_what_is_announced(self, output: Output, outputs: NumberArray) -> None:
        """A value for each row and name, also where there are no rows."""
        for rows in (outputs, outputs[:0]):
            observed = output.observe(rows)
            assert set(observed) == set(output.observed)
            assert all(column.shape == (len(rows),) for column in observed.values())

    def test_a_restored_output_is_the_same(self, output: Output, outputs: NumberArray) -> None:
        """By its description, which is JSON."""
        restored = type(output).restore(json.loads(json.dumps(output.describe())))
        assert restored.describe() == output.describe() and restored.graph_output == output.graph_output
        assert restored.answer(outputs) == output.answer(outputs)


def _flat(answer: Mapping[str, Any]) -> dict[str, Any]:
    answer = {
        name: dict(zip(("low", "high"), found, strict=True)) if isinstance(found, list) else found
        for name, found in answer.items()
    }
    inner = {
        f"{name}.{key}": value
        for name, found in answer.items()
        if isinstance(found, dict)
        for key, value in found.items()
    }
    return {name: value for name, value in answer.items() if not isinstance(value, dict)} | inner
