"""Parts of a network that do not learn, or not yet."""

from pathlib import Path
from typing import Any

import pytest

from omloop.testing.jobs import number_job

torch = pytest.importorskip("torch")
training = pytest.importorskip("omloop.train.lightning")

from omloop.train.frozen import Frozen, thawed  # noqa: E402


def body() -> Any:
    torch.manual_seed(7)
    return torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.BatchNorm1d(8), torch.nn.ReLU())


def learned(folder: Path, thaw: int | None) -> Any:
    def build() -> Any:
        return training.HeadedNetwork(Frozen(body(), thaw), torch.nn.Linear(8, 1))

    fitted = training.fit_network(build, number_job(folder), epochs=2, recipe=training.Recipe(last=True))
    return fitted.model.network.body.inner.state_dict()


@pytest.mark.parametrize(("thaw", "moved"), [(None, False), (1, True)], ids=["for good", "for one epoch"])
def test_frozen_weights_and_statistics_stay_as_they_were_until_they_thaw(
    thaw: int | None, moved: bool, tmp_path: Path
) -> None:
    before, after = body().state_dict(), learned(tmp_path, thaw)
    assert all(not torch.equal(before[name], after[name]) for name in before) == moved
    assert all(torch.equal(before[name], after[name]) for name in before) == (not moved)


def test_a_thawed_network_learns_from_the_first_epoch_on() -> None:
    frozen = Frozen(body())
    assert not any(one.requires_grad for one in frozen.parameters())
    thawed(frozen).begin(0)
    assert all(one.requires_grad for one in frozen.parameters()) and frozen.inner.training


def test_what_began_in_evaluation_stays_so_when_it_thaws() -> None:
    """Weights of a hub come so."""
    frozen = Frozen(body().eval(), thaw=1)
    frozen.begin(1)
    assert all(one.requires_grad for one in frozen.parameters()) and not frozen.inner.training
