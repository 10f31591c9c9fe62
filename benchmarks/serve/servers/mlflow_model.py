"""The same model for `mlflow models serve`: python mlflow_model.py model.onnx signature.json folder"""

import json
import sys
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import numpy as np


class Onnx(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    def load_context(self, context: Any) -> None:
        import onnxruntime

        self.columns = json.loads(Path(context.artifacts["signature"]).read_text())["columns"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(context.artifacts["model"], options)

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        rows = model_input.to_dict("records")
        matrix = [[self.number(column, row[column["name"]]) for column in self.columns] for row in rows]
        (values,) = self.session.run(None, {"rows": np.array(matrix, np.float32)})
        return values.reshape(-1)

    def number(self, column: dict[str, Any], value: Any) -> float:
        return float(column["categories"].index(value)) if column["type"] == "category" else float(value)


if __name__ == "__main__":
    mlflow.pyfunc.save_model(
        sys.argv[3],
        python_model=Onnx(),
        artifacts={"model": sys.argv[1], "signature": sys.argv[2]},
        pip_requirements=["onnxruntime"],
    )
