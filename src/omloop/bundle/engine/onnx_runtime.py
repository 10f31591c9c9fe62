"""The engine of the base install: ONNX Runtime."""

import onnxruntime

from omloop.core import BundleError, first_line


class OnnxRuntime:
    """A graph that ONNX Runtime runs in the precision in which it is written, which `precision` only names."""

    def __init__(self, model: bytes, *, threads: int, precision: str) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes
            raise BundleError(f"ONNX Runtime cannot load the model: {first_line(error)}. Package it again.") from error
        self.outputs = {output.name: output.shape for output in self._session.get_outputs()}
        self.run = self._session.run
