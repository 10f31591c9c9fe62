"""The same model in BentoML: `bentoml serve bentoml_server:Model`, with MODEL and SIGNATURE in the environment."""

import json
import os
from typing import Any

import bentoml
import numpy as np
import onnxruntime


@bentoml.service(workers=1)
class Model:
    def __init__(self) -> None:
        with open(os.environ["SIGNATURE"]) as file:  # noqa: PTH123
            self.columns = json.load(file)["columns"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])

    @bentoml.api(route="/v1/predict")
    def predict(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        matrix = [[self.number(column, row[column["name"]]) for column in self.columns] for row in rows]
        (values,) = self.session.run(None, {"rows": np.array(matrix, np.float32)})
        return {"predictions": [{"value": value} for value in values.reshape(-1).tolist()]}

    def number(self, column: dict[str, Any], value: Any) -> float:
        return float(column["categories"].index(value)) if column["type"] == "category" else float(value)
