"""The same model in Ray Serve: python ray_server.py model.onnx signature.json port"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import ray
from ray import serve


@serve.deployment(num_replicas=1, max_ongoing_requests=100)
class Model:
    def __init__(self, model: str, signature: str) -> None:
        import onnxruntime

        self.columns = json.loads(Path(signature).read_text())["columns"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    async def __call__(self, request: Any) -> dict[str, Any]:
        rows = (await request.json())["rows"]
        matrix = [[self.number(column, row[column["name"]]) for column in self.columns] for row in rows]
        (values,) = self.session.run(None, {"rows": np.array(matrix, np.float32)})
        return {"predictions": [{"value": value} for value in values.reshape(-1).tolist()]}

    def number(self, column: dict[str, Any], value: Any) -> float:
        return float(column["categories"].index(value)) if column["type"] == "category" else float(value)


if __name__ == "__main__":
    model, signature, port = sys.argv[1:4]
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)
    serve.start(http_options={"host": "127.0.0.1", "port": int(port)}, logging_config={"enable_access_log": False})
    serve.run(Model.bind(model, signature), route_prefix="/v1/predict")
    while True:
        time.sleep(60)
