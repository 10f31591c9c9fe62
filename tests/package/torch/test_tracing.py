"""torch's exporter as it is used here."""

from pathlib import Path
from typing import Any

import pytest

from omloop.bundle import Session
from omloop.core import Fitted
from omloop.package import EXPORTERS, check_parity
from omloop.testing.encoders import tiny_tokenizer
from omloop.testing.jobs import MOOD, REVIEW, review_job

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")
batching = pytest.importorskip("omloop.train.batching")


class Recurrent(torch.nn.Module):  # type: ignore[misc,name-defined]
    def __init__(self) -> None:
        super().__init__()
        self.words = torch.nn.Embedding(300, 8)
        self.layer = torch.nn.LSTM(8, 3, batch_first=True)

    def forward(self, tokens: Any, mask: Any) -> Any:
        states = self.layer(self.words(tokens))[0] * mask.unsqueeze(2)
        return torch.softmax(states.sum(dim=1), dim=1)


def bert() -> Any:
    transformers = pytest.importorskip("transformers")
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = transformers.BertConfig(vocab_size=300, num_labels=3, max_position_embeddings=32, **sizes)
    return transformers.BertForSequenceClassification(config).eval()


def verified(network: Any, predict: Any, folder: Path) -> bool:
    job = review_job(folder)
    kind = REVIEW.tokenized(tiny_tokenizer(job.train.examples), 16)
    fitted = Fitted("torch", network, lambda rows: predict(kind, rows).double().numpy(), kind)
    session = Session(EXPORTERS.load("torch")(fitted, kind, MOOD, job.train.examples), kind, MOOD)
    return check_parity(fitted, session, job.validation.examples, kind.edges()).verified


@pytest.mark.slow
def test_a_second_recurrent_network_of_one_process_is_exported_too(tmp_path: Path) -> None:
    """torch itself refuses it: a watch that retrains would succeed once."""
    torch.manual_seed(0)
    for _ in range(2):
        network = Recurrent().eval()
        assert verified(network, lambda kind, rows, network=network: batching.in_batches(network, kind, rows), tmp_path)


def test_a_model_of_transformers_is_packaged_with_probabilities(tmp_path: Path) -> None:
    """It answers logits by name; texts of every length are answered."""
    torch.manual_seed(0)
    network = bert()

    def predict(kind: Any, rows: Any) -> Any:
        with torch.inference_mode():
            return torch.softmax(network(*batching.tensors(kind, rows)).logits, dim=1)

    assert verified(network, predict, tmp_path)
