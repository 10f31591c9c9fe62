"""Networks side by side, as one."""

from pathlib import Path

import pytest

from omloop.testing.jobs import classes_job, number_job

torch = pytest.importorskip("torch")
answering = pytest.importorskip("omloop.train.answering")
COLUMNS, WIDTH = 3, 5


def several(answers: int, count: int = 2) -> "torch.nn.Module":  # type: ignore[name-defined]
    torch.manual_seed(0)
    members = answering.Members([torch.nn.Linear(COLUMNS, WIDTH) for _ in range(count)])
    return answering.HeadedNetwork(members, answering.MemberHead(count, WIDTH, answers))


def alone(network: "torch.nn.Module", index: int) -> "torch.nn.Module":  # type: ignore[name-defined]
    """A member as a network of its own."""
    layer, columns = torch.nn.Linear(WIDTH, network.head.layer.out_features), slice(index * WIDTH, (index + 1) * WIDTH)
    layer.weight.data, layer.bias.data = (
        network.head.layer.weight[:, columns].detach(),
        network.head.layer.bias.detach(),
    )
    return answering.HeadedNetwork(network.body.networks[index], layer)


def test_the_answer_is_the_mean_of_the_members_answers() -> None:
    network, rows = several(4).eval(), torch.randn(6, COLUMNS)
    torch.testing.assert_close(network(rows), (alone(network, 0)(rows) + alone(network, 1)(rows)) / 2)


@pytest.mark.parametrize("counted", [None, torch.tensor([1.0, 0.0, 2.0, 1.0, 0.5, 3.0])])
def test_while_they_learn_each_member_is_judged_by_itself(tmp_path: Path, counted: "torch.Tensor | None") -> None:  # type: ignore[name-defined]
    """Their loss is the mean of their own losses: no member learns to lean on another one."""
    job, rows = classes_job(tmp_path), torch.randn(6, COLUMNS)
    network, targets = several(len(job.outputs.classes)), torch.tensor([0, 1, 2, 0, 1, 2])
    both, first, second = (
        answering.Answering(one, job).train().loss([rows], targets, weights=counted)
        for one in (network, alone(network, 0), alone(network, 1))
    )
    torch.testing.assert_close(both, (first + second) / 2)


def test_a_number_is_learned_by_each_member_too(tmp_path: Path) -> None:
    job, rows, targets = number_job(tmp_path), torch.randn(6, COLUMNS), torch.arange(6.0)
    network = several(1, count=3)
    losses = [answering.Answering(alone(network, index), job).train().loss([rows], targets) for index in range(3)]
    together = answering.Answering(network, job)
    torch.testing.assert_close(together.train().loss([rows], targets), torch.stack(losses).mean())
    assert together.eval()(rows)[0].shape == (6,)
