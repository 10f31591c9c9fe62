"""What the packaged graph's operators cost, by ONNX Runtime's own profile."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from omloop.profile.costs import Costs, costliest


def graph_costs(model: bytes, feeds: Sequence[Mapping[str, NDArray[np.generic]]], *, threads: int) -> list[Costs]:
    """Run a graph once for each of `feeds` and sum up its operators, as the engine runs them, the costliest first.

    The first run, which prepares memory, is made once more beforehand and not counted.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.enable_profiling = True
    with TemporaryDirectory() as folder:
        options.profile_file_prefix = str(Path(folder) / "graph")
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        for given in [feeds[0], *feeds]:
            session.run(None, dict(given))
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    nodes = [event for event in events if event.get("cat") == "Node" and event["name"].endswith("_kernel_time")]
    counted = nodes[len(nodes) // (len(feeds) + 1) :]
    return costliest((event["args"]["op_name"], event["dur"] / 1e6) for event in counted)
