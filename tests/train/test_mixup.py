"""Batches as a network learns from them."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

from omloop.train.mixup import mixup, training_batch  # noqa: E402
from omloop.train.recipe import Recipe  # noqa: E402

CODES = torch.tensor([1, 0, 2, 1])
FEEDS = [torch.nn.functional.one_hot(CODES, 3).to(torch.uint8), torch.arange(4)]
"""A first feed that says what the target is, so that both can be seen to be mixed alike."""


def test_examples_and_targets_are_mixed_alike() -> None:
    torch.manual_seed(1)
    feeds, targets, _ = mixup((FEEDS, CODES, None), 1.0, 3)
    assert torch.equal(feeds[0], targets)
    assert torch.allclose(targets.sum(dim=1), torch.ones(4))
    assert bool((targets.gather(1, CODES[:, None]) >= 0.5).all())
    assert torch.equal(feeds[1], FEEDS[1])


def test_numbers_and_weights_are_mixed_alike() -> None:
    torch.manual_seed(1)
    numbers = torch.tensor([1.0, 2.0, 3.0, 4.0])
    feeds, targets, weights = mixup(([numbers[:, None]], numbers, numbers), 1.0, 0)
    assert torch.equal(feeds[0][:, 0], targets)
    assert weights is not None and torch.equal(weights, targets)
    assert not torch.equal(targets, numbers)


def test_shares_of_classes_stay_shares() -> None:
    shares = torch.tensor([[0.5, 0.5], [1.0, 0.0]])
    _, targets, _ = mixup(([torch.zeros(2, 1)], shares, None), 0.2, 2)
    assert torch.allclose(targets.sum(dim=1), torch.ones(2))


def test_a_plain_recipe_leaves_a_batch_as_it_is() -> None:
    feeds, targets, weights = training_batch((FEEDS, CODES, None), Recipe(), 3)
    assert feeds is FEEDS
    assert targets is CODES
    assert weights is None


def test_what_is_mixed_was_augmented_before() -> None:
    def brighter(pictures: torch.Tensor) -> torch.Tensor:
        return pictures.float() + 10

    feeds, _, _ = training_batch((FEEDS, CODES, None), Recipe(augment=brighter, mixup=0.2), 3)
    assert torch.allclose(feeds[0].sum(dim=1), torch.full((4,), 31.0))
