"""The usual FastAPI server of a network: an upload or a text, a plain function in FastAPI's threads.

python fastapi_network.py folder torch|onnx port
"""

import sys
from typing import Any

import uvicorn
from answers import Answers
from fastapi import FastAPI, UploadFile
from pydantic import BaseModel

FOLDER, ENGINE, PORT = sys.argv[1:4]
model = Answers(FOLDER, ENGINE)
app = FastAPI()


class Row(BaseModel):
    text: str


class Rows(BaseModel):
    rows: list[Row]


@app.get("/healthz")
def health() -> dict[str, str]:
    return {"status": "alive"}


if model.about["kind"] == "text":

    @app.post("/v1/predict")
    def predict_texts(body: Rows) -> dict[str, Any]:
        return {"predictions": model.answer([model.read(row.text) for row in body.rows])}

else:

    @app.post("/v1/predict")
    def predict_picture(file: UploadFile) -> dict[str, Any]:
        return {"predictions": model.answer([model.read(file.file.read())])}


if __name__ == "__main__":
    uvicorn.run(app, port=int(PORT), log_level="error", access_log=False)
