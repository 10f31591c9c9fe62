"""Training networks: one Lightning trainer for every device and every kind of input."""

import logging
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint, RichProgressBar
from lightning.pytorch.plugins.environments import LightningEnvironment
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Sampler, TensorDataset

from omloop.bundle import Classes
from omloop.core import Fitted, Job, Kind, Part, TrainError
from omloop.train.preprocessing import TablePreprocessing
from omloop.train.process import has_bfloat16, interruptible, quiet, settled
from omloop.train.recipe import PLAIN, Recipe

__all__ = ["Answering", "Recipe", "TablePreprocessing", "fit_network"]

WATCHED = "validation_loss"
PREDICT_ROWS = 1024
CHECKPOINT = "last"
LOG = logging.getLogger("omloop.train")


def fit_network(
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
    number is learned standardised by the training targets and answered in its own unit. Training stops after `patience`
    epochs without a better validation loss (mean squared error of the standardised number, or cross entropy); both
    losses are logged by epoch. After each epoch a checkpoint is put in `job.folder`; a training that finds one there,
    because it was killed, goes on from it and ends with the very weights that it would have had. Raises TrainError when
    the loss is never a finite number.
    """
    with settled(job.seed), quiet():
        answering = Answering(build(), job)
        best = _Best()
        # The checkpoint comes last, so that it holds what the others learned from the epoch.
        trainer = _trainer(job, epochs, [best, _Log(job), *_stopping(job, patience), _checkpoint(job)], recipe)
        learning = _Learning(answering, lr=lr, weight_decay=weight_decay, seed=job.seed, recipe=recipe)
        batches = _batches(job, job.train, batch_size, shuffle=True), _batches(job, job.validation, batch_size)
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
    return Fitted("torch", answering, _predictor(answering, job.inputs))


class Answering(torch.nn.Module):
    """A network with its last step: back to the target's own unit, or from logits to probabilities.

    It is packaged whole. Targets are standardised by the training part's mean and standard deviation.
    """

    centre: torch.Tensor
    spread: torch.Tensor

    def __init__(self, network: torch.nn.Module, job: Job) -> None:
        super().__init__()
        self.network = network
        self.classes = isinstance(job.outputs, Classes)
        targets = np.zeros(1) if self.classes else job.train.targets
        self.register_buffer("centre", torch.tensor(float(targets.mean())))
        self.register_buffer("spread", torch.tensor(float(targets.std()) or 1.0))
        self.counts: NDArray[np.int64] | None = None
        if isinstance(job.outputs, Classes):
            self.counts = np.bincount(job.train.targets, minlength=len(job.outputs.classes))

    def weights(self, balance: float) -> torch.Tensor | None:
        """A weight a class, 1 on average over the training examples; None where all count alike."""
        if self.counts is None or not balance:
            return None
        weights = np.maximum(self.counts, 1) ** -balance
        weights *= self.counts.sum() / (weights * self.counts).sum()
        return torch.tensor(weights, dtype=torch.float32, device=self.centre.device)

    def forward(self, *feeds: torch.Tensor) -> torch.Tensor:
        """Answer: shape (n,) for a number, (n, classes) probabilities for classes."""
        raw = self.network(*feeds)
        return torch.softmax(raw, dim=1) if self.classes else raw.squeeze(1) * self.spread + self.centre

    def loss(self, feeds: list[torch.Tensor], targets: torch.Tensor, **how: Any) -> torch.Tensor:
        """The mean loss of a batch; `how` is what `cross_entropy` may be told."""
        raw = self.network(*feeds)
        if self.classes:
            return torch.nn.functional.cross_entropy(raw, targets, **how)
        return torch.nn.functional.mse_loss(raw.squeeze(1), (targets - self.centre) / self.spread)


class _Learning(pl.LightningModule):  # type: ignore[misc]
    """The training and validation steps, as Lightning calls them."""

    def __init__(self, answering: Answering, *, lr: float, weight_decay: float, seed: int, recipe: Recipe) -> None:
        super().__init__()
        self.recipe = recipe
        self.answering = answering
        self.lr = lr
        self.weight_decay = weight_decay
        self.seed = seed

    def on_train_batch_start(self, batch: list[torch.Tensor], _: int) -> None:
        # Dropout and augmentation draw the same numbers whether or not the training was interrupted before.
        torch.manual_seed(self.seed * 1_000_003 + self.global_step)

    def training_step(self, batch: list[torch.Tensor], _: int) -> torch.Tensor:
        feeds, how = batch[:-1], {}
        if self.recipe.augment is not None:
            feeds = [self.recipe.augment(feeds[0]), *feeds[1:]]
        if self.answering.classes:
            how = {"weight": self.answering.weights(self.recipe.balance), "label_smoothing": self.recipe.smoothing}
        loss = self.answering.loss(feeds, batch[-1], **how)
        self.log("train_loss", loss, on_step=False, on_epoch=True, prog_bar=True, batch_size=len(batch[-1]))
        return loss

    def validation_step(self, batch: list[torch.Tensor], _: int) -> None:
        loss = self.answering.loss(batch[:-1], batch[-1])
        self.log(WATCHED, loss, prog_bar=True, batch_size=len(batch[-1]))

    def configure_optimizers(self) -> Any:
        optimiser = torch.optim.AdamW(self.parameters(), lr=self.lr, weight_decay=self.weight_decay)
        if not self.recipe.one_cycle:
            return optimiser
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=self.lr, total_steps=steps)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


class _Best(Callback):  # type: ignore[misc]
    """Keeps the weights of the epoch with the lowest loss; in memory, so that a full disk cannot lose them."""

    def __init__(self) -> None:
        self.loss = float("inf")
        self.weights: dict[str, torch.Tensor] | None = None

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        loss = float(trainer.callback_metrics.get(WATCHED, trainer.callback_metrics["train_loss"]))
        if loss < self.loss:
            self.loss = loss
            self.weights = {name: value.detach().cpu().clone() for name, value in module.answering.state_dict().items()}

    def state_dict(self) -> dict[str, Any]:
        return {"loss": self.loss, "weights": self.weights}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.loss, self.weights = state_dict["loss"], state_dict["weights"]


class _Log(Callback):  # type: ignore[misc]
    """Hands each epoch's losses to the job."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        losses = {name: float(loss) for name, loss in trainer.callback_metrics.items()}
        self.job.log(trainer.current_epoch, losses)


def _stopping(job: Job, patience: int) -> list[Any]:
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


def _trainer(job: Job, epochs: int, callbacks: list[Any], recipe: Recipe) -> Any:
    terminal = sys.stderr.isatty()
    bar = [RichProgressBar(console_kwargs={"stderr": True})] if terminal else []
    return pl.Trainer(
        accelerator="auto",
        precision="bf16-mixed" if recipe.mixed and has_bfloat16() else "32-true",
        devices=1,
        max_epochs=epochs,
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


class _Batches(Sampler[list[int]]):
    """Row numbers, a whole batch at once: one index operation instead of one a row.

    With `shuffle` their order is drawn from the seed and the epoch alone, which Lightning tells through `set_epoch`.
    """

    def __init__(self, rows: int, size: int, *, shuffle: bool, seed: int) -> None:
        self.rows, self.size, self.shuffle, self.seed, self.epoch = rows, size, shuffle, seed, 0
        # A last batch of one row has no spread, which batch normalisation cannot train on.
        self.used = rows - 1 if shuffle and rows > size and rows % size == 1 else rows

    def __len__(self) -> int:
        return math.ceil(self.used / self.size)

    def __iter__(self) -> Iterator[list[int]]:
        # Drawn when the first batch is asked for: a resumed training is told its epoch only after it asked for batches.
        order = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        rows = torch.randperm(self.rows, generator=order) if self.shuffle else torch.arange(self.rows)
        for start in range(0, self.used, self.size):
            yield rows[start : min(start + self.size, self.used)].tolist()

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch


def _batches(job: Job, part: Part, size: int, *, shuffle: bool = False) -> Any:
    """Batches of feeds with targets behind them."""
    targets = part.targets if isinstance(job.outputs, Classes) else part.targets.astype(np.float32)
    data = TensorDataset(*_tensors(job.inputs, part.examples), torch.from_numpy(targets))
    return DataLoader(data, sampler=_Batches(len(part), size, shuffle=shuffle, seed=job.seed), batch_size=None)


def _tensors(inputs: Kind, examples: NDArray[Any]) -> list[torch.Tensor]:
    return [torch.from_numpy(np.ascontiguousarray(feed)) for feed in inputs.feeds(examples).values()]


def _predictor(answering: Answering, inputs: Kind) -> Callable[[NDArray[Any]], NDArray[np.float64]]:
    def predict(examples: NDArray[Any]) -> NDArray[np.float64]:
        answering.eval()
        feeds = _tensors(inputs, examples)
        with torch.inference_mode():
            pieces = [
                answering(*piece) for piece in zip(*(torch.split(feed, PREDICT_ROWS) for feed in feeds), strict=True)
            ]
        return torch.cat(pieces).double().numpy()

    return predict
