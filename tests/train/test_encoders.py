"""Encoders that others trained, from a folder in the layout of a hub."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop.core import ConfigError, TrainError
from omloop.kinds import Text
from omloop.testing.encoders import tiny_encoder, tiny_tokenizer

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("tokenizers")
from omloop.train.encoders import load_encoder  # noqa: E402

TOKENIZER = tiny_tokenizer(["the film is good", "the film is bad"] * 10)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_encoder(tmp_path / "encoder", TOKENIZER)


def feeds(*texts: str) -> list[Any]:
    kind = Text("review").tokenized(TOKENIZER, 8)
    return [torch.from_numpy(feed) for feed in kind.feeds(np.array([*texts, None], object)[:-1]).values()]


def test_a_folder_is_loaded_with_its_tokenizer(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    assert (encoder.width, encoder.most_tokens, encoder.tokenizer) == (32, 64, TOKENIZER)
    assert not encoder.network.training
    assert encoder.network(*feeds("good", "the film is bad")).shape == (2, 32)


def test_filling_up_a_row_does_not_change_its_vector(folder: Path) -> None:
    """The mean is over the text's own tokens."""
    network = load_encoder(str(folder)).network
    alone, beside = network(*feeds("good")), network(*feeds("good", "the film is bad film"))
    torch.testing.assert_close(alone[0], beside[0], atol=1e-6, rtol=1e-5)


def test_the_means_of_all_layers_stand_side_by_side(folder: Path) -> None:
    """The table of tokens first, the last layer at the end."""
    both = load_encoder(str(folder), all_layers=True)
    assert both.width == 3 * 32
    vectors = both.network(*feeds("good", "the film is bad"))
    last = load_encoder(str(folder)).network(*feeds("good", "the film is bad"))
    assert vectors.shape == (2, both.width)
    torch.testing.assert_close(vectors[:, -32:], last)


def test_the_digest_is_of_all_that_was_read(folder: Path) -> None:
    before = load_encoder(str(folder)).digest
    assert load_encoder(str(folder)).digest == before
    (folder / "README.md").write_text("not read")
    assert load_encoder(str(folder)).digest == before
    (folder / "tokenizer.json").write_bytes(TOKENIZER + b" ")
    assert load_encoder(str(folder)).digest != before


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_folder_without_a_file_is_refused_and_the_file_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(TrainError, match=f"holds no {name}"):
        load_encoder(str(folder))


def test_pickled_weights_are_not_read(folder: Path) -> None:
    """Not even where there are no others."""
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(TrainError, match="convert them to safetensors"):
        load_encoder(str(folder))


def test_weights_that_are_not_there_are_not_drawn_at_random(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    name = next(name for name in weights if "layer.1" in name)
    save_file({key: value for key, value in weights.items() if key != name}, folder / "model.safetensors")
    with pytest.raises(TrainError, match=r"lacks 1 weights, such as .*layer\.1"):
        load_encoder(str(folder))


def test_weights_that_were_cut_are_refused_in_one_line(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(TrainError, match="holds no encoder that transformers can load") as caught:
        load_encoder(str(folder))
    assert "\n" not in str(caught.value)


def test_a_model_of_an_unheard_kind_is_refused(folder: Path) -> None:
    """Code of a model's own is never run."""
    config = {"model_type": "unheard", "auto_map": {"AutoModel": "modeling.Unheard"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "modeling.py").write_text("raise SystemExit('run')")
    with pytest.raises(TrainError, match="cannot load|can load"):
        load_encoder(str(folder))


def test_a_hub_out_of_reach_says_what_to_give_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def unreachable(*_: Any, **__: Any) -> str:
        raise OSError("name not known")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
    with pytest.raises(TrainError, match=r"cannot be fetched .*name not known.*model\.encoder=path/to/folder"):
        load_encoder("someone/encoder")


@pytest.mark.parametrize("tokens", [1, 65])
def test_more_tokens_than_an_encoder_reads_are_refused(folder: Path, tokens: int) -> None:
    with pytest.raises(ConfigError, match=f"model.tokens={tokens} is not from 2 to 64"):
        load_encoder(str(folder)).require(tokens)
