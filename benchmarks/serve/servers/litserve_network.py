"""A network in LitServe: python litserve_network.py folder torch|onnx port [batch]"""

import sys
from typing import Any

import litserve as ls
from answers import Answers
from fastapi import Request

FOLDER, ENGINE, PORT = sys.argv[1:4]
BATCH = int(sys.argv[4]) if len(sys.argv) > 4 else 1


class Api(ls.LitAPI):
    def setup(self, device: str) -> None:
        self.model = Answers(FOLDER, ENGINE)

    def decode_request(self, request: Request) -> Any:
        if self.model.about["kind"] == "text":
            return self.model.read(request["rows"][0]["text"])  # type: ignore[index]
        return self.model.read(request["file"].file.read())  # type: ignore[index]

    def predict(self, examples: Any) -> Any:
        return self.model.answer(examples) if BATCH > 1 else self.model.answer([examples])[0]

    def unbatch(self, output: Any) -> Any:
        return output

    def encode_response(self, output: Any) -> dict[str, Any]:
        return {"predictions": [output]}


if __name__ == "__main__":
    batching = {"max_batch_size": BATCH, "batch_timeout": 0.005} if BATCH > 1 else {}
    ls.LitServer(Api(api_path="/v1/predict", **batching), accelerator="cpu", workers_per_device=1).run(
        port=int(PORT), log_level="error", generate_client_file=False
    )
