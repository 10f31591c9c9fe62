"""A second engine, for graphs that it runs faster: OpenVINO."""

import sys
import threading
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from omloop.core import BundleError, NumberArray, first_line

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # it then takes its own stub
import openvino  # noqa: E402

HINTS = {"float32": "f32", "bfloat16": "bf16", "int8": "f32"}
"""All but int8 runs in float32: by default OpenVINO takes bfloat16 if a CPU has it."""


class OpenVino:
    """A graph that OpenVINO runs on the CPU; raises BundleError for one that it does not take.

    A thread has a request of its own, so that several may run at once.
    """

    def __init__(self, model: bytes, *, threads: int, precision: str) -> None:
        how = {
            "INFERENCE_PRECISION_HINT": HINTS[precision],
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,
        }
        try:
            core = openvino.Core()
            self._model = core.compile_model(core.read_model(model, b""), "CPU", how)
        except Exception as error:  # OpenVINO raises RuntimeError for all there is
            raise BundleError(f"OpenVINO cannot load the model: {_reason(error)}.") from error
        self.outputs = {
            name: [side.get_length() if side.is_static else None for side in output.partial_shape]
            for output in self._model.outputs
            for name in output.names
        }
        self._own = threading.local()

    def run(self, wanted: Sequence[str], feeds: Mapping[str, NDArray[np.generic]]) -> list[NumberArray]:
        """The wanted outputs for some rows."""
        request = getattr(self._own, "request", None)
        if request is None:
            request = self._own.request = self._model.create_infer_request()
        whole = {name: np.ascontiguousarray(feed) for name, feed in feeds.items()}
        found = request.infer(whole, share_inputs=True, share_outputs=False)
        return [found[name] for name in wanted]

    def trim(self, feeds: Mapping[str, NDArray[np.generic]]) -> None:
        """Forget the requests, which hold what their largest run took."""
        self._own = threading.local()


def _reason(error: Exception) -> str:
    """The cause of its error, which stands below the place of the error."""
    told = [line.removeprefix("-- ") for line in str(error).splitlines() if line.startswith("-- ")]
    return first_line(RuntimeError(told[-1])) if told else first_line(error)
