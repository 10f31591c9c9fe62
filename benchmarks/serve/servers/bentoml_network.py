"""A network in BentoML: `bentoml serve bentoml_network:Model`, with FOLDER and ENGINE in the environment."""

import os
from pathlib import Path
from typing import Any

import bentoml
from answers import Answers
from PIL.Image import Image

TEXT = '"text"' in (Path(os.environ["FOLDER"]) / "about.json").read_text()


@bentoml.service(workers=1, traffic={"timeout": 60})
class Model:
    def __init__(self) -> None:
        self.model = Answers(os.environ["FOLDER"], os.environ["ENGINE"])

    if TEXT:

        @bentoml.api(route="/v1/predict")
        def predict(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
            return {"predictions": self.model.answer([self.model.read(row["text"]) for row in rows])}

    else:

        @bentoml.api(route="/v1/predict")
        def predict(self, file: Image) -> dict[str, Any]:  # type: ignore[misc]
            return {"predictions": self.model.answer([self.model.read(file)])}
