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
from lightning.pytorch.strategies import DDPStrategy
from numpy.typing import NDArray

from omloop.core import ExampleArray, Feeds, Fitted, Job, NumberArray, TrainError
from omloop.train.answering import Answering, HeadedNetwork
from omloop.train.averaging import Averaging
from omloop.train.batching import ALL, Lesson, Share, in_batches, lesson_of, loader
from omloop.train.frozen import Frozen
from omloop.train.mixup import training_batch
from omloop.train.optimisers import Maker, optimiser_of, schedule_of
from omloop.train.pace import at_pace
from omloop.train.plan import Plan, Step
from omloop.train.preprocessing import TablePreprocessing
from omloop.train.process import has_bfloat16, interruptible, quiet, seeded_process
from omloop.train.recipe import PLAIN, Recipe

__all__ = ["Answering", "Frozen", "HeadedNetwork", "Recipe", "TablePreprocessing", "fit_network"]

WATCHED = "validation_loss"
RATE = "learning_rate"
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
    optimiser: str | Maker = "adamw",
    step: Step | None = None,
    recipe: Recipe = PLAIN,
) -> Fitted:
    """Train the network that `build` makes, by AdamW (Loshchilov and Hutter, 2019), and return it at its best epoch.

    It calls `build` after setting the seed, so that the initial weights are reproducible too. The network takes the
    tensors of `job.inputs.feeds`, in that order, and gives (n, 1) for a number or (n, classes) logits for classes. It
    standardises a number by the training targets, and answers in the number's own unit. Examples count by the part's
    weights. Training stops after `patience` epochs without a better validation loss (mean squared error of the
    standardised number, or cross entropy). It logs both losses by epoch. Targets of classes may also be shares, of
    shape (n, classes). Each epoch leaves a checkpoint in `job.folder`. If a training was killed, the next one continues
    from it, and ends with exactly the same weights.

    `optimiser` is `adam`, `adamw` or `sgd`, or a function that makes one of the network's parameters, alone or in a
    pair with a scheduler, which then steps after each epoch; `lr`, `weight_decay` and the recipe's schedule do not
    apply to a function. `step` computes the loss of a batch instead of omloop. Its arguments are the network and the
    batch's tensors: feeds first, then targets (a number's standardised), then weights if the records have any.

    Raises TrainError if the loss is never finite, or if the project's own optimiser or loss is invalid.
    """
    plan = Plan(epochs, lr, batch_size, patience, weight_decay, optimiser, step, recipe)
    with seeded_process(job.seed), quiet():
        answering = Answering(build(), job, recipe)
        lessons = lesson_of(job, job.train), lesson_of(job, job.validation)
        if recipe.devices == 1:
            best = learned(answering, lessons, job, at_pace(answering, lessons[0], job, plan))
        else:
            from omloop.train.replicas import learned_in_replicas

            best = learned_in_replicas(answering, lessons, job, plan)
    _checkpoint_path(job).unlink(missing_ok=True)
    if best is None:
        raise TrainError(
            "The training diverged: its loss was never a finite number. Try a lower learning rate than "
            f"{lr:g}, such as model.lr={lr / 10:g}."
        )
    answering.load_state_dict(best)
    answering.cpu().eval()
    if isinstance(answering.network, HeadedNetwork):
        answering.look(_features(answering.network.body, job))
    return Fitted("torch", answering, _predictor(answering, job.inputs))


def learned(
    answering: Answering, lessons: tuple[Lesson, Lesson], job: Job, plan: Plan, share: Share = ALL
) -> dict[str, torch.Tensor] | None:
    """The weights at the best epoch, learned in this process from a `share` of each batch; None if no loss was finite.

    It uses the seed, the log and the folder of the job. The lessons are for training and for validation.
    """
    train, validation = lessons
    averaging = [Averaging(plan.recipe.average)] if plan.recipe.average else []
    best = _Best(*averaging, last=plan.recipe.last)
    # The checkpoint comes last, so that it holds what the others learned from the epoch.
    callbacks = [*averaging, best, _Log(job), *_stopping(len(validation), plan.patience), _checkpoint(job)]
    trainer = _trainer(job, plan, callbacks, share)
    how: dict[str, Any] = {"by_length": plan.recipe.by_length}
    few = len(validation) < share.of  # everybody validates by all of so few: nobody may be left without
    batches = (
        loader(train, plan.batch_size, job.seed, shuffle=True, share=share, **how),
        loader(validation, plan.batch_size, job.seed, share=ALL if few else share, **how),
    )
    learning = _Learning(answering, train, plan, job.seed, watched=len(validation) > 0)
    with interruptible():
        trainer.fit(learning, *batches, ckpt_path=_interrupted(job), weights_only=True)
    return best.weights


class _Learning(pl.LightningModule):  # type: ignore[misc]
    """The training and validation steps, as Lightning calls them."""

    def __init__(self, answering: Answering, lesson: Lesson, plan: Plan, seed: int, *, watched: bool) -> None:
        super().__init__()
        self.answering = answering
        self.split = lesson.split
        self.plan = plan
        self.seed = seed
        self.watched = watched
        self.scheduled = False

    def on_train_epoch_start(self) -> None:
        for module in self.modules():
            if isinstance(module, Frozen):
                module.begin(self.current_epoch)
        if self.scheduled:
            self.log(RATE, self.trainer.optimizers[0].param_groups[0]["lr"], on_step=False, on_epoch=True)

    def on_train_batch_start(self, batch: list[torch.Tensor], _: int) -> None:
        # Dropout and augmentation draw the same numbers whether or not the training was interrupted before.
        torch.manual_seed(self.seed * 1_000_003 + self.global_step + self.global_rank * 2**32)

    def training_step(self, batch: list[torch.Tensor], _: int) -> torch.Tensor:
        recipe = self.plan.recipe
        feeds, targets, weights = training_batch(self.split(batch), recipe, self.answering.classes)
        if self.plan.step is None:
            loss = self.answering.loss(feeds, targets, recipe=recipe, weights=weights)
            mass = self.answering.mass(targets, recipe, weights)
        else:
            loss = self._own_loss(self.plan.step, feeds, targets, weights)
            mass = torch.tensor(float(len(targets)), device=loss.device)
        several = self.trainer.world_size > 1
        self.log(
            "train_loss",
            loss,
            on_step=False,
            on_epoch=True,
            prog_bar=True,
            batch_size=len(targets),
            sync_dist=several,
        )
        if not several:
            return loss
        # Gradients are averaged over processes, whatever each one's part of the batch counts.
        whole = self.trainer.strategy.reduce(mass.clone(), reduce_op="sum")
        share: torch.Tensor = mass * self.trainer.world_size / whole.clamp(min=1e-12)
        return loss * share

    def validation_step(self, batch: list[torch.Tensor], _: int) -> None:
        feeds, targets, weights = self.split(batch)
        loss = self.answering.loss(feeds, targets, weights=weights)
        several = self.trainer.world_size > 1
        self.log(WATCHED, loss, prog_bar=True, batch_size=len(targets), sync_dist=several)

    def _own_loss(
        self, step: Step, feeds: list[torch.Tensor], targets: torch.Tensor, weights: torch.Tensor | None
    ) -> torch.Tensor:
        """The loss of the project's own step; raises TrainError for anything else."""
        behind = [self.answering.standardised(targets), *([] if weights is None else [weights])]
        loss: object = step(self.answering.network, (*feeds, *behind))
        if not isinstance(loss, torch.Tensor) or loss.numel() != 1 or not loss.requires_grad:
            told = f"a tensor of shape {tuple(loss.shape)}" if isinstance(loss, torch.Tensor) else type(loss).__name__
            raise TrainError(
                f"The project's own training step answered {told}. It must answer the loss: a tensor of one number "
                "that was computed from the network's answers."
            )
        return loss.reshape(())

    def configure_optimizers(self) -> Any:
        plan, recipe = self.plan, self.plan.recipe
        optimiser, own = optimiser_of(
            plan.optimiser, self.parameters(), lr=plan.lr, weight_decay=plan.weight_decay, momentum=recipe.momentum
        )
        steps = int(self.trainer.estimated_stepping_batches)
        schedule: Any = {"scheduler": own, "interval": "epoch"} if own is not None else None
        if isinstance(plan.optimiser, str):
            schedule = schedule_of(recipe.schedule, optimiser, lr=plan.lr, epochs=plan.epochs, steps=steps)
        self.scheduled = schedule is not None
        if schedule is None:
            return optimiser
        return {
            "optimizer": optimiser,
            "lr_scheduler": {**schedule, "monitor": WATCHED if self.watched else "train_loss"},
        }


class _Best(Callback):  # type: ignore[misc]
    """Keeps the weights of the epoch with the lowest loss, or of the `last`; in memory: a full disk loses nothing."""

    def __init__(self, averaging: Averaging | None = None, *, last: bool) -> None:
        self.averaging = averaging
        self.last = last
        self.loss = float("inf")
        self.weights: dict[str, torch.Tensor] | None = None

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        loss = float(trainer.callback_metrics.get(WATCHED, trainer.callback_metrics["train_loss"]))
        if loss < self.loss or (self.last and math.isfinite(loss)):
            self.loss = loss
            found = module.answering.state_dict() if self.averaging is None else self.averaging.mean
            self.weights = {name: value.detach().cpu().clone() for name, value in found.items()}

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


def _stopping(validated: int, patience: int) -> list[object]:
    """Without a validation part there is nothing to stop by."""
    return [EarlyStopping(WATCHED, patience=patience, check_finite=True)] if validated else []


def _checkpoint(job: Job) -> Any:
    return ModelCheckpoint(job.folder, filename=CHECKPOINT, save_top_k=1, monitor=None, save_on_train_epoch_end=True)


def _checkpoint_path(job: Job) -> Path:
    return Path(job.folder) / f"{CHECKPOINT}.ckpt"


def _interrupted(job: Job) -> str | None:
    """The checkpoint of a killed training of the same job, if it is readable."""
    path = _checkpoint_path(job)
    try:
        torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        return None
    except Exception as error:  # torch raises a dozen unrelated classes for a file that was cut
        LOG.warning("%s cannot be read, so training begins again: %s", path, error)
        path.unlink(missing_ok=True)
        return None
    LOG.info("going on from %s", path)
    return str(path)


def _trainer(job: Job, plan: Plan, callbacks: list[object], share: Share) -> Any:
    terminal = sys.stderr.isatty()
    bar = [RichProgressBar(console_kwargs={"stderr": True})] if terminal else []
    return pl.Trainer(
        **_devices(share),
        precision="bf16-mixed" if plan.recipe.mixed and has_bfloat16() else "32-true",
        max_epochs=plan.epochs,
        gradient_clip_val=plan.recipe.clip or None,
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


def _devices(share: Share) -> dict[str, Any]:
    if share.of == 1:
        return {"accelerator": "auto", "devices": 1}
    # The sampler gives each process its share. Each one keeps its own statistics of batch normalisation: the first's
    # are packaged, which saw a fair sample.
    strategy = DDPStrategy(find_unused_parameters=True, broadcast_buffers=False)
    accelerator = "gpu" if torch.cuda.is_available() else "cpu"
    return {
        "accelerator": accelerator,
        "devices": share.of,
        "strategy": strategy,
        "use_distributed_sampler": False,
    }


def _features(body: torch.nn.Module, job: Job) -> torch.Tensor:
    """What the body makes of some training examples, evenly from all of them; shape (n, features)."""
    step = max(1, len(job.train) // LOOKED_AT)
    return in_batches(body, job.inputs, job.train.examples[::step])


def _predictor(answering: Answering, inputs: Feeds) -> Callable[[NumberArray], NDArray[np.float64]]:
    def predict(examples: ExampleArray) -> NDArray[np.float64]:
        answering.eval()
        return in_batches(answering, inputs, examples).double().numpy()

    return predict
