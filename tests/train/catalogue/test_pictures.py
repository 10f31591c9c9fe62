"""What networks of pictures can be told."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop import models
from omloop.bundle import Session
from omloop.core import ConfigError, Fitted, Job, Part, UnknownNameError
from omloop.kinds import Classes, Image

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")
pytest.importorskip("transformers")

INPUTS, OUTPUTS = Image(40, 32, 3), Classes("colour", ("red", "green", "blue"))
SMALL = {
    "cnn": {"widths": (8, 16), "epochs": 1},
    "resnet": {"depths": (1, 1), "widths": (8, 16), "epochs": 1},
    "efficientnet": {"epochs": 1},
}
TINY = {"b0": (0.25, 0.3, 0.1), "b1": (0.25, 0.4, 0.1)}


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    from omloop.train import backbones

    monkeypatch.setattr(backbones, "EFFICIENTNETS", TINY)


def job(folder: Path) -> Job:
    def part(count: int, seed: int) -> Part:
        draw = np.random.default_rng(seed)
        colours = draw.integers(0, 3, count)
        pixels = draw.integers(0, 120, (count, 32, 40, 3))
        pixels[np.arange(count), :, :, colours] += 100
        examples = INPUTS.encode({"image": list(pixels.astype(np.uint8))})
        return Part(examples, colours, np.arange(count).astype(str))

    return Job(None, INPUTS, OUTPUTS, part(32, 1), part(16, 2), 0, lambda step, metrics: None, folder)


def fit(name: str, folder: Path, **options: Any) -> Fitted:
    model = getattr(models, name)(**{**SMALL[name], **options})
    asked = job(folder)
    return model.fit(replace(asked, config=model.config()))


def norms(fitted: Fitted) -> int:
    return sum(isinstance(module, torch.nn.BatchNorm2d) for module in fitted.model.modules())


@pytest.mark.parametrize(
    "name", ["cnn", *(pytest.param(name, marks=pytest.mark.slow) for name in ("resnet", "efficientnet"))]
)
def test_batch_normalisation_is_left_out(name: str, tmp_path: Path) -> None:
    assert norms(fit(name, tmp_path, norm="none")) == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_a_network_without_batch_normalisation_is_packaged_without(name: str, tmp_path: Path) -> None:
    import onnx

    from omloop.package import EXPORTERS, check_parity

    fitted, examples = fit(name, tmp_path, norm="none"), job(tmp_path).validation.examples
    graph = EXPORTERS.load("torch")(fitted, INPUTS, OUTPUTS, examples)
    assert "BatchNormalization" not in {node.op_type for node in onnx.load_from_string(graph).graph.node}
    assert check_parity(fitted, Session(graph, INPUTS, OUTPUTS), examples, INPUTS.edges()).verified
    assert norms(fit(name, tmp_path)) > 0


@pytest.mark.slow
def test_an_efficientnet_without_batch_normalisation_passes_on_what_it_sees() -> None:
    """The first weights of one that normalises would leave a tenth of it, and less."""
    from omloop.train.backbones import _without_norm, efficientnet

    torch.manual_seed(0)
    (made, _), (bare, _) = efficientnet(norm="none"), efficientnet()
    _without_norm(bare)
    with torch.no_grad():
        kept, lost = (float(one.eval()(torch.randn(4, 3, 64, 64)).std()) for one in (made, bare))
    assert kept > 10 * lost


@pytest.mark.parametrize(("variant", "side"), [("b0", 224), ("b1", 240), ("b4", 380), ("b7", 600)])
def test_each_efficientnet_has_a_size_of_its_own(variant: str, side: int) -> None:
    assert models.picture_side(variant) == side
    with pytest.raises(UnknownNameError, match="Did you mean"):
        models.picture_side(f"{variant}0")


@pytest.mark.slow
def test_pictures_of_another_size_are_told_of_or_brought_to_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "omloop.train"):
        fit("efficientnet", tmp_path)
    assert "b0 was designed for pictures of 224 by 224, and this project's are 40 by 32" in caplog.text
    caplog.clear()
    seen: list[tuple[int, ...]] = []
    fitted = fit("efficientnet", tmp_path, size="own", variant="b1")
    resize = next(module for module in fitted.model.modules() if isinstance(module, torch.nn.Upsample))
    resize.register_forward_hook(lambda module, given, answer: seen.append(tuple(answer.shape[2:])))
    assert fitted.predict(job(tmp_path).validation.examples).shape == (16, 3)
    assert set(seen) == {(240, 240)} and not caplog.text


@pytest.mark.slow
@pytest.mark.parametrize("thaw", [0, 1])
def test_a_frozen_network_keeps_the_weights_it_began_with(thaw: int, tmp_path: Path) -> None:
    """From a folder; the layer on top learns."""
    from omloop.train.backbones import ResNetConfig, ResNetForImageClassification

    shape: Any = {"depths": [1, 1], "hidden_sizes": [8, 16], "embedding_size": 8, "layer_type": "basic"}
    saved = ResNetForImageClassification(ResNetConfig(**shape, num_labels=2))
    saved.save_pretrained(tmp_path / "weights")
    options: dict[str, Any] = {"weights": str(tmp_path / "weights"), "frozen": True, "thaw": thaw, "epochs": 2}
    fitted = fit("resnet", tmp_path, last=True, **options)
    backbone = fitted.model.network.body[1].inner.network
    same = [torch.equal(value, backbone.state_dict()[name]) for name, value in saved.resnet.state_dict().items()]
    assert all(same) == (thaw == 0)


@pytest.mark.parametrize("name", ["cnn", "resnet", "efficientnet"])
def test_a_network_that_keeps_its_last_epoch_needs_no_validation_part(name: str) -> None:
    kept, stopped, watched = ({}, {"patience": 3}, {"schedule": "plateau"})
    last = [getattr(models, name)(last=True, **more) for more in (kept, stopped, watched)]
    assert [model.validates(model.config()) for model in last] == [False, True, True]
    assert getattr(models, name)().validates(getattr(models, name)().config())


def test_without_a_validation_part_a_network_learns_all_the_same(tmp_path: Path) -> None:
    model = models.cnn(**SMALL["cnn"], last=True)
    asked = job(tmp_path)
    nothing = Part(asked.validation.examples[:0], asked.validation.targets[:0], asked.validation.keys[:0])
    alone = replace(asked, config=model.config(), validation=nothing)
    assert model.fit(alone).predict(asked.train.examples).shape == (32, 3)


@pytest.mark.slow
def test_a_network_that_mirrors_answers_a_picture_and_its_mirror_image_alike(tmp_path: Path) -> None:
    from omloop.package import EXPORTERS, check_parity

    fitted = fit("cnn", tmp_path, mirror=True, mixup=0.2)
    pictures = job(tmp_path).validation.examples
    mirrored = pictures.copy()
    mirrored["pixels"] = pictures["pixels"][:, :, ::-1]
    np.testing.assert_allclose(fitted.predict(mirrored), fitted.predict(pictures), atol=1e-6)
    graph = EXPORTERS.load("torch")(fitted, INPUTS, OUTPUTS, pictures)
    assert check_parity(fitted, Session(graph, INPUTS, OUTPUTS), pictures, INPUTS.edges()).verified


@pytest.mark.slow
def test_a_network_that_mirrors_is_pruned_like_another(tmp_path: Path) -> None:
    pytest.importorskip("torch_pruning")
    from omloop.train.prune import fit_pruned

    asked, fitted = job(tmp_path), fit("cnn", tmp_path, mirror=True, widths=(16, 32))
    pruned = fit_pruned(fitted, asked, share=0.5, epochs=1)
    sizes = [sum(each.numel() for each in one.model.parameters()) for one in (pruned, fitted)]
    assert sizes[0] < 0.5 * sizes[1]
    assert pruned.predict(asked.train.examples).shape == (32, 3)


@pytest.mark.slow
def test_members_are_different_networks_that_answer_and_are_packaged_as_one(tmp_path: Path) -> None:
    from omloop.package import EXPORTERS, check_parity

    fitted, pictures = fit("cnn", tmp_path, members=3, mixup=0.2), job(tmp_path).validation.examples
    first, second, _ = (member.state_dict() for member in fitted.model.network.body[1].networks)
    assert not torch.equal(first["0.weight"], second["0.weight"])
    graph = EXPORTERS.load("torch")(fitted, INPUTS, OUTPUTS, pictures)
    assert check_parity(fitted, Session(graph, INPUTS, OUTPUTS), pictures, INPUTS.edges()).verified


@pytest.mark.slow
def test_members_are_pruned_alike(tmp_path: Path) -> None:
    pytest.importorskip("torch_pruning")
    from omloop.train.prune import fit_pruned

    asked, fitted = job(tmp_path), fit("cnn", tmp_path, members=2, widths=(16, 32))
    pruned = fit_pruned(fitted, asked, share=0.5, epochs=1)
    sizes = [sum(each.numel() for each in one.model.parameters()) for one in (pruned, fitted)]
    assert sizes[0] < 0.5 * sizes[1]
    assert pruned.predict(asked.train.examples).shape == (32, 3)


def test_no_members_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"model\.members=0 does not fit"):
        models.cnn(members=0).config()
