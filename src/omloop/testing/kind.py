"""What every input kind must do; a kind's test inherits this and supplies the fixtures `kind` and `columns`."""

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from omloop.core import Columns, Demand, ExampleArray, InputError, Kind, NumberArray, TrainError, UnknownNameError


class KindContract:
    """An example is the same example by whichever door it comes in, and each door says of it what the others do."""

    @pytest.fixture
    def kind(self) -> Kind:
        """The kind under test."""
        raise NotImplementedError

    @pytest.fixture
    def columns(self) -> Columns:
        """Raw records that the kind accepts, at least two that differ."""
        raise NotImplementedError

    @pytest.fixture
    def examples(self, kind: Kind, columns: Columns) -> NumberArray:
        """The records as examples, with those at the limits behind them."""
        return np.concatenate([kind.encode(columns), kind.edges()])

    def test_records_that_encode_are_not_bad(self, kind: Kind, columns: Columns) -> None:
        """One record is one example, and other columns beside its own change nothing."""
        rows = len(next(iter(columns.values())))
        assert set(kind.fields) <= set(columns)
        assert len(kind.encode(columns)) == rows
        bad = kind.bad_rows({**columns, "another column": [None] * rows})
        assert bad.shape == (rows,) and not bad.any() and kind.refusals(columns) == {}

    def test_a_record_that_is_bad_is_refused_for_a_reason(self, kind: Kind, columns: Columns) -> None:
        """The others are not, and the reason names a field."""
        harmed = {name: [b"?", *values[1:]] for name, values in columns.items()}
        refused = kind.refusals(harmed)
        assert list(refused) == [0] == np.flatnonzero(kind.bad_rows(harmed)).tolist()
        assert refused[0].startswith(tuple(f"{name}: " for name in kind.fields))

    def test_only_its_own_fields_can_be_selected(self, kind: Kind) -> None:
        """Selecting all fields gives the same fields; another name raises UnknownNameError."""
        assert kind.select(kind.fields).fields == kind.fields
        with pytest.raises(UnknownNameError):
            kind.select(["another column"])

    def test_rendered_examples_parse_to_the_same_examples(self, kind: Kind, examples: ExampleArray) -> None:
        """What `render` gives is JSON."""
        again = kind.parse(json.loads(json.dumps(kind.render(examples))))
        assert_same(again, examples)

    def test_a_request_is_read_as_its_rows_are_parsed(self, kind: Kind, examples: ExampleArray) -> None:
        """`read` does so, and so does `reader()`, which prepares once and may also know what the log keeps."""
        body = json.dumps({"rows": kind.render(examples)}).encode()
        assert_same(kind.read(body, "application/json"), examples)
        found, kept = kind.reader()(body, "application/json")
        assert_same(found, examples)
        assert kept is None or len(kept) == len(examples)
        opened = kind.demand(body, "application/json").opened
        if opened is not None:
            again, kept_again = kind.reader()(body, "application/json", opened)
            assert_same(again, examples)
            assert kept_again == kept

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"rows": []}', b'{"rows": [7]}', b"\xff\x00"])
    def test_a_body_that_is_no_request_is_refused(self, kind: Kind, body: bytes) -> None:
        """With an InputError, whatever it holds; and to weigh it never fails."""
        assert isinstance(kind.demand(body, "application/json"), Demand)
        for read in (kind.read, kind.reader()):
            with pytest.raises(InputError):
                read(body, "application/json")

    def test_a_content_type_that_is_not_listed_is_refused(self, kind: Kind) -> None:
        """The list always has JSON, so that clients can ask every kind in the same way."""
        assert "application/json" in kind.media_types
        with pytest.raises(InputError):
            kind.read(b"x", "application/x-unheard-of")

    def test_the_schema_names_the_fields(self, kind: Kind) -> None:
        """It is JSON and describes one object."""
        schema = json.loads(json.dumps(kind.schema()))
        assert schema["type"] == "object" and set(schema["properties"]) == set(kind.fields)

    def test_a_graph_is_fed_every_example(self, kind: Kind, examples: ExampleArray) -> None:
        """Each named input has a row for each example."""
        feeds = kind.feeds(examples)
        assert feeds and {len(feed) for feed in feeds.values()} == {len(examples)}

    def test_an_estimator_sees_a_row_of_numbers_or_is_told_what_to_train_with(
        self, kind: Kind, examples: ExampleArray
    ) -> None:
        """One float32 matrix, or a TrainError."""
        try:
            matrix = kind.matrix(examples)
        except TrainError:
            return
        assert matrix.dtype == np.float32 and matrix.ndim == 2 and len(matrix) == len(examples)

    @pytest.mark.parametrize("most", [1, 3, 1000])
    def test_each_example_is_in_one_batch(self, kind: Kind, examples: ExampleArray, most: int) -> None:
        """No batch is empty or larger than asked for."""
        batches = kind.batches(examples, most)
        assert sorted(np.concatenate(batches).tolist()) == list(range(len(examples)))
        assert all(0 < len(batch) <= most for batch in batches)

    def test_what_is_observed_is_what_is_announced(self, kind: Kind, examples: ExampleArray) -> None:
        """A number for each example and name; a category is a place among its words, or NaN."""
        observed = kind.observe(examples)
        assert set(observed) == set(kind.observed) and {len(found) for found in observed.values()} == {len(examples)}
        for name, words in kind.observed.items():
            known = observed[name][~np.isnan(observed[name])]
            assert not words or set(known.tolist()) <= set(range(len(words)))
        assert all(set(names) <= set(kind.observed) for names in kind.together.values()) and kind.bucket > 0

    @pytest.mark.parametrize("keep", [True, False])
    def test_the_log_remembers_what_was_observed(self, kind: Kind, examples: ExampleArray, keep: bool) -> None:
        """It does so whether it keeps examples or not; a model can learn again only from examples that the log kept."""
        keeping = kind.keeping(keep)
        records = json.loads(json.dumps(keeping.record(examples)))
        recalled = keeping.recall(records)
        for name, values in kind.observe(examples).items():
            np.testing.assert_allclose(recalled[name], values, rtol=1e-6)
        replayed = [keeping.replay(record) for record in records]
        assert keep or replayed == [None] * len(examples)
        if keep:
            again = {field: [row[field] for row in replayed if row is not None] for field in kind.fields}
            assert_same(kind.encode(again), examples)

    def test_people_are_told_something_of_every_example_or_of_none(self, kind: Kind, examples: ExampleArray) -> None:
        """Remarks are what their schema announces."""
        remarks = kind.remarks(examples)
        assert len(remarks) == len(kind.glimpse(examples)) == len(examples)
        assert all(set(remark) == set(kind.remarks_schema) for remark in remarks)
        assert len(kind.preview(examples)) in (0, len(examples))

    def test_every_corruption_leaves_the_rows_that_there_are(self, kind: Kind, columns: Columns) -> None:
        """The same seed does the same harm; an unknown corruption raises UnknownNameError."""
        for name in kind.corruptions:
            harmed, again = (kind.corrupted(columns, name, 0.8, 1) for _ in range(2))
            assert {len(harmed[field]) for field in kind.fields} == {len(columns[field]) for field in kind.fields}
            for field in kind.fields:
                assert list(map(repr, harmed[field])) == list(map(repr, again[field]))
        with pytest.raises(UnknownNameError):
            kind.corrupted(columns, "unheard of", 0.5, 0)

    def test_a_shuffled_column_is_one_of_its_fields(self, kind: Kind, examples: ExampleArray) -> None:
        """Examples stay as many as they were."""
        for name, shuffled in kind.shuffled(examples, 0):
            assert name in kind.fields and shuffled.shape == examples.shape

    def test_an_example_in_pieces_is_put_together_again(self, kind: Kind, examples: ExampleArray) -> None:
        """With none of them left out it is the same; without any, one of those that stand in."""
        found = kind.pieces(examples[:1], examples[1:])
        if found is not None:
            count = len(found.names)
            assert 0 < count == len(found.given) and found.background > 0
            assert_same(found.compose(np.zeros((2, count), np.int32)), np.repeat(examples[:1], 2, axis=0))
            assert len(found.compose(np.ones((3, count), np.int32))) == 3

    def test_examples_that_are_recalled_are_those_that_were_observed(self, kind: Kind, examples: ExampleArray) -> None:
        """This holds where the observed values say all about an example."""
        again = kind.recalled(kind.observe(examples))
        assert again is None or len(again) == len(examples)

    def test_a_restored_kind_is_the_same(self, kind: Kind, columns: Columns) -> None:
        """By its description, which is JSON, and the files that it asks a bundle to carry."""
        restored = type(kind).restore(json.loads(json.dumps(kind.describe())), kind.assets)
        assert (restored.describe(), restored.fields) == (kind.describe(), kind.fields)
        assert_same(restored.encode(columns), kind.encode(columns))


def assert_same(found: NDArray[Any], wanted: NDArray[Any]) -> None:
    """Examples are the same, absent values among them, which NumPy takes for different in an array of records."""
    assert found.dtype == wanted.dtype
    for name in wanted.dtype.names or ():
        np.testing.assert_array_equal(found[name], wanted[name])
    if not wanted.dtype.names:
        np.testing.assert_array_equal(found, wanted)
