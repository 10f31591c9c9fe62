"""Scaling in float64, of numbers as they were written."""

import numpy as np
import onnxruntime
import pytest
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from omloop.package.sklearn.convert import convert
from omloop.package.sklearn.exact import as_written

ROWS = np.random.default_rng(0).normal(size=(200, 3)).round(2) * [1, 10, 1000]


@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler(clip=True), MaxAbsScaler(), RobustScaler()])
def test_a_scaler_gives_the_float32_of_what_scikit_learn_computes_in_float64(scaler: StandardScaler) -> None:
    graph = convert(scaler.fit(ROWS), "rows", 3, scaled=True)
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"rows": ROWS.astype(np.float32)})
    wanted = scaler.transform(as_written(ROWS.astype(np.float32).astype(np.float64))).astype(np.float32)
    assert np.array_equal(found, wanted)


def test_numbers_of_few_decimals_come_back_as_they_were_written() -> None:
    written = np.array([0.1, 3.2, -17.25, 1234.5, 0.0, 1e6])
    assert as_written(written.astype(np.float32).astype(np.float64)).tolist() == written.tolist()
