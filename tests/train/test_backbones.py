"""Networks that transformers builds: they learn, they are packaged, and their weights can be brought along."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop.bundle import Session
from omloop.core import Job, Part, TrainError, UnknownNameError
from omloop.kinds import Classes, Image

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
backbones = pytest.importorskip("omloop.train.backbones")

from omloop.train.lightning import HeadedNetwork, Recipe, fit_network  # noqa: E402
from omloop.train.pictures import PicturePreprocessing  # noqa: E402

INPUTS, OUTPUTS = Image(40, 32, 3), Classes("colour", ("red", "green", "blue"))
SMALL = {"depths": (1, 1), "widths": (16, 32)}
TINY = {"b0": (0.25, 0.3, 0.1)}


def part(rows: int, seed: int) -> Part:
    """A dot, whose colour is its class, on a ground of any colour."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, 3, rows)
    pixels = draw.integers(60, 120, (rows, 1, 1, 3)) + draw.normal(0, 8, (rows, 32, 40, 3))
    for row, label in enumerate(labels):
        y, x = draw.integers(0, 22), draw.integers(0, 30)
        pixels[row, y : y + 10, x : x + 10, label] += 120
    examples = INPUTS.encode({"image": list(pixels.clip(0, 255).astype(np.uint8))})
    return Part(examples, labels, np.arange(rows).astype(str))


def fit(backbone: Any, folder: Path, *, epochs: int, lr: float = 3e-3) -> Any:
    job = Job(None, INPUTS, OUTPUTS, part(192, 1), part(64, 2), 0, lambda step, metrics: None, folder)

    def build() -> Any:
        features, width = backbone()
        body = torch.nn.Sequential(PicturePreprocessing(job.train.examples), features)
        return HeadedNetwork(body, torch.nn.Linear(width, 3))

    recipe = Recipe(schedule="one_cycle", last=True)
    return fit_network(build, job, epochs=epochs, lr=lr, batch_size=32, patience=epochs, recipe=recipe)


def accuracy(fitted: Any) -> float:
    fresh = part(120, 9)
    return float((fitted.predict(fresh.examples).argmax(axis=1) == fresh.targets).mean())


@pytest.mark.slow
def test_an_efficientnet_from_its_configuration_learns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As transformers begins, its loss stays at that of guessing."""
    monkeypatch.setattr(backbones, "EFFICIENTNETS", TINY)
    assert accuracy(fit(backbones.efficientnet, tmp_path, epochs=10, lr=1e-2)) > 0.8


def test_a_residual_network_learns_and_is_packaged(tmp_path: Path) -> None:
    from omloop.package import EXPORTERS, check_parity

    fitted = fit(lambda: backbones.resnet(**SMALL), tmp_path, epochs=6)
    assert accuracy(fitted) > 0.8
    examples = part(20, 5).examples
    session = Session(EXPORTERS.load("torch")(fitted, INPUTS, OUTPUTS, examples), INPUTS, OUTPUTS)
    assert check_parity(fitted, session, examples, INPUTS.edges()).verified


@pytest.mark.slow
def test_an_efficientnet_is_packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from omloop.package import EXPORTERS, check_parity

    monkeypatch.setattr(backbones, "EFFICIENTNETS", TINY)
    fitted = fit(backbones.efficientnet, tmp_path, epochs=1)
    examples = part(20, 5).examples
    session = Session(EXPORTERS.load("torch")(fitted, INPUTS, OUTPUTS, examples), INPUTS, OUTPUTS)
    assert check_parity(fitted, session, examples, INPUTS.edges()).verified


@pytest.mark.parametrize("variant", backbones.EFFICIENTNETS)
def test_every_variant_is_as_wide_as_its_paper_says(variant: str) -> None:
    """Features of EfficientNet b0 to b7 (Tan and Le 2019): 1280 times the width, in steps of eight."""
    width = backbones.EFFICIENTNETS[variant][0]
    with torch.device("meta"):
        _, features = backbones.efficientnet(variant=variant)
    assert features == {1.0: 1280, 1.1: 1408, 1.2: 1536, 1.4: 1792, 1.6: 2048, 1.8: 2304, 2.0: 2560}[width]


def test_an_unknown_variant_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'b7'"):
        backbones.efficientnet(variant="b77")


def test_weights_of_a_folder_are_where_training_begins(tmp_path: Path) -> None:
    """The folder decides how deep and wide the network is."""
    _, width = backbones.resnet(**SMALL)
    config = backbones.ResNetConfig(
        depths=[1, 1], hidden_sizes=[16, 32], embedding_size=16, layer_type="basic", num_labels=5
    )
    saved = backbones.ResNetForImageClassification(config)
    saved.save_pretrained(tmp_path)
    assert (tmp_path / "model.safetensors").is_file()
    loaded, features = backbones.resnet(depths=(3,), widths=(8,), weights=str(tmp_path))
    assert features == width == 32
    for name, value in saved.resnet.state_dict().items():
        assert torch.equal(loaded.network.state_dict()[name], value), name


@pytest.mark.parametrize("build", ["resnet", "efficientnet"])
def test_a_folder_without_weights_says_what_is_wanted(build: str, tmp_path: Path) -> None:
    with pytest.raises(TrainError, match=r"model\.weights=.*config\.json and model\.safetensors"):
        options = SMALL if build == "resnet" else {}
        getattr(backbones, build)(**options, weights=str(tmp_path))


@pytest.mark.parametrize("prefix", ["resnet.", ""], ids=["of a classifier", "of a body"])
def test_weights_of_a_single_file_are_where_training_begins(prefix: str, tmp_path: Path) -> None:
    """The options say what network they are of."""
    from safetensors.torch import save_file

    one, _ = backbones.resnet(**SMALL)
    weights = {f"{prefix}{name}": value.contiguous() for name, value in one.network.state_dict().items()}
    save_file({**weights, "classifier.1.weight": torch.zeros(2, 32)}, tmp_path / "some.safetensors")
    loaded, _ = backbones.resnet(**SMALL, weights=str(tmp_path / "some.safetensors"))
    assert all(torch.equal(value, loaded.state_dict()[name]) for name, value in one.state_dict().items())


def test_a_file_of_other_weights_says_what_does_not_fit(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    path = tmp_path / "some.safetensors"
    with pytest.raises(TrainError, match=r"No weights at model\.weights=.*some\.safetensors"):
        backbones.resnet(**SMALL, weights=str(path))
    path.write_bytes(b"no tensors")
    with pytest.raises(TrainError, match=r"Give a file of safetensors"):
        backbones.resnet(**SMALL, weights=str(path))
    other, _ = backbones.resnet(depths=(1, 1), widths=(16, 24))
    save_file(other.network.state_dict(), path)
    with pytest.raises(TrainError, match=r"weights of this network: .* such as .* of shape \(32, 16.*\(24, 16"):
        backbones.resnet(**SMALL, weights=str(path))


def test_without_batch_normalisation_loaded_weights_answer_as_before(tmp_path: Path) -> None:
    """What normalisation did in evaluation is in the convolutions, so that training begins where the weights were."""
    config = backbones.ResNetConfig(
        depths=[1, 1], hidden_sizes=[16, 32], embedding_size=16, layer_type="basic", num_labels=5
    )
    saved = backbones.ResNetForImageClassification(config)
    for module in saved.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    saved.save_pretrained(tmp_path)
    pictures = torch.randn(2, 3, 32, 40)
    answers = [
        backbones.resnet(**SMALL, weights=str(tmp_path), norm=norm)[0].eval()(pictures) for norm in ("batch", "none")
    ]
    torch.testing.assert_close(*answers, rtol=1e-3, atol=1e-4)
