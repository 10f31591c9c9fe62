"""A network that its owner trained, with its last step: it takes what a kind feeds, and answers as a bundle does."""

from copy import deepcopy
from typing import Any, Literal

import torch

from omloop.core import TrainError, first_line

Layout = Literal["rows", "channels first", "channels last", "flat"]
LAYOUTS: tuple[Layout, ...] = ("channels first", "channels last", "flat")
"""The forms in which networks take pictures, the usual one first."""
Answers = Literal["logits", "probabilities", "number"]


class GivenNetwork(torch.nn.Module):
    """A copy of a trained network, on the CPU and in evaluation mode, in float32.

    With a `layout` of pictures it takes uint8 of shape (n, height, width, channels), and the network gets values from 0
    to 1. With `rows` the network gets the unchanged input. It answers (n, classes) probabilities, or (n,) numbers. A
    single logit or probability is that of the second of two classes.
    """

    def __init__(self, network: torch.nn.Module, layout: Layout, answers: Answers) -> None:
        super().__init__()
        self.network = deepcopy(network).cpu().float().eval()
        self.layout = layout
        self.answers = answers

    def forward(self, feed: torch.Tensor) -> torch.Tensor:
        """Answer a batch."""
        raw = self.raw(feed)
        if self.answers == "number":
            return raw.reshape(raw.shape[0])
        if raw.dim() == 1:
            raw = raw.unsqueeze(1)
        if raw.shape[1] > 1:
            return torch.softmax(raw, dim=1) if self.answers == "logits" else raw
        second = torch.sigmoid(raw) if self.answers == "logits" else raw
        return torch.cat([1 - second, second], dim=1)

    def raw(self, feed: torch.Tensor) -> torch.Tensor:
        """What the network itself answers."""
        if self.layout != "rows":
            feed = feed.to(torch.float32) / 255
        if self.layout == "channels first":
            feed = feed.permute(0, 3, 1, 2)
        if self.layout == "flat":
            feed = feed.flatten(1)
        answer = self.network(feed)
        answer = getattr(answer, "logits", answer)
        found: torch.Tensor = answer[0] if isinstance(answer, tuple | list) else answer
        return found


def given_network(network: torch.nn.Module, feed: Any, *, classes: bool, answers: Answers | None) -> GivenNetwork:
    """The network to package; some examples, as a kind's `feed` has them, show what it takes and how it answers.

    Of pictures the layout is the first that it takes. For `classes`, outputs count as probabilities if they lie between
    0 and 1 and each row sums to 1, unless `answers` says. Raises TrainError for a network that takes no such examples,
    or answers otherwise than one row an example.
    """
    batch, errors = torch.from_numpy(feed), []
    pictures = feed.ndim == 4
    for layout in LAYOUTS if pictures else ("rows",):
        found = GivenNetwork(network, layout, answers or "logits")
        try:
            with torch.inference_mode():
                raw = found.raw(batch)
        except Exception as error:  # a network raises whatever its layers meet
            errors.append(f"{layout}: {first_line(error)}" if pictures else first_line(error))
            continue
        if raw.dim() > 2 or len(raw) != len(feed):
            errors.append(f"{layout}: it answers {tuple(raw.shape)} to {len(feed)} examples")
            continue
        if not classes and raw.numel() != len(feed):
            raise TrainError(
                f"The network answers {tuple(raw.shape)} to {len(feed)} examples, and one number is needed."
            )
        found.answers = "number" if not classes else answers or _seen(raw)
        return found
    form = "(n, channels, height, width) from 0 to 1" if pictures else f"(n, {feed.shape[1]})"
    raise TrainError(
        f"The network takes no float32 {form}: {'; '.join(errors)}. Put what prepares them inside: "
        "torch.nn.Sequential(prepare, network)."
    )


def width_of(network: torch.nn.Module, feed: Any) -> int:
    """How many numbers a network answers to one example."""
    found = given_network(network, feed, classes=True, answers="logits")
    with torch.inference_mode():
        raw = found.raw(torch.from_numpy(feed))
    return 1 if raw.dim() == 1 else int(raw.shape[1])


def _seen(raw: torch.Tensor) -> Answers:
    between = bool(((raw >= 0) & (raw <= 1)).all())
    whole = raw.dim() == 1 or raw.shape[1] == 1 or bool(((raw.sum(dim=1) - 1).abs() < 1e-3).all())
    return "probabilities" if between and whole else "logits"
