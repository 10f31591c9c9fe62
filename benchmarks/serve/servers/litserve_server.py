"""The same model in LitServe: python litserve_server.py model.onnx signature.json port [batch]"""

import json
import sys
from typing import Any

import litserve as ls
import numpy as np
import onnxruntime

MODEL, SIGNATURE, PORT = sys.argv[1:4]
BATCH = int(sys.argv[4]) if len(sys.argv) > 4 else 1


class Api(ls.LitAPI):
    def setup(self, device: str) -> None:
        with open(SIGNATURE) as file:  # noqa: PTH123
            self.columns = json.load(file)["columns"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(MODEL, options, providers=["CPUExecutionProvider"])

    def decode_request(self, request: dict[str, Any]) -> Any:
        return np.array(
            [[self.number(column, row[column["name"]]) for column in self.columns] for row in request["rows"]]
        )

    def number(self, column: dict[str, Any], value: Any) -> float:
        return float(column["categories"].index(value)) if column["type"] == "category" else float(value)

    def predict(self, rows: Any) -> Any:
        if BATCH > 1:
            rows = np.concatenate(rows)
        (values,) = self.session.run(None, {"rows": rows.astype(np.float32)})
        return values.reshape(-1)

    def encode_response(self, output: Any) -> dict[str, Any]:
        return {"predictions": [{"value": float(value)} for value in np.atleast_1d(output)]}


if __name__ == "__main__":
    api = (
        Api(max_batch_size=BATCH, batch_timeout=0.005, api_path="/v1/predict")
        if BATCH > 1
        else Api(api_path="/v1/predict")
    )
    ls.LitServer(api, accelerator="cpu", workers_per_device=1).run(
        port=int(PORT), log_level="error", generate_client_file=False
    )
