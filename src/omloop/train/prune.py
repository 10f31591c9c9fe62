"""A trained network with fewer channels: without whole channels, every engine is faster."""

import copy

import torch
import torch_pruning

from omloop.core import Fitted, Job, TrainError
from omloop.train.batching import tensors
from omloop.train.frozen import thawed
from omloop.train.lightning import Answering, fit_network

EPOCHS, RATE = 5, 3e-4
ROUND_TO = 8
"""Channels remain in multiples of what a CPU multiplies at once."""


def fit_pruned(fitted: Fitted, job: Job, *, share: float, epochs: int = EPOCHS) -> Fitted:
    """A copy of a trained network without a `share` of the channels of each layer, trained on for some epochs.

    It removes the channels with the smallest weights, and all that depends on them (Fang et al. 2023, DepGraph), so
    that the network may branch and add as it likes. The last layer keeps its outputs. Raises TrainError for anything
    but a network of `fit_network`, and for one that it cannot prune.
    """
    if not isinstance(fitted.model, Answering):
        raise TrainError("Only a network can be pruned. Set optimise.prune=0, or choose one.")
    network = thawed(copy.deepcopy(fitted.model.network)).eval()
    dense = [module for module in network.modules() if isinstance(module, torch.nn.Linear)]
    example = tuple(tensors(job.inputs, job.train.examples[:2]))
    try:
        torch_pruning.pruner.MagnitudePruner(
            network,
            example,
            importance=torch_pruning.importance.GroupMagnitudeImportance(p=2),
            pruning_ratio=share,
            ignored_layers=dense[-1:],
            round_to=ROUND_TO,
        ).step()
        with torch.inference_mode():
            network(*example)
    except Exception as error:  # it raises whatever a layer makes it stumble over
        raise TrainError(f"The network cannot be pruned: {type(error).__name__}: {error}") from error
    return fit_network(lambda: network, job, epochs=epochs, lr=RATE)
