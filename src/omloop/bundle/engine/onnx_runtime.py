"""The engine of the base install: ONNX Runtime."""

from collections.abc import Mapping

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from omloop.core import BundleError, first_line

_SHRINK = ("memory.enable_memory_arena_shrinkage", "cpu:0")
"""An option of a run (onnxruntime_run_options_config_keys.h): at its end the arena frees unused memory."""


class OnnxRuntime:
    """A graph that ONNX Runtime runs in the graph's own precision; `precision` only names it."""

    def __init__(self, model: bytes, *, threads: int, precision: str) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes
            raise BundleError(f"ONNX Runtime cannot load the model: {first_line(error)}. Package it again.") from error
        if hasattr(self._session, "_model_bytes"):
            # It keeps the file in memory for a change of providers, which never comes here.
            self._session._model_bytes = None
        self.outputs = {output.name: output.shape for output in self._session.get_outputs()}
        self.run = self._session.run

    def trim(self, feeds: Mapping[str, NDArray[np.generic]]) -> None:
        """Run once, and have the arena give back what larger runs took."""
        options = onnxruntime.RunOptions()
        options.add_run_config_entry(*_SHRINK)
        self._session.run(None, dict(feeds), options)
