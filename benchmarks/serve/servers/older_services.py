"""Services as five student projects wrote them, after descriptions of them: python older_services.py name folder port

Three of them (emotion, skin_lesion, imdb) do blocking work in an `async def`, as those did; the other two are plain
functions. All run one thread a model, which theirs left to chance.
"""

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI, UploadFile
from pydantic import BaseModel

NAME, FOLDER, PORT = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
app = FastAPI()


@app.get("/healthz")
def health() -> dict[str, str]:
    return {"status": "ok"}


if NAME in ("emotion", "skin_lesion", "imdb"):
    from answers import Answers

    model = Answers(str(FOLDER), "onnx" if NAME == "skin_lesion" else "torch")

if NAME in ("emotion", "skin_lesion"):

    @app.post("/predict")
    async def predict_picture(file: UploadFile) -> dict[str, Any]:
        (found,) = model.answer([model.read(await file.read())])
        return {"label": found["label"], "probabilities": found["probabilities"]}

elif NAME == "imdb":

    @app.get("/review/")
    async def predict_review(input_string: str) -> list[Any]:
        (found,) = model.answer([model.read(input_string)])
        return [found["label"], found["probabilities"][found["label"]]]

elif NAME == "student_performance":
    import joblib
    import pandas as pd
    import torch

    torch.set_num_threads(1)
    preprocessor = joblib.load(FOLDER / "preprocessor.joblib")
    network = torch.nn.Sequential(
        torch.nn.Linear(12, 64), torch.nn.ReLU(), torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1)
    ).eval()

    class Rows(BaseModel):
        rows: list[dict[str, Any]]

    @app.post("/predict")
    def predict_rows(body: Rows) -> dict[str, Any]:
        frame = pd.DataFrame(body.rows)
        features = np.asarray(preprocessor.transform(frame), np.float32)
        with torch.no_grad():
            return {"predictions": network(torch.from_numpy(features)).squeeze(-1).tolist()}

else:
    import joblib

    fitted = joblib.load(io.BytesIO((FOLDER / "svm.joblib").read_bytes()))

    class Pixels(BaseModel):
        pixels: list[float]

    @app.post("/predict_image")
    def predict_pixels(body: Pixels) -> dict[str, Any]:
        features = fitted["pca"].transform(np.asarray(body.pixels, np.float32).reshape(1, -1))
        label = fitted["model"].predict(features)
        return {"label": int(label[0]), "probabilities": fitted["model"].predict_proba(features)[0].tolist()}


if __name__ == "__main__":
    uvicorn.run(app, port=PORT, log_level="error", access_log=False)
