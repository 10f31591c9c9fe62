from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray


@dataclass(frozen=True)
class R2:
    name: str = "r2"
    higher_is_better: bool = True

    def __call__(self, truth: NDArray[Any], outputs: NDArray[Any]) -> float:
        spread = np.square(truth - truth.mean()).sum()
        return float(1 - np.square(truth - outputs).sum() / spread)


@dataclass(frozen=True)
class MeanError:
    name: str = "mae"
    higher_is_better: bool = False

    def __call__(self, truth: NDArray[Any], outputs: NDArray[Any]) -> float:
        return float(np.abs(truth - outputs).mean())


@dataclass(frozen=True)
class Accuracy:
    name: str = "accuracy"
    higher_is_better: bool = True

    def __call__(self, truth: NDArray[Any], outputs: NDArray[Any]) -> float:
        return float((outputs.argmax(axis=1) == truth).mean())


@pytest.fixture(scope="session")
def r2() -> R2:
    return R2()


@pytest.fixture(scope="session")
def mean_error() -> MeanError:
    return MeanError()


@pytest.fixture(scope="session")
def accuracy() -> Accuracy:
    return Accuracy()
