"""What every server of a network does besides HTTP: read a picture or a text, run the network, phrase the answer."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np


class Answers:
    """The model in `folder`, run by `engine`: `torch` or `onnx`, one thread a run."""

    def __init__(self, folder: str, engine: str) -> None:
        self.about = json.loads((Path(folder) / "about.json").read_text())
        self._tokenizer: Any = None
        if self.about["kind"] == "text":
            from tokenizers import Tokenizer

            self._tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
            self._tokenizer.enable_truncation(self.about["tokens"])
        self._run = _torch(self.about) if engine == "torch" else _onnx(Path(folder))

    def read(self, content: Any) -> Any:
        """A picture's pixels, or a text's tokens."""
        if self._tokenizer is not None:
            return self._tokenizer.encode(content).ids
        from PIL import Image

        image = content if isinstance(content, Image.Image) else Image.open(io.BytesIO(content))
        image = image.convert("RGB")
        size = (self.about["side"], self.about["side"])
        return np.asarray(image if image.size == size else image.resize(size, Image.Resampling.BILINEAR))

    def answer(self, examples: list[Any]) -> list[dict[str, Any]]:
        """The answer to each example, all in one run."""
        probabilities = self._run(self._feeds(examples))
        return [self._phrase(row) for row in probabilities.tolist()]

    def _feeds(self, examples: list[Any]) -> list[Any]:
        if self._tokenizer is None:
            return [np.stack(examples)]
        shape = (len(examples), max(map(len, examples)))
        tokens, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, ids in enumerate(examples):
            tokens[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        return [tokens, mask]

    def _phrase(self, row: list[float]) -> dict[str, Any]:
        classes = self.about["classes"]
        return {"label": classes[row.index(max(row))], "probabilities": dict(zip(classes, row, strict=True))}


def _torch(about: dict[str, Any]) -> Any:
    import torch
    from networks import network

    torch.set_num_threads(1)
    model = network(about["network"], len(about["classes"]))

    def run(feeds: list[Any]) -> Any:
        with torch.inference_mode():
            return model(*map(torch.from_numpy, feeds)).numpy()

    return run


def _onnx(folder: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_inputs()]
    return lambda feeds: session.run(None, dict(zip(names, feeds, strict=True)))[0]
