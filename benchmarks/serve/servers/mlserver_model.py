"""The same model in MLServer: python mlserver_model.py model.onnx signature.json port

A runtime of our own, in MLServer's own process, asked in the open inference protocol with an input a column.
"""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from mlserver import MLModel, MLServer, Settings
from mlserver.codecs import NumpyCodec, PandasCodec
from mlserver.settings import ModelSettings
from mlserver.types import InferenceRequest, InferenceResponse


class Onnx(MLModel):
    async def load(self) -> bool:
        self.columns = json.loads(Path(os.environ["SIGNATURE"]).read_text())["columns"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        rows = PandasCodec.decode_request(payload).to_dict("records")
        matrix = [[self.number(column, row[column["name"]]) for column in self.columns] for row in rows]
        (values,) = self.session.run(None, {"rows": np.array(matrix, np.float32)})
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("value", values)])

    def number(self, column: dict[str, Any], value: Any) -> float:
        return float(column["categories"].index(value)) if column["type"] == "category" else float(value)


async def main(port: int) -> None:
    ports = {"http_port": port, "grpc_port": 0, "metrics_port": 0}
    settings = Settings(
        host="127.0.0.1", debug=False, parallel_workers=0, metrics_endpoint=None, gzip_enabled=False, **ports
    )
    server = MLServer(settings)
    model = ModelSettings(name="model", implementation=f"{Path(__file__).stem}.Onnx")
    await server.start([model])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = name
        os.environ |= {"MODEL": sys.argv[1], "SIGNATURE": sys.argv[2]}
        asyncio.run(main(int(sys.argv[3])))
