"""One class of several per example: cross-entropy, and accuracy on unseen subjects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import Problem
from edgekit.manifest import Manifest
from edgekit.recipes.base import Recipe, TrainingConfig
from edgekit.training import examples as checks
from edgekit.training.examples import Examples
from edgekit.training.objective import Objective
from edgekit.training.tasks.base import Measured, Predict, Score, Splits, Task, only


class Classification(Task):
    """Logits out, the largest is the answer."""

    title = "Classification"
    metric = "accuracy"

    def check(self, recipe: Recipe) -> Iterator[Problem]:
        """Yields that there is nothing to tell apart."""
        if len(recipe.classes) < 2:
            yield Problem("classes", "too few to tell apart", "two or more", str(len(recipe.classes)))

    def objective(self, recipe: Recipe, train: Examples) -> Objective:
        """Returns cross-entropy, weighted by class where the recipe asks for it."""
        return cross_entropy(recipe.training, len(recipe.classes), train)

    def score(self, recipe: Recipe, predict: Predict, examples: Splits) -> Score:
        """Returns accuracy, F1 and confusion."""
        from edgekit.training.evaluate import scores

        test = examples("test")
        logits = only(predict(test.x), "logits")
        found = scores(test.y, logits, recipe.classes, recipe.evaluation.confidence_threshold)
        right = sum(row[index] for index, row in enumerate(found.confusion))
        return Score(found.accuracy, found.n, classes=found, counts=f"{right:,} of {found.n:,} right")

    def draw(self, recipe: Recipe, scores: Mapping[str, Score], folder: Path) -> None:
        """Draws the confusion matrices side by side."""
        from edgekit.training import plots

        found = {name: score.classes for name, score in scores.items() if score.classes}
        plots.confusion(found, recipe.classes, folder)

    def measure(
        self,
        exported: Manifest,
        labels: NDArray[np.int64] | None,
        targets: NDArray[np.float32] | None,
        outputs: Mapping[str, NDArray[Any]],
    ) -> Measured | None:
        """Returns accuracy and confusion of the logits' largest."""
        count = len(exported.labels)
        if labels is None or not count or (len(outputs) > 1 and "logits" not in outputs):
            return None
        logits = only(outputs, "logits")
        predicted = logits.reshape(len(logits), -1).argmax(axis=1)
        counts = np.bincount(labels * count + predicted, minlength=count * count).reshape(count, count)
        return Measured(float(np.trace(counts) / len(labels)), counts, self.metric)


def cross_entropy(config: TrainingConfig, classes: int, train: Examples) -> Objective:
    """Returns the objective of a classifier.

    Args:
        config: Label smoothing, and whether classes are weighted.
        classes: Number of classes.
        train: Where class weights come from; every class must occur.
    """
    import keras

    def one_hot(examples: Examples) -> NDArray[np.float32]:
        return np.eye(classes, dtype=np.float32)[examples.y]

    def weights(examples: Examples) -> NDArray[np.float32]:
        found = class_weights(train.y, classes) if config.class_weights else np.ones(classes, np.float32)
        return found[examples.y]

    return Objective(
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=config.label_smoothing),
        targets=one_hot,
        weights=weights,
        metrics=["accuracy"],
        faults=lambda splits: checks.label_faults(splits, classes, complete=("train",)),
    )


def class_weights(y: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
    """Returns a weight per class, inverse to its frequency; their mean over the examples is 1.

    Args:
        y: int64 [n]; every class occurs.
        classes: Number of classes.
    """
    counts = np.bincount(y, minlength=classes)
    return (len(y) / (classes * counts)).astype(np.float32)


TASK = Classification()
