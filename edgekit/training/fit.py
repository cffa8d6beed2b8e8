"""Fits a model to an objective; a killed run that is started again ends as one that was not.

Order of the data and augmentation are functions of (seed, epoch, step), so the state after an epoch is
all that a resumed run needs.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edgekit import console, files
from edgekit.errors import CheckFailed, InputError
from edgekit.recipes.base import TrainingConfig
from edgekit.training import augment, checkpoint, devices, examples
from edgekit.training.checkpoint import Checkpoint
from edgekit.training.evaluate import batch_size, predict_float
from edgekit.training.examples import Examples
from edgekit.training.history import Curves, Epoch, Mean, write_history
from edgekit.training.objective import Array, Objective, Split, Targets, settings_json, take

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class Fitted:
    """A finished run.

    Args:
        model: With the weights of its best epoch.
        history: One entry per epoch.
        best_epoch: The epoch that is best by what the objective watches, from 1.
        watched: Column of the history that it is best by.
        stopped_early: Whether patience ran out.
        resumed_after: Epochs that were taken from an earlier, interrupted run.
    """

    model: keras.Model
    history: list[Epoch]
    best_epoch: int
    watched: str
    stopped_early: bool
    resumed_after: int


def fit(
    model: keras.Model,
    objective: Objective,
    config: TrainingConfig,
    train: Examples,
    validation: Examples,
    folder: Path,
    before_epoch: Callable[[int], None] | None = None,
    finish: Callable[[keras.Model], None] | None = None,
) -> Fitted:
    """Trains `model` and leaves history.csv, checkpoint.npz, tensorboard/ and model.keras in `folder`.

    Args:
        model: With outputs that the objective's loss takes.
        objective: Loss, targets, weights, and what names the best epoch.
        config: The recipe's training section.
        train: Examples to fit.
        validation: Examples that choose the best epoch; other subjects than `train`.
        folder: The run folder. An interrupted run in it goes on if settings, model and data are the same.
        before_epoch: Called with the epoch's number, from 1, before each; what it does to the model must
            depend on that number alone, so that a resumed run does the same.
        finish: Changes the model of the best epoch before it is saved.

    Returns:
        The model with the weights of its best epoch, and the history.

    Raises:
        InputError: Unusable examples or settings, or a damaged checkpoint.
        CheckFailed: The loss became NaN or infinite.
        EnvironmentFailed: The disk refused.
    """
    splits = {"train": train, "validation": validation}
    problems = [*examples.faults(splits, model.input_shape[1:]), *objective.faults(splits)]
    if problems:
        raise InputError(problems)
    augment.check(config.augment, train.x.shape[1])
    run = _Run(model, objective, config, train, validation, folder)
    resumed_after = run.restore()
    while not run.finished:
        if before_epoch is not None:
            before_epoch(len(run.history) + 1)
        run.epoch()
    checkpoint.assign(model.variables, run.best)
    if finish is not None:
        finish(model)
    with files.replacing(folder / "model.keras") as temporary:
        model.save(temporary, include_optimizer=False)
    return Fitted(model, run.history, run.best_epoch, objective.watch, run.stopped_early, resumed_after)


def learning_rate(config: TrainingConfig, step: int, steps_per_epoch: int) -> float:
    """Returns the learning rate of a step: linear warm-up, then constant or a cosine to zero.

    Source of the cosine: Loshchilov and Hutter, "SGDR", arXiv:1608.03983, without restarts.

    Args:
        config: The recipe's training section.
        step: From 0, over all epochs.
        steps_per_epoch: Batches in one epoch.
    """
    warmup = config.warmup_epochs * steps_per_epoch
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    if config.schedule == "constant":
        return config.learning_rate
    progress = (step - warmup) / max(1, config.epochs * steps_per_epoch - warmup)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))


class _Run:
    def __init__(
        self,
        model: keras.Model,
        objective: Objective,
        config: TrainingConfig,
        train: Examples,
        validation: Examples,
        folder: Path,
    ) -> None:
        import keras

        self.model, self.objective, self.config, self.folder = model, objective, config, folder
        self.train = Split.of(train, objective, "train")
        self.validation = Split.of(validation, objective, "validation")
        self.batch = min(config.batch_size, len(train.x))
        self.steps = len(train.x) // self.batch  # the rest takes part in other epochs
        self.history: list[Epoch] = []
        self.best: checkpoint.Arrays = []
        self.fingerprint = self._hash()
        optimizer = keras.optimizers.AdamW(weight_decay=config.weight_decay)
        optimizer.exclude_from_weight_decay([v for v in model.trainable_variables if len(v.shape) < 2])
        model.compile(
            optimizer, objective.loss, loss_weights=objective.loss_weights, metrics=objective.metrics
        )
        optimizer.build(model.trainable_variables)

    @property
    def best_epoch(self) -> int:
        sign = -1 if self.objective.higher_is_better else 1
        return int(min(self.history, key=lambda row: sign * row[self.objective.watch])["epoch"])

    @property
    def stopped_early(self) -> bool:
        patience = self.config.early_stopping_patience
        return bool(patience and self.history and len(self.history) - self.best_epoch >= patience)

    @property
    def finished(self) -> bool:
        return len(self.history) >= self.config.epochs or self.stopped_early

    def restore(self) -> int:
        """Takes up an interrupted run of the same settings, model and data; returns its epochs."""
        path = self.folder / "checkpoint.npz"
        found = checkpoint.load(path, self.fingerprint)
        if found:
            checkpoint.assign(self.model.variables, found.model)
            checkpoint.assign(self.model.optimizer.variables, found.optimizer)
            self.best = found.best
            self.history = found.history
            write_history(self.folder / "history.csv", self.history)  # the kill may have come before it
            console.say(f"resuming after epoch {len(self.history)} of {self.config.epochs}")
        elif path.is_file():
            console.say("settings, model or data differ from the interrupted run: training starts anew")
        self._curves = Curves(self.folder / "tensorboard")
        for row in self.history:
            self._curves.add(row)
        return len(self.history)

    def epoch(self) -> None:
        number = len(self.history) + 1
        rate = 0.0
        trained = Mean()
        title = f"epoch {number}/{self.config.epochs}"
        for step, (x, y, weights) in enumerate(console.track(self._batches(number), title, self.steps)):
            rate = learning_rate(self.config, (number - 1) * self.steps + step, self.steps)
            self.model.optimizer.learning_rate = rate
            got = devices.train_on_batch(self.model, x, y, weights)
            self._check_loss(got["loss"], number, step, rate)
            trained.add(got, len(x))
        judged = {f"val_{name}": value for name, value in self._judge().items()}
        self._check_loss(judged["val_loss"], number, self.steps - 1, rate)
        row = {"epoch": float(number), **trained.values, **judged, "learning_rate": rate}
        self.history.append(row)
        if self.best_epoch == number:
            self.best = checkpoint.values(self.model.variables)
        self._save()
        self._curves.add(row)
        shown = (
            f"{name} {value:.4f}" for name, value in row.items() if name not in ("epoch", "learning_rate")
        )
        console.say(f"{title}  " + "  ".join(shown).replace("val_", "validation "))

    def _judge(self) -> dict[str, float]:
        x, targets, weights = self.validation.examples.x, self.validation.targets, self.validation.weights
        size = batch_size(x)
        parts = [slice(start, start + size) for start in range(0, len(x), size)]
        mean = Mean()
        for part in parts:
            wanted = self.objective.encoded(take(targets, part))
            got = self.model.test_on_batch(x[part], wanted, weights[part], return_dict=True)
            mean.add(got, len(x[part]))
        if self.objective.measure is None:
            return mean.values
        measured = self.objective.measure(predict_float(self.model, x), self.validation.examples)
        return {**mean.values, **measured}

    def _batches(self, epoch: int) -> Iterator[tuple[Array, Targets, Array]]:
        inputs = self.train.examples.x
        order = np.random.default_rng([self.config.seed, epoch]).permutation(len(inputs))
        for step in range(self.steps):
            chosen = order[step * self.batch : (step + 1) * self.batch]
            rng = np.random.default_rng([self.config.seed, epoch, step])
            x: Array = augment.apply(inputs[chosen], self.config.augment, rng)
            y = take(self.train.targets, chosen)
            if self.objective.augment is not None:
                x, y = self.objective.augment(x, y, rng)
            yield x, self.objective.encoded(y), self.train.weights[chosen]

    def _check_loss(self, loss: float, epoch: int, step: int, rate: float) -> None:
        if not math.isfinite(loss):
            raise CheckFailed(
                where=f"epoch {epoch}, step {step + 1}",
                what=f"the loss is {loss}: training diverged at a learning rate of {rate:g}",
                hint=f"--set training.learning_rate={self.config.learning_rate / 10:g}, or look at the data",
            )

    def _save(self) -> None:
        Checkpoint(
            self.fingerprint, self.history, checkpoint.values(self.model.variables),
            checkpoint.values(self.model.optimizer.variables), self.best,
        ).save(self.folder / "checkpoint.npz")  # fmt: skip
        write_history(self.folder / "history.csv", self.history)

    def _hash(self) -> str:
        network = json.loads(self.model.to_json())
        network.pop("compile_config", None)  # of an earlier fit; it names its optimizer
        parts = (
            self.config.model_dump_json(exclude_defaults=True),  # a key that is new changes nothing
            settings_json(self.objective), json.dumps(network),
            self.train.hash(), self.validation.hash(),
        )  # fmt: skip
        digest = hashlib.sha256("\n".join(parts).encode())
        for value in checkpoint.values(self.model.variables):
            digest.update(np.ascontiguousarray(value).data)
        return digest.hexdigest()
