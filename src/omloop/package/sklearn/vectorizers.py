"""Vectorizers of texts for skl2onnx: words as Python has them, and lower case made before."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from skl2onnx.common.data_types import StringTensorType

from omloop.package.sklearn.convert import convert_inputs
from omloop.package.sklearn.plainer import every_estimator

PATTERN = r"(?u)\b\w\w+\b"
"""What scikit-learn takes for a word, unless it is told."""
WORD = r"[\p{L}\p{N}_]{2,}"
"""The same for ONNX Runtime, whose regular expressions (RE2) take `\\w` for ASCII alone."""


def vectorizers_of(model: object) -> list[Any]:
    """The vectorizers of texts within an estimator."""
    return [one for one in every_estimator(model) if hasattr(one, "token_pattern") and hasattr(one, "analyzer")]


def refusal(model: object) -> str:
    """Why omloop cannot package a model's vectorizers; empty where it can."""
    for one in vectorizers_of(model):
        name = type(one).__name__
        if one.analyzer != "word":
            return f"{name}(analyzer={one.analyzer!r:.40}) cannot be packaged as ONNX. Use analyzer='word'."
        if not hasattr(one, "vocabulary_"):
            return f"{name} keeps no vocabulary, and cannot be packaged as ONNX. Use a TfidfVectorizer."
        for setting in ("preprocessor", "tokenizer", "strip_accents"):
            if getattr(one, setting) is not None:
                return f"{name}({setting}=...) is Python, which ONNX cannot run. Leave it out."
        if one.token_pattern != PATTERN:
            return f"{name}(token_pattern={one.token_pattern!r:.40}) cannot be packaged as ONNX. Use the usual one."
    return ""


def convert_texts(model: Any, name: str, answers: tuple[str, ...]) -> Any:
    """The graph of an estimator that reads texts called `name`, of shape (n, 1)."""
    found = vectorizers_of(model)
    options: dict[object, Any] = {id(one): {"tokenexp": WORD} for one in found}
    with _without_lower_case(found):
        return convert_inputs(model, [(name, StringTensorType([None, 1]))], answers, options=options)


@contextmanager
def _without_lower_case(found: list[Any]) -> Iterator[None]:
    """ONNX Runtime makes lower case by the machine's locale, which may be missing: the input kind does it."""
    before = [one.lowercase for one in found]
    for one in found:
        one.lowercase = False
    try:
        yield
    finally:
        for one, value in zip(found, before, strict=True):
            one.lowercase = value
