"""A version that is ready to answer: how many rows go through its model together."""

import time
from dataclasses import replace

import numpy as np
import pytest

from omloop.serve.version.serving import ReadyOptions, best_sizes, make_ready
from omloop.testing.bundles import tiny_bundle, tiny_image_bundle


@pytest.mark.parametrize(
    ("each", "best"),
    [
        ({1: 100.0}, [1]),
        ({1: 100.0, 4: 105.0, 16: 109.0, 64: 140.0}, [1, 4, 16]),
        ({1: 100.0, 4: 40.0, 16: 12.0, 64: 10.0}, [64]),
        ({1: 100.0, 4: 70.0, 16: 69.0, 64: 71.0}, [4, 16, 64]),
    ],
    ids=["dear", "larger runs cost more", "larger runs cost less", "from a size on it is the same"],
)
def test_sizes_are_about_as_good_as_the_best_within_a_tenth(each, best):
    assert best_sizes(each) == best


@pytest.mark.parametrize("bundle", [tiny_bundle(), tiny_image_bundle()], ids=["table", "pictures"])
@pytest.mark.parametrize("most_rows", [0, 1, 2, 3, 100])
def test_runs_of_fewer_rows_give_the_same_answers(bundle, most_rows):
    serving = replace(
        make_ready(bundle, bundle.version, ReadyOptions(threads=1), moment=time.time()), most_rows=most_rows
    )
    examples = serving.session.inputs.parse(bundle.examples.rows)
    examples = np.resize(examples, (7, *examples.shape[1:]))
    np.testing.assert_allclose(serving.run(examples).outputs, serving.session.run(examples).outputs, rtol=1e-6)
