"""What a network's training steps cost."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("pyinstrument")

from omloop.profile.steps import LEFT_OUT, LOOKED_AT, steps  # noqa: E402


def trained(count: int) -> float:
    torch.manual_seed(0)
    network = torch.nn.Linear(4, 2)
    optimiser = torch.optim.AdamW(network.parameters())
    data = torch.utils.data.DataLoader(torch.ones(count, 4), batch_size=1)
    for rows in data:
        optimiser.zero_grad()
        network(rows).sum().backward()
        optimiser.step()
    return float(network.weight.detach().sum())


def test_operators_and_data_loading_of_a_few_steps_are_told() -> None:
    with steps() as seen:
        trained(20)
    assert seen.count == LOOKED_AT
    assert "aten::addmm" in [one.name for one in seen.operators]
    assert 0 < seen.loading_s < seen.seconds


def test_a_training_of_too_few_steps_is_left_alone() -> None:
    for count in (1, LEFT_OUT, LEFT_OUT + 1):
        with steps() as seen:
            trained(count)
        assert (seen.count, seen.operators) == (0, [])


def test_the_weights_are_those_of_a_training_that_nobody_looked_at() -> None:
    alone = trained(20)
    with steps():
        assert trained(20) == alone
