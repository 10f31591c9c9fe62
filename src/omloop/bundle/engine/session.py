"""Running the packaged model on the CPU, by the engine that it names, with threads from the container's quota."""

from __future__ import annotations

from copy import copy
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from omloop.bundle.bundle import Bundle
from omloop.bundle.engine.embedding import COORDINATES, embedding_names, observe_embedding
from omloop.bundle.engine.engine import Engine
from omloop.bundle.engine.engines import ENGINES
from omloop.bundle.engine.graph_bounds import operators_of
from omloop.core import BundleError, ExampleArray, Kind, NumberArray, Output, first_line
from omloop.core._cpu import cpu_quota

BATCH = 512
"""Rows of one run of the graph: what goes in and what lies between grows with them, as with texts and pictures."""


class Answers(NamedTuple):
    """What a model answers: outputs of shape (n,) or (n, classes), and coordinates of shape (n, dimensions) or None."""

    outputs: NDArray[np.float64]
    coordinates: NumberArray | None


class Session:
    """A packaged model that answers. Safe to call from several threads at once.

    `threads` is the number of threads of one call; 0 takes the CPU quota. `engine` is one of `ENGINES`, and `precision`
    its numeric precision; `digest` is the model's SHA-256, if known. Raises MissingExtraError for an engine that is not
    installed. Raises BundleError for a graph that names files beside it, or exceeds the bounds of
    `omloop.bundle.engine.graph_bounds`.
    """

    def __init__(
        self,
        model: bytes,
        inputs: Kind,
        outputs: Output,
        *,
        threads: int = 0,
        engine: str = "onnxruntime",
        precision: str = "float32",
        digest: str = "",
    ) -> None:
        self.inputs = inputs
        self.outputs = outputs
        operators_of(model, digest)
        self._engine: Engine = ENGINES.load(engine)(model, threads=threads or cpu_quota(), precision=precision)
        shapes = self._engine.outputs
        if outputs.graph_output not in shapes:
            raise BundleError(
                f"The graph has no output '{outputs.graph_output}', only {', '.join(shapes)}. Package the model again."
            )
        self._wanted = [outputs.graph_output, *(name for name in shapes if name == COORDINATES)]
        self._dimensions = int(shapes[COORDINATES][-1]) if COORDINATES in shapes else 0

    @classmethod
    def of(cls, bundle: Bundle, *, threads: int = 0, variant: str = "") -> Self:
        """The session of a bundle's served variant, or of another `variant`."""
        form = bundle.manifest.variants.get(bundle.variant(variant))
        how = {"engine": form.engine, "precision": form.precision} if form else {}
        digest = bundle.graph_digest(variant)
        return cls(bundle.graph(variant), bundle.kind, bundle.output, threads=threads, digest=digest, **how)

    def phrased(self, outputs: Output) -> Self:
        """The same model, whose answers `outputs` phrase: another description of what the graph gives."""
        found = copy(self)
        found.outputs = outputs
        return found

    def predict(self, examples: ExampleArray) -> NDArray[np.float64]:
        """Answer every example: shape (n,) for a number, (n, classes) for classes.

        Raises BundleError when the graph does not take these examples, or does not answer each of them.
        """
        return self.run(examples).outputs

    def run(self, examples: ExampleArray) -> Answers:
        """Answer every example, and say where the model sees it; raises BundleError as `predict` does."""
        batches = self.inputs.batches(examples, BATCH)
        if len(batches) == 1:
            return self._run(examples)
        parts = [self._run(examples[rows]) for rows in batches]
        back = np.argsort(np.concatenate(batches))
        outputs = np.concatenate([part.outputs for part in parts])[back]
        coordinates = [part.coordinates for part in parts if part.coordinates is not None]
        return Answers(outputs, np.concatenate(coordinates)[back] if coordinates else None)

    def trim(self, example: ExampleArray) -> None:
        """Give back the memory that runs of many rows took, by a run of one `example`, of shape (1, ...)."""
        self._engine.trim(self.inputs.feeds(example))

    def observe(self, examples: ExampleArray, answers: Answers) -> dict[str, NumberArray]:
        """All that drift detection looks at: examples, their answers, and their coordinates in the model."""
        return {**self.inputs.observe(examples), **self.observe_answers(answers)}

    def observe_answers(self, answers: Answers) -> dict[str, NumberArray]:
        """The answers, and the examples' coordinates in the model."""
        return {**self.outputs.observe(answers.outputs), **observe_embedding(answers.coordinates)}

    @property
    def observed(self) -> dict[str, tuple[str, ...]]:
        """Every name that `observe` gives, with its categories, or with nothing for a plain number."""
        seen = dict.fromkeys(embedding_names(self._dimensions), ())
        return {**self.inputs.observed, **self.outputs.observed, **seen}

    @property
    def together(self) -> dict[str, tuple[str, ...]]:
        """The columns for joint tests, by a name for them."""
        seen = {"embedding": embedding_names(self._dimensions)} if self._dimensions else {}
        return {**self.inputs.together, **seen}

    def self_test(self, bundle: Bundle, *, tolerance: float = 1e-4) -> None:
        """Compare the answers to the bundle's examples with those it recorded; raises BundleError if they differ."""
        try:
            recorded = np.asarray(bundle.examples.outputs, np.float64)
        except (ValueError, TypeError) as error:
            raise BundleError(
                "The answers that the bundle recorded are no numbers. Package the model again."
            ) from error
        if not bundle.examples.rows:
            raise BundleError(
                "The bundle holds no examples, so nothing shows what it answers. Package the model again."
            )
        answers = self.predict(self.inputs.parse(bundle.examples.rows))
        scale = max(1.0, float(np.abs(recorded).max(initial=0.0)))
        difference = float(np.abs(answers - recorded).max(initial=0.0)) if answers.shape == recorded.shape else np.inf
        if not difference <= tolerance * scale:
            raise BundleError(
                f"The model answers its own examples differently on this machine (by {difference:g}). Package it again."
            )

    def _run(self, examples: ExampleArray) -> Answers:
        feeds = self.inputs.feeds(examples)
        try:
            result, *seen = self._engine.run(self._wanted, feeds)
            outputs = np.asarray(result, np.float64)
            outputs = outputs.reshape(len(examples)) if not self.outputs.classes else outputs
            return Answers(outputs, seen[0] if seen else None)
        except Exception as error:  # engines raise a dozen unrelated classes
            raise BundleError(f"The model cannot answer: {first_line(error)}. Package it again.") from error
