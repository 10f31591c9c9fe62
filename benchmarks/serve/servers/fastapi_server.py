"""The usual FastAPI server of an ONNX model: a pydantic model a row, a plain function, one session.

python fastapi_server.py model.onnx signature.json port
"""

import json
import sys
from typing import Any, Literal

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, Field, create_model

MODEL, SIGNATURE, PORT = sys.argv[1:4]
with open(SIGNATURE) as file:  # noqa: PTH123
    COLUMNS: list[dict[str, Any]] = json.load(file)["columns"]


def kind(column: dict[str, Any]) -> Any:
    if column["type"] == "category":
        return (Literal[tuple(column["categories"])], ...)
    return (int if column["type"] == "integer" else float, Field(ge=column.get("low"), le=column.get("high")))


Row: type[BaseModel] = create_model("Row", **{column["name"]: kind(column) for column in COLUMNS})
Body: type[BaseModel] = create_model("Body", rows=(list[Row], ...))  # type: ignore[valid-type]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(MODEL, options, providers=["CPUExecutionProvider"])
app = FastAPI()


def number(column: dict[str, Any], value: Any) -> float:
    return float(column["categories"].index(value)) if column["type"] == "category" else float(value)


@app.post("/v1/predict")
def predict(body: Body) -> dict[str, Any]:  # type: ignore[valid-type]
    rows = [[number(column, getattr(row, column["name"])) for column in COLUMNS] for row in body.rows]  # type: ignore[attr-defined]
    (values,) = session.run(None, {"rows": np.array(rows, np.float32)})
    return {"predictions": [{"value": value} for value in values.reshape(-1).tolist()]}


if __name__ == "__main__":
    uvicorn.run(app, port=int(PORT), log_level="error", access_log=False)
