"""Training networks: one Lightning trainer for every device and every kind of input."""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint, RichProgressBar
from lightning.pytorch.plugins.environments import LightningEnvironment
from numpy.typing import NDArray

from omloop.core import ExampleArray, Feeds, Fitted, Job, NumberArray, TrainError
from omloop.kinds import Classes
from omloop.train.batching import in_batches, loader
from omloop.train.preprocessing import TablePreprocessing
from omloop.train.process import has_bfloat16, interruptible, quiet, seeded_process
from omloop.train.recipe import PLAIN, Recipe

__all__ = ["Answering", "HeadedNetwork", "Recipe", "TablePreprocessing", "fit_network"]

WATCHED = "validation_loss"
COORDINATES = 8
LOOKED_AT = 1024
CHECKPOINT = "last"
LOG = logging.getLogger("omloop.train")


def fit_network(  # noqa: PLR0913  hyperparameters, which a project names one by one
    build: Callable[[], torch.nn.Module],
    job: Job,
    *,
    epochs: int = 100,
    lr: float = 1e-3,
    batch_size: int = 64,
    patience: int = 10,
    weight_decay: float = 0.0,
    recipe: Recipe = PLAIN,
) -> Fitted:
    """Train the network that `build` makes by AdamW (Loshchilov and Hutter, 2019), and return it at its best epoch.

    `build` is called after the seed is set, so that the first weights are reproducible too. The network takes the
    tensors of `job.inputs.feeds`, in that order, and gives (n, 1) for a number or (n, classes) logits for classes. A
    number is learned standardised by the training targets and answered in its own unit. Examples count by the part's
    weights. Training stops after `patience`
    epochs without a better validation loss (mean squared error of the standardised number, or cross entropy); both
    losses are logged by epoch. Targets of classes may be shares, of shape (n, classes), too. After each epoch a
    checkpoint is put in `job.folder`; a training that finds one there, because it was killed, goes on from it and ends
    with the very weights that it would have had. Raises TrainError when the loss is never a finite number.
    """
    with seeded_process(job.seed), quiet():
        answering = Answering(build(), job)
        best = _Best(last=recipe.last)
        # The checkpoint comes last, so that it holds what the others learned from the epoch.
        trainer = _trainer(job, epochs, [best, _Log(job), *_stopping(job, patience), _checkpoint(job)], recipe)
        weighted = len(job.train.weights) > 0
        learning = _Learning(
            answering, lr=lr, weight_decay=weight_decay, seed=job.seed, recipe=recipe, weighted=weighted
        )
        how = {"by_length": recipe.by_length}
        batches = (
            loader(job, job.train, batch_size, shuffle=True, **how),
            loader(job, job.validation, batch_size, **how),
        )
        with interruptible():
            trainer.fit(learning, *batches, ckpt_path=_interrupted(job), weights_only=True)
    _checkpoint_path(job).unlink(missing_ok=True)
    if best.weights is None:
        raise TrainError(
            "The training diverged: its loss was never a finite number. Try a lower learning rate than "
            f"{lr:g}, such as model.lr={lr / 10:g}."
        )
    answering.load_state_dict(best.weights)
    answering.cpu().eval()
    if isinstance(answering.network, HeadedNetwork):
        answering.look(_features(answering.network.body, job))
    return Fitted("torch", answering, _predictor(answering, job.inputs))


class HeadedNetwork(torch.nn.Module):
    """A network in two: a `body` that makes features, shape (n, features), and a `head` that reads them.

    What the body sees in live data can be watched: the packaged graph also answers the first principal coordinates of
    the features; see `omloop.bundle.engine.embedding`.
    """

    def __init__(self, body: torch.nn.Module, head: torch.nn.Module) -> None:
        super().__init__()
        self.body = body
        self.head = head

    def forward(self, *feeds: torch.Tensor) -> torch.Tensor:
        """The head's answer."""
        answer: torch.Tensor = self.head(self.body(*feeds))
        return answer


class Answering(torch.nn.Module):
    """A network with its last step: back to the target's own unit, or from logits to probabilities.

    It is packaged whole. Targets are standardised by the training part's mean and standard deviation. Once `look` has
    seen examples, a `HeadedNetwork` network's features are answered too, as coordinates.
    """

    centre: torch.Tensor
    spread: torch.Tensor
    origin: torch.Tensor | None
    axes: torch.Tensor | None

    def __init__(self, network: torch.nn.Module, job: Job) -> None:
        super().__init__()
        self.network = network
        self.classes = isinstance(job.outputs, Classes)
        targets = np.zeros(1) if self.classes else job.train.targets
        self.register_buffer("centre", torch.tensor(float(targets.mean())))
        self.register_buffer("spread", torch.tensor(float(targets.std()) or 1.0))
        self.register_buffer("origin", None)
        self.register_buffer("axes", None)
        self.counts: NumberArray | None = None
        if isinstance(job.outputs, Classes):
            targets = job.train.targets
            known = (
                targets.sum(axis=0) if targets.ndim == 2 else np.bincount(targets, minlength=len(job.outputs.classes))
            )
            self.counts = known

    def weights(self, balance: float) -> torch.Tensor | None:
        """A weight a class, 1 on average over the training examples; None where all count alike."""
        if self.counts is None or not balance:
            return None
        weights = np.maximum(self.counts, 1) ** -balance
        weights *= self.counts.sum() / (weights * self.counts).sum()
        return torch.tensor(weights, dtype=torch.float32, device=self.centre.device)

    def look(self, features: torch.Tensor) -> None:
        """Learn the axes of the coordinates: principal components of features, each scaled to a deviation of 1."""
        self.origin = features.mean(dim=0)
        _, spread, axes = torch.linalg.svd(features - self.origin, full_matrices=False)
        most = min(COORDINATES, *features.shape)
        deviations = spread[:most].clamp(min=1e-6) / math.sqrt(len(features))
        self.axes = (axes[:most] / deviations[:, None]).T.contiguous()

    def forward(self, *feeds: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Answer: shape (n,) for a number, (n, classes) probabilities for classes; then coordinates, if there are."""
        if self.axes is None or self.origin is None:
            return (self._answer(self.network(*feeds)),)
        features = self.network.body(*feeds)  # type: ignore[operator]
        answer = self._answer(self.network.head(features))  # type: ignore[operator]
        return answer, (features - self.origin) @ self.axes

    def _answer(self, raw: torch.Tensor) -> torch.Tensor:
        return torch.softmax(raw, dim=1) if self.classes else raw.squeeze(1) * self.spread + self.centre

    def loss(
        self,
        feeds: list[torch.Tensor],
        targets: torch.Tensor,
        *,
        recipe: Recipe | None = None,
        weights: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The mean loss of a batch, with classes weighed and labels smoothed as `recipe` says.

        `weights` of shape (n,) say how much each example counts.
        """
        if weights is not None:
            losses = self._losses(feeds, targets, recipe or PLAIN)
            return (losses * weights).sum() / weights.sum().clamp(min=1e-12)
        raw = self.network(*feeds)
        if self.classes and recipe is not None:
            losses = torch.nn.functional.cross_entropy(raw, targets, label_smoothing=recipe.smoothing, reduction="none")
            # Not cross_entropy's own weights: they would hand most of the smoothing to the rarest classes.
            weights = self.weights(recipe.balance)
            if weights is None:
                return losses.mean()
            weighed = targets @ weights if targets.ndim == 2 else weights[targets]
            return (losses * weighed).sum() / weighed.sum()
        if self.classes:
            return torch.nn.functional.cross_entropy(raw, targets)
        return torch.nn.functional.mse_loss(raw.squeeze(1), (targets - self.centre) / self.spread)

    def _losses(self, feeds: list[torch.Tensor], targets: torch.Tensor, recipe: Recipe) -> torch.Tensor:
        """Each example's loss, shape (n,), a rare class's as much more as `recipe` says."""
        raw = self.network(*feeds)
        if not self.classes:
            return torch.square(raw.squeeze(1) - (targets - self.centre) / self.spread)
        losses = torch.nn.functional.cross_entropy(raw, targets, label_smoothing=recipe.smoothing, reduction="none")
        by_class = self.weights(recipe.balance)
        if by_class is None:
            return losses
        return losses * (targets @ by_class if targets.ndim == 2 else by_class[targets])


class _Learning(pl.LightningModule):  # type: ignore[misc]
    """The training and validation steps, as Lightning calls them."""

    def __init__(
        self, answering: Answering, *, lr: float, weight_decay: float, seed: int, recipe: Recipe, weighted: bool
    ) -> None:
        super().__init__()
        self.recipe = recipe
        self.weighted = weighted
        self.answering = answering
        self.lr = lr
        self.weight_decay = weight_decay
        self.seed = seed

    def on_train_batch_start(self, batch: list[torch.Tensor], _: int) -> None:
        # Dropout and augmentation draw the same numbers whether or not the training was interrupted before.
        torch.manual_seed(self.seed * 1_000_003 + self.global_step)

    def training_step(self, batch: list[torch.Tensor], _: int) -> torch.Tensor:
        feeds, targets, weights = self._split(batch)
        if self.recipe.augment is not None:
            feeds = [self.recipe.augment(feeds[0]), *feeds[1:]]
        loss = self.answering.loss(feeds, targets, recipe=self.recipe, weights=weights)
        self.log("train_loss", loss, on_step=False, on_epoch=True, prog_bar=True, batch_size=len(targets))
        return loss

    def validation_step(self, batch: list[torch.Tensor], _: int) -> None:
        feeds, targets, weights = self._split(batch)
        loss = self.answering.loss(feeds, targets, weights=weights)
        self.log(WATCHED, loss, prog_bar=True, batch_size=len(targets))

    def _split(self, batch: list[torch.Tensor]) -> tuple[list[torch.Tensor], torch.Tensor, torch.Tensor | None]:
        """Feeds, targets and weights of a batch."""
        if self.weighted:
            *feeds, targets, weights = batch
            return feeds, targets, weights
        *feeds, targets = batch
        return feeds, targets, None

    def configure_optimizers(self) -> Any:
        optimiser = torch.optim.AdamW(self.parameters(), lr=self.lr, weight_decay=self.weight_decay)
        if not self.recipe.one_cycle:
            return optimiser
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=self.lr, total_steps=steps)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


class _Best(Callback):  # type: ignore[misc]
    """Keeps the weights of the epoch with the lowest loss, or of the `last`; in memory: a full disk loses nothing."""

    def __init__(self, *, last: bool) -> None:
        self.last = last
        self.loss = float("inf")
        self.weights: dict[str, torch.Tensor] | None = None

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        loss = float(trainer.callback_metrics.get(WATCHED, trainer.callback_metrics["train_loss"]))
        if loss < self.loss or (self.last and math.isfinite(loss)):
            self.loss = loss
            self.weights = {name: value.detach().cpu().clone() for name, value in module.answering.state_dict().items()}

    def state_dict(self) -> dict[str, object]:
        return {"loss": self.loss, "weights": self.weights}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.loss, self.weights = state_dict["loss"], state_dict["weights"]


class _Log(Callback):  # type: ignore[misc]
    """Hands each epoch's losses to the job, and ends the training where the job says so."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        losses = {name: float(loss) for name, loss in trainer.callback_metrics.items()}
        if self.job.log(trainer.current_epoch, losses) is False:
            trainer.should_stop = True


def _stopping(job: Job, patience: int) -> list[object]:
    """Without a validation part there is nothing to stop by."""
    return [EarlyStopping(WATCHED, patience=patience, check_finite=True)] if len(job.validation) else []


def _checkpoint(job: Job) -> Any:
    return ModelCheckpoint(job.folder, filename=CHECKPOINT, save_top_k=1, monitor=None, save_on_train_epoch_end=True)


def _checkpoint_path(job: Job) -> Path:
    return Path(job.folder) / f"{CHECKPOINT}.ckpt"


def _interrupted(job: Job) -> str | None:
    """The checkpoint of a training of the same job that was killed, if it can be read."""
    path = _checkpoint_path(job)
    try:
        torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        return None
    except Exception as error:  # torch raises a dozen unrelated classes for a file that was cut
        LOG.warning("%s cannot be read, so training begins again: %s", path, error)
        path.unlink()
        return None
    LOG.info("going on from %s", path)
    return str(path)


def _trainer(job: Job, epochs: int, callbacks: list[object], recipe: Recipe) -> Any:
    terminal = sys.stderr.isatty()
    bar = [RichProgressBar(console_kwargs={"stderr": True})] if terminal else []
    return pl.Trainer(
        accelerator="auto",
        precision="bf16-mixed" if recipe.mixed and has_bfloat16() else "32-true",
        devices=1,
        max_epochs=epochs,
        gradient_clip_val=recipe.clip or None,
        callbacks=[*callbacks, *bar],
        # Lightning would otherwise read the environment of a Slurm job and wait for other processes of it.
        plugins=[LightningEnvironment()],
        default_root_dir=str(job.folder),
        deterministic="warn",
        logger=False,
        enable_checkpointing=True,
        enable_progress_bar=terminal,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )


def _features(body: torch.nn.Module, job: Job) -> torch.Tensor:
    """What the body makes of some training examples, evenly from all of them; shape (n, features)."""
    step = max(1, len(job.train) // LOOKED_AT)
    return in_batches(body, job.inputs, job.train.examples[::step])


def _predictor(answering: Answering, inputs: Feeds) -> Callable[[NumberArray], NDArray[np.float64]]:
    def predict(examples: ExampleArray) -> NDArray[np.float64]:
        answering.eval()
        return in_batches(answering, inputs, examples).double().numpy()

    return predict
