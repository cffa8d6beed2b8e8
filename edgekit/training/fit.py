"""Fits a classifier; a killed run that is started again ends with the history of one that was not.

Order of the data and augmentation are functions of (seed, epoch, step), so the state after an epoch is
all that a resumed run needs.
"""

from __future__ import annotations

import hashlib
import math
import shutil
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edgekit import console, files
from edgekit.errors import CheckFailed
from edgekit.recipes.base import TrainingConfig
from edgekit.training import augment, checkpoint, examples
from edgekit.training.checkpoint import Checkpoint
from edgekit.training.examples import Examples

if TYPE_CHECKING:
    import keras

EVALUATION_BATCH = 512


@dataclass(frozen=True, slots=True)
class Epoch:
    """One row of history.csv; losses are weighted by class, accuracies are not."""

    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """A finished run.

    Args:
        model: With the weights of its best epoch.
        history: One entry per epoch.
        best_epoch: The epoch with the least validation loss, from 1.
        stopped_early: Whether patience ran out.
        resumed_after: Epochs that were taken from an earlier, interrupted run.
    """

    model: keras.Model
    history: list[Epoch]
    best_epoch: int
    stopped_early: bool
    resumed_after: int


def fit(
    model: keras.Model, config: TrainingConfig, train: Examples, validation: Examples, folder: Path
) -> Fitted:
    """Trains `model` and leaves history.csv, checkpoint.npz, tensorboard/ and model.keras in `folder`.

    Args:
        model: Logits out, as `runtime.build_model` makes it.
        config: The recipe's training section.
        train: Examples to fit; every class must occur.
        validation: Examples that choose the best epoch; other subjects than `train`.
        folder: The run folder. An interrupted run in it goes on if settings, model and data are the same.

    Returns:
        The model with the weights of its best epoch, and the history.

    Raises:
        InputError: Unusable examples or settings, or a damaged checkpoint.
        CheckFailed: The loss became NaN or infinite.
        EnvironmentFailed: The disk refused.
    """
    splits = {"train": train, "validation": validation}
    examples.check(splits, model.input_shape[1:], model.output_shape[-1], complete=("train",))
    augment.check(config.augment, train.x.shape[1])
    run = _Run(model, config, train, validation, folder)
    resumed_after = run.restore()
    while not run.finished:
        run.epoch()
    checkpoint.assign(model.variables, run.best)
    with files.replacing(folder / "model.keras") as temporary:
        model.save(temporary, include_optimizer=False)
    return Fitted(model, run.history, run.best_epoch, run.stopped_early, resumed_after)


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


def class_weights(y: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
    """Returns a weight per class, inverse to its frequency; their mean over the examples is 1.

    Args:
        y: int64 [n]; every class occurs.
        classes: Number of classes.
    """
    counts = np.bincount(y, minlength=classes)
    return (len(y) / (classes * counts)).astype(np.float32)


class _Mean:
    """Mean loss and accuracy over batches, by their size."""

    def __init__(self) -> None:
        self.n, self._loss, self._accuracy = 0, 0.0, 0.0

    def add(self, batch: dict[str, float], n: int) -> None:
        self.n += n
        self._loss += float(batch["loss"]) * n
        self._accuracy += float(batch["accuracy"]) * n

    @property
    def loss(self) -> float:
        return self._loss / self.n

    @property
    def accuracy(self) -> float:
        return self._accuracy / self.n


class _Run:
    def __init__(
        self, model: keras.Model, config: TrainingConfig, train: Examples, validation: Examples, folder: Path
    ) -> None:
        import keras

        self.model, self.config, self.folder = model, config, folder
        self.train, self.validation = train, validation
        self.classes = model.output_shape[-1]
        self.batch = min(config.batch_size, len(train.x))
        self.steps = len(train.x) // self.batch  # the rest takes part in other epochs
        weights = class_weights(train.y, self.classes)
        self.weights = weights if config.class_weights else np.ones_like(weights)
        self.history: list[Epoch] = []
        self.best: checkpoint.Arrays = []
        self.fingerprint = self._hash()  # of the model before compiling names its optimizer
        optimizer = keras.optimizers.AdamW(weight_decay=config.weight_decay)
        optimizer.exclude_from_weight_decay([v for v in model.trainable_variables if len(v.shape) < 2])
        loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=config.label_smoothing)
        model.compile(optimizer, loss, metrics=["accuracy"])
        optimizer.build(model.trainable_variables)

    @property
    def best_epoch(self) -> int:
        return min(self.history, key=lambda row: row.val_loss).epoch

    @property
    def stopped_early(self) -> bool:
        patience = self.config.early_stopping_patience
        return bool(patience and self.history and self.history[-1].epoch - self.best_epoch >= patience)

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
            self.history = [Epoch(int(row[0]), *map(float, row[1:])) for row in found.history]
            write_history(self.folder / "history.csv", self.history)  # the kill may have come before it
            console.say(f"resuming after epoch {len(self.history)} of {self.config.epochs}")
        elif path.is_file():
            console.say("settings, model or data differ from the interrupted run: training starts anew")
        shutil.rmtree(self.folder / "tensorboard", ignore_errors=True)
        self._writer = self._new_writer()
        for row in self.history:
            self._log(row)
        return len(self.history)

    def epoch(self) -> None:
        number = len(self.history) + 1
        rate = 0.0
        trained = _Mean()
        title = f"epoch {number}/{self.config.epochs}"
        for step, (x, y) in enumerate(console.track(self._batches(number), title, self.steps)):
            rate = learning_rate(self.config, (number - 1) * self.steps + step, self.steps)
            self.model.optimizer.learning_rate = rate
            got = self.model.train_on_batch(x, self._one_hot(y), self.weights[y], return_dict=True)
            self._check_loss(got["loss"], number, step, rate)
            trained.add(got, len(y))
        judged = self._judge()
        self._check_loss(judged.loss, number, self.steps - 1, rate)
        row = Epoch(number, trained.loss, trained.accuracy, judged.loss, judged.accuracy, rate)
        self.history.append(row)
        if self.best_epoch == number:
            self.best = checkpoint.values(self.model.variables)
        self._save()
        self._log(row)
        console.say(
            f"{title}  loss {row.loss:.4f}  accuracy {row.accuracy:.4f}  "
            f"validation loss {row.val_loss:.4f}  accuracy {row.val_accuracy:.4f}"
        )

    def _judge(self) -> _Mean:
        x, y = self.validation
        mean = _Mean()
        for start in range(0, len(y), EVALUATION_BATCH):
            part = slice(start, start + EVALUATION_BATCH)
            weights = self.weights[y[part]]
            got = self.model.test_on_batch(x[part], self._one_hot(y[part]), weights, return_dict=True)
            mean.add(got, len(weights))
        return mean

    def _batches(self, epoch: int) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64]]]:
        order = np.random.default_rng([self.config.seed, epoch]).permutation(len(self.train.x))
        for step in range(self.steps):
            chosen = order[step * self.batch : (step + 1) * self.batch]
            rng = np.random.default_rng([self.config.seed, epoch, step])
            yield augment.apply(self.train.x[chosen], self.config.augment, rng), self.train.y[chosen]

    def _one_hot(self, y: NDArray[np.int64]) -> NDArray[np.float32]:
        return np.eye(self.classes, dtype=np.float32)[y]

    def _check_loss(self, loss: float, epoch: int, step: int, rate: float) -> None:
        if not math.isfinite(loss):
            raise CheckFailed(
                where=f"epoch {epoch}, step {step + 1}",
                what=f"the loss is {loss}: training diverged at a learning rate of {rate:g}",
                hint=f"--set training.learning_rate={self.config.learning_rate / 10:g}, or look at the data",
            )

    def _save(self) -> None:
        rows = np.array([astuple(row) for row in self.history], np.float64)
        Checkpoint(
            self.fingerprint, rows, checkpoint.values(self.model.variables),
            checkpoint.values(self.model.optimizer.variables), self.best,
        ).save(self.folder / "checkpoint.npz")  # fmt: skip
        write_history(self.folder / "history.csv", self.history)

    def _hash(self) -> str:
        digest = hashlib.sha256(self.config.model_dump_json().encode())
        digest.update(self.model.to_json().encode())
        for array in (*self.train, *self.validation):
            digest.update(f"{array.dtype} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def _new_writer(self) -> Any:
        import tensorflow as tf

        return tf.summary.create_file_writer(str(self.folder / "tensorboard"))

    def _log(self, row: Epoch) -> None:
        import tensorflow as tf

        with self._writer.as_default(step=row.epoch):
            for field in fields(row)[1:]:
                tf.summary.scalar(field.name, getattr(row, field.name))
        self._writer.flush()


def write_history(path: Path, history: list[Epoch]) -> None:
    """Writes history.csv: a header, then one row per epoch with nine significant digits."""
    lines = [",".join(field.name for field in fields(Epoch))]
    lines += [",".join(f"{value:.9g}" for value in astuple(row)) for row in history]
    files.write_text(path, "\n".join(lines) + "\n")
